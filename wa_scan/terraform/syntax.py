"""The syntax tree of Terraform's configuration language, with the place of every node.

Follows the HCL native syntax specification (bodies, blocks, attributes; expressions; templates).
JSON syntax gives the same tree. Nodes are never changed after parsing.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from wa_scan.values import Location


@dataclass(slots=True)
class Expression:
    """`location` covers the expression's text, without parentheses that only group it."""

    location: Location


@dataclass(slots=True)
class Literal(Expression):
    """A number, true, false or null. (A quoted string is a `Template`.)"""

    value: Decimal | bool | None


@dataclass(slots=True)
class Template(Expression):
    """A quoted string or a heredoc: `parts` are literal text (escapes resolved, `~` and `<<-`
    applied) and the sequences between. Without parts it is the empty string.
    """

    parts: list["str | Interpolation | TemplateIf | TemplateFor"]
    heredoc: bool = False

    @property
    def is_wrap(self) -> bool:
        """Only `"${x}"`: it is x itself, with its type."""
        return len(self.parts) == 1 and isinstance(self.parts[0], Interpolation)

    @property
    def literal(self) -> str | None:
        """The text, where the template has no sequences."""
        if not self.parts:
            return ""
        first = self.parts[0]
        return first if len(self.parts) == 1 and isinstance(first, str) else None


@dataclass(slots=True)
class Interpolation:
    """`${expression}` in a template."""

    expression: Expression
    location: Location


@dataclass(slots=True)
class TemplateIf:
    """`%{if condition}then%{else}otherwise%{endif}`."""

    condition: Expression
    then: Template
    otherwise: Template
    location: Location


@dataclass(slots=True)
class TemplateFor:
    """`%{for key, value in collection}body%{endfor}`."""

    key: str | None
    value: str
    collection: Expression
    body: Template
    location: Location


@dataclass(slots=True)
class Name(Expression):
    """The root of a reference: `var`, `local`, `aws_instance`, `each`, a `for` variable."""

    name: str


@dataclass(slots=True)
class GetAttr(Expression):
    """`source.name`."""

    source: Expression
    name: str


@dataclass(slots=True)
class Index(Expression):
    """`source[key]`; `legacy` for `source.0`."""

    source: Expression
    key: Expression
    legacy: bool = False


@dataclass(slots=True)
class Splat(Expression):
    """`source[*]` (full) or `source.*`: `each` is applied to every element, whose place in it is
    taken by a `SplatElement`.
    """

    source: Expression
    each: Expression
    full: bool


@dataclass(slots=True)
class SplatElement(Expression):
    """The element that the enclosing `Splat` is at."""


@dataclass(slots=True)
class Call(Expression):
    """A function call; `name` may be `provider::aws::arn_parse`; `expand` for a last `...`."""

    name: str
    arguments: list[Expression]
    expand: bool
    name_location: Location


@dataclass(slots=True)
class Conditional(Expression):
    condition: Expression
    then: Expression
    otherwise: Expression


@dataclass(slots=True)
class Binary(Expression):
    """`operator` is one of `|| && == != < > <= >= + - * / %`."""

    operator: str
    left: Expression
    right: Expression


@dataclass(slots=True)
class Unary(Expression):
    """`operator` is `-` or `!`."""

    operator: str
    operand: Expression


@dataclass(slots=True)
class Parentheses(Expression):
    """Kept because `(var.x) = 1` in an object differs from `var.x = 1`."""

    inner: Expression


@dataclass(slots=True)
class Tuple(Expression):
    elements: list[Expression]


@dataclass(slots=True)
class ObjectItem:
    """`key` is a `Template` for a bare identifier or a quoted key, else an expression."""

    key: Expression
    value: Expression


@dataclass(slots=True)
class Object(Expression):
    items: list[ObjectItem]


@dataclass(slots=True)
class For(Expression):
    """`[for k, v in collection : value if condition]` (`key` is None then) or
    `{for k, v in collection : key => value... if condition}`, `group` for the `...`.
    """

    key_name: str | None
    value_name: str
    collection: Expression
    key: Expression | None
    value: Expression
    condition: Expression | None
    group: bool


@dataclass(slots=True)
class Attribute:
    """`name = value`. `location` is the whole attribute, `name_location` its name."""

    name: str
    value: Expression
    name_location: Location
    location: Location


@dataclass(slots=True)
class Block:
    """`type "label" { body }`. `header` is the type and labels without the brace, `location` the
    whole block to its closing brace.
    """

    type: str
    labels: list[str]
    body: "Body"
    header: Location
    label_locations: list[Location]
    location: Location


@dataclass(slots=True)
class Body:
    """`location` covers what is between the braces, or the whole file."""

    attributes: dict[str, Attribute]
    blocks: list[Block]
    location: Location


@dataclass(slots=True)
class ConfigFile:
    """A parsed `.tf`, `.tofu`, `.tfvars` or `.tf.json` file.

    `path` as reports print it. `json`: it is JSON syntax, whose attributes may turn out to be
    blocks once the schema of their place is known.
    """

    path: str
    body: Body
    json: bool = False
    duplicate_attributes: list[Attribute] = field(default_factory=list)
