"""Whole snapshots, contexts, and what some of the answers must be, written down by hand."""

import hashlib
import itertools
import json
import uuid

import snapshot
import strict_json
from buckets import bucket, canonical

NAMESPACE = uuid.UUID("08dc8e83-6e5a-4ef4-a277-f445a7943ae2")


def identifier(name):
    return str(uuid.uuid5(NAMESPACE, f"acme/{name}"))


def test(attribute, operator, value):
    return {"attribute": attribute, "operator": operator, "value": value}


def experiment(key, weights, group=None, payloads=None, phase=1, **fields):
    """The published form, with what Flagstaff would record for it."""
    own = identifier(f"Experiment/{key}")
    variants = []
    for name, ranges in canonical(weights).items():
        variants.append({"key": name, "ranges": ranges})
        if payloads:
            variants[-1]["payload"] = payloads[name]
    return {
        "kind": "experiment", "key": key, "id": own, "hash": 1, "live": True,
        "bucketBy": "targetingKey",
        "trafficSalt": identifier(f"Group/{group}") if group else own,
        "traffic": [[0, 10000]], "salt": f"{own}/{phase}/", "control": min(weights),
        "variants": variants, "force": {}, **fields,
    }


def flag(key, rules=(), values=None, off="off", **fields):
    values = values or {"off": False, "on": True}
    return {
        "kind": "flag", "key": key, "type": strict_json.kind(values[off]), "variants": values,
        "off": off, "default": off, "enabled": True, "killed": False,
        "bucketBy": "targetingKey", "rules": list(rules), **fields,
    }


def rule_id(flag_key, rule_key):
    return identifier(f"Flag/{flag_key}/{rule_key}")


def split(flag_key, rule_key, weights, **fields):
    ranges = [{"key": key, "ranges": found} for key, found in canonical(weights).items()]
    return {"key": rule_key, "id": rule_id(flag_key, rule_key), **fields, "split": ranges}


def rollout(flag_key, rule_key, share, serve="on", **fields):
    return {"key": rule_key, "id": rule_id(flag_key, rule_key), **fields, "share": share,
            "serve": serve}


def unit_in(*places):
    """The first of `user-1`, `user-2` … whose bucket after each prefix lies in [from, to)."""
    for number in itertools.count(1):
        unit = f"user-{number}"
        if all(start <= bucket(prefix, unit) < end for prefix, start, end in places):
            return unit


def case(context, **expected):
    """A context, or its text where the spelling matters, and `variant REASON` of some flags."""
    return context, {key.replace("_", "-"): answer for key, answer in expected.items()}


def index_of(definitions):
    definitions = sorted(definitions, key=lambda each: (each["kind"], each["key"]))
    return {"format": 1, "definitions": definitions}


def document(about, index, cases, unknown=(), parts=None):
    data = index if isinstance(index, str) else json.dumps(index)
    texts = parts or {}
    found = snapshot.Snapshot(data.encode(), lambda digest: texts[digest].encode())
    contexts = []
    for given, expected in cases:
        is_text = isinstance(given, str)
        context = snapshot.context((given if is_text else json.dumps(given)).encode())
        answers = {
            key: found.evaluate(key, context) for key in [*sorted(found.flags), *unknown]}
        for key, wanted in expected.items():
            answer = answers[key]
            said = f"{answer['variant']} {answer['reason']}"
            assert said == wanted, (about, given, key, said, wanted)
        contexts.append({"text" if is_text else "context": given, "answers": answers})
    result = {"form": "snapshot", "format": 1, "about": about, "index": index}
    if parts:
        result["parts"] = parts
    return {**result, "contexts": contexts}


def order():
    us = test("country", "equals", "US")
    pilot = experiment("pilot", {"off": 1, "on": 1}, force={"on": ["qa-1"]}, traffic=[])
    rules = [{"when": us, "serve": "on"}, {"experiment": "pilot"}]
    definitions = [
        pilot, flag("plain"), flag("plain-on", default="on"), flag("rules", rules),
        flag("disabled", rules, enabled=False, default="on"),
        flag("killed", rules, killed=True, default="on"),
        flag("none-met", rules, default="on"),
        flag("first-wins", [{"key": "a", "when": us, "serve": "off"}, {"serve": "on"}]),
    ]
    return document(
        "killed, disabled, forced, rules in order, default", index_of(definitions), [
            case({"targetingKey": "user-1"}, plain="off STATIC", plain_on="on STATIC",
                 rules="off DEFAULT", disabled="off DISABLED", killed="off DISABLED",
                 none_met="on DEFAULT", first_wins="on TARGETING_MATCH"),
            case({"targetingKey": "user-1", "country": "US"}, rules="on TARGETING_MATCH",
                 disabled="off DISABLED", first_wins="off TARGETING_MATCH"),
            # The forced unit comes before the rule above its experiment.
            case({"targetingKey": "qa-1", "country": "US"}, rules="on TARGETING_MATCH",
                 disabled="off DISABLED", killed="off DISABLED"),
            case({}, plain="off STATIC", rules="off DEFAULT"),
        ], unknown=["missing", "pilot", ""])


def experiments():
    de = test("country", "equals", "DE")
    weights = {"control": 50, "one-page": 50}
    own = identifier("Experiment/checkout")
    traffic, salt = (own, 0, 2500), f"{own}/1/"
    checkout = experiment(
        "checkout", weights, traffic=[[0, 2500]], targeting=de,
        force={"one-page": ["qa-1", "42"], "control": ["qa-2"]})
    # What an edge does with its users is no concern of an evaluator.
    paused = experiment(
        "paused", weights, live=False, force={"one-page": ["qa-1"]},
        splitUrl={"path": "/checkout", "urls": {"control": "/checkout", "one-page": "/b"}})
    ended = experiment(
        "ended", weights, live=False, traffic=[], targeting=de, winner="one-page",
        force={"control": ["qa-1"]})
    # Moved by a change of weights, and with buckets that nobody owns.
    gaps = experiment("gaps", weights)
    gaps["variants"][0]["ranges"] = [[0, 1000], [2000, 3000]]
    gaps["variants"][1]["ranges"] = [[1000, 2000], [9000, 10000]]
    values = {"control": {"steps": 3}, "one-page": {"steps": 1}}

    def uses(key):
        return flag(f"{key}-flag", [{"experiment": key}], values, "control")

    definitions = [checkout, paused, ended, gaps] + [
        uses(key) for key in ("checkout", "paused", "ended", "gaps", "absent")]
    low, high = (salt, 0, 5000), (salt, 5000, 10000)
    edges = [
        (unit_in((own, 2499, 2500), low), "control SPLIT"),
        (unit_in((own, 2500, 2501), low), "control DEFAULT"),
        (unit_in((own, 0, 1), high), "one-page SPLIT"),
        (unit_in(traffic, (salt, 4999, 5000)), "control SPLIT"),
        (unit_in(traffic, (salt, 5000, 5001)), "one-page SPLIT"),
    ]
    cases = [
        case({"targetingKey": unit, "country": "DE"}, checkout_flag=answer)
        for unit, answer in edges]
    gap = gaps["salt"]
    cases += [
        case({"targetingKey": edges[0][0], "country": "US"}, checkout_flag="control DEFAULT"),
        case({"targetingKey": edges[0][0]}, checkout_flag="control DEFAULT"),
        case({"targetingKey": "qa-1"}, checkout_flag="one-page TARGETING_MATCH",
             paused_flag="control DEFAULT", ended_flag="control DEFAULT"),
        case({"targetingKey": 42}, checkout_flag="one-page TARGETING_MATCH"),
        case({"targetingKey": "qa-2", "country": "US"}, checkout_flag="control TARGETING_MATCH"),
        # A winner needs neither a unit nor traffic, but targeting.
        case({"country": "DE"}, ended_flag="one-page TARGETING_MATCH",
             checkout_flag="control DEFAULT"),
        case({"country": "US"}, ended_flag="control DEFAULT", absent_flag="control DEFAULT"),
        case({"targetingKey": unit_in((gap, 1000, 2000))}, gaps_flag="one-page SPLIT"),
        case({"targetingKey": unit_in((gap, 2000, 3000))}, gaps_flag="control SPLIT"),
        case({"targetingKey": unit_in((gap, 3000, 9000))}, gaps_flag="control DEFAULT"),
    ]
    return document(
        "traffic, targeting, force, a winner, and experiments that are not live or not there",
        index_of(definitions), cases)


def hashed_rules():
    employee = test("email", "endsWith", "@acme.example")
    definitions = [
        flag("ramp", [rollout("ramp", "ramp", 2500)]),
        flag("nobody", [rollout("nobody", "ramp", 0)]),
        flag("everybody", [rollout("everybody", "ramp", 10000)]),
        flag("colours", [split("colours", "thirds", {"blue": 1, "green": 1, "red": 1},
                               when=employee)],
             {"blue": "#00f", "green": "#0f0", "red": "#f00"}, "blue"),
        flag("by-account", [rollout("by-account", "ramp", 5000)], bucketBy="account"),
        flag("ladder", [rollout("ladder", "first", 1000), rollout("ladder", "second", 1000),
                        {"key": "rest", "when": employee, "serve": "on"}]),
    ]
    ramp, thirds = rule_id("ramp", "ramp"), rule_id("colours", "thirds")
    first, second = rule_id("ladder", "first"), rule_id("ladder", "second")
    account = rule_id("by-account", "ramp")
    acme = {"email": "a@acme.example"}
    return document(
        "rollouts and splits: each rule hashes with its own id", index_of(definitions), [
            case({"targetingKey": unit_in((ramp, 2499, 2500))}, ramp="on SPLIT",
                 everybody="on SPLIT", nobody="off DEFAULT"),
            case({"targetingKey": unit_in((ramp, 2500, 2501))}, ramp="off DEFAULT"),
            case({"targetingKey": unit_in((thirds, 3333, 3334)), **acme}, colours="blue SPLIT"),
            case({"targetingKey": unit_in((thirds, 3334, 3335)), **acme}, colours="green SPLIT"),
            case({"targetingKey": unit_in((thirds, 9999, 10000)), **acme}, colours="red SPLIT"),
            case({"targetingKey": unit_in((thirds, 9999, 10000))}, colours="blue DEFAULT"),
            case({"targetingKey": unit_in((first, 1000, 10000), (second, 0, 1000))},
                 ladder="on SPLIT"),
            case({"targetingKey": unit_in((first, 1000, 10000), (second, 1000, 10000)), **acme},
                 ladder="on TARGETING_MATCH"),
            case({"account": unit_in((account, 0, 5000))}, by_account="on SPLIT",
                 everybody="off DEFAULT", ladder="off DEFAULT"),
            case({"account": unit_in((account, 5000, 10000)), "targetingKey": "user-1"},
                 by_account="off DEFAULT"),
            # No unit: whatever hashes falls through, the rest does not.
            case(acme, ramp="off DEFAULT", everybody="off DEFAULT", colours="blue DEFAULT",
                 ladder="on TARGETING_MATCH"),
        ])


def flagless():
    weights = {"plain": 1, "sale": 1}
    payloads = {"plain": {"text": ""}, "sale": {"text": "Sale", "urls": ["/a", None]}}
    definitions = [
        experiment("banner", weights, payloads=payloads, bucketBy="account",
                   traffic=[[0, 5000]], force={"sale": ["qa-1"]}),
        experiment("closed", weights, payloads=payloads, live=False),
        experiment("shipped", weights, payloads=payloads, live=False, winner="sale"),
        experiment("values", {"nothing": 1, "number": 1},
                   payloads={"nothing": None, "number": 1.5}),
    ]
    own = identifier("Experiment/banner")
    salt = f"{own}/1/"
    return document(
        "flagless experiments answer as flags of their keys", index_of(definitions), [
            case({"account": unit_in((own, 0, 5000), (salt, 5000, 10000))}, banner="sale SPLIT",
                 closed="plain DEFAULT", shipped="sale TARGETING_MATCH"),
            case({"account": unit_in((own, 0, 5000), (salt, 0, 5000))}, banner="plain SPLIT"),
            case({"account": unit_in((own, 5000, 10000))}, banner="plain DEFAULT"),
            case({"targetingKey": "user-1"}, banner="plain DEFAULT"),
            case({"targetingKey": "user-2"}),
            case({"account": "qa-1"}, banner="sale TARGETING_MATCH"),
            case({"targetingKey": "qa-1"}, banner="plain DEFAULT"),
        ])


def group():
    group_id = identifier("Group/checkout")
    weights = {"off": 1, "on": 1}
    # Members share the group's hash and have disjoint traffic; the last 2 % are the holdout.
    definitions = [
        experiment("one", weights, group="checkout", traffic=[[0, 3000]]),
        experiment("two", weights, group="checkout", traffic=[[3000, 4000], [7000, 9800]]),
        experiment("over", weights, group="checkout", traffic=[], live=False, winner="on"),
        flag("both", [{"experiment": "one"}, {"experiment": "two"}]),
        flag("first", [{"experiment": "one"}]), flag("second", [{"experiment": "two"}]),
        flag("won", [{"experiment": "over"}]),
    ]
    one, two = (f"{identifier(f'Experiment/{key}')}/1/" for key in ("one", "two"))
    on = (5000, 10000)
    return document(
        "members of a group share one traffic hash", index_of(definitions), [
            case({"targetingKey": unit_in((group_id, 2999, 3000), (one, *on))}, both="on SPLIT",
                 first="on SPLIT", second="off DEFAULT"),
            case({"targetingKey": unit_in((group_id, 3000, 3001), (two, *on))}, both="on SPLIT",
                 first="off DEFAULT", second="on SPLIT"),
            case({"targetingKey": unit_in((group_id, 7000, 9800), (two, 0, 5000))},
                 both="off SPLIT", second="off SPLIT"),
            case({"targetingKey": unit_in((group_id, 4000, 7000))}, both="off DEFAULT"),
            case({"targetingKey": unit_in((group_id, 9800, 10000))}, both="off DEFAULT",
                 won="on TARGETING_MATCH"),
        ])


def units():
    definitions = [
        experiment("forced", {"off": 1, "on": 1}, traffic=[],
                   force={"on": ["42", "-7", "0", "9007199254740991", "ü", "a b", "true", "1.5"]}),
        flag("everyone", [rollout("everyone", "all", 10000)]),
        flag("forced-flag", [{"experiment": "forced"}]),
        flag("half", [split("half", "half", {"off": 1, "on": 1})]),
    ]
    in_, out = "on SPLIT", "off DEFAULT"
    hit, miss = "on TARGETING_MATCH", "off DEFAULT"

    def unit(text, everyone, forced_flag):
        return case(f'{{"targetingKey":{text}}}', everyone=everyone, forced_flag=forced_flag)

    units_ = [("42", hit), ('"42"', hit), ("42.0", hit), ("4.2e1", hit), ("-7", hit), ("0", hit),
              ("-0", hit), ("-0.0", hit), ("9007199254740991", hit), ('"\\u00fc"', hit),
              ('"ü"', hit), ('"u\\u0308"', miss), ('"a b"', hit), ('"a b "', miss), ('" "', miss),
              ('"042"', miss), ('"true"', hit), ('"1.5"', hit), ('"\\u0000"', miss),
              ('"🏴\\u200d☠️"', miss), ('"\\ud83d\\ude00"', miss),
              ("-9007199254740991", miss)]
    none = ["null", '""', "true", "1.5", "9007199254740992", "9007199254740993", "1e300", "[42]",
            '["42"]', '{"id":"42"}', '{"targetingKey":"42"}', "-9007199254740992", "1e-7"]
    return document(
        "what is a unit: non-empty texts and integers within ±(2^53−1)", index_of(definitions),
        [unit(text, in_, forced) for text, forced in units_]
        + [unit(text, out, miss) for text in none] + [case("{}", everyone=out)])


def attributes():
    us, new = test("country", "in", ["CA", "US"]), test("version", "semver", ">=2.0.0 <3.0.0")
    serve = {"serve": "on"}
    definitions = [
        flag("country", [{"when": us, **serve}]),
        flag("abroad", [{"when": {"not": us}, **serve}]),
        flag("elsewhere", [{"when": test("country", "notIn", ["CA", "US"]), **serve}]),
        flag("grown-up", [{"when": test("age", "greaterOrEqual", 18), **serve}]),
        flag("new-app", [{"when": new, **serve}]),
        flag("tagged", [{"when": test("tags", "contains", "beta"), **serve}]),
        flag("late", [{"when": test("signup", "after", "2026-01-01T00:00:00Z"), **serve}]),
        flag("städte", [{"when": test("stadt.größe", "equals", "groß"), **serve}]),
    ]
    yes, no = "on TARGETING_MATCH", "off DEFAULT"
    return document(
        "attributes that are missing, null or of another type", index_of(definitions), [
            case({}, country=no, abroad=yes, elsewhere=no, grown_up=no),
            case({"country": None, "age": None, "tags": None}, country=no, abroad=yes,
                 elsewhere=no),
            case({"country": "US", "age": 18, "version": "2.0.0", "tags": ["beta"],
                  "signup": "2026-01-01T00:00:01Z", "stadt.größe": "groß"},
                 country=yes, abroad=no, elsewhere=no, grown_up=yes, new_app=yes, tagged=yes,
                 late=yes, städte=yes),
            case({"country": ["US"], "age": "18", "version": 2, "tags": "alphabeta",
                  "signup": 1800000000, "stadt": {"größe": "groß"}},
                 country=no, abroad=yes, elsewhere=yes, grown_up=no, new_app=no, tagged=yes,
                 late=no, städte=no),
            case({"country": True, "age": 17.999, "version": "2.0", "tags": {"beta": True},
                  "signup": "2026-01-01"}, country=no, elsewhere=yes, grown_up=no, tagged=no),
            case({"age": 18.0, "version": "2.0.0-rc.1", "signup": "2026-01-01T00:00:00Z"},
                 grown_up=yes, new_app=no, late=no),
            case('{"age":1.8e1,"version":"3.0.0-rc.1","tags":["\\u0062eta",null,{"a":[]}]}',
                 grown_up=yes, new_app=yes, tagged=yes),
            case('{"age":1e308,"country":"\\u0055S"}', grown_up=yes, country=yes),
        ])


def values():
    return document(
        "values of every type come as they were published", index_of([
            flag("array", values={"off": [], "on": [1, "a", None, [True, {}]]}, default="on"),
            flag("number", values={"off": 0, "on": -1.5e-7}, default="on"),
            flag("large", values={"off": 9007199254740991, "on": 1e21}, default="on"),
            flag("object", values={"off": {}, "on": {"b": {"c": None}, "a": [1.5]}},
                 default="on"),
            flag("string", values={"off": "", "on": "Grüße, 世界 \"\\\n\u2028🏴\u200d☠️"},
                 default="on"),
        ]), [case({}, array="on STATIC", string="on STATIC")])


def parts():
    whole = {each["key"]: each for each in [
        experiment("pricing", {"high": 1, "low": 1}),
        flag("price", [{"experiment": "pricing"}], {"high": 9.5, "low": 8}, "high"),
        flag("ramp", [rollout("ramp", "ramp", 5000)]), flag("still")]}
    placed = {}
    for each in sorted(whole.values(), key=lambda each: (each["kind"], each["key"])):
        place = hashlib.sha256(f"{each['kind']}/{each['key']}".encode()).digest()
        prefix = f"{place[0]:08b}"[:1]
        prefix = prefix if prefix == "0" else f"{place[0]:08b}"[:2]
        placed.setdefault(prefix, []).append(each)
    entries, texts = [], {}
    for prefix, definitions in sorted(placed.items()):
        text = json.dumps({"definitions": definitions, "format": 1}, separators=(",", ":"),
                          sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        texts[digest] = text
        entries.append({"digest": digest, "length": len(text.encode()), "prefix": prefix})
    index = {"format": 1, "parts": entries}
    salt = f"{identifier('Experiment/pricing')}/1/"
    return document(
        "an index of several parts; a flag may stand in another part than its experiment", index, [
            case({"targetingKey": unit_in((salt, 0, 5000))}, price="high SPLIT",
                 still="off STATIC"),
            case({"targetingKey": unit_in((salt, 5000, 10000))}, price="low SPLIT"),
            case({}, price="high DEFAULT", ramp="off DEFAULT"),
        ], parts=texts)


def nested(levels):
    """A flag under a condition of so many levels of `all` above its comparison."""
    when = test("country", "equals", "US")
    for _ in range(levels):
        when = {"all": [when]}
    return index_of([flag("deep", [{"when": when, "serve": "on"}])])


def depth():
    return document(
        "conditions are nested 100 levels at most", json.dumps(nested(100), separators=(",", ":")),
        [case({"country": "US"}, deep="on TARGETING_MATCH"), case({}, deep="off DEFAULT")])


def documents():
    for make in (attributes, depth, experiments, flagless, group, order, parts, units, values):
        yield make.__name__, make()
    yield "rollouts", hashed_rules()
    yield "empty", document("an empty snapshot answers nothing", index_of([]), [case({})],
                            unknown=["missing"])
