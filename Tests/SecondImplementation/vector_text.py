"""How vector files are written: the same bytes each time, and lines that a person can read."""

import json
import unicodedata

WIDTH = 100


def text(value):
    return _lines(value, 0, 0) + "\n"


def _lines(value, indent, used):
    flat = _escaped(json.dumps(value, ensure_ascii=False))
    if indent + used + len(flat) < WIDTH or not value or not isinstance(value, (dict, list)):
        return flat
    inner = " " * (indent + 2)
    if isinstance(value, list):
        lines = [inner + _lines(member, indent + 2, 1) for member in value]
    else:
        lines = []
        for key, member in value.items():
            name = _escaped(json.dumps(key, ensure_ascii=False)) + ": "
            lines.append(inner + name + _lines(member, indent + 2, len(name) + 1))
    start, end = "{}" if isinstance(value, dict) else "[]"
    return start + "\n" + ",\n".join(lines) + "\n" + " " * indent + end


def _escaped(line):
    """Marks, joiners and other characters that editors hide or change become escapes."""
    return "".join(
        json.dumps(scalar)[1:-1] if _is_hidden(scalar) else scalar for scalar in line)


def _is_hidden(scalar):
    is_mark = unicodedata.category(scalar)[0] in "MCZ" and scalar != " "
    return is_mark or unicodedata.normalize("NFD", scalar) != scalar
