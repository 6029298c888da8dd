"""Writes `src/acetate/_types.py` from the OpenAPI document of the daemon.

    python scripts/generate.py            writes the file
    python scripts/generate.py --check    fails if the file is not what would be written

An object becomes a `TypedDict`. What is "one of several objects" becomes one `TypedDict` for each and a `Union` of them. Texts and
paths, which the document calls plain objects because bytes that are no UTF-8 appear as `{"base64": …}`, become `Text`: the client
turns those into `str` with surrogate escapes, as `os.fsdecode` does.
"""

import json
import keyword
import sys
import textwrap
from pathlib import Path
from typing import Any, Dict, List, NamedTuple

HERE = Path(__file__).resolve().parent.parent
DOCUMENT = HERE.parent.parent / "docs" / "reference" / "openapi.json"
TARGET = HERE / "src" / "acetate" / "_types.py"

Schema = Dict[str, Any]

# Plain objects that are free JSON and not a text.
JSON_FIELDS = frozenset({"data", "before", "after", "details", "changes"})

HEADER = '''\
"""The shapes that the daemon takes and answers. Written by scripts/generate.py from its OpenAPI document; not to be edited."""

import sys
from typing import TYPE_CHECKING, Any, Dict, List, Literal, Optional, TypedDict, Union

if sys.version_info >= (3, 11):
    from typing import NotRequired
elif TYPE_CHECKING:
    from typing_extensions import NotRequired
else:

    class NotRequired:
        """Says nothing before Python 3.11, where only type checkers know it."""

        def __class_getitem__(cls, item: Any) -> Any:
            return item


# A path or a text. Bytes that are no UTF-8 are surrogate escapes, as with `os.fsdecode`.
Text = str
'''


class Field(NamedTuple):
    """One key of an object."""

    kind: str
    required: bool
    text: str


class Shape(NamedTuple):
    """One object, as a `TypedDict`; `label` tells it from others of the same schema."""

    label: str
    fields: Dict[str, Field]


class Writer:
    """Turns the schemas of one document into Python."""

    def __init__(self, schemas: Dict[str, Schema]) -> None:
        self.schemas = schemas
        self.lines: List[str] = [HEADER]
        self.names: List[str] = ["Text"]
        # Unlike annotations these are evaluated, so they come behind all that they name.
        self.unions: List[str] = []

    def write(self) -> str:
        for name in sorted(self.schemas):
            self.schema(name, self.schemas[name])
        listed = "".join(f'    "{name}",\n' for name in sorted(self.names))
        self.lines += self.unions
        self.lines.append(f"\n__all__ = [\n{listed}]\n")
        return "".join(self.lines)

    def schema(self, name: str, schema: Schema) -> None:
        public = python_name(name)
        self.names.append(public)
        text = one_line(schema.get("description", "")) or "An answer of the daemon."
        if "enum" in schema:
            self.lines.append(f"\n# {text}\n{public} = {literal(schema)}\n")
            return
        if any("properties" not in part and "$ref" not in part and "allOf" not in part for part in schema.get("oneOf", [])):
            # Not all of them are objects: `false`, or settings.
            self.unions.append(f"\n# {text}\n{public} = {self.kind(name, schema)}\n")
            return
        shapes = self.shapes(schema)
        if len(shapes) == 1:
            self.typed_dict(public, text, shapes[0].fields)
            return
        members = []
        for number, shape in enumerate(shapes, 1):
            member = public + (camel(shape.label) or str(number))
            self.names.append(member)
            members.append(member)
            self.typed_dict(member, text, shape.fields)
        self.unions.append(f"\n# {text}\n{public} = Union[{', '.join(members)}]\n")

    def typed_dict(self, name: str, text: str, fields: Dict[str, Field]) -> None:
        if any(keyword.iskeyword(key) for key in fields):
            # A key such as `from` can't be written as a class attribute.
            comments = "\n".join(f"# {line}" for line in textwrap.wrap(text, 118))
            rows = "".join(f'        "{key}": "{annotation(field)}",\n' for key, field in fields.items())
            self.lines.append(f'\n{comments}\n{name} = TypedDict(\n    "{name}",\n    {{\n{rows}    }},\n)\n')
            return
        self.lines.append(f"\n\nclass {name}(TypedDict):\n{docstring(text)}")
        for key, field in fields.items():
            self.lines.append(f'\n    {key}: "{annotation(field)}"\n')
            if field.text:
                self.lines.append(docstring(field.text))

    def shapes(self, schema: Schema) -> List[Shape]:
        """The objects that a schema may be: `allOf` joins them, `oneOf` lists them."""
        if "$ref" in schema:
            return self.shapes(self.schemas[reference(schema)])
        if "oneOf" in schema:
            found = []
            for part in schema["oneOf"]:
                if part.get("type") != "null":
                    found += self.shapes(part)
            return [Shape(label(shape, found), shape.fields) for shape in found]
        if "allOf" in schema:
            joined = [Shape("", {})]
            for part in schema["allOf"]:
                joined = [
                    Shape(left.label or right.label, {**left.fields, **right.fields})
                    for left in joined
                    for right in self.shapes(part)
                ]
            return joined
        required = schema.get("required", [])
        fields = {
            key: Field(self.kind(key, value), key in required, one_line(value.get("description", "")))
            for key, value in schema.get("properties", {}).items()
        }
        return [Shape("", fields)]

    def kind(self, key: str, schema: Schema) -> str:
        """The Python type of a value."""
        if "$ref" in schema:
            return python_name(reference(schema))
        if "enum" in schema:
            return literal(schema)
        if "oneOf" in schema or "anyOf" in schema:
            parts = schema.get("oneOf") or schema["anyOf"]
            kinds = [self.kind(key, part) for part in parts if part.get("type") != "null"]
            joined = kinds[0] if len(kinds) == 1 else f"Union[{', '.join(kinds)}]"
            return f"Optional[{joined}]" if len(kinds) < len(parts) else joined
        if "allOf" in schema and len(schema["allOf"]) == 1:
            return self.kind(key, schema["allOf"][0])
        types = schema.get("type", "any")
        if isinstance(types, list):
            rest = [name for name in types if name != "null"]
            return f"Optional[{self.kind(key, {**schema, 'type': rest[0]})}]" if len(rest) == 1 else "Any"
        if types == "array":
            return f"List[{self.kind(key, schema.get('items', {}))}]"
        if types == "object":
            inner = schema.get("additionalProperties")
            if isinstance(inner, dict) or "properties" in schema or key in JSON_FIELDS:
                return "Dict[str, Any]"
            return "Text"
        return {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}.get(types, "Any")


def annotation(field: Field) -> str:
    return field.kind if field.required else f"NotRequired[{field.kind}]"


def label(shape: Shape, among: List[Shape]) -> str:
    """What tells one shape from the others: its constant key, else a key that only it has."""
    for field in shape.fields.values():
        if field.kind.startswith("Literal[") and "," not in field.kind:
            return field.kind.split("'")[1]
    own = [key for key in shape.fields if sum(key in other.fields for other in among) == 1]
    return shape.label or (own[0] if own else "")


def literal(schema: Schema) -> str:
    # Within an annotation, which is itself a string, the quotes have to differ.
    return f"Literal[{', '.join(repr(value) for value in schema['enum'])}]"


def reference(schema: Schema) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[-1]


def python_name(name: str) -> str:
    return name[len("Answer_") :] + "Answer" if name.startswith("Answer_") else name


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def one_line(text: str) -> str:
    return " ".join(text.split())


def docstring(text: str) -> str:
    lines = textwrap.wrap(text.replace("\\", "\\\\"), 110)
    if len(lines) == 1:
        return f'    """{lines[0]}"""\n'
    return '    """' + "\n    ".join(lines) + '\n    """\n'


def main() -> int:
    document = json.loads(DOCUMENT.read_text("utf-8"))
    text = Writer(document["components"]["schemas"]).write()
    if "--check" in sys.argv[1:]:
        if TARGET.read_text("utf-8") != text:
            print(f"{TARGET.name} is stale: run python scripts/generate.py", file=sys.stderr)
            return 1
        return 0
    TARGET.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
