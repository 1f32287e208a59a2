"""Bytes that must be refused, and why: snapshots, contexts and conditions."""

import base64
import copy
import hashlib
import json

import snapshot
import snapshot_cases
from snapshot_cases import experiment, flag, rollout, split, test

US = test("country", "equals", "US")


def small():
    """A snapshot of one of each, which every case below damages in one place."""
    return copy.deepcopy(snapshot_cases.index_of([
        experiment("banner", {"a": 1, "b": 1}, payloads={"a": 1, "b": 2}),
        experiment("trial", {"off": 1, "on": 1}, targeting=US, force={"on": ["qa-1"]}),
        flag("halves", [split("halves", "halves", {"off": 1, "on": 1})]),
        flag("ramp", [rollout("ramp", "ramp", 100)]),
        flag("served", [{"when": US, "serve": "on"}]),
        flag("tried", [{"experiment": "trial"}]),
    ]))


BANNER, TRIAL, HALVES, RAMP, SERVED, TRIED = range(6)


def at(*path):
    """Walks from the definitions to the object or list that a case damages."""
    def found(root):
        place = root["definitions"]
        for step in path:
            place = place[step]
        return place
    return found


def setting(name, value, *path):
    def damage(root):
        at(*path)(root)[name] = value
    return damage


def removing(name, *path):
    def damage(root):
        del at(*path)(root)[name]
    return damage


def again(place, **changes):
    def damage(root):
        root["definitions"].append({**root["definitions"][place], **changes})
    return damage


DAMAGED = [
    ("a field that is not known", setting("sunset", 1, SERVED)),
    ("a field of an experiment that is not known", setting("owner", "growth", TRIAL)),
    ("a field of a rule that is not known", setting("note", "x", SERVED, "rules", 0)),
    ("a field of a variant that is not known", setting("weight", 1, TRIAL, "variants", 0)),
    ("a payload in a split", setting("payload", 1, HALVES, "rules", 0, "split", 0)),
    ("a kind that is not known", setting("kind", "segment", SERVED)),
    ("no key", removing("key", SERVED)),
    ("a flag twice", again(SERVED)),
    ("an experiment twice", again(TRIAL)),
    ("a flag and a flagless experiment of one key", again(SERVED, key="banner")),
    ("a field is missing", removing("killed", SERVED)),
    ("an experiment without id", removing("id", TRIAL)),
    ("an experiment without force", removing("force", TRIAL)),
    ("null for what is absent", setting("winner", None, TRIAL)),
    ("a text for a boolean", setting("enabled", "true", SERVED)),
    ("a number for a boolean", setting("live", 1, TRIAL)),
    ("a hash version that is no number", setting("hash", "1", TRIAL)),
    ("an unknown type", setting("type", "map", SERVED)),
    ("a value of another type", setting("on", "true", SERVED, "variants")),
    ("an off that is no variant", setting("off", "no", SERVED)),
    ("a default that is no variant", setting("default", "no", SERVED)),
    ("a served variant that is none", setting("serve", "no", SERVED, "rules", 0)),
    ("a control that is no variant", setting("control", "no", TRIAL)),
    ("a winner that is no variant", setting("winner", "no", TRIAL)),
    ("an address of a variant that is none",
     setting("splitUrl", {"path": "/a", "urls": {"no": "/b"}}, TRIAL)),
    ("an address that is no text", setting("splitUrl", {"path": "/a", "urls": {"on": 1}}, TRIAL)),
    ("a split without its page", setting("splitUrl", {"urls": {"on": "/b"}}, TRIAL)),
    ("a forced variant that is none", setting("no", ["x"], TRIAL, "force")),
    ("a unit forced twice", setting("off", ["qa-1"], TRIAL, "force")),
    ("a forced unit that is no text", setting("off", [42], TRIAL, "force")),
    ("variants of an experiment that its flag does not have",
     setting("key", "maybe", TRIAL, "variants", 0)),
    ("a variant twice", setting("key", "on", HALVES, "rules", 0, "split", 0)),
    ("no variants", setting("variants", [], TRIAL)),
    ("a payload on one variant only", removing("payload", BANNER, "variants", 0)),
    ("a rule that uses a flagless experiment", setting("experiment", "banner", TRIED, "rules", 0)),
    ("a rule of two forms", setting("serve", "on", TRIED, "rules", 0)),
    ("a rule of no form", removing("serve", SERVED, "rules", 0)),
    ("a share without a served variant", setting("share", 1, HALVES, "rules", 0)),
    ("a share beyond all buckets", setting("share", 10001, RAMP, "rules", 0)),
    ("a share below none", setting("share", -1, RAMP, "rules", 0)),
    ("a share that is no integer", setting("share", 0.5, RAMP, "rules", 0)),
    ("a rollout without id", removing("id", RAMP, "rules", 0)),
    ("a split without id", removing("id", HALVES, "rules", 0)),
    ("an id that is no text", setting("id", 5, SERVED, "rules", 0)),
    ("a rule's key that is no text", setting("key", 5, SERVED, "rules", 0)),
    ("ranges that overlap", setting("ranges", [[4999, 10000]], TRIAL, "variants", 1)),
    ("ranges out of order", setting("traffic", [[5000, 6000], [0, 1000]], TRIAL)),
    ("an empty range", setting("traffic", [[5, 5]], TRIAL)),
    ("a range backwards", setting("traffic", [[6, 5]], TRIAL)),
    ("a range beyond all buckets", setting("traffic", [[0, 10001]], TRIAL)),
    ("a range below none", setting("traffic", [[-1, 5]], TRIAL)),
    ("a range of three numbers", setting("traffic", [[0, 1, 2]], TRIAL)),
    ("a range of fractions", setting("traffic", [[0, 0.5]], TRIAL)),
    ("an operator that is not known", setting("operator", "matches", TRIAL, "targeting")),
    ("a condition's field that is not known", setting("flags", "i", TRIAL, "targeting")),
    ("a condition without a value", removing("value", TRIAL, "targeting")),
    ("a condition of two forms",
     setting("targeting", {"all": [US], "any": [US]}, TRIAL)),
    ("an empty condition", setting("when", {}, SERVED, "rules", 0)),
    ("rules that are no list", setting("rules", {}, SERVED)),
    ("a definition that is no object", lambda root: root["definitions"].append("all")),
    ("definitions that are no list", lambda root: root.update(definitions={})),
    ("no definitions", lambda root: root.pop("definitions")),
    ("no format", lambda root: root.pop("format")),
    ("a format that is no number", lambda root: root.update(format="1")),
    ("definitions beside parts", lambda root: root.update(parts=[])),
    ("an unknown field beside definitions", lambda root: root.update(version=7)),
]

NEWER = [
    ("a newer format", lambda root: root.update(format=2)),
    ("a newer format, whatever else it has", lambda root: root.update(format=2, shape=[])),
    ("a hash version that is not known", setting("hash", 2, TRIAL)),
]

BAD_TEXTS = [
    ("nothing", ""), ("only half", '{"definitions":[],"for'), ("two values", "{} {}"),
    ("no object", "[]"), ("null", "null"), ("a trailing comma", '{"definitions":[],"format":1,}'),
    ("a key twice", '{"definitions":[],"format":1,"format":1}'),
    ("a key twice, spelt in two ways", '{"definitions":[],"format":1,"f\\u006frmat":1}'),
    ("a surrogate alone", '{"definitions":[],"format":1,"\\ud800":1}'),
    ("a byte order mark", '\ufeff{"definitions":[],"format":1}'),
    ("a control character", '{"definitions":[],"format":1,"a\u0001":1}'),
    ("a number with a leading zero", '{"definitions":[],"format":01}'),
    ("a word that is none", '{"definitions":[],"format":NaN}'),
    ("a comment", '{"definitions":[],"format":1}//'),
]

BAD_CONTEXTS = [
    ("nothing", ""), ("no object", '["targetingKey"]'), ("null", "null"),
    ("a key twice", '{"country":"US","country":"DE"}'),
    ("a number beyond doubles", '{"age":1e400}'), ("a surrogate alone", '{"name":"\\udc00"}'),
    ("a word that is none", '{"age":Infinity}'), ("only half", '{"targetingKey":"user-1"'),
    ("nested too deep", '{"a":' + "[" * 64 + "]" * 64 + "}"),
]

BAD_CONDITIONS = [
    *(test("x", "equals", value) for value in (None, [], {})),
    *(test("x", "in", value) for value in ("US", [None], [["US"]], {"US": 1})),
    *(test("x", "startsWith", value) for value in (5, True, ["a"])),
    *(test("x", "contains", value) for value in (None, ["a"])),
    *(test("x", "lessThan", value) for value in ("5", True, None)),
    *(test("x", "before", value) for value in (
        "2026-11-23", "2026-02-30T00:00:00Z", "2026-11-23T09:00:00+01:00", 1800000000, "")),
    *(test("x", "semver", value) for value in (
        "", "1.2", "^1.2.0", "~1.2.0", "1.x", ">= 1.2.0", ">=1.2.0  <2.0.0", ">=1.2.0,<2.0.0",
        "1.2.0 ", "==1.2.0", "!=1.2.0", "=<1.2.0", "v1.2.0", "1.2.0-01", 1)),
    *(test("x", "exists", value) for value in ("true", 1, None)),
    *(test("x", operator, "a") for operator in ("matches", "Equals", "", "eq")),
    test(5, "equals", 5), {"all": []}, {"any": []}, {"all": US}, {"not": [US]}, {"not": {}},
    {"none": [US]}, [], "x", None, True, {"attribute": "x"}, {**US, "not": US},
]


def damaged():
    """The damaged snapshots, each without the definitions that its damage does not need."""
    cases = []
    for cases_, refused in ((DAMAGED, "malformed"), (NEWER, "newer")):
        for why, damage in cases_:
            index, whole = small(), small()
            damage(index)
            assert is_refused(index), why
            kept = index.get("definitions")
            for number in reversed(range(6)) if isinstance(kept, list) else ():
                less = {**index, "definitions": kept[:number] + kept[number + 1:]}
                is_intact = kept[number] == whole["definitions"][number]
                if is_intact and is_refused(less):
                    index, kept = less, less["definitions"]
            cases.append({"why": why, "refused": refused, "index": index})
    return cases


def is_refused(index):
    try:
        snapshot.Snapshot(json.dumps(index).encode(), lambda digest: None)
    except snapshot.Refused:
        return True
    return False


def with_parts():
    part = '{"definitions":[],"format":1}'
    digest = hashlib.sha256(part.encode()).hexdigest()
    entry = {"digest": digest, "length": len(part), "prefix": ""}
    nested = json.dumps({"format": 1, "parts": []})
    newer = '{"definitions":[],"format":2}'

    def case(why, *entries, refused="malformed", text=part):
        key = hashlib.sha256(text.encode()).hexdigest()
        return {"why": why, "refused": refused, "index": {"format": 1, "parts": list(entries)},
                "parts": {key: text}}

    def of(text):
        digest_ = hashlib.sha256(text.encode()).hexdigest()
        return {"digest": digest_, "length": len(text), "prefix": ""}

    return [
        case("a part of another length", {**entry, "length": len(part) - 1}),
        case("a digest in capitals", {**entry, "digest": digest.upper()}),
        case("a digest that is too short", {**entry, "digest": digest[:-1]}),
        case("a length below nothing", {**entry, "length": -1}),
        case("a length beyond 64 MiB", {**entry, "length": 64 * 1024 * 1024 + 1}),
        case("a prefix of other digits", {**entry, "prefix": "2"}),
        case("prefixes out of order", {**entry, "prefix": "1"}, {**entry, "prefix": "0"}),
        case("a prefix twice", {**entry, "prefix": "0"}, {**entry, "prefix": "0"}),
        case("a prefix that begins another", {**entry, "prefix": "0"}, {**entry, "prefix": "01"}),
        case("an entry with an unknown field", {**entry, "kind": "flag"}),
        case("an entry that is no object", digest),
        case("an index as a part", of(nested), text=nested),
        case("a newer part", of(newer), refused="newer", text=newer),
    ]


def document():
    snapshots = damaged() + with_parts()
    snapshots += [
        {"why": why, "refused": "malformed", "index": text} for why, text in BAD_TEXTS]
    bad_utf8 = b'{"definitions":[],"format":1,"\xff":1}'
    snapshots.append({"why": "bytes that are not UTF-8", "refused": "malformed",
                      "base64": base64.b64encode(bad_utf8).decode()})
    deep = snapshot_cases.nested(101)
    snapshots.append({"why": "a condition nested deeper than 100 levels", "refused": "malformed",
                      "index": json.dumps(deep, separators=(",", ":"))})
    return {
        "form": "reading", "format": 1, "snapshots": snapshots,
        "contexts": [
            {"why": why, "refused": "malformed", "text": text} for why, text in BAD_CONTEXTS],
        "conditions": [
            {"refused": "malformed", "condition": condition}
            for condition in BAD_CONDITIONS],
    }
