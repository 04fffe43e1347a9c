"""Names for what operators and functions make of unknown values."""

from collections.abc import Iterable
from hashlib import sha256

from wa_scan.terraform.arithmetic import number_text
from wa_scan.terraform.values import SECRET, ChoiceData, TfValue, UnknownData
from wa_scan.values import Symbol

MAX_LENGTH = 160
_MAX_ITEMS = 12


def bounded(text: str) -> str:
    """`text`, shortened if it is long, in a way that keeps different texts different."""
    if len(text) <= MAX_LENGTH:
        return text
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{text[: MAX_LENGTH - 14]}...#{digest}"


def call_symbol(name: str, arguments: Iterable[TfValue]) -> Symbol:
    """`upper(var.x)`."""
    return Symbol(bounded(f"{name}({', '.join(map(expression_text, arguments))})"))


def operation_symbol(operator: str, left: TfValue, right: TfValue) -> Symbol:
    """`var.env == "prod"`."""
    return Symbol(bounded(f"{_operand(left)} {operator} {_operand(right)}"))


def element_symbol(source: Symbol, step: str) -> Symbol:
    """`aws_x.y.list[0]` from `aws_x.y.list` and `[0]`; what it belongs to stays the same."""
    attribute = f"{source.attribute or ''}{step}".removeprefix(".")
    return Symbol(
        bounded(source.text + step), source.resource, bounded(attribute) if source.resource else None
    )


def expression_text(value: TfValue, depth: int = 4) -> str:
    """About what somebody would write to get `value`; equal texts only for equal values."""
    data = value.data
    if isinstance(data, UnknownData):
        return data.symbol.text
    if not value.marks.isdisjoint(SECRET):
        return f"(sensitive #{_digest(value)})"
    if data is None:
        return "null"
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, str):
        return quoted(data)
    if isinstance(data, ChoiceData):
        branches = (expression_text(side, depth - 1) for side in (data.if_true, data.if_false))
        return f"({data.guard} ? {' : '.join(branches)})" if depth else f"(#{_digest(value)})"
    if isinstance(data, tuple | dict):
        if not depth or len(data) > _MAX_ITEMS:
            return f"(#{_digest(value)})"
        if isinstance(data, tuple):
            return f"[{', '.join(expression_text(item, depth - 1) for item in data)}]"
        inside = (f"{key} = {expression_text(item, depth - 1)}" for key, item in data.items())
        return f"{{{', '.join(inside)}}}"
    return number_text(data)


def quoted(text: str) -> str:
    """As a literal of the language, shortened if it is long."""
    if len(text) > 60:
        digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
        text = f"{text[:45]}...#{digest}"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def _operand(value: TfValue) -> str:
    text = expression_text(value)
    return f"({text})" if " " in text and not text.startswith(('"', "(", "[", "{")) else text


# What large values digest to, by the identity of their data, which is kept so that it stays its own:
# a table of settings that many unknown keys look into is digested once, not at every look.
_known_digests: dict[int, tuple[object, str]] = {}
_MOST_KNOWN = 1_000


def _digest(value: TfValue) -> str:
    """Tells different contents apart, walking what is shared once; the same in every run."""
    known = _known_digests.get(id(value.data))
    if known is not None:
        return known[1]
    digests: dict[int, str] = {}
    todo = [value]
    while todo:
        at = todo[-1]
        data = at.data
        inside: Iterable[TfValue] = ()
        if isinstance(data, tuple):
            inside = data
        elif isinstance(data, dict):
            inside = data.values()
        elif isinstance(data, ChoiceData):
            inside = (data.if_true, data.if_false)
        missing = [item for item in inside if id(item) not in digests]
        if missing:
            todo += missing
            continue
        todo.pop()
        if id(at) in digests:
            continue
        keys = ",".join(map(repr, data)) if isinstance(data, dict) else ""
        if isinstance(data, ChoiceData):
            keys = str(data.guard)
        if isinstance(data, tuple | dict | ChoiceData):
            own = keys + "".join(digests[id(item)] for item in inside)
        else:
            own = data.symbol.text if isinstance(data, UnknownData) else repr(data)
        kind = type(data).__name__
        digests[id(at)] = sha256(f"{kind}:{own}".encode("utf-8", "surrogatepass")).hexdigest()
    found = digests[id(value)][:10]
    if isinstance(value.data, tuple | dict | ChoiceData):
        if len(_known_digests) >= _MOST_KNOWN:
            _known_digests.clear()
        _known_digests[id(value.data)] = (value.data, found)
    return found
