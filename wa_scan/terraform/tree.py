"""What each rule of the grammar means: the nodes of `syntax`.

The `driver` calls these actions as the LALR parser reduces. A child is the number of a
token, or what the action of an inner rule returned.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from wa_scan.terraform.lexer import Tokens
from wa_scan.terraform.nesting import MAX_DEPTH
from wa_scan.terraform.source_text import SourceText, TerraformSyntaxError
from wa_scan.terraform.syntax import (
    Attribute,
    Binary,
    Block,
    Body,
    Call,
    Conditional,
    Expression,
    For,
    GetAttr,
    Index,
    Literal,
    Name,
    Object,
    ObjectItem,
    Parentheses,
    Splat,
    SplatElement,
    Template,
    Tuple,
    Unary,
)
from wa_scan.terraform.templates import (
    ElseSequence,
    EndForSequence,
    EndIfSequence,
    FlatPart,
    ForSequence,
    IfSequence,
    InterpolationSequence,
    build_template,
)
from wa_scan.values import Location

MAX_DIGITS = 1000
"""How long a number may be, written out. Terraform's own numbers hold 155 digits."""

Action = Callable[["TreeBuilder", list[Any]], Any]
"""Takes the children of a rule, gives its value."""


class TreeBuilder:
    """Builds the nodes of one text. `duplicates`: arguments set twice, the later ones."""

    __slots__ = ("duplicates", "ends", "source", "starts", "types", "values")

    def __init__(self, source: SourceText, tokens: Tokens) -> None:
        self.source = source
        self.types = tokens.types
        self.starts = tokens.starts
        self.ends = tokens.ends
        self.values = tokens.values
        self.duplicates: list[Attribute] = []

    def token(self, token: int) -> Location:
        """The place of a token."""
        return self.source.location(self.starts[token], self.ends[token])

    def between(self, first: int, last: int) -> Location:
        """The place from the start of one token to the end of another."""
        return self.source.location(self.starts[first], self.ends[last])

    # Bodies

    def body(self, children: list[Any]) -> Body:
        items = children[-1] if children and type(children[-1]) is list else []
        return self._body(items, self.source.location(0, len(self.source.text)))

    def block_body(self, children: list[Any]) -> list[Any]:
        if not children or type(children[-1]) is int:
            return []
        return children[-1] if type(children[-1]) is list else children

    def _body(self, items: list[Any], location: Location) -> Body:
        attributes: dict[str, Attribute] = {}
        blocks: list[Block] = []
        for item in items:
            if type(item) is Block:
                blocks.append(item)
            elif type(item) is Attribute:
                if item.name in attributes:
                    self.duplicates.append(item)
                else:
                    attributes[item.name] = item
        return Body(attributes, blocks, location)

    def attribute(self, children: list[Any]) -> Attribute:
        name, _, value = children
        place = self.token(name)
        return Attribute(self.values[name], value, place, place.to(value.location))

    def block(self, children: list[Any]) -> Block:
        kind = children[0]
        labels = children[1] if type(children[1]) is list else []
        opening, items, closing = children[-3:]
        places = [self.token(label) if type(label) is int else label.location for label in labels]
        header = self.token(kind)
        texts = []
        for label in labels:
            if type(label) is int:
                texts.append(self.values[label])
            elif label.literal is None:
                raise TerraformSyntaxError("A block's label is plain text, without ${ }", label.location)
            else:
                texts.append(label.literal)
        body = self._body(items, self.source.location(self.ends[opening], self.starts[closing]))
        return Block(
            self.values[kind],
            texts,
            body,
            header.to(places[-1]) if places else header,
            places,
            self.between(kind, closing),
        )

    # Templates

    def template_string(self, children: list[Any]) -> Template:
        text = self.values[children[0]]
        return Template(self.token(children[0]), [text] if text else [])

    def string(self, children: list[Any]) -> Template:
        parts = children[1] if len(children) == 3 else []
        return build_template(self._flat(parts), self.between(children[0], children[-1]))

    def heredoc_template(self, children: list[Any]) -> Template:
        parts = children[1] if len(children) == 3 else []
        return build_template(
            self._flat(parts),
            self.between(children[0], children[-1]),
            heredoc=True,
            flush=self.types[children[0]] == "HEREDOC_TEMPLATE_TRIM",
        )

    def template_start(self, children: list[Any]) -> Template:
        parts = children[0] if children else []
        return build_template(self._flat(parts), self.source.location(0, len(self.source.text)))

    def _flat(self, parts: list[Any]) -> list[FlatPart]:
        values = self.values
        return [values[part] if type(part) is int else part for part in parts]

    def interpolation(self, children: list[Any]) -> InterpolationSequence:
        opening, expression, closing = children
        return InterpolationSequence(*self._edges(opening, closing), expression)

    def _edges(self, opening: int, closing: int) -> tuple[Location, bool, bool]:
        strips = self.values[opening].endswith("~"), self.values[closing].startswith("~")
        return self.between(opening, closing), *strips

    def template_if_start(self, children: list[Any]) -> IfSequence:
        opening, _, condition, closing = children
        return IfSequence(*self._edges(opening, closing), condition)

    def template_else(self, children: list[Any]) -> ElseSequence:
        return ElseSequence(*self._edges(children[0], children[-1]))

    def template_endif(self, children: list[Any]) -> EndIfSequence:
        return EndIfSequence(*self._edges(children[0], children[-1]))

    def template_for_start(self, children: list[Any]) -> ForSequence:
        key = self.values[children[2]] if len(children) == 8 else None
        value = self.values[children[-4]]
        return ForSequence(*self._edges(children[0], children[-1]), key, value, children[-2])

    def template_endfor(self, children: list[Any]) -> EndForSequence:
        return EndForSequence(*self._edges(children[0], children[-1]))

    # Operators

    def conditional(self, children: list[Any]) -> Conditional:
        condition, _, then, _, otherwise = children
        return Conditional(condition.location.to(otherwise.location), condition, then, otherwise)

    def binary_op(self, children: list[Any]) -> Binary:
        left, (operator, right) = children
        return Binary(left.location.to(right.location), self.values[operator], left, right)

    def binary_term(self, children: list[Any]) -> tuple[int, Expression]:
        return children[0], children[1]

    def unary_op(self, children: list[Any]) -> Unary:
        operator, operand = children
        return Unary(self.token(operator).to(operand.location), self.values[operator], operand)

    # Terms

    def name_term(self, children: list[Any]) -> Name:
        return Name(self.token(children[0]), self.values[children[0]])

    def literal_term(self, children: list[Any]) -> Literal:
        token = children[0]
        kind = self.types[token]
        return Literal(self.token(token), None if kind == "NULL" else kind == "TRUE")

    def number_term(self, children: list[Any]) -> Literal:
        place = self.token(children[0])
        return Literal(place, exact_number(self.values[children[0]], place))

    def parentheses(self, children: list[Any]) -> Parentheses:
        return Parentheses(self.between(children[0], children[2]), children[1])

    def function_call(self, children: list[Any]) -> Call:
        first = last = children[0]
        name = self.values[first]
        rest = children[1:]
        if type(rest[0]) is list:
            parts = [part for part in rest.pop(0) if self.types[part] == "NAME"]
            name = "::".join([name, *(self.values[part] for part in parts)])
            last = parts[-1]
        arguments: list[Expression] = []
        expand = False
        if len(rest) == 3:
            arguments, expand = rest[1]
        return Call(self.between(first, rest[-1]), name, arguments, expand, self.between(first, last))

    def arguments(self, children: list[Any]) -> tuple[list[Expression], bool]:
        found = [children[0]]
        if len(children) > 1 and type(children[1]) is list:
            found += [child for child in children[1] if type(child) is not int]
        last = children[-1]
        return found, type(last) is int and self.types[last] == "ELLIPSIS"

    def tuple_constructor(self, children: list[Any]) -> Tuple:
        elements: list[Expression] = []
        for child in children:
            if type(child) is list:
                elements += [element for element in child if type(element) is not int]
            elif type(child) is not int:
                elements.append(child)
        return Tuple(self.between(children[0], children[-1]), elements)

    def object_constructor(self, children: list[Any]) -> Object:
        items: list[ObjectItem] = []
        for child in children:
            if type(child) is list:
                items += [item for item in child if type(item) is not int]
            elif type(child) is not int:
                items.append(child)
        return Object(self.between(children[0], children[-1]), items)

    def object_elem(self, children: list[Any]) -> ObjectItem:
        key, _, value = children
        if type(key) is Name:
            key = Template(key.location, [key.name])
        elif type(key) is Literal and not isinstance(key.value, Decimal):
            key = Template(key.location, ["null" if key.value is None else str(key.value).lower()])
        return ObjectItem(key, value)

    def for_intro(self, children: list[Any]) -> tuple[int | None, int, Expression]:
        key = children[1] if len(children) == 7 else None
        return key, children[-4], children[-2]

    def for_cond(self, children: list[Any]) -> tuple[Expression]:
        return (children[1],)

    def for_tuple_expr(self, children: list[Any]) -> For:
        key, value, collection = children[1]
        return For(
            self.between(children[0], children[-1]),
            None if key is None else self.values[key],
            self.values[value],
            collection,
            None,
            children[2],
            children[3][0] if type(children[3]) is tuple else None,
            False,
        )

    def for_object_expr(self, children: list[Any]) -> For:
        key, value, collection = children[1]
        rest = children[5:-1]
        return For(
            self.between(children[0], children[-1]),
            None if key is None else self.values[key],
            self.values[value],
            collection,
            children[2],
            children[4],
            rest[-1][0] if rest and type(rest[-1]) is tuple else None,
            bool(rest) and type(rest[0]) is int,
        )

    # Traversals

    def get_attr(self, children: list[Any]) -> "_Step":
        return _Step("attribute", children[0], children[1], None)

    def short_index(self, children: list[Any]) -> "_Step":
        return _Step("legacy", children[0], children[1], self.number_term(children[1:]))

    def braces_index(self, children: list[Any]) -> "_Step":
        return _Step("index", children[0], children[2], children[1])

    def attr_splat(self, children: list[Any]) -> list["_Step"]:
        steps = [_Step("attr_splat", children[0], children[0], None)]
        return steps + children[1] if len(children) > 1 else steps

    def full_splat(self, children: list[Any]) -> list["_Step"]:
        steps = [_Step("full_splat", children[0], children[0], None)]
        return steps + children[1] if len(children) > 1 else steps

    def traversal(self, children: list[Any]) -> Expression:
        source, steps = children
        if type(steps) is _Step:
            return self._apply(source, steps)
        for step in steps:
            source = self._apply(source, step)
        return source  # type: ignore[no-any-return]  # what a rule made is Any up to here

    def _apply(self, source: Expression, step: "_Step") -> Expression:
        """`source` with a step more. What follows a `[*]` belongs to each element, all of it; what
        follows a `.*` only as long as it is attributes and `.0`.
        """
        enclosing: list[Splat] = []
        while type(source) is Splat and (source.full or step.kind in {"attribute", "legacy"}):
            enclosing.append(source)
            source = source.each
            if len(enclosing) > MAX_DEPTH:
                # So deep that it will be refused as a whole: no need to be right, only to be quick.
                break
        place = self.token(step.last)
        if step.kind == "attr_splat" and type(source) is Splat:
            raise TerraformSyntaxError("One `.*` cannot follow another; use `[*]`", place)
        location = source.location.to(place)
        node: Expression
        if step.kind == "attribute":
            node = GetAttr(location, source, self.values[step.last])
        elif step.key is not None:
            node = Index(location, source, step.key, step.kind == "legacy")
        else:
            marker = self.token(step.first)
            node = Splat(location, source, SplatElement(marker), step.kind == "full_splat")
        for splat in reversed(enclosing):
            splat.each = node
            splat.location = splat.location.to(place)
            node = splat
        return node


class _Step:
    """What follows an operand: `.name`, `.0`, `[key]`, `.*`, `[*]`; `first` and `last` token."""

    __slots__ = ("first", "key", "kind", "last")

    def __init__(self, kind: str, first: int, last: int, key: Expression | None) -> None:
        self.kind = kind
        self.first = first
        self.last = last
        self.key = key


def exact_number(text: str, location: Location) -> Decimal:
    """A number literal. Raises `TerraformSyntaxError` for one that is absurdly long."""
    exponent = text.lower().partition("e")[2]
    if len(text) > MAX_DIGITS or (exponent and abs(int(exponent)) > MAX_DIGITS):
        raise TerraformSyntaxError("This number is too long to work with", location, limit=True)
    return Decimal(text)


def action_for(name: str, origin: str, symbols: tuple[str, ...]) -> Action | None:
    """What a rule does; None where its one child is its value."""
    if origin.startswith("__"):
        return _extend if symbols[0] == origin else _collect
    if name == "expr_term":
        term = _TERMS.get(symbols[0])
        return term if term or len(symbols) == 1 else _unknown(name)
    if name in _ACTIONS:
        return _ACTIONS[name]
    if len(symbols) == 1:
        return None
    return _unknown(name)


def _unknown(name: str) -> Action:
    raise LookupError(f"the grammar of python-hcl2 has a rule that wa-scan does not know: {name}")


def _collect(builder: TreeBuilder, children: list[Any]) -> list[Any]:
    return children


def _extend(builder: TreeBuilder, children: list[Any]) -> list[Any]:
    found: list[Any] = children[0]
    found += children[1:]
    return found


_TERMS: dict[str, Action] = {
    "LPAR": TreeBuilder.parentheses,
    "identifier": TreeBuilder.name_term,
    "literal_value": TreeBuilder.literal_term,
    "int_lit": TreeBuilder.number_term,
    "float_lit": TreeBuilder.number_term,
}

_ACTIONS: dict[str, Action] = {
    name: getattr(TreeBuilder, name)
    for name in (
        "body", "block_body", "attribute", "block", "template_string", "string", "heredoc_template",
        "template_start", "interpolation", "template_if_start", "template_else", "template_endif",
        "template_for_start", "template_endfor", "conditional", "binary_op", "binary_term", "unary_op",
        "function_call", "arguments", "object_elem", "for_intro", "for_cond", "for_tuple_expr",
        "for_object_expr", "get_attr", "short_index", "braces_index", "attr_splat", "full_splat",
    )
} | {
    "tuple": TreeBuilder.tuple_constructor,
    "object": TreeBuilder.object_constructor,
    "heredoc_template_trim": TreeBuilder.heredoc_template,
    "index_expr_term": TreeBuilder.traversal,
    "get_attr_expr_term": TreeBuilder.traversal,
    "attr_splat_expr_term": TreeBuilder.traversal,
    "full_splat_expr_term": TreeBuilder.traversal,
}  # fmt: skip
