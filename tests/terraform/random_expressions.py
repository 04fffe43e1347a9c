"""Strategies for hypothesis: expressions as people and machines might write them, mostly right."""

import string

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from wa_scan.terraform.functions import FUNCTIONS
from wa_scan.terraform.types import BOOL, NUMBER, STRING, ListType, MapType, SetType, Type

DECLARATIONS = """
variable "text" { default = "Zürich" }
variable "number" { default = 3 }
variable "flag" { default = true }
variable "given_list" {
  type    = list(string)
  default = ["pear", "apple", ""]
}
variable "given_map" {
  type    = map(number)
  default = { a = 1, b = 2.5 }
}
variable "given_set" {
  type    = set(string)
  default = ["b", "a"]
}
variable "given_object" {
  type    = object({ a = optional(string, "x"), b = list(number) })
  default = { b = [1, 2] }
}
variable "unknown" { type = string }
variable "unknown_flag" { type = bool }
variable "unknown_list" { type = list(string) }
variable "unknown_map" { type = map(string) }
variable "unknown_set" { type = set(string) }
variable "unknown_number" { type = number }
variable "secret" {
  default   = "s3cret"
  sensitive = true
}
variable "secret_flag" {
  default   = true
  sensitive = true
}
variable "secret_map" {
  default   = { a = "s3cret" }
  sensitive = true
}
variable "secret_list" {
  default   = ["s3cret", 1]
  sensitive = true
}
variable "nothing" { default = null }
locals {
  tuple  = [1, "two", true, null, []]
  object = { a = 1, "b c" = { d = [1, 2] } }
  nested = [for x in range(3) : { name = "n${x}", list = range(x) }]
  partly = { known = 1, id = terraform_data.one.id, text = "id-${var.unknown}" }
  choice = var.unknown_flag ? ["a"] : ["a", "b"]
}
resource "terraform_data" "one" { input = "in" }
resource "terraform_data" "many" {
  count = 2
  input = count.index
}
resource "terraform_data" "each" {
  for_each = toset(["x", "y"])
  input    = each.key
}
resource "aws_s3_bucket" "this" { bucket = "this" }
resource "aws_s3_bucket" "some" { count = var.unknown_flag ? 1 : 0 }
data "aws_availability_zones" "all" {}
module "gone" { source = "example/gone/aws" }
"""

# By what they are. Declared in `DECLARATIONS`, but for those under "wrong".
NAMES = {
    "text": [
        *(
            "var.text",
            "var.unknown",
            "var.secret",
            "terraform_data.one.id",
            "path.module",
            "terraform.workspace",
        ),
        *("aws_s3_bucket.this.arn", "aws_s3_bucket.this.bucket", "module.gone.id", "local.partly.text"),
        *("data.aws_availability_zones.all.names[0]", "terraform_data.one.output", "var.nothing"),
    ],
    "number": ["var.number", "var.unknown_number", "terraform_data.many[1].input", "local.tuple[0]"],
    "flag": ["var.flag", "var.unknown_flag", "var.secret_flag"],
    "list": [
        *("var.given_list", "var.given_set", "var.unknown_list", "var.unknown_set", "var.secret_list"),
        *("local.tuple", "local.nested", "local.choice", "data.aws_availability_zones.all.names"),
        *("terraform_data.many", "aws_s3_bucket.some", "module.gone.ids", "terraform_data.many[*].id"),
    ],
    "map": [
        *("var.given_map", "var.given_object", "var.unknown_map", "local.object", "local.partly"),
        *("terraform_data.one", "terraform_data.each", "aws_s3_bucket.this", "var.secret_map"),
    ],
    "wrong": ["local.undeclared", "aws_s3_bucket.undeclared", "each.key", "var", "self"],
}
KINDS = ("text", "number", "flag", "list", "map")

_NUMBERS = ["0", "1", "-1", "2", "3.5", "1e3", "1e-7", "0.1", "9007199254740993", "1e400", "100000"]
_TEXT = st.text(st.sampled_from('abc 10.é\\n"$%{}~/,:-_=\u200d\U0001f600'), max_size=8)
_KEYS = ["a", "b", '"b c"', "(var.text)", "1", "true", '"${var.unknown}"', "known", "id", "upper"]


def _kind_of(type_: object) -> str | None:
    """The kind of names that a parameter takes or a function gives; None for any."""
    if type_ in (STRING, NUMBER, BOOL):
        return "text" if type_ is STRING else "number" if type_ is NUMBER else "flag"
    if isinstance(type_, ListType | SetType):
        return "list"
    return "map" if isinstance(type_, MapType) else None


_GIVING: dict[str | None, list[str]] = {}
for _name, _signature in sorted(FUNCTIONS.items()):
    _returns = _signature.returns
    _GIVING.setdefault(_kind_of(_returns) if isinstance(_returns, Type) else None, []).append(_name)
_GIVING[None] += ["try", "can", "type", "nosuch", "provider::aws::arn_parse"]


def _quoted(text: str) -> str:
    for sign, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("${", "$${"), ("%{", "%%{")):
        text = text.replace(sign, escaped)
    return f'"{text}"'


class _Writer:
    """Writes one expression; `bound` are the names of the `for` expressions around."""

    def __init__(self, draw: DrawFn) -> None:
        self._draw = draw
        self._left = draw(st.integers(0, 14))

    def one_of(self, *options: str) -> str:
        return self._draw(st.sampled_from(options))

    def expression(self, kind: str | None = None, bound: tuple[str, ...] = ()) -> str:
        """An expression of `kind`, or now and then of another one."""
        if kind is None or not self._draw(st.integers(0, 15)):
            kind = self.one_of(*KINDS)
        self._left -= 1
        if self._left < 0 or not self._draw(st.integers(0, 3)):
            return self._leaf(kind, bound)
        form = self.one_of("own", "own", "call", "call", "any")
        if form == "call":
            return self._call(self.one_of(*_GIVING.get(kind, []), *_GIVING[None]), bound)
        return self._any(kind, bound) if form == "any" else self._own(kind, bound)

    def _leaf(self, kind: str, bound: tuple[str, ...]) -> str:
        if bound and self.one_of("", "bound"):
            return self.one_of(*bound)
        if not self._draw(st.integers(0, 60)):
            return self.one_of(*NAMES["wrong"])
        literals = {
            "text": [
                _quoted(self._draw(_TEXT)),
                '"a"',
                '"/^a(b)?/"',
                '"10.0.0.0/8"',
                '"%s %d"',
                '"2024-01-02T03:04:05Z"',
            ],
            "number": _NUMBERS,
            "flag": ["true", "false"],
            "list": ["[]", "[1, 2]", '["b", "a", "b"]', "toset([])", "tolist([])"],
            "map": ["{}", '{ a = 1, b = "x" }', "tomap({})"],
        }
        return self.one_of(*NAMES[kind], *literals[kind], "null")

    def _any(self, kind: str, bound: tuple[str, ...]) -> str:
        more = self.expression
        form = self.one_of("()", "?", "[]", ".", "try", '"${}"')
        if form == "()":
            return f"({more(kind, bound)})"
        if form == "?":
            return f"{more('flag', bound)} ? {more(kind, bound)} : {more(kind, bound)}"
        if form == "[]":
            return f"{more('list', bound)}[{more('number', bound)}]"
        if form == ".":
            return f"{more('map', bound)}.{self.one_of('a', 'b', 'id', 'arn', 'known', 'input')}"
        if form == "try":
            return f"try({more(kind, bound)}, {more(kind, bound)})"
        return f'"${{{more(kind, bound)}}}"'

    def _own(self, kind: str, bound: tuple[str, ...]) -> str:
        more, inner = self.expression, (*bound, "k", "v")
        if kind == "text":
            return self.one_of(
                f'"a${{{more("text", bound)}}}b${{~ {more("number", bound)} ~}} c"',
                f'"%{{ if {more("flag", bound)} }}yes%{{ else }}${{{more("text", bound)}}}%{{ endif }}"',
                f'"%{{ for k, v in {more("list", bound)} ~}} ${{{more("text", inner)}}} %{{~ endfor }}"',
                f"trimspace(<<-EOT\n  a ${{{more('text', bound)}}}\n    b\n  EOT\n)",
            )
        if kind == "number":
            left, right = more("number", bound), more("number", bound)
            return self.one_of(*(f"{left} {sign} {right}" for sign in "+-*/%"), f"-{left}")
        if kind == "flag":
            signs = ("==", "!=", "<", "<=", ">", ">=")
            either = self.one_of(*KINDS)
            return self.one_of(
                f"{more('number', bound)} {self.one_of(*signs)} {more('number', bound)}",
                f"{more(either, bound)} {self.one_of('==', '!=')} {more(either, bound)}",
                f"{more('flag', bound)} {self.one_of('&&', '||')} {more('flag', bound)}",
                f"!{more('flag', bound)}",
            )
        if kind == "list":
            return self.one_of(
                f"[{', '.join(more(None, bound) for _ in range(self._draw(st.integers(0, 3))))}]",
                f"[for v in {more('list', bound)} : {more(None, inner)}]",
                f"[for k, v in {more('map', bound)} : {more(None, inner)} if {more('flag', inner)}]",
                f"{more('list', bound)}{self.one_of('[*]', '.*', '[*].id', '.*.name', '[*].list[0]')}",
            )
        entries = ", ".join(
            f"{self.one_of(*_KEYS)} = {more(None, bound)}" for _ in range(self._draw(st.integers(0, 3)))
        )
        return self.one_of(
            f"{{ {entries} }}",
            f"{{for k, v in {more('map', bound)} : {more('text', inner)} => {more(None, inner)}}}",
            f"{{for v in {more('list', bound)} : {more('text', inner)} => v... if {more('flag', inner)}}}",
        )

    def _call(self, name: str, bound: tuple[str, ...]) -> str:
        signature = FUNCTIONS.get(name)
        if signature is None:
            return f"{name}({self.expression(None, bound)})"
        parameters = list(signature.parameters)
        if signature.variadic is not None:
            parameters += [signature.variadic] * self._draw(st.integers(0, 2))
        given = [self.expression(_kind_of(parameter.type), bound) for parameter in parameters]
        wrong = self._draw(st.integers(0, 30))
        if wrong == 0:
            given = given[1:]
        elif wrong == 1:
            given.append(self.expression(None, bound))
        return f"{name}({', '.join(given)}{'...' if wrong == 2 and given else ''})"


@st.composite
def _expressions(draw: DrawFn) -> str:
    return _Writer(draw).expression()


EXPRESSIONS = _expressions()

JUNK = st.one_of(
    st.text(
        st.sampled_from("${}[]()\"\\<>=!&|?:.,*/%+-~\n\t 01ae_EOT'`;#" + string.ascii_lowercase), max_size=40
    ),
    st.text(max_size=20),
    # An expression with something cut out of it.
    st.builds(
        lambda text, at, size: text[:at] + text[at + size :],
        EXPRESSIONS,
        st.integers(0, 60),
        st.integers(1, 5),
    ),
)
