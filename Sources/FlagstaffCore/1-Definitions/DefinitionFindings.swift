// The codes of what is wrong with definitions, FS2001 to FS2999. A code never changes its meaning
// and is never reused; the message beside it may become better. An error is certainly wrong; what
// somebody may have meant is a warning.

package import Documents
internal import JSONSchema

extension Finding.Code {
  // The repository.
  static let strayFile = Self("FS2001", "A stray file")
  static let badCustomer = Self("FS2002", "A folder that names no customer")
  static let noWorkspace = Self("FS2003", "No workspace")
  // FS2004 said that a field was not supported yet. Now every field is.
  static let unusedIgnore = Self(
    "FS2005", "An ignore that silences nothing", severity: .warning)
  static let notHere = Self("FS2006", "A section in the wrong place")
  static let moreFindings = Self("FS2007", "More findings than are shown")
  static let unreadFile = Self(
    "FS2008", "Definitions where nothing reads them", severity: .warning)
  static let nothingDefined = Self("FS2009", "No definitions", severity: .warning)

  // Names and references.
  static let unknownEnvironment = Self("FS2010", "An unknown environment")
  static let unknownExperiment = Self("FS2011", "An unknown experiment")
  static let unknownSegment = Self("FS2012", "An unknown segment")
  static let unknownVariant = Self("FS2013", "An unknown variant")
  static let segmentCycle = Self("FS2014", "A segment that refers to itself")
  static let duplicateKey = Self("FS2015", "A rule's key used twice")
  static let duplicateIdentity = Self("FS2016", "A definition that stands twice")
  static let duplicateSalt = Self("FS2017", "A salt used twice")
  static let conditionTooLarge = Self("FS2018", "A condition that is too large")

  // Experiments.
  static let mixedPayloads = Self("FS2030", "Payloads on some variants only")
  static let flaglessInUse = Self("FS2031", "A flagless experiment in use by a flag")
  static let variantWithoutBucket = Self("FS2032", "A variant without a bucket")
  static let badForce = Self("FS2033", "A forced unit that may not be one")
  static let badSchedule = Self("FS2034", "An end that is not after the start")
  static let winnerWithoutEnd = Self("FS2035", "A winner without an end")
  static let visibilityWithoutPayload = Self("FS2036", "A visibility without payloads")
  static let floorTooHigh = Self("FS2037", "A floor above the weights")

  // Flags.
  static let missingOff = Self("FS2050", "Variants without an off variant")
  static let mixedTypes = Self("FS2051", "Values of several types")
  static let valueAgainstSchema = Self("FS2052", "A value that valueSchema refuses")
  static let badValueSchema = Self("FS2053", "A valueSchema that cannot be used")
  static let badRule = Self("FS2054", "A rule of no known form")
  static let twoLiveExperiments = Self("FS2055", "Two running experiments in one flag")

  // Groups.
  static let unknownGroup = Self("FS2060", "An unknown group")
  static let mixedUnits = Self("FS2061", "Members of a group with several units")
  static let groupOverfull = Self("FS2062", "A group asked for more than it has")

  // Metrics and split-URL tests.
  static let unknownMetric = Self("FS2080", "An unknown metric")
  static let noGuardrail = Self("FS2081", "A guardrail without a bound")
  static let metricTwice = Self("FS2082", "A metric that decides and guards")
  static let impossibleGuardrail = Self("FS2083", "A guardrail that nothing meets")
  static let splitWithoutURL = Self("FS2084", "A variant without an address")
  static let badSplitPath = Self("FS2085", "A page that is no path")
  static let badSplitURL = Self("FS2086", "An address that an edge may not follow")

  // Who may do what.
  static let unknownRole = Self("FS2100", "An unknown role")
  static let roleCycle = Self("FS2101", "A role that extends itself")
  static let unknownPerson = Self("FS2102", "An unknown person")
  static let badSigningKey = Self("FS2103", "A key that cannot sign")
  static let sharedIdentity = Self("FS2104", "A key or address of two people")
  static let emptyWindow = Self("FS2105", "A time that ends before it begins")
  static let badRequirement = Self("FS2106", "A requirement of no known form")
  static let unreachableCount = Self("FS2107", "More approvals than people")
  static let unknownTeam = Self("FS2108", "An unknown team")
  static let matchesNothing = Self(
    "FS2109", "A policy that matches nothing by a name", severity: .warning, mayBeIgnored: true)
  static let badLocalTime = Self("FS2110", "A local time that does not exist")
  static let unknownZone = Self("FS2111", "An unknown time zone")
  static let skippedTime = Self(
    "FS2112", "A local time that clocks skip", severity: .warning, mayBeIgnored: true)
  static let requirementTooLarge = Self("FS2113", "A requirement that is too large")

  // Conditions and values.
  static let badInstant = Self("FS2070", "An instant that does not exist")
  static let badVersionRange = Self("FS2071", "A range of versions that cannot be read")

  // What can be applied, and is hardly meant.
  static let forcedAddress = Self(
    "FS2120", "An e-mail address in force", mayBeIgnored: true)
  static let incompleteIgnore = Self(
    "FS2121", "An ignore that cannot be read", severity: .warning)
  static let idleIgnore = Self(
    "FS2122", "An ignore of what cannot be ignored", severity: .warning)
  static let unreachableRule = Self(
    "FS2123", "A rule that nobody can reach", severity: .warning, mayBeIgnored: true)
  static let contradiction = Self(
    "FS2124", "A condition that nobody can meet", severity: .warning, mayBeIgnored: true)
  static let rolloutOrder = Self(
    "FS2125", "A rollout out of order", severity: .warning, mayBeIgnored: true)
  static let unservedVariant = Self(
    "FS2126", "A variant that nobody can get", severity: .warning, mayBeIgnored: true)
  static let noPrimaryMetric = Self(
    "FS2127", "A running experiment without a primary metric", severity: .warning,
    mayBeIgnored: true)
  static let unknownOwner = Self(
    "FS2128", "An owner that is no team", severity: .warning, mayBeIgnored: true)
  static let credential = Self(
    "FS2129", "A value that looks like a credential", mayBeIgnored: true)
  static let unusedSegment = Self(
    "FS2130", "A segment that nothing uses", severity: .warning, mayBeIgnored: true)
  static let unusedMetric = Self(
    "FS2131", "A metric that nothing uses", severity: .warning, mayBeIgnored: true)
  static let moreWarnings = Self(
    "FS2132", "More warnings than are shown", severity: .warning)
  static let namedLikeSecret = Self(
    "FS2133", "A field that is named like a secret", severity: .warning, mayBeIgnored: true)
  static let attributeLikeWord = Self(
    "FS2134", "An attribute named like a word of conditions", severity: .warning,
    mayBeIgnored: true)

  /// What `# flagstaff:ignore` may silence: all codes that say so.
  package static let ignorable: [Self] = [
    .forcedAddress, .unreachableRule, .contradiction, .rolloutOrder, .unservedVariant,
    .noPrimaryMetric, .unknownOwner, .matchesNothing, .credential, .unusedSegment, .unusedMetric,
    .constantFlag, .idleKeyword, .namedLikeSecret, .skippedTime,
    .attributeLikeWord,
  ]
}
