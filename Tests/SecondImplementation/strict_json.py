"""JSON as Flagstaff reads it: RFC 8259, and of two ways to take a text always neither.

Refused are keys that stand twice, surrogates that stand alone, numbers beyond doubles, bytes that
are not UTF-8, and nesting without end. Numbers come in one form each: whatever is integral and
within ±(2^53−1) is an `int`, everything else a `float`.
"""

import json
import math

INTEGER_MAX = 2**53 - 1


class NotJSON(Exception):
    """The bytes are not JSON, or not JSON that every reader takes for the same."""


def read(data, depth_max=64):
    """The value of bytes; `depth_max` containers may stand inside each other."""
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_object, parse_int=_integer,
            parse_float=_number, parse_constant=_constant)
        _check(value, depth_max)
    except (ValueError, RecursionError) as error:
        raise NotJSON(str(error)) from None
    return value


def _object(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _integer(text):
    if len(text) <= 17:
        value = int(text)
        if abs(value) <= INTEGER_MAX:
            return value
    return _number(text)


def _number(text):
    value = float(text)
    if math.isinf(value):
        raise ValueError("a number is beyond doubles")
    return int(value) if value.is_integer() and abs(value) <= INTEGER_MAX else value


def _constant(text):
    raise ValueError(f"{text} is not JSON")


def _check(value, depth_left):
    if isinstance(value, str):
        value.encode("utf-8")
    elif isinstance(value, (dict, list)):
        if depth_left == 0:
            raise ValueError("it is nested too deep")
        for key in value if isinstance(value, dict) else ():
            key.encode("utf-8")
        for member in value.values() if isinstance(value, dict) else value:
            _check(member, depth_left - 1)


def kind(value):
    """The type of a value in the words of JSON; Python would take `True` for a number."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def equal(a, b):
    """Whether two values have the same type and content."""
    if kind(a) != kind(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    return a == b
