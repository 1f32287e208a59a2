"""Buckets: the hash that finds a unit's bucket, and how weights become ranges of buckets."""

import mmh3

COUNT = 10_000


def murmur3(text):
    """MurmurHash3, x86, 32 bit, seed 0, over the UTF-8 bytes of a text."""
    return mmh3.hash(text.encode("utf-8"), 0, signed=False)


def bucket(prefix, unit):
    return murmur3(prefix + unit) % COUNT


def in_key_order(keys):
    return sorted(keys, key=lambda key: key.encode("utf-8"))


def sizes(weights):
    """How many buckets each key has: floor(w·10000/W), leftovers to the greatest remainders."""
    whole = sum(weights.values())
    result = {key: weight * COUNT // whole for key, weight in weights.items()}
    by_remainder = sorted(
        in_key_order(weights), key=lambda key: weights[key] * COUNT % whole, reverse=True)
    for key in by_remainder[:COUNT - sum(result.values())]:
        result[key] += 1
    return result


def canonical(weights):
    """`{key: [[from, to]]}`: sizes laid end to end in key order."""
    result, start = {}, 0
    size = sizes(weights)
    for key in in_key_order(weights):
        end = start + size[key]
        result[key] = [[start, end]] if end > start else []
        start = end
    return result


def owners(ranges):
    """The owner of each bucket."""
    result = [None] * COUNT
    for key, pairs in ranges.items():
        for start, end in pairs:
            result[start:end] = [key] * (end - start)
    return result


def ranges_of(owner, keys):
    """Sorted ranges of each key, the longest possible."""
    result = {key: [] for key in in_key_order(keys)}
    for index, key in enumerate(owner):
        if index > 0 and owner[index - 1] == key:
            result[key][-1][1] = index + 1
        else:
            result[key].append([index, index + 1])
    return result


def changed(before, weights):
    """The ranges after a change of weights, and how many buckets have moved.

    The three steps of the design, over the union of old and new variants.
    """
    owner = owners(before)
    old = list(owner)
    target = owners(canonical(weights))
    keys = in_key_order(set(before) | set(weights))
    wanted = sizes(weights)
    # How many buckets a variant must still give away; negative: take.
    excess = {key: owner.count(key) - wanted.get(key, 0) for key in keys}

    for index in range(COUNT):
        giver, taker = owner[index], target[index]
        if excess[giver] > 0 and excess[taker] < 0:
            owner[index] = taker
            excess[giver] -= 1
            excess[taker] += 1

    released = []
    for key in keys:
        held = [index for index in range(COUNT) if owner[index] == key]
        outside = [index for index in held if target[index] != key]
        inside = [index for index in held if target[index] == key]
        for index in (outside[::-1] + inside[::-1])[:max(0, excess[key])]:
            released.append(index)
    released.sort()

    for key in keys:
        for _ in range(max(0, -excess[key])):
            owner[released.pop(0)] = key

    moved = sum(a != b for a, b in zip(old, owner))
    return ranges_of(owner, weights), moved


def moved_least(before, weights):
    """The fewest buckets that any way to the new sizes must move."""
    wanted = sizes(weights)
    return sum(
        max(0, sum(end - start for start, end in pairs) - wanted.get(key, 0))
        for key, pairs in before.items())
