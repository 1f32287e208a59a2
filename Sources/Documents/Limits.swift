// Every limit of the program, with its reason. A limit is a promise in two directions: what stays
// below it works, and what goes above it is refused with a message that names the limit. Each has
// a test that hits it.

package enum Limits {
  /// A definitions file. People review these; 256 KiB is some five thousand lines.
  package static let fileBytesMax = 256 * 1024

  /// Nesting of a document. Deeper than any definition needs, shallow enough for recursion on any
  /// stack; libyaml is quadratic in nesting, so it is checked while parsing.
  package static let depthMax = 64

  /// YAML events of one file: bounds memory where a file is all punctuation.
  package static let eventsMax = 100_000

  /// Findings told of one file: more help nobody, and a hostile file could make tens of thousands.
  package static let findingsMax = 200

  /// How long a flag answers everyone alike before a plan that changes it asks whether it is still
  /// needed, in seconds: 90 days.
  package static let flagConstantSeconds = 90 * 24 * 60 * 60

  /// What is kept of compiled schemas of values while files are checked, in bytes of their
  /// canonical form.
  package static let valueSchemasBytesMax = 4 << 20

  /// Names that are compared with unknown ones, to suggest what was meant: of one file, and of all
  /// files together. Some tenths of a second.
  package static let suggestionComparisonsMax = 200_000

  /// A file of another system that is imported. Its flags become one definitions file, which is
  /// smaller by far; JSON may hold much else, such as descriptions and white space.
  package static let importedFileBytesMax = 4 * 1024 * 1024

  /// Parts of an `all` or `any` among which an import looks for repetitions: as many as a person
  /// would see, since each new one is compared with all.
  package static let importedRepetitionsMax = 16

  /// A weight of flagd's `fractional`: nobody's is larger, and the sum of a flag's weights stays
  /// far below what an integer holds.
  package static let importedWeightMax = 1_000_000_000

  /// A percentage of GO Feature Flag, where those of a rule need not add up to 100: a thousand
  /// times the whole, in thousandths far below what an integer holds.
  package static let importedPercentageMax = 100_000

  /// Files under the roots of one commit.
  package static let filesMax = 100_000

  /// Files and folders outside of the roots that are looked at for misplaced definitions: some
  /// milliseconds. Those at the top come first.
  package static let outsideEntriesMax = 10_000

  /// How deep they are looked for: `customer/acme/checkout/flags.yaml` is found.
  package static let outsideDepthMax = 4

  /// YAML files among them that are read.
  package static let outsideFilesMax = 1_000

  /// Bytes of all blobs read from one commit.
  package static let repositoryBytesMax = 1024 * 1024 * 1024

  /// Files that differ on either side, among which a merge looks for renames with changes; Git's
  /// own limit of candidates (`diff.renameLimit`). Beyond it only exact renames are found.
  package static let renamesMax: UInt32 = 1_000

  /// One request to an origin behind a web server, from connecting to the last byte: a plan reads
  /// small files, and whoever waits longer waits for nothing.
  package static let originSecondsMax = 30

  /// Instants of `plan --until` at which something changes: a step a day for a year. Nobody reads
  /// more, and each is a plan of its own.
  package static let scheduledInstantsMax = 366

  /// A whole fetch, from connecting to the last object; libgit2 has no time-out of its own.
  package static let fetchSecondsMax = 60

  /// A published scope, all parts together.
  package static let snapshotBytesMax = 64 * 1024 * 1024

  /// A part of a snapshot (the layout of parts is fixed by it).
  package static let partBytesMax = 262_144

  /// Ranges of buckets of a variant: `reassign: least` splits them, and each evaluation searches
  /// them.
  package static let rangesMax = 64

  /// A scope's document for flagd: its clients read it whole, and again at each change. Guards
  /// against conversion make some conditions twenty times as long there.
  package static let flagdBytesMax = 16 * 1024 * 1024

  /// A version that a context gives. Nobody's is longer, and readers of versions give up at some
  /// length: node-semver at this one, Python at numbers of 4,300 digits.
  package static let versionBytesMax = 256

  /// Units a variant may be forced to; longer lists belong in a segment.
  package static let forcedUnitsMax = 100

  /// An address of a split-URL test: longer ones are cut or refused by proxies on the way.
  package static let addressBytesMax = 2_048

  /// A signing key with its comment: some times what an RSA key of 16,384 bits takes, the largest
  /// that OpenSSH makes.
  package static let signingKeyBytesMax = 8_192

  /// Counts of a policy's requirement: more than anybody reads, and what is tried for each change
  /// grows with them.
  package static let requirementCountsMax = 64

  /// Ways in which `anyOf` inside `allOf` lets a requirement be met: some milliseconds a change.
  package static let requirementWaysMax = 4_096

  /// How long before nobody could change trust any more each pass warns of it, in seconds: 30 days,
  /// in which somebody is back from holidays.
  package static let adminKeySecondsMin = 30 * 24 * 60 * 60

  /// Bits of an RSA key: NIST SP 800-131A allows no signatures by fewer.
  package static let rsaBitsMin = 2_048

  /// A commit with its message: what people write has some kilobytes, a signed tag that was merged
  /// is kept in its header.
  package static let commitBytesMax = 1024 * 1024

  /// Commits that one pass looks at for who contributed and who approved: a month of a large team.
  package static let rangeCommitsMax = 10_000

  /// Commits of one scope that a pass tries one by one where the whole is refused: a day of merges,
  /// each planned and judged by itself. Those beyond wait for the next pass.
  package static let stepsMax = 200

  /// Commits of a whole history that is walked to tell what a branch brings: some seconds.
  package static let historyCommitsMax = 500_000

  /// Statements of one signer that are read: years of approving, since what expired is left out of
  /// each new commit of the ref.
  package static let approvalStatementsMax = 1_000

  /// A statement: 2,000 subjects with the longest keys.
  package static let statementBytesMax = 1024 * 1024

  /// All that one signer's ref holds.
  package static let approvalBytesMax = 4 * 1024 * 1024

  /// Definitions that one statement approves: no person reads more.
  package static let subjectsMax = 2_000

  /// How long a statement counts, in seconds: 30 days.
  package static let statementSecondsMax = 30 * 24 * 60 * 60

  /// How long a break-glass counts, in seconds: a day.
  package static let breakGlassSecondsMax = 24 * 60 * 60

  /// By how much a signer's clock may be ahead of the database's, in seconds.
  package static let clockSkewSecondsMax = 5 * 60

  /// A reason that somebody gives, in characters: a paragraph.
  package static let reasonLengthMax = 500

  /// An SSH signature in its armor: twice what an RSA key of 16,384 bits takes.
  package static let signatureBytesMax = 16 * 1024

  /// One verification by ssh-keygen, in seconds: it takes milliseconds, but a machine may be busy.
  package static let verificationSecondsMax = 30

  /// Levels of `all`, `any`, `not` and `segment` of a condition. An evaluator reads no deeper one,
  /// and every walk over a condition recurses.
  package static let conditionDepthMax = 100

  /// Comparisons of all conditions of a customer together, segments inlined. One takes some 60
  /// bytes, so more would not fit into a snapshot, and would first fill the memory.
  package static let customerTestsMax = 1_000_000

  /// Nesting of what the program writes itself: forms, events, parts. A level of a condition is two
  /// of JSON, an object and its list, so this is more than any document that was read has.
  package static let storedDepthMax = 2 * conditionDepthMax + 32

  /// Comparisons of a condition once its segments are inlined: segments that name others twice
  /// double in size with each step, so a few lines could make one that fits nowhere.
  package static let conditionTestsMax = 10_000

  /// A context, one of a bulk evaluation: what is known about a user is some kilobytes, and a file
  /// without line ends must not fill the memory.
  package static let contextBytesMax = 1024 * 1024

  /// Applications of a schema to a node, for one document: well above what a large file needs,
  /// below a second; schemas can be written that take for ever.
  package static let schemaStepsMax = 2_000_000

  /// Schemas inside each other that one node is being checked by: bounds the stack.
  package static let schemaDepthMax = 512

  /// Comparisons of words for "did you mean", of one document: some tenths of a second, and far
  /// more than a few mistakes take.
  package static let suggestionStepsMax = 1_000_000

  /// A pattern of a schema, in bytes: an address that is checked in full by RFC 3986 takes 5,000.
  package static let patternBytesMax = 8 * 1024

  /// Backtracking of one match of a pattern: some milliseconds.
  package static let patternStepsMax = 100_000

  /// Memory of one match of a pattern, in KiB.
  package static let patternKibibytesMax = 1024

  /// Looks at a rule while the blast radius of one flag is computed: some tenths of a second, and
  /// hundreds of times what a flag of ten rules takes. Beyond it the plan gives an upper bound.
  package static let blastRadiusStepsMax = 2_000_000

  /// The same for all flags of a plan together: what 100,000 flags take, and less than a minute
  /// where somebody means harm.
  package static let blastRadiusPlanStepsMax = 200_000_000

  /// The same for one changed rule alone, while an upper bound is computed.
  package static let blastRadiusRuleStepsMax = 200_000

  /// A comment of `--format markdown`, in UTF-16 units: GitHub takes 65,536 characters, and a bot
  /// may want to add a line.
  package static let commentLengthMax = 65_000

  /// One statement of the registry, in milliseconds.
  package static let statementMillisecondsMax = 60_000

  /// Waiting for a lock of the registry, in milliseconds.
  package static let lockMillisecondsMax = 10_000
}
