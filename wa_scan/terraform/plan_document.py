"""The JSON of a plan, read at the speed of the standard library and still with places.

A plan may have hundreds of megabytes. Its larger parts are decoded whole; only the way to each
resource is gone step by step, so that its place is known. Places inside a resource are looked up when
somebody asks for them.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from json.decoder import JSONDecodeError

from wa_scan.terraform.source_text import SourceText, TerraformSyntaxError
from wa_scan.values import Location

# What of a document is gone through step by step: an object's keys, `[]` for the elements of an array.
Shape = Mapping[str, "Shape"]
PathStep = str | int

_BLANKS = re.compile(r"[ \t\r\n]*+")
_KEY = re.compile(r'"(?:[^"\\]|\\.)*+"[ \t\r\n]*+:[ \t\r\n]*+')
_BETWEEN = re.compile(r"[ \t\r\n]*+,[ \t\r\n]*+")
_WHOLE: Shape = {}


@dataclass(frozen=True, slots=True)
class Placed:
    """A part of a document with its place, as offsets."""

    value: object
    start: int
    end: int


def _refused(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


class PlanDocument:
    """A JSON text. `path`: as reports print it. Raises `TerraformSyntaxError` where it is none."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        try:
            self.text = _decoded(data)
        except UnicodeDecodeError:
            raise TerraformSyntaxError(
                "the plan is neither UTF-8 nor UTF-16", Location(path, 1, 1, 1, 1)
            ) from None
        self._decode = json.JSONDecoder(parse_constant=_refused).raw_decode
        self._spans: dict[tuple[int, tuple[PathStep, ...]], dict[PathStep, _Span]] = {}

    @cached_property
    def _source(self) -> SourceText:
        return SourceText(self.path, self.text)

    def read(self, shape: Shape) -> object:
        """The whole document; where `shape` ends, below what it names, stand `Placed` parts."""
        start = self._blanks(0)
        try:
            value, end = self._read(start, shape)
            end = self._blanks(end)
            if end < len(self.text):
                raise JSONDecodeError("Extra data", self.text, end)
        except JSONDecodeError as error:
            at = min(error.pos, len(self.text))
            what = "the file ends too early" if at >= len(self.text) else _lower(error.msg)
            what = what.removesuffix(" starting at").removesuffix(" at")
            raise TerraformSyntaxError(f"the plan is not JSON: {what}", self.location(at, at)) from None
        except RecursionError:
            raise TerraformSyntaxError(
                "the plan is nested too deeply", self.location(start, start), limit=True
            ) from None
        except ValueError as error:  # NaN, and numbers of thousands of digits
            raise TerraformSyntaxError(
                f"the plan is not JSON: {_lower(str(error))}", self.location(start, start)
            ) from None
        return value.value if isinstance(value, Placed) else value

    def location(self, start: int, end: int) -> Location:
        return self._source.location(start, end)

    def key_or_value(self, start: int, path: tuple[PathStep, ...]) -> Location | None:
        """Where the part at `path` below the object at offset `start` stands: a scalar with its key, of an
        object or array the key, or its opening bracket where it is an element. None if it is not there."""
        *outer, last = path
        members = self._members(start, tuple(outer))
        span = members.get(last) if members is not None else None
        if span is None:
            return None
        is_container = self.text[span.value] in "{["
        if span.key is not None:
            return self.location(span.key, span.key_end if is_container else span.end)
        return self.location(span.value, span.value + 1 if is_container else span.end)

    def _members(self, start: int, path: tuple[PathStep, ...]) -> "dict[PathStep, _Span] | None":
        found = self._spans.get((start, path))
        if found is None:
            at: int | None = start
            if path:
                outer = self._members(start, path[:-1])
                span = outer.get(path[-1]) if outer is not None else None
                at = span.value if span is not None else None
            if at is None or self.text[at] not in "{[":
                return None
            found = self._spans[start, path] = self._spans_in(at)
        return found

    def _spans_in(self, at: int) -> "dict[PathStep, _Span]":
        """The members of the object or array at `at`, which has been read once and is well formed."""
        text, scan, is_object = self.text, self._decode, self.text[at] == "{"
        found: dict[PathStep, _Span] = {}
        at = self._blanks(at + 1)
        if text[at] in "}]":
            return found
        while True:
            name: PathStep = len(found)
            key = key_end = at
            if is_object:
                name, key_end = scan(text, at)
                colon = _KEY.match(text, at)
                at = colon.end() if colon is not None else key_end
            _, end = scan(text, at)
            found[name] = _Span(key if is_object else None, key_end, at, end, None)
            comma = _BETWEEN.match(text, end)
            if comma is None:
                return found
            at = comma.end()

    # --- going step by step -------------------------------------------------------------------

    def _read(self, at: int, shape: Shape) -> tuple[object, int]:
        opening = self.text[at : at + 1]
        if opening == "{" and shape and "[]" not in shape:
            made: dict[str, object] = {}
            end = at
            for name, span in self._object(at, shape):
                made[str(name)] = span.content
                end = span.end
            return made, self._close(end if made else at + 1, "}")
        if opening == "[" and "[]" in shape:
            elements: list[object] = []
            end = at
            for _, span in self._array(at, shape["[]"]):
                elements.append(span.content)
                end = span.end
            return elements, self._close(end if elements else at + 1, "]")
        value, end = self._decode(self.text, at)
        return (Placed(value, at, end) if shape is _PLACED else value), end

    def _object(self, at: int, shape: Shape = _WHOLE) -> "Iterator[tuple[PathStep, _Span]]":
        at = self._blanks(at + 1)
        if self.text.startswith("}", at):
            return
        while True:
            if not self.text.startswith('"', at):
                raise JSONDecodeError("Expecting property name enclosed in double quotes", self.text, at)
            name, key_end = self._decode(self.text, at)
            colon = self._blanks(key_end)
            if not self.text.startswith(":", colon):
                raise JSONDecodeError("Expecting ':' delimiter", self.text, colon)
            begin = self._blanks(colon + 1)
            value, end = self._read(begin, shape.get(name, _WHOLE))
            yield name, _Span(at, key_end, begin, end, value)
            at = self._blanks(end)
            if not self.text.startswith(",", at):
                return
            at = self._blanks(at + 1)

    def _array(self, at: int, shape: Shape = _WHOLE) -> "Iterator[tuple[PathStep, _Span]]":
        at = self._blanks(at + 1)
        if self.text.startswith("]", at):
            return
        number = 0
        while True:
            value, end = self._read(at, shape)
            yield number, _Span(None, at, at, end, value)
            number += 1
            at = self._blanks(end)
            if not self.text.startswith(",", at):
                return
            at = self._blanks(at + 1)

    def _close(self, at: int, bracket: str) -> int:
        at = self._blanks(at)
        if not self.text.startswith(bracket, at):
            raise JSONDecodeError(f"Expecting ',' delimiter or '{bracket}'", self.text, at)
        return at + 1

    def _blanks(self, at: int) -> int:
        found = _BLANKS.match(self.text, at)
        return found.end() if found else at


@dataclass(frozen=True, slots=True)
class _Span:
    """A member: where its key begins (None in an array) and ends, where its value begins and ends."""

    key: int | None
    key_end: int
    value: int
    end: int
    content: object


class _PlacedShape(dict[str, Shape]):
    """The shape that asks for a `Placed`."""

    __slots__ = ()


_PLACED: Shape = _PlacedShape()
_MODULE: dict[str, Shape] = {"resources": {"[]": _PLACED}}
_MODULE["child_modules"] = {"[]": _MODULE}
PLAN_SHAPE: Shape = {
    "planned_values": {"root_module": _MODULE},
    "prior_state": {"values": {"root_module": _MODULE}},
    "resource_changes": {"[]": _PLACED},
    "variables": _PLACED,
    "configuration": _PLACED,
}


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    return data.decode("utf-8-sig")


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]
