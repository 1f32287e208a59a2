"""Reads what Flagstaff prints for forges as others read it, and says what it found, a JSON object a
file. It shares no code with the program.

  check.py schema SCHEMAS NAME FILE...   JSON Schema 2020-12, references among SCHEMAS alone
  check.py sarif SCHEMA FILE...          the schema of SARIF 2.1.0, which is of draft 4
  check.py junit FILE...                 XML, and whether the counts are those of what stands there
  check.py markdown FILE...              CommonMark with GitHub's tables and links
  check.py examples SCHEMAS NAME...      every example of a schema against the place it stands at
"""

import html.parser
import json
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

import jsonschema
import markdown_it
import referencing


def main(mode, *arguments):
    for result in MODES[mode](*arguments):
        print(json.dumps(result))


# --- Schemas -------------------------------------------------------------------------------------


def load(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


def registry(folder):
    schemas = [load(path) for path in pathlib.Path(folder).glob("*.schema.json")]
    return referencing.Registry().with_resources(
        (schema["$id"], referencing.Resource.from_contents(schema)) for schema in schemas
    )


def violations(validator, document):
    return [f"{error.json_path}: {error.message}"[:400] for error in validator.iter_errors(document)]


def schema(folder, name, *files):
    wanted = load(f"{folder}/{name}")
    jsonschema.Draft202012Validator.check_schema(wanted)
    validator = jsonschema.Draft202012Validator(wanted, registry=registry(folder))
    for file in files:
        yield {"file": file, "errors": violations(validator, load(file))}


def sarif(path, *files):
    validator = jsonschema.Draft4Validator(
        load(path), format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER
    )
    for file in files:
        yield {"file": file, "errors": violations(validator, load(file))}


def examples(folder, *names):
    """A property without title, description or example is an error too."""
    known = registry(folder)
    for name in names:
        root = load(f"{folder}/{name}")
        errors = []
        for pointer, part in parts(root, ""):
            where = {"$ref": f"{root['$id']}#{pointer}"}
            validator = jsonschema.Draft202012Validator(where, registry=known)
            for example in part.get("examples", []):
                errors += [f"{pointer}: {error}" for error in violations(validator, example)]
            if "/properties/" in pointer and pointer.split("/")[-2] == "properties":
                lacks = [key for key in ("title", "description", "examples") if not part.get(key)]
                errors += [f"{pointer} has no {key}" for key in lacks]
        yield {"file": name, "errors": errors}


def parts(node, pointer):
    if isinstance(node, dict):
        if pointer.split("/")[-1] not in ("properties", "$defs"):
            yield pointer, node
        for key, value in node.items():
            if key not in ("examples", "const", "enum"):
                yield from parts(value, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from parts(value, f"{pointer}/{place}")


# --- JUnit ---------------------------------------------------------------------------------------

COUNTS = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}


def junit(*files):
    for file in files:
        root = ElementTree.parse(file).getroot()
        errors = []
        for element in [root] + list(root.iter("testsuite")):
            for name, tag in COUNTS.items():
                count = len(list(element.iter(tag)))
                if int(element.get(name)) != count:
                    errors.append(f"{element.get('name')}: {name} is not {count}")
        suites = {
            suite.get("name"): {name: int(suite.get(name)) for name in COUNTS}
            for suite in root.iter("testsuite")
        }
        yield {"file": file, "errors": errors, "suites": suites}


# --- Markdown ------------------------------------------------------------------------------------


class Page(html.parser.HTMLParser):
    """What a browser would make of a rendered comment."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.comments = set(), [], []
        self.outside, self.inside, self.depth = [], [], 0

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += [f"{tag} {name}={value}" for name, value in attributes]
        self.depth += tag in ("code", "pre")

    def handle_endtag(self, tag):
        self.depth -= tag in ("code", "pre")

    def handle_data(self, data):
        (self.inside if self.depth > 0 else self.outside).append(data)

    def handle_comment(self, data):
        self.comments.append(data)


def markdown(*files):
    for file in files:
        text = pathlib.Path(file).read_text(encoding="utf-8")
        for is_html_allowed in (True, False):
            renderer = markdown_it.MarkdownIt("gfm-like", {"html": is_html_allowed})
            page = Page()
            page.feed(renderer.render(text))
            page.close()
            yield {
                "file": file,
                "html": is_html_allowed,
                "tags": sorted(page.tags),
                "attributes": page.attributes,
                "comments": page.comments,
                "outside": "\n".join(page.outside),
                "inside": "\n".join(page.inside),
                "depth": page.depth,
                "rows": rows(renderer.parse(text)),
            }


def rows(tokens):
    """How many cells the rows of tables have that hold something, without repetition."""
    counts, cells, inside = set(), 0, False
    for token in tokens:
        if token.type == "tr_open":
            cells = 0
        elif token.type in ("td_open", "th_open"):
            inside = True
        elif token.type == "inline" and inside:
            cells += token.content.strip() != ""
            inside = False
        elif token.type == "tr_close":
            counts.add(cells)
    return sorted(counts)


MODES = {
    "schema": schema,
    "sarif": sarif,
    "junit": junit,
    "markdown": markdown,
    "examples": examples,
}

if __name__ == "__main__":
    main(*sys.argv[1:])
