"""Conditions: `{all:[…]}`, `{any:[…]}`, `{not:c}` or `{attribute,operator,value}`."""

import re

from strict_json import equal, kind

DEPTH_MAX = 100


class NotACondition(Exception):
    """The value is no condition of this format."""


# semver.org, "Is there a suggested regular expression", with its three kinds of identifiers named.
_NUMBER = r"(?:0|[1-9][0-9]*)"
_COMPARED = r"(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
_IGNORED = r"[0-9a-zA-Z-]+"
_VERSION = re.compile(
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})"
    rf"(?:-({_COMPARED}(?:\.{_COMPARED})*))?(?:\+{_IGNORED}(?:\.{_IGNORED})*)?")
_COMPARATOR = re.compile(r"(<=|>=|<|>|=|)(.*)", re.DOTALL)
_INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")


VERSION_MAX = 256


def version(text):
    """A key that sorts by semantic precedence; None where the text is no version."""
    found = _VERSION.fullmatch(text)
    if not found:
        return None
    numbers = tuple(_digits(found.group(index)) for index in (1, 2, 3))
    if found.group(4) is None:
        return numbers, (1,)
    identifiers = tuple(
        (0, _digits(word), "") if word.isdecimal() else (1, (0, ""), word)
        for word in found.group(4).split("."))
    return numbers, (0, identifiers)


def _digits(text):
    """Sorts as the number that the digits are, of any length."""
    return len(text), text


def comparators(text):
    """Pairs of a sign and a version; None where the text holds anything else."""
    result = []
    for word in text.split(" "):
        sign, rest = _COMPARATOR.fullmatch(word).groups()
        wanted = version(rest)
        if wanted is None:
            return None
        result.append((sign, wanted))
    return result


def instant(text):
    """The instant as a text that sorts by time; None where it is none."""
    found = _INSTANT.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second = map(int, found.groups())
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = [31, 29 if is_leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    exists = 1 <= month <= 12 and 1 <= day <= days[month - 1]
    return text if exists and hour < 24 and minute < 60 and second < 60 else None


def _is_scalar(value):
    return kind(value) in ("string", "number", "boolean")


def _is_text(value):
    return kind(value) == "string"


_OPERANDS = {
    "equals": _is_scalar,
    "notEquals": _is_scalar,
    "contains": _is_scalar,
    "in": lambda value: kind(value) == "array" and all(map(_is_scalar, value)),
    "notIn": lambda value: kind(value) == "array" and all(map(_is_scalar, value)),
    "startsWith": _is_text,
    "endsWith": _is_text,
    "lessThan": lambda value: kind(value) == "number",
    "lessOrEqual": lambda value: kind(value) == "number",
    "greaterThan": lambda value: kind(value) == "number",
    "greaterOrEqual": lambda value: kind(value) == "number",
    "before": lambda value: _is_text(value) and instant(value) is not None,
    "after": lambda value: _is_text(value) and instant(value) is not None,
    "semver": lambda value: _is_text(value) and comparators(value) is not None,
    "exists": lambda value: kind(value) == "boolean",
}


def check(condition, depth=0):
    """Refuses what is no condition."""
    if depth > DEPTH_MAX:
        raise NotACondition("it is nested too deep")
    if kind(condition) != "object" or not condition:
        raise NotACondition("it is no object with fields")
    if len(condition) == 1:
        (form, inner), = condition.items()
        if form == "not":
            check(inner, depth + 1)
        elif form in ("all", "any") and kind(inner) == "array" and inner:
            for member in inner:
                check(member, depth + 1)
        else:
            raise NotACondition(f"{form} is no form of a condition, or has no members")
        return
    if condition.keys() != {"attribute", "operator", "value"}:
        raise NotACondition("it has other fields than attribute, operator and value")
    operator = condition["operator"]
    if not _is_text(condition["attribute"]) or not _is_text(operator):
        raise NotACondition("its attribute or operator is no text")
    if operator not in _OPERANDS or not _OPERANDS[operator](condition["value"]):
        raise NotACondition(f"{operator} is unknown, or takes another operand")


def is_met(condition, context):
    """Whether a context, a dictionary of attributes, meets a condition that was checked."""
    if "all" in condition and len(condition) == 1:
        return all(is_met(member, context) for member in condition["all"])
    if "any" in condition and len(condition) == 1:
        return any(is_met(member, context) for member in condition["any"])
    if "not" in condition and len(condition) == 1:
        return not is_met(condition["not"], context)
    value = context.get(condition["attribute"])
    operator, operand = condition["operator"], condition["value"]
    if operator == "exists":
        return (value is not None) == operand
    if value is None:
        return False
    return _TESTS[operator](value, operand)


def _in(value, operand):
    return any(equal(value, member) for member in operand)


def _contains(value, operand):
    if kind(value) == "array":
        return _in(operand, value)
    return _is_text(value) and _is_text(operand) and operand in value


def _numbers(test):
    # Python compares an int with a float exactly, without making either the other.
    return lambda value, operand: kind(value) == "number" and test(value, operand)


def _texts(test):
    return lambda value, operand: _is_text(value) and test(value, operand)


def _instants(test):
    def is_met_by(value, operand):
        when = instant(value) if _is_text(value) else None
        return when is not None and test(when, operand)
    return is_met_by


def _semver(value, operand):
    # A longer text is none, since no reader of versions takes any length.
    found = version(value) if _is_text(value) and len(value) <= VERSION_MAX else None
    if found is None:
        return False
    signs = {
        "": found.__eq__, "=": found.__eq__, "<": found.__lt__, "<=": found.__le__,
        ">": found.__gt__, ">=": found.__ge__,
    }
    return all(signs[sign](wanted) for sign, wanted in comparators(operand))


_TESTS = {
    "equals": equal,
    "notEquals": lambda value, operand: not equal(value, operand),
    "in": _in,
    "notIn": lambda value, operand: not _in(value, operand),
    "contains": _contains,
    "startsWith": _texts(str.startswith),
    "endsWith": _texts(str.endswith),
    "lessThan": _numbers(lambda value, operand: value < operand),
    "lessOrEqual": _numbers(lambda value, operand: value <= operand),
    "greaterThan": _numbers(lambda value, operand: value > operand),
    "greaterOrEqual": _numbers(lambda value, operand: value >= operand),
    "before": _instants(lambda value, operand: value < operand),
    "after": _instants(lambda value, operand: value > operand),
    "semver": _semver,
}
