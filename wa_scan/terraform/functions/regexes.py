"""`regex`, `regexall` and `replace`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wa_scan.terraform.errors import EvaluationError, LimitReachedError
from wa_scan.terraform.functions.signature import (
    Context,
    function,
    limited,
    plain,
    refuse,
    string_parameter,
    text,
)
from wa_scan.terraform.operators import MAX_TEXT
from wa_scan.terraform.types import DYNAMIC, STRING, ListType, ObjectType, TupleType, Type
from wa_scan.terraform.values import TfValue, UnknownData, list_of, null, object_of, string, tuple_of

if TYPE_CHECKING:
    from wa_scan.terraform.functions.regex_match import Match, Regex

_PATTERN = string_parameter("pattern")
_STRING = string_parameter("string")


def _compiled(pattern: str, argument: int) -> "Regex":
    from wa_scan.terraform.functions.regex_match import compiled

    try:
        found = compiled(pattern)
    except EvaluationError as error:
        error.argument = argument
        raise
    if any(found.names) and not all(found.names):
        raise refuse("cannot mix both named and unnamed capture groups", argument)
    return found


def _match_type(regex: "Regex") -> Type:
    if not regex.names:
        return STRING
    if all(regex.names):
        return ObjectType((name, STRING) for name in dict.fromkeys(regex.names))
    return TupleType([STRING] * len(regex.names))


def _match_value(regex: "Regex", match: "Match", value: str) -> TfValue:
    if not regex.names:
        span = match[0]
        assert span is not None
        return string(value[span[0] : span[1]])
    groups = [null(STRING) if span is None else string(value[span[0] : span[1]]) for span in match[1:]]
    if all(regex.names):
        return object_of(dict(zip(regex.names, groups, strict=True)))
    return tuple_of(groups)


def _regex_type(arguments: Sequence[TfValue]) -> Type:
    if isinstance(arguments[0].data, UnknownData):
        return DYNAMIC
    return _match_type(_compiled(text(arguments[0]), 0))


@function("regex", _PATTERN, _STRING, returns=_regex_type)
def _regex(arguments: Sequence[TfValue], context: Context) -> TfValue:
    regex, value = _compiled(text(arguments[0]), 0), text(arguments[1])
    match = regex.search(value)
    if match is None:
        raise EvaluationError("pattern did not match any part of the given string")
    return _match_value(regex, match, value)


def _regexall_type(arguments: Sequence[TfValue]) -> Type:
    return ListType(_regex_type(arguments))


@function("regexall", _PATTERN, _STRING, returns=_regexall_type)
def _regexall(arguments: Sequence[TfValue], context: Context) -> TfValue:
    regex, value = _compiled(text(arguments[0]), 0), text(arguments[1])
    found = [_match_value(regex, match, value) for match in regex.find_all(value)]
    return list_of(_match_type(regex), found)


@plain(
    "replace",
    string_parameter("str"),
    string_parameter("substr"),
    string_parameter("replace"),
    returns=STRING,
)
def _replace(value: str, substring: str, replacement: str) -> str:
    if len(substring) > 1 and substring.startswith("/") and substring.endswith("/"):
        from wa_scan.terraform.functions.regex_match import compiled

        try:
            regex = compiled(substring[1:-1])
        except EvaluationError as error:
            error.argument = 1
            raise
        return _replaced(regex, value, replacement)
    count = value.count(substring) if substring else len(value) + 1
    if len(value) + count * len(replacement) > MAX_TEXT:
        raise limited("the text would be too long", 2)
    return value.replace(substring, replacement)


def _replaced(regex: "Regex", value: str, replacement: str) -> str:
    from wa_scan.terraform.functions.regex_match import Budget, whole

    template = _template(replacement)
    found: list[str] = []
    size = 0
    last_end = at = 0
    budget = Budget()
    while at <= len(value):
        match = regex.search(value, at, budget)
        if match is None:
            break
        start, end = whole(match)
        found.append(value[last_end:start])
        if end > last_end or start == 0:
            found.append(_expanded(regex, template, match, value))
            size += len(found[-1])
            if size > MAX_TEXT:
                raise LimitReachedError("the text would be too long")
        last_end = end
        # Always at least one character further.
        at = max(end, at + 1)
    found.append(value[last_end:])
    return "".join(found)


def _template(replacement: str) -> list[str | tuple[str]]:
    """Literal texts, and the names of groups (`$1`, `${name}`, `$name`) as one-tuples."""
    found: list[str | tuple[str]] = []
    at = 0
    while True:
        dollar = replacement.find("$", at)
        if dollar < 0:
            found.append(replacement[at:])
            return found
        found.append(replacement[at:dollar])
        at = dollar + 1
        if replacement.startswith("$", at):
            found.append("$")
            at += 1
            continue
        braced = replacement.startswith("{", at)
        start = end = at + braced
        while end < len(replacement) and (replacement[end].isalnum() or replacement[end] == "_"):
            end += 1
        if end == start or (braced and not replacement.startswith("}", end)):
            found.append("$")
            continue
        found.append((replacement[start:end],))
        at = end + braced


def _expanded(regex: "Regex", template: list[str | tuple[str]], match: "Match", value: str) -> str:
    found: list[str] = []
    for piece in template:
        if isinstance(piece, str):
            found.append(piece)
            continue
        (name,) = piece
        index = -1
        if name.isdecimal() and name.isascii():
            index = int(name[:6])
        elif name in regex.names:
            index = regex.names.index(name) + 1
        if 0 <= index < len(match) and (span := match[index]) is not None:
            found.append(value[span[0] : span[1]])
    return "".join(found)
