"""Checks files of conformance vectors, and lines of the same forms, against this implementation.

    python3 check.py FILE…

A `.json` file is one document, an `.ndjson` file one a line; `form` says what a document holds.
The forms are described in schemas/conformance/README.md. Prints what was checked and every
disagreement (the first twenty in full) as one JSON object; ends with 1 where there is one.
"""

import base64
import collections
import hashlib
import json
import sys
import uuid

import buckets
import conditions
import snapshot
import strict_json
from strict_json import equal


NAMESPACE = uuid.UUID("08dc8e83-6e5a-4ef4-a277-f445a7943ae2")


class Check:
    def __init__(self):
        self.checked = collections.Counter()
        self.disagreements = []

    def expect(self, what, found, wanted, about):
        self.checked[what] += 1
        if not equal(found, wanted):
            self.disagreements.append(
                {"what": what, "found": found, "wanted": wanted, "about": about})

    def document(self, document):
        self.expect("formats", document["format"], 1, document["form"])
        getattr(self, document["form"])(document)

    def hash(self, document):
        for vector in document["vectors"]:
            # JSON's integer as a unit is its decimal digits.
            text = vector["prefix"] + str(vector["unit"])
            found = [buckets.murmur3(text), buckets.murmur3(text) % 10_000]
            self.expect("hashes", found, [vector["hash"], vector["bucket"]], vector)

    def identifiers(self, document):
        for vector in document["identifiers"]:
            kind, key = vector["kind"], vector["key"]
            path = f"Flag/{vector['flag']}/{key}" if kind == "rule" else f"{kind.title()}/{key}"
            name = f"{vector['customer']}/{path}"
            self.expect("identifiers", str(uuid.uuid5(NAMESPACE, name)), vector["id"], vector)

    def ranges(self, document):
        for vector in document.get("layouts", []):
            self.expect("layouts", buckets.canonical(vector["weights"]), vector["ranges"], vector)
        for vector in document.get("changes", []):
            after, moved = buckets.changed(vector["before"], vector["weights"])
            self.expect("changes", after, vector["after"], vector)
            least = buckets.moved_least(vector["before"], vector["weights"])
            self.expect("moved", [moved, least], [vector["moved"]] * 2, vector)

    def conditions(self, document):
        for vector in document["conditions"]:
            try:
                conditions.check(vector["condition"])
            except conditions.NotACondition as error:
                self.expect("conditions", str(error), None, vector["condition"])
                continue
            for case in vector["contexts"]:
                found = conditions.is_met(vector["condition"], case["context"])
                about = [vector["condition"], case["context"]]
                self.expect("conditions", found, case["met"], about)

    def snapshot(self, document):
        index = document["index"]
        why = reading(document, "newer")
        self.expect("snapshots", why, None, index)
        if why:
            return
        texts = parts(document)
        found = snapshot.Snapshot(bytes_of(index), texts.get)
        if document.get("digests", True) and texts:
            self.places(strict_json.read(bytes_of(index))["parts"], texts)
        for case in document["contexts"]:
            context = (
                snapshot.context(case["text"].encode("utf-8")) if "text" in case
                else case["context"])
            self.checked["pairs"] += 1
            for key, wanted in case["answers"].items():
                answer = found.evaluate(key, context)
                if not equal(answer, wanted):
                    about = [key, case, index]
                    self.disagreements.append(
                        {"what": "answers", "found": answer, "wanted": wanted, "about": about})
                self.checked["answers"] += 1

    def places(self, entries, texts):
        """Each definition stands in the part whose prefix begins the hash of its name."""
        for entry in entries:
            for value in strict_json.read(texts[entry["digest"]], 1_000)["definitions"]:
                name = f"{value['kind']}/{value['key']}".encode("utf-8")
                place = "".join(f"{byte:08b}" for byte in hashlib.sha256(name).digest())
                found = place[:len(entry["prefix"])]
                self.expect("places", found, entry["prefix"], name.decode("utf-8"))

    def reading(self, document):
        for case in document.get("snapshots", []):
            self.expect("snapshots", reading(case, "newer"), case.get("refused"), case)
        for case in document.get("contexts", []):
            try:
                snapshot.context(case["text"].encode("utf-8"))
                found = None
            except strict_json.NotJSON:
                found = "malformed"
            self.expect("contexts", found, case.get("refused"), case)
        for case in document.get("conditions", []):
            try:
                conditions.check(case["condition"])
                found = None
            except conditions.NotACondition:
                found = "malformed"
            self.expect("conditions", found, case.get("refused"), case)


def bytes_of(index):
    """The bytes of an index that stands as an object, or as the text that it is."""
    text = index if isinstance(index, str) else json.dumps(index, ensure_ascii=False)
    return text.encode("utf-8")


def parts(case):
    found = {digest: text.encode("utf-8") for digest, text in case.get("parts", {}).items()}
    if case.get("digests", True):
        for digest, data in found.items():
            # Whoever fetches a part by its digest checks it.
            assert hashlib.sha256(data).hexdigest() == digest, f"{digest} is another part's"
    return found


def reading(case, newer):
    """None where a snapshot is read, else why not."""
    data = base64.b64decode(case["base64"]) if "base64" in case else bytes_of(case["index"])
    try:
        snapshot.Snapshot(data, parts(case).get)
    except snapshot.Refused as error:
        return newer if error.newer else "malformed"
    return None


def documents(path):
    with open(path, "rb") as file:
        for data in file if path.endswith(".ndjson") else [file.read()]:
            yield strict_json.read(data, depth_max=1_000)


def main():
    check = Check()
    for path in sys.argv[1:]:
        for document in documents(path):
            check.document(document)
    print(json.dumps({
        "checked": dict(sorted(check.checked.items())),
        "disagreements": len(check.disagreements), "first": check.disagreements[:20],
    }))
    return 1 if check.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
