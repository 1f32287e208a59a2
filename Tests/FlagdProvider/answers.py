"""Answers of OpenFeature's own provider for flagd, reading a file as an application would.

    answers.py FLAGD.json CONTEXTS.ndjson    every flag for every context, a line each as JSON
    answers.py --validate SCHEMAS FILE...    checks files against flagd's own JSON Schemas

A line is {"context": line number from 0, "flag", "variant", "value"}, or has "error" for the last
two. The tests compare it with what our evaluator says; nothing here knows what that is.
"""

import json
import logging
import pathlib
import sys


def ask(document, contexts):
    from openfeature import api
    from openfeature.contrib.provider.flagd import FlagdProvider
    from openfeature.contrib.provider.flagd.config import ResolverType
    from openfeature.evaluation_context import EvaluationContext

    # The provider logs each text that is no version.
    logging.disable(logging.CRITICAL)
    api.set_provider_and_wait(
        FlagdProvider(resolver_type=ResolverType.FILE, offline_flag_source_path=document)
    )
    client = api.get_client()
    # A flag that answers another type's question would be an error.
    by_type = {
        "bool": (client.get_boolean_details, False),
        "int": (client.get_float_details, -1.0),
        "float": (client.get_float_details, -1.0),
        "str": (client.get_string_details, "the caller's default"),
        "dict": (client.get_object_details, {"the caller's": "default"}),
    }
    flags = json.loads(pathlib.Path(document).read_text(encoding="utf-8"))["flags"]
    for number, line in enumerate(open(contexts, encoding="utf-8")):
        attributes = json.loads(line)
        key = attributes.pop("targetingKey", None)
        context = EvaluationContext(targeting_key=key, attributes=attributes)
        for flag, definition in flags.items():
            value = next(iter(definition["variants"].values()))
            question, default = by_type[type(value).__name__]
            details = question(flag, default, context)
            answer = {"context": number, "flag": flag}
            if details.error_code:
                answer["error"] = f"{details.error_code}: {details.error_message}"
            else:
                answer |= {"variant": details.variant, "value": details.value}
            print(json.dumps(answer))
    api.shutdown()


def validate(schemas, files):
    import jsonschema
    import referencing

    loaded = [
        json.loads((pathlib.Path(schemas) / name).read_text(encoding="utf-8"))
        for name in ["flagd.json", "flags.json", "targeting.json"]
    ]
    registry = referencing.Registry().with_resources(
        [(schema["$id"], referencing.Resource.from_contents(schema)) for schema in loaded]
    )
    # What flagd reads, and the narrower form that its providers read.
    validators = [
        jsonschema.Draft7Validator({"$ref": schema["$id"]}, registry=registry)
        for schema in loaded[:2]
    ]
    for file in files:
        document = json.loads(pathlib.Path(file).read_text(encoding="utf-8"))
        found = [error for validator in validators for error in validator.iter_errors(document)]
        print(json.dumps({"file": file, "errors": [error.message[:300] for error in found]}))


if __name__ == "__main__":
    if sys.argv[1] == "--validate":
        validate(sys.argv[2], sys.argv[3:])
    else:
        ask(*sys.argv[1:])
