"""Writes the files of schemas/conformance/.

    python3 write_vectors.py FOLDER

What each case must come to is written down here by hand where it can be; this implementation has
to agree before anything is written. Files are the same bytes in every run.
"""

import json
import pathlib
import sys
import uuid

import buckets
import condition_cases
import conditions
import reading_cases
import snapshot_cases
import strict_json
import vector_text

HASHED = [
    # Every length of a tail, ASCII.
    ("", ""), ("", "a"), ("", "ab"), ("", "abc"), ("", "abcd"), ("", "abcde"), ("", "abcdef"),
    ("", "abcdefg"), ("", "abcdefgh"), ("a", "bcd"), ("abc", "d"), ("abcd", ""),
    ("", "The quick brown fox jumps over the lazy dog"),
    # Two, three and four bytes a character; composed and decomposed are two units.
    ("", "ü"), ("", "u\u0308"), ("", "日本語"), ("", "🏴\u200d☠️"), ("ñ", "o"), ("", "a\u0000b"),
    ("", "\uffff"), ("", " "), ("", "User-1"), ("", "user-1"),
    # Integers are hashed as their decimal digits.
    ("", 0), ("", 7), ("", -7), ("", 42), ("", 9007199254740991), ("", -9007199254740991),
    ("", "42"), ("", "042"),
    # Prefixes as they are published: an id, a recorded salt, a pinned salt.
    ("3f9d1c52-6d0a-5a3e-9a55-0a7c4f6b2a11", "user-1"),
    ("3f9d1c52-6d0a-5a3e-9a55-0a7c4f6b2a11/1/", "user-1"),
    ("3f9d1c52-6d0a-5a3e-9a55-0a7c4f6b2a11/12/", "user-1"),
    ("legacy:", "user-1"), ("läuft/", "ユーザー1"),
]

# Hashes that other programs have published for these texts.
KNOWN = {
    "": 0, "a": 1009084850, "abcd": 1139631978, "ü": 2017519274,
    "The quick brown fox jumps over the lazy dog": 776992547,
}

# Kind, customer, key, and the flag of a rule.
IDENTIFIED = [
    ("experiment", "acme", "checkout-v2"), ("experiment", "northwind", "checkout-v2"),
    ("flag", "acme", "checkout-v2"), ("rule", "acme", "ramp", "checkout-v2"),
    ("rule", "acme", "checkout-v2", "ramp"), ("group", "acme", "checkout"),
    ("segment", "acme", "employees"), ("metric", "acme", "orders-completed"),
    ("experiment", "default", "a.b_c-d"),
]

LAYOUTS = [
    {"a": 1}, {"a": 1, "b": 1}, {"a": 50, "b": 50}, {"a": 1, "b": 1, "c": 1},
    {"a": 1, "b": 2}, {"a": 2, "b": 1}, {"a": 90, "b": 10}, {"b": 10, "a": 90},
    {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1}, {"a": 3, "b": 7, "c": 11},
    {"a.b": 1, "a-b": 1, "ab": 1}, {"v10": 1, "v2": 1, "v1": 1}, {"a": 999999, "b": 1000000},
    {"a": 9999, "b": 1}, {"a": 19999, "b": 1}, {"a": 20001, "b": 1},
    {f"v{index:02}": index + 1 for index in range(12)},
]

CHANGES = [
    ("nothing changes", {"a": 1, "b": 1}, [{"a": 1, "b": 1}]),
    ("other weights of the same shares", {"a": 1, "b": 1}, [{"a": 50, "b": 50}]),
    (
        "a twentieth moves and comes back", {"a": 50, "b": 50},
        [{"a": 55, "b": 45}, {"a": 1, "b": 1}]),
    ("the middle one shrinks", {"a": 1, "b": 1, "c": 1}, [{"a": 2, "b": 1, "c": 2}]),
    ("a variant is added", {"a": 1, "b": 1}, [{"a": 1, "b": 1, "c": 1}]),
    ("a variant is added before the others", {"b": 1, "c": 1}, [{"a": 1, "b": 1, "c": 1}]),
    ("a variant is removed", {"a": 1, "b": 1, "c": 1}, [{"a": 1, "c": 1}]),
    ("a variant is replaced", {"a": 1, "b": 1}, [{"a": 1, "c": 1}]),
    ("all variants are replaced", {"a": 1, "b": 1}, [{"c": 3, "d": 1}]),
    (
        "there and back by a detour",
        {"a": 1, "b": 1, "c": 1},
        [{"a": 5, "b": 1, "c": 1}, {"a": 1, "b": 5, "c": 1}, {"a": 1, "b": 1, "c": 1}]),
    (
        "a detour by other variants does not bring everyone back",
        {"a": 1, "b": 1, "c": 1},
        [{"a": 2, "b": 1, "c": 1}, {"a": 1, "b": 1}, {"a": 1, "b": 1, "c": 1}]),
    (
        "added, removed and added again",
        {"a": 60, "b": 40}, [{"a": 50, "b": 30, "c": 20}, {"a": 60, "b": 40},
                             {"a": 50, "b": 30, "c": 20}]),
    ("leftovers change hands", {"a": 1, "b": 1, "c": 1}, [{"a": 1, "b": 1, "c": 1, "d": 1},
                                                         {"b": 1, "c": 1, "d": 1}]),
]


def hashes():
    vectors = []
    for prefix, unit in HASHED:
        value = buckets.murmur3(prefix + str(unit))
        assert KNOWN.get(f"{prefix}{unit}", value) == value
        vectors.append(
            {"prefix": prefix, "unit": unit, "hash": value, "bucket": value % buckets.COUNT})
    return {"form": "hash", "format": 1, "vectors": vectors}


def identifiers():
    vectors = []
    for kind, customer, key, *flag in IDENTIFIED:
        path = f"Flag/{flag[0]}/{key}" if kind == "rule" else f"{kind.title()}/{key}"
        vectors.append({
            "kind": kind, "customer": customer, **({"flag": flag[0]} if flag else {}), "key": key,
            "id": str(uuid.uuid5(snapshot_cases.NAMESPACE, f"{customer}/{path}"))})
    return {"form": "identifiers", "format": 1, "identifiers": vectors}


def ranges():
    layouts = [{"weights": weights, "ranges": buckets.canonical(weights)} for weights in LAYOUTS]
    changes = []
    for why, first, steps in CHANGES:
        before = buckets.canonical(first)
        for weights in steps:
            after, moved = buckets.changed(before, weights)
            assert moved == buckets.moved_least(before, weights)
            changes.append(
                {"why": why, "before": before, "weights": weights, "after": after,
                 "moved": moved})
            before = after
        comes_back = "back" in why and "not" not in why
        assert not comes_back or before == buckets.canonical(first), why
    return {"form": "ranges", "format": 1, "layouts": layouts, "changes": changes}


def condition_vectors():
    vectors = []
    for condition, contexts in condition_cases.all_cases():
        conditions.check(condition)
        for context, met in contexts:
            asked = [strict_json.read(json.dumps(value).encode()) for value in (condition, context)]
            assert conditions.is_met(*asked) == met, (condition, context)
        vectors.append({
            "condition": condition,
            "contexts": [{"context": context, "met": met} for context, met in contexts],
        })
    return {"form": "conditions", "format": 1, "conditions": vectors}


def main():
    folder = pathlib.Path(sys.argv[1])
    files = {
        "hash.json": hashes(), "identifiers.json": identifiers(), "ranges.json": ranges(),
        "conditions.json": condition_vectors(), "refused.json": reading_cases.document(),
    }
    for name, document in snapshot_cases.documents():
        files[f"snapshots/{name}.json"] = document
    for name, document in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(vector_text.text(document), encoding="utf-8")


if __name__ == "__main__":
    main()
