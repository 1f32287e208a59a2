"""A published snapshot: read strictly, then asked. Anything not understood refuses the whole."""

import re

import conditions
import strict_json
from buckets import COUNT, bucket
from strict_json import INTEGER_MAX, is_integer, kind

FORMAT = 1
HASH_VERSION = 1
DEPTH_MAX = 232
BYTES_MAX = 64 * 1024 * 1024
TYPES = ("boolean", "string", "number", "object", "array")


class Refused(Exception):
    """The bytes are no snapshot that can be answered from; `newer` asks for a newer reader."""

    def __init__(self, reason, newer=False):
        super().__init__(reason)
        self.newer = newer


def need(condition, reason):
    if not condition:
        raise Refused(reason)


class Fields:
    """An object of which every field must be known."""

    def __init__(self, value, known, subject):
        need(kind(value) == "object", f"{subject} is no object")
        for name in value:
            need(name in known.split(), f"{subject} has the unknown field {name}")
        self.value = value
        self.subject = subject

    def __contains__(self, name):
        return name in self.value

    def get(self, name, wanted):
        need(name in self.value, f"{self.subject} has no {name}")
        found = self.value[name]
        need(kind(found) == wanted, f"{self.subject} has a {name} of type {kind(found)}")
        return found

    def text(self, name):
        return self.get(name, "string")

    def optional(self, name):
        return self.text(name) if name in self else None

    def integer(self, name, low, high):
        found = self.get(name, "number")
        fits = is_integer(found) and low <= found <= high
        need(fits, f"{self.subject} has a {name} out of bounds")
        return found

    def condition(self, name):
        if name not in self:
            return None
        try:
            conditions.check(self.value[name])
        except conditions.NotACondition as error:
            raise Refused(f"{self.subject}: {error}") from None
        return self.value[name]

    def ranges(self, name):
        last = 0
        for pair in self.get(name, "array"):
            is_pair = kind(pair) == "array" and len(pair) == 2 and all(map(is_integer, pair))
            need(is_pair and last <= pair[0] < pair[1] <= COUNT, f"{self.subject}: bad ranges")
            last = pair[1]
        return self.value[name]


def document(data):
    """The object of an index or a part, its format known."""
    try:
        root = strict_json.read(data, DEPTH_MAX)
    except strict_json.NotJSON as error:
        raise Refused(str(error)) from None
    has_format = kind(root) == "object" and is_integer(root.get("format"))
    need(has_format, "it names no format")
    if root["format"] != FORMAT:
        raise Refused(f"it is of format {root['format']}", newer=True)
    return Fields(root, "format parts" if "parts" in root else "format definitions", "it")


def variants(fields, name, known):
    """`{key: (ranges, payload or None)}` of an experiment or a split, in their order."""
    result = {}
    for value in fields.get(name, "array"):
        variant = Fields(value, known, f"a variant of {fields.subject}")
        key = variant.text("key")
        need(key not in result, f"{fields.subject} has a variant twice")
        result[key] = (variant.ranges("ranges"), "payload" in variant, value.get("payload"))
    need(result, f"{fields.subject} has no variants")
    taken = sorted(pair for ranges, _, _ in result.values() for pair in ranges)
    for before, after in zip(taken, taken[1:]):
        need(before[1] <= after[0], f"{fields.subject} gives a bucket to two variants")
    return result


def owner(variants_, bucket_):
    for key, (ranges, _, _) in variants_.items():
        if any(start <= bucket_ < end for start, end in ranges):
            return key
    return None


def unit(context, name):
    """What is hashed; None where there is no unit."""
    value = context.get(name)
    if kind(value) == "string":
        return value or None
    if is_integer(value) and abs(value) <= INTEGER_MAX:
        return str(value)
    return None


class Experiment:
    KNOWN = (
        "kind key id hash live bucketBy trafficSalt traffic salt targeting control variants force"
        " winner splitUrl")

    def __init__(self, value):
        fields = Fields(value, self.KNOWN, f"experiment {value['key']}")
        fields.text("id")
        version = fields.get("hash", "number")
        need(is_integer(version), "its hash is no integer")
        if version != HASH_VERSION:
            raise Refused(f"{fields.subject} uses hash version {version}", newer=True)
        self.key = fields.text("key")
        self.live = fields.get("live", "boolean")
        self.bucket_by = fields.text("bucketBy")
        self.traffic_salt = fields.text("trafficSalt")
        self.traffic = fields.ranges("traffic")
        self.salt = fields.text("salt")
        self.targeting = fields.condition("targeting")
        self.variants = variants(fields, "variants", "key ranges payload")
        with_payload = sum(has for _, has, _ in self.variants.values())
        need(with_payload in (0, len(self.variants)), f"{fields.subject}: some payloads only")
        self.is_flagless = with_payload > 0
        self.control = fields.text("control")
        self.winner = fields.optional("winner")
        need(self.control in self.variants, f"{fields.subject}: unknown control")
        need(self.winner is None or self.winner in self.variants, "unknown winner")
        if "splitUrl" in fields:
            # An edge follows it; no answer depends on it.
            split = Fields(fields.get("splitUrl", "object"), "path urls", f"{fields.subject}")
            split.text("path")
            for variant, url in split.get("urls", "object").items():
                need(variant in self.variants, f"{fields.subject} sends an unknown variant")
                need(kind(url) == "string", f"{fields.subject}: an address that is no text")
        self.forced = {}
        for variant, units in fields.get("force", "object").items():
            need(variant in self.variants, f"{fields.subject} forces an unknown variant")
            need(kind(units) == "array", f"{fields.subject} forces no list")
            for forced in units:
                is_new = kind(forced) == "string" and forced not in self.forced
                need(is_new, f"{fields.subject} forces a unit twice, or no text")
                self.forced[forced] = variant

    def force(self, context):
        """The variant that the unit is forced to."""
        found = unit(context, self.bucket_by)
        return self.forced.get(found) if self.live and found is not None else None

    def answer(self, context):
        """A variant and a reason; None where the rule falls through."""
        if self.targeting is not None and not conditions.is_met(self.targeting, context):
            return None
        if self.winner is not None:
            return self.winner, "TARGETING_MATCH"
        found = unit(context, self.bucket_by)
        if not self.live or found is None:
            return None
        place = bucket(self.traffic_salt, found)
        if not any(start <= place < end for start, end in self.traffic):
            return None
        variant = owner(self.variants, bucket(self.salt, found))
        return None if variant is None else (variant, "SPLIT")


class Rule:
    KNOWN = "key id when share serve experiment split"

    def __init__(self, value, names, experiments, subject):
        fields = Fields(value, self.KNOWN, subject)
        forms = [form for form in ("serve", "experiment", "split") if form in fields]
        need(len(forms) == 1, f"{subject} is not exactly one of serve, experiment, split")
        self.form = forms[0]
        need("share" not in fields or self.form == "serve", f"{subject}: share without serve")
        self.key = fields.optional("key")
        self.id = fields.optional("id")
        self.when = fields.condition("when")
        self.experiment_key = fields.optional("experiment")
        self.experiment = experiments.get(self.experiment_key)
        self.share = fields.integer("share", 0, COUNT) if "share" in fields else None
        used = []
        if self.form == "serve":
            self.serve = fields.text("serve")
            used = [self.serve]
        elif self.form == "split":
            self.split = variants(fields, "split", "key ranges")
            used = self.split
        elif self.experiment:
            need(not self.experiment.is_flagless, f"{subject} uses a flagless experiment")
            used = self.experiment.variants
        hashes = self.form == "split" or self.share is not None
        need(not hashes or self.id is not None, f"{subject} hashes without an id")
        need(all(name in names for name in used), f"{subject} names an unknown variant")

    def answer(self, context, bucket_by):
        if self.when is not None and not conditions.is_met(self.when, context):
            return None
        if self.form == "experiment":
            return self.experiment.answer(context) if self.experiment else None
        if self.form == "serve" and self.share is None:
            return self.serve, "TARGETING_MATCH"
        found = unit(context, bucket_by)
        if found is None:
            return None
        place = bucket(self.id, found)
        if self.form == "serve":
            return (self.serve, "SPLIT") if place < self.share else None
        variant = owner(self.split, place)
        return None if variant is None else (variant, "SPLIT")

    def words(self, index, forced):
        result = {"index": index, "forced": forced}
        if self.key is not None:
            result["key"] = self.key
        if self.experiment_key is not None:
            result["experiment"] = self.experiment_key
        return result


class Flag:
    KNOWN = "kind key type variants off default enabled killed bucketBy rules"

    def __init__(self, value, experiments):
        subject = f"flag {value['key']}"
        fields = Fields(value, self.KNOWN, subject)
        type_ = fields.text("type")
        need(type_ in TYPES, f"{subject} has an unknown type")
        self.values = fields.get("variants", "object")
        need(all(kind(v) == type_ for v in self.values.values()), f"{subject}: types differ")
        self.off = fields.text("off")
        self.default = fields.text("default")
        need({self.off, self.default} <= self.values.keys(), f"{subject}: unknown variant")
        self.enabled = fields.get("enabled", "boolean")
        self.killed = fields.get("killed", "boolean")
        self.bucket_by = fields.text("bucketBy")
        self.rules = [
            Rule(rule, self.values, experiments, f"rule {index} of {subject}")
            for index, rule in enumerate(fields.get("rules", "array"))]

    def evaluate(self, context):
        if self.killed or not self.enabled:
            return self.answer(self.off, "DISABLED")
        for index, rule in enumerate(self.rules):
            variant = rule.experiment.force(context) if rule.experiment else None
            if variant is not None:
                return self.answer(variant, "TARGETING_MATCH", rule.words(index, True))
        for index, rule in enumerate(self.rules):
            found = rule.answer(context, self.bucket_by)
            if found:
                return self.answer(*found, rule.words(index, False))
        return self.answer(self.default, "DEFAULT" if self.rules else "STATIC")

    def answer(self, variant, reason, rule=None):
        result = {"value": self.values[variant], "variant": variant, "reason": reason}
        if rule:
            result["rule"] = rule
        return result


def flagless(experiment):
    """The flag of an experiment's key: its only rule is the experiment, its off is control."""
    rule = {"experiment": experiment.key}
    flag = Flag.__new__(Flag)
    flag.values = {key: payload for key, (_, _, payload) in experiment.variants.items()}
    flag.off = flag.default = experiment.control
    flag.enabled, flag.killed, flag.bucket_by = True, False, experiment.bucket_by
    flag.rules = [Rule(rule, flag.values, {}, f"experiment {experiment.key}")]
    flag.rules[0].experiment = experiment
    return flag


class Snapshot:
    def __init__(self, index, part):
        """Reads the bytes of an index; `part` gives the bytes of a part by its digest."""
        root = document(index)
        documents = [root]
        if "parts" in root:
            documents = [self._part(entry, part) for entry in self._entries(root)]
        experiments, flags = {}, {}
        for found in documents:
            for value in found.get("definitions", "array"):
                self._add(value, experiments, flags)
        self.flags = {key: Flag(value, experiments) for key, value in flags.items()}
        for key, experiment in experiments.items():
            if experiment.is_flagless:
                need(key not in self.flags, f"{key} is both a flag and such an experiment")
                self.flags[key] = flagless(experiment)

    @staticmethod
    def _entries(root):
        former = None
        for value in root.get("parts", "array"):
            fields = Fields(value, "prefix digest length", "an entry of the index")
            prefix = fields.text("prefix")
            need(set(prefix) <= set("01"), "a prefix of other digits")
            is_next = former is None or (former < prefix and not prefix.startswith(former))
            need(is_next, "a prefix out of order, or one that begins another")
            former = prefix
            digest = fields.text("digest")
            need(re.fullmatch("[0-9a-f]{64}", digest), "no digest")
            yield digest, fields.integer("length", 0, BYTES_MAX)

    @staticmethod
    def _part(entry, part):
        digest, length = entry
        data = part(digest)
        need(data is not None, "a part is missing")
        need(len(data) == length, "a part of another length")
        return document(data)

    @staticmethod
    def _add(value, experiments, flags):
        has_name = kind(value) == "object" and all(
            kind(value.get(name)) == "string" for name in ("kind", "key"))
        need(has_name, "a definition has no kind or no key")
        need(value["kind"] in ("experiment", "flag"), f"the unknown kind {value['kind']}")
        place = experiments if value["kind"] == "experiment" else flags
        need(value["key"] not in place, f"{value['key']} stands twice")
        place[value["key"]] = Experiment(value) if value["kind"] == "experiment" else value

    def evaluate(self, key, context):
        flag = self.flags.get(key)
        if flag is None:
            return {"reason": "ERROR", "errorCode": "FLAG_NOT_FOUND"}
        return flag.evaluate(context)


def context(data):
    """The attributes of a context from JSON; null counts as absent."""
    found = strict_json.read(data)
    if kind(found) != "object":
        raise strict_json.NotJSON("it is no object")
    return found
