"""The functions of Terraform's builtin provider: `provider::terraform::encode_tfvars` and kin.

They write values as HCL, laid out as HashiCorp's formatter does it (`hclwrite.Format`).
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import groupby

from wa_scan.terraform.arithmetic import number_text
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.symbols import call_symbol
from wa_scan.terraform.types import DYNAMIC, STRING
from wa_scan.terraform.values import (
    NO_MARKS,
    Marks,
    Survey,
    TfValue,
    object_of,
    string,
    unknown,
)

PREFIX = "provider::terraform::"

_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def call_builtin(name: str, arguments: Sequence[TfValue]) -> TfValue:
    """What `provider::terraform::NAME` gives. Raises `EvaluationError`."""
    function = _FUNCTIONS.get(name.removeprefix(PREFIX))
    if function is None:
        raise EvaluationError(f'the provider "terraform" has no function named "{name}"')
    if len(arguments) != 1:
        raise EvaluationError(f"{name} takes exactly one argument")
    value = arguments[0]
    if value.data is None:
        raise EvaluationError("the argument must not be null", argument=0)
    survey = Survey(value)
    if survey.unknown is not None or survey.has_choice:
        type = DYNAMIC if function is _decode_tfvars else STRING
        return unknown(type, call_symbol(name, arguments), never_null=True, marks=survey.marks)
    return function(value, survey.marks)


def _encode_expr(value: TfValue, marks: Marks) -> TfValue:
    return string(_formatted(_written(value))).with_marks(marks)


def _encode_tfvars(value: TfValue, marks: Marks) -> TfValue:
    data = value.data
    if not isinstance(data, dict):
        raise EvaluationError("the value to encode must be an object", argument=0)
    lines = []
    for name, item in data.items():
        if not is_identifier(name):
            raise EvaluationError(f'"{name}" cannot be the name of a variable', argument=0)
        lines.append(f"{name} = {_written(item)}")
    return string(_formatted("\n".join(lines)) + ("\n" if lines else "")).with_marks(marks)


def _decode_tfvars(value: TfValue, marks: Marks) -> TfValue:
    from wa_scan.terraform.literals import literal_value
    from wa_scan.terraform.parse import parse_config

    text = value.data
    if not isinstance(text, str):
        raise EvaluationError("a string is required", argument=0)
    config, problems = parse_config("<decode_tfvars argument>", text.encode("utf-8", "surrogatepass"))
    if problems:
        raise EvaluationError(f"the text is no variable file: {problems[0].message}", argument=0)
    if config.body.blocks:
        raise EvaluationError("a variable file holds no blocks", argument=0)
    found = {}
    for name, attribute in config.body.attributes.items():
        try:
            found[name] = literal_value(attribute.value)
        except EvaluationError as error:
            raise EvaluationError(error.message, argument=0) from None
    return object_of(found).with_marks(marks or NO_MARKS)


_FUNCTIONS: dict[str, Callable[[TfValue, Marks], TfValue]] = {
    "encode_expr": _encode_expr,
    "encode_tfvars": _encode_tfvars,
    "decode_tfvars": _decode_tfvars,
}


def is_identifier(text: str) -> bool:
    """Whether this is a name in HCL: as in Unicode, plus the hyphen."""
    return text.replace("-", "_").isidentifier() and not text.startswith("-")


def _written(value: TfValue) -> str:
    """Without any indentation."""
    data = value.data
    if data is None:
        return "null"
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, str):
        return _quoted(data)
    if isinstance(data, tuple):
        return "[" + ", ".join(_written(item) for item in data) + "]"
    if isinstance(data, dict):
        if not data:
            return "{}"
        items = [
            f"{name if is_identifier(name) else _quoted(name)} = {_written(item)}\n"
            for name, item in data.items()
        ]
        return "{\n" + "".join(items) + "}"
    assert isinstance(data, int | Decimal)
    return number_text(data)


def _quoted(text: str) -> str:
    shown = []
    for at, sign in enumerate(text):
        if sign in _ESCAPES:
            shown.append(_ESCAPES[sign])
        elif sign in "$%" and text[at + 1 : at + 2] == "{":
            shown.append(sign * 2)
        elif not sign.isprintable():
            shown.append(f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}")
        else:
            shown.append(sign)
    return '"' + "".join(shown) + '"'


def _formatted(text: str) -> str:
    """Indented by open brackets, and `=` in one column where neighbours fit on a line each."""
    lines: list[tuple[int, str, str | None]] = []
    indents: list[int] = []
    for line in text.split("\n"):
        name, equals, rest = _divided(line)
        net = _net_brackets(line)
        closing = -net
        while closing > 0 and indents:
            taken = min(closing, indents[-1])
            indents[-1] -= taken
            closing -= taken
            if not indents[-1]:
                indents.pop()
        whole = equals and _net_brackets(rest) == 0
        lines.append((2 * len(indents), name if whole else line, rest if whole else None))
        if net > 0:
            indents.append(net)
    shown: list[str] = []
    for is_chain, group in groupby(lines, key=lambda line: line[2] is not None):
        chain = list(group)
        width = max(len(lead) for _, lead, _ in chain) if is_chain else 0
        for indent, lead, assigned in chain:
            end = "" if assigned is None else f"{lead.ljust(width)[len(lead) :]} = {assigned}"
            shown.append(" " * indent + lead + end)
    return "\n".join(shown)


def _divided(line: str) -> tuple[str, bool, str]:
    """Name, whether there is one, and what it is set to."""
    end = 0
    if line.startswith('"'):
        end = 1
        while end < len(line) and line[end] != '"':
            end += 2 if line[end] == "\\" else 1
    at = line.find(" = ", end)
    return (line[:at], True, line[at + 3 :]) if at > 0 else (line, False, "")


def _net_brackets(line: str) -> int:
    net = 0
    at = 0
    quoted = False
    while at < len(line):
        sign = line[at]
        if quoted and sign == "\\":
            at += 1
        elif sign == '"':
            quoted = not quoted
        elif not quoted:
            net += (sign in "[{") - (sign in "]}")
        at += 1
    return net
