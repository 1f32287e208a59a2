"""Which instances a schema refuses, by an implementation of JSON Schema that is not ours.

    schema_verdicts.py FOLDER FILE

FOLDER holds the schemas; FILE has a JSON object a line, `{"schema": NAME, "instance": ...}`. The
numbers of the refused lines are printed, from 0, one a line.
"""

import json
import pathlib
import sys

import jsonschema_rs


def validators(folder):
    schemas = [json.loads(path.read_text()) for path in sorted(folder.glob("*.schema.json"))]
    registry = jsonschema_rs.Registry([(schema["$id"], schema) for schema in schemas])
    return {
        schema["$id"].rsplit("/", 1)[1].removesuffix(".schema.json"): jsonschema_rs.validator_for(
            schema, registry=registry, validate_formats=True
        )
        for schema in schemas
    }


def main():
    known = validators(pathlib.Path(sys.argv[1]))
    with open(sys.argv[2], encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            case = json.loads(line)
            if not known[case["schema"]].is_valid(case["instance"]):
                print(number)


main()
