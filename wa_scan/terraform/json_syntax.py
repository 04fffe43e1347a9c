"""Terraform's JSON syntax to the tree of `syntax`.

Follows the HCL JSON syntax specification and Terraform's page on it. What an object means depends
on where it stands: at the root the block types are known by name; in the body of a resource only
Terraform's own nested blocks are, since the rest is the provider's to say. What may be either stays an
attribute there, and `ConfigFile.json` tells that it may turn out to be a block.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from wa_scan.errors import Problem, ProblemKind
from wa_scan.terraform.json_document import (
    JsonArray,
    JsonLiteral,
    JsonNode,
    JsonObject,
    JsonString,
    parse_json,
)
from wa_scan.terraform.nesting import deepest_excess, too_deep
from wa_scan.terraform.parse import MAX_PROBLEMS, NOT_UTF_8, parse_expression_source, parse_template_source
from wa_scan.terraform.source_text import SourceText, TerraformSyntaxError
from wa_scan.terraform.syntax import (
    Attribute,
    Block,
    Body,
    ConfigFile,
    Expression,
    Literal,
    Name,
    Object,
    ObjectItem,
    Template,
    Tuple,
)
from wa_scan.terraform.tree import exact_number
from wa_scan.values import Location


class Strings(Enum):
    """What a string is: a template; plain text; or the text of an expression (a reference, a type)."""

    TEMPLATE = "template"
    LITERAL = "literal"
    EXPRESSION = "expression"


@dataclass(frozen=True, slots=True)
class BodySchema:
    """What is known of a body: its nested blocks (type to number of labels and body), the
    arguments whose strings are plain or expressions, and what strings are in all others.
    """

    blocks: Mapping[str, tuple[int, "BodySchema"]] = field(default_factory=dict)
    literals: frozenset[str] = frozenset()
    expressions: frozenset[str] = frozenset()
    others: Strings = Strings.TEMPLATE
    may_hold_blocks: bool = False

    def strings_of(self, argument: str) -> Strings:
        """What strings in an argument are."""
        if argument in self.literals:
            return Strings.LITERAL
        return Strings.EXPRESSION if argument in self.expressions else self.others


_PLAIN = BodySchema()
_OPEN = BodySchema(may_hold_blocks=True)
_LITERAL = BodySchema(others=Strings.LITERAL)
_REFERENCES = BodySchema(others=Strings.EXPRESSION)
_ITERATOR = frozenset({"iterator"})
_INNER_DYNAMIC = BodySchema({"content": (0, _OPEN)}, expressions=_ITERATOR)
_CONTENT = BodySchema({"dynamic": (1, _INNER_DYNAMIC)}, may_hold_blocks=True)
_DYNAMIC = BodySchema({"content": (0, _CONTENT)}, expressions=_ITERATOR)
_LIFECYCLE = BodySchema(
    {"precondition": (0, _PLAIN), "postcondition": (0, _PLAIN)},
    expressions=frozenset({"ignore_changes", "replace_triggered_by"}),
)
_PROVISIONER = BodySchema({"connection": (0, _PLAIN)}, expressions=frozenset({"when", "on_failure"}))
_RESOURCE = BodySchema(
    {
        "lifecycle": (0, _LIFECYCLE),
        "connection": (0, _PLAIN),
        "provisioner": (1, _PROVISIONER),
        "dynamic": (1, _DYNAMIC),
    },
    expressions=frozenset({"provider", "depends_on"}),
    may_hold_blocks=True,
)
_TERRAFORM = BodySchema(
    {
        "required_providers": (0, BodySchema(others=Strings.LITERAL)),
        "backend": (1, _LITERAL),
        "cloud": (0, BodySchema({"workspaces": (0, _LITERAL)}, others=Strings.LITERAL)),
        "provider_meta": (1, _PLAIN),
    },
    others=Strings.LITERAL,
)
_ROOT = BodySchema(
    {
        "resource": (2, _RESOURCE),
        "data": (2, _RESOURCE),
        "ephemeral": (2, _RESOURCE),
        "module": (
            1,
            BodySchema(
                literals=frozenset({"source", "version"}), expressions=frozenset({"providers", "depends_on"})
            ),
        ),
        "variable": (
            1,
            BodySchema(
                {"validation": (0, _PLAIN)},
                literals=frozenset({"default", "description", "deprecated"}),
                expressions=frozenset({"type"}),
            ),
        ),
        "output": (
            1,
            BodySchema(
                {"precondition": (0, _PLAIN)},
                literals=frozenset({"description", "deprecated"}),
                expressions=frozenset({"depends_on"}),
            ),
        ),
        "locals": (0, _PLAIN),
        "provider": (
            1,
            BodySchema(
                {"dynamic": (1, _DYNAMIC)},
                literals=frozenset({"alias", "version"}),
                may_hold_blocks=True,
            ),
        ),
        "terraform": (0, _TERRAFORM),
        "moved": (0, _REFERENCES),
        "import": (0, BodySchema(expressions=frozenset({"to", "provider"}))),
        "removed": (
            0,
            BodySchema(
                {"lifecycle": (0, _LIFECYCLE), "connection": (0, _PLAIN), "provisioner": (1, _PROVISIONER)},
                expressions=frozenset({"from"}),
            ),
        ),
        "check": (1, BodySchema({"data": (2, _RESOURCE), "assert": (0, _PLAIN)})),
    }
)


def parse_json_config(path: str, data: bytes) -> tuple[ConfigFile, list[Problem]]:
    """Parse a `.tf.json`, `.tofu.json` or `.tfvars.json` file; `path` as reports print it.

    In a file of variables all strings are plain. A file that is no JSON gives an empty tree; other
    errors leave out what they are about.
    """
    try:
        source = SourceText(path, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        source = SourceText(path, data[: error.start].decode("utf-8-sig", "replace"))
        end = len(source.text)
        problem = Problem(ProblemKind.SYNTAX_ERROR, NOT_UTF_8, source.location(end, end))
        return ConfigFile(path, Body({}, [], source.location(0, end)), json=True), [problem]
    converter = _Converter()
    whole = source.location(0, len(source.text))
    try:
        document = parse_json(source)
    except TerraformSyntaxError as error:
        converter.report(error)
        return ConfigFile(path, Body({}, [], whole), json=True), converter.problems
    schema = _LITERAL if path.endswith(".tfvars.json") else _ROOT
    body = converter.body([document], schema, whole)
    for name, attribute in list(body.attributes.items()):
        excess = deepest_excess(attribute)
        if excess is not None:
            converter.report(too_deep(excess))
            del body.attributes[name]
    for block in list(body.blocks):
        excess = deepest_excess(block)
        if excess is not None:
            converter.report(too_deep(excess))
            body.blocks.remove(block)
    for attribute in converter.duplicates[:MAX_PROBLEMS]:
        converter.report(
            TerraformSyntaxError(
                f"The argument {attribute.name} is set twice here; the first one is taken",
                attribute.name_location,
            )
        )
    converter.problems.sort(key=lambda problem: problem.location or whole)
    file = ConfigFile(path, body, json=True, duplicate_attributes=converter.duplicates)
    return file, converter.problems


class _Converter:
    """From JSON values to the tree. `problems`: what Terraform would refuse."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.duplicates: list[Attribute] = []

    def report(self, error: TerraformSyntaxError) -> None:
        kind = ProblemKind.LIMIT_REACHED if error.limit else ProblemKind.SYNTAX_ERROR
        self.problems.append(Problem(kind, error.message, error.location))

    def body(self, nodes: list[JsonNode], schema: BodySchema, location: Location) -> Body:
        """The body that objects make together."""
        body = Body({}, [], location)
        for key, value in self._properties(nodes):
            name = key.text
            known = schema.blocks.get(name)
            if known is not None:
                labels, inner = known
                body.blocks += self._blocks(key, value, labels, inner)
                continue
            attribute = Attribute(
                name,
                self._value(value, schema.strings_of(name), schema.may_hold_blocks),
                key.location,
                key.location.to(value.location),
            )
            if name in body.attributes:
                self.duplicates.append(attribute)
            else:
                body.attributes[name] = attribute
        return body

    def _properties(self, nodes: list[JsonNode]) -> Iterator[tuple[JsonString, JsonNode]]:
        """The properties of objects, and of objects in arrays, without comments."""
        for node in nodes:
            for candidate in node.elements if isinstance(node, JsonArray) else [node]:
                if isinstance(candidate, JsonObject):
                    yield from (member for member in candidate.members if member[0].text != "//")
                elif not _is_null(candidate):
                    self._refuse("An object is expected here", candidate)

    def _blocks(
        self, type_key: JsonString, value: JsonNode, labels: int, schema: BodySchema
    ) -> Iterator[Block]:
        """The blocks under a key: objects nested as deep as there are labels, then bodies."""
        levels: list[tuple[list[JsonString], JsonNode]] = [([], value)]
        for _ in range(labels):
            levels = [
                ([*keys, key], inner) for keys, node in levels for key, inner in self._properties([node])
            ]
        for keys, node in levels:
            header = keys[-1].location if keys else type_key.location
            for content in node.elements if isinstance(node, JsonArray) else [node]:
                if _is_null(content):
                    continue
                if not isinstance(content, JsonObject):
                    self._refuse(f"The body of a {type_key.text} block is an object", content)
                    continue
                yield Block(
                    type_key.text,
                    [key.text for key in keys],
                    self.body([content], schema, content.location),
                    header,
                    [key.location for key in keys],
                    header.to(content.location),
                )

    def _value(self, node: JsonNode, strings: Strings, may_hold_blocks: bool) -> Expression:
        if isinstance(node, JsonString):
            return self._string(node, strings)
        if isinstance(node, JsonLiteral):
            return self._literal(node)
        if isinstance(node, JsonArray):
            elements: list[Expression] = []
            for element in node.elements:
                elements.append(self._value(element, strings, may_hold_blocks))
            return Tuple(node.location, elements)
        assert isinstance(node, JsonObject)
        items: list[ObjectItem] = []
        for key, value in node.members:
            # In what may be a block it is a comment; as the key of a map it would be very odd.
            if may_hold_blocks and key.text == "//":
                continue
            items.append(ObjectItem(self._key(key, strings), self._value(value, strings, may_hold_blocks)))
        return Object(node.location, items)

    def _literal(self, node: JsonLiteral) -> Literal:
        if node.text in _WORDS:
            return Literal(node.location, _WORDS[node.text])
        try:
            return Literal(node.location, exact_number(node.text, node.location))
        except TerraformSyntaxError as error:
            self.report(error)
            return Literal(node.location, Decimal(0))

    def _key(self, node: JsonString, strings: Strings) -> Expression:
        key = self._string(node, strings)
        return Template(node.location, [node.text]) if isinstance(key, Name) else key

    def _string(self, node: JsonString, strings: Strings) -> Expression:
        text = node.text
        try:
            if strings is Strings.EXPRESSION:
                return parse_expression_source(node.source)
            if strings is Strings.TEMPLATE and ("${" in text or "%{" in text):
                template = parse_template_source(node.source)
                template.location = node.location
                return template
        except TerraformSyntaxError as error:
            self.report(error)
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)
        return Template(node.location, [text] if text else [])

    def _refuse(self, message: str, node: JsonNode) -> None:
        self.report(TerraformSyntaxError(message, node.location))


def _is_null(node: JsonNode) -> bool:
    return isinstance(node, JsonLiteral) and node.text == "null"


_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}
