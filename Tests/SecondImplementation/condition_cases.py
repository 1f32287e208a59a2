"""Conditions, contexts, and whether the one is met by the other, written down by hand."""


def test(attribute, operator, value):
    return {"attribute": attribute, "operator": operator, "value": value}


# Operator, operand, values that meet it, values that do not. Absent and null are added to all.
TABLE = [
    # Types never convert, and equality is byte for byte.
    ("equals", "US", ["US"], ["us", "", "US ", 5, True, ["US"], {"US": 1}]),
    ("equals", "", [""], [" ", 0, False, []]),
    ("equals", "5", ["5"], [5, 5.0, "5.0", "05"]),
    ("equals", 5, [5, 5.0], ["5", 5.000000000000001, True, [5]]),
    ("equals", 0, [0, -0.0], [False, "", "0", 5e-324]),
    ("equals", 0.1, [0.1], [0.10000000000000002, "0.1", 0]),
    ("equals", 9007199254740991, [9007199254740991], [9007199254740992, -9007199254740991]),
    ("equals", 9007199254740993, [9007199254740992, 9007199254740993], [9007199254740991]),
    ("equals", 1e300, [1e300], [1e301, "1e300"]),
    ("equals", True, [True], [False, "true", 1]),
    ("equals", False, [False], [True, 0, ""]),
    ("equals", "\u00e9", ["\u00e9"], ["e\u0301", "e"]),
    ("equals", "q\u0307\u0323", ["q\u0307\u0323"], ["q\u0323\u0307"]),
    ("equals", "🏴\u200d☠️", ["🏴\u200d☠️"], ["🏴", "☠️"]),
    ("equals", "a\u0000b", ["a\u0000b"], ["a", "ab"]),
    # Another type is not equal, so `notEquals` is met by it; by an absent attribute it is not.
    ("notEquals", "US", ["DE", "us", 5, True, ["US"], {}], ["US"]),
    ("notEquals", 5, [6, 5.5, "5", False], [5, 5.0]),
    ("in", ["CA", "US"], ["CA", "US"], ["C", "ca", "", 5, ["CA"], ["CA", "US"]]),
    ("in", [5, True, "US"], [5, 5.0, True, "US"], ["5", 1, "true", False]),
    ("in", [], [], ["", 0, False, []]),
    ("in", ["a", "b", "c", "d", "e", "f", "g", "h", "i", 7], ["a", "i", 7], ["7", "j", 8]),
    ("notIn", ["CA", "US"], ["DE", 7, True, ["US"]], ["CA", "US"]),
    ("notIn", [], ["", 7], []),
    # Texts are searched by their bytes; lists have members.
    ("startsWith", "ab", ["ab", "abc"], ["a", "Abc", "cab", 5, ["ab"]]),
    ("startsWith", "", ["", "a"], [5, True]),
    ("startsWith", "5", ["5", "55"], [5, 55]),
    ("startsWith", "e", ["e\u0301"], ["\u00e9"]),
    ("endsWith", "@acme.example", ["a@acme.example"], ["a@acme.example.org", "@ACME.example"]),
    ("endsWith", "\u0301", ["e\u0301"], ["\u00e9"]),
    ("contains", "bc", ["bc", "abcd", ["bc"]], ["b c", "ac", ["abcd"], 5, {"bc": 1}]),
    ("contains", "aab", ["aaab"], ["aba"]),
    ("contains", "", ["", "a", [""]], [[], ["a"], 5]),
    ("contains", "日", ["本日は"], ["本"]),
    ("contains", 5, [[5], [4, 5.0]], [5, "456", ["5"], [[5]], []]),
    ("contains", True, [[True]], [True, ["true"], [1]]),
    # Numbers are compared as numbers, exactly, integers beside doubles too.
    ("lessThan", 5, [4, 4.999999999999999, -1e300], [5, 5.0, 6, "4", True, [4]]),
    ("lessThan", -1.5, [-2, -1.6], [-1.5, -1, 0]),
    ("lessThan", 9007199254740992, [9007199254740991], [9007199254740992, 9007199254740994]),
    ("lessOrEqual", 5, [5, 5.0, 4], [5.000000000000001, "5", False]),
    ("greaterThan", 0.1, [0.2, 0.10000000000000002, 1], [0.1, 0, "1", True]),
    ("greaterThan", 9007199254740991, [9007199254740992, 1e300], [9007199254740991, 1]),
    ("greaterOrEqual", 5, [5, 5.0, 1e308], [4.999999999999999, "6", [5]]),
    ("greaterOrEqual", 0, [0, -0.0, 5e-324], [-5e-324]),
    # Instants: one form, dates that exist, strictly before and after.
    (
        "before", "2026-11-23T09:00:00Z", ["2026-11-23T08:59:59Z", "0000-01-01T00:00:00Z"],
        [
            "2026-11-23T09:00:00Z", "2026-11-23T09:00:01Z", "2026-11-22", "yesterday", 0,
            "2026-11-22T09:00:00+00:00", "2026-11-22t09:00:00z", "2026-11-22T09:00:00.000Z",
            "2026-02-29T00:00:00Z", "2026-11-22T24:00:00Z", "2026-06-30T23:59:60Z",
        ]),
    (
        "after", "2024-02-28T23:59:59Z", ["2024-02-29T00:00:00Z", "9999-12-31T23:59:59Z"],
        ["2024-02-28T23:59:59Z", "2025-02-29T00:00:00Z", "2026-13-01T00:00:00Z", 1900000000]),
    # Semantic versions, by precedence (semver.org 2.0.0, section 11).
    (
        "semver", ">=1.2.0 <2.0.0",
        ["1.2.0", "1.10.0", "1.99.99+build.5", "2.0.0-rc.1", "1.2.0+0.0.0"],
        [
            "1.1.9", "1.2.0-rc.1", "2.0.0", "2.0.0+build", "v1.2.0", "1.2", "1.2.0.0", "01.2.0",
            "1.2.0-01", "1.2.0-", "1.2.0+", "1.2.0-a..b", " 1.2.0", "1.2.0\n", "", 1.2, ["1.2.0"],
        ]),
    ("semver", "1.0.0", ["1.0.0", "1.0.0+x"], ["1.0.0-a", "1.0.1", "1.00.0"]),
    ("semver", "=1.0.0-a.1", ["1.0.0-a.1", "1.0.0-a.1+x"], ["1.0.0", "1.0.0-a", "1.0.0-A.1"]),
    (
        "semver", ">1.0.0-alpha.1",
        ["1.0.0-alpha.2", "1.0.0-alpha.10", "1.0.0-alpha.beta", "1.0.0-alpha.1.0", "1.0.0"],
        ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.0", "1.0.0-1", "1.0.0-Z"]),
    (
        "semver", "<1.0.0-b", ["1.0.0-a", "1.0.0-999", "1.0.0--", "1.0.0-B", "0.99999.0"],
        ["1.0.0-b", "1.0.0-b.0", "1.0.0-ba", "1.0.0"]),
    (
        "semver", "<=99999999999999999999.0.0",
        ["99999999999999999999.0.0", "99999999999999999998.9.9", "9.9.9"],
        ["99999999999999999999.0.1", "100000000000000000000.0.0"]),
    ("exists", True, ["", 0, False, [], {}], []),
]

def all_cases():
    for operator, operand, meets, fails in TABLE:
        contexts = [({"x": value}, True) for value in meets]
        contexts += [({"x": value}, False) for value in fails]
        yield test("x", operator, operand), contexts + [({"x": None}, False), ({}, False)]
    yield test("x", "exists", False), [
        ({}, True), ({"x": None}, True), ({"x": 0}, False), ({"x": ""}, False)]
    yield from names()
    yield from combined()


def names():
    """Attribute names are literal: no paths, no case, no normal form."""
    yield test("a.b", "equals", 1), [({"a.b": 1}, True), ({"a": {"b": 1}}, False)]
    yield test("Country", "equals", "US"), [({"Country": "US"}, True), ({"country": "US"}, False)]
    yield test("caf\u00e9", "exists", True), [
        ({"caf\u00e9": 1}, True), ({"cafe\u0301": 1}, False)]
    yield test("", "equals", 1), [({"": 1}, True), ({" ": 1}, False)]
    yield test("targetingKey", "endsWith", "-1"), [
        ({"targetingKey": "user-1"}, True), ({"targetingKey": -1}, False), ({}, False)]


def combined():
    us, old = test("country", "equals", "US"), test("age", "greaterOrEqual", 18)
    yield {"all": [us, old]}, [
        ({"country": "US", "age": 18}, True), ({"country": "US", "age": "18"}, False),
        ({"country": "US"}, False), ({"age": 18}, False), ({}, False)]
    yield {"any": [us, old]}, [
        ({"country": "US"}, True), ({"age": 30}, True), ({"country": "DE", "age": 17}, False),
        ({}, False)]
    # `not` turns an absent attribute round, `notEquals` does not.
    yield {"not": us}, [({}, True), ({"country": None}, True), ({"country": 5}, True),
                        ({"country": "US"}, False)]
    yield {"not": test("country", "notEquals", "US")}, [
        ({}, True), ({"country": "US"}, True), ({"country": "DE"}, False)]
    yield {"not": {"not": us}}, [({}, False), ({"country": "US"}, True)]
    yield {"all": [{"any": [us, {"not": {"all": [old, us]}}]}, test("x", "exists", False)]}, [
        ({}, True), ({"x": 1}, False), ({"country": "US", "age": 20}, True),
        ({"country": "DE", "age": 20, "x": None}, True)]
    yield {"all": [us]}, [({"country": "US"}, True), ({}, False)]
