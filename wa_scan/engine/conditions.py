"""The language of declarations: conditions on the properties of one resource."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec
from msgspec import UNSET, UnsetType

from wa_scan.aws.resources import Part, Resource
from wa_scan.values import Absent, Guard, Scalar, Truth, Unknown, Value, all_of, any_of
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN

Subject = Resource | Part
_PATH = re.compile(r"[A-Za-z0-9_:-]+(\[\])?(\.[A-Za-z0-9_:-]+(\[\])?)*")
_Plain = str | int | float | bool


class DeclarationError(Exception):
    """A declaration means nothing. `key`: where in it, `require.all[1].property`."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"{key}: {message}")
        self.key = key


class Condition(
    msgspec.Struct,
    forbid_unknown_fields=True,
    kw_only=True,
    rename={"in_": "in", "set_": "set", "all_": "all", "any_": "any", "not_": "not"},
):
    """A condition as written: a property with one operator, a type, or a combination of conditions."""

    type: str | list[str] | UnsetType = UNSET
    property: str | UnsetType = UNSET
    equals: _Plain | UnsetType = UNSET
    not_equals: _Plain | UnsetType = UNSET
    in_: list[_Plain] | UnsetType = UNSET
    not_in: list[_Plain] | UnsetType = UNSET
    set_: bool | UnsetType = UNSET
    at_least: float | UnsetType = UNSET
    at_most: float | UnsetType = UNSET
    matches: str | UnsetType = UNSET
    not_matches: str | UnsetType = UNSET
    all_: "list[Condition] | UnsetType" = UNSET
    any_: "list[Condition] | UnsetType" = UNSET
    not_: "Condition | UnsetType" = UNSET
    every: str | UnsetType = UNSET
    some: str | UnsetType = UNSET
    satisfies: "Condition | UnsetType" = UNSET


_OPERATORS = (
    "equals",
    "not_equals",
    "in_",
    "not_in",
    "set_",
    "at_least",
    "at_most",
    "matches",
    "not_matches",
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a condition holds, and the value and property path that decide it."""

    truth: Truth
    at: Value | Subject
    path: str


class Test:
    """A condition ready to be asked."""

    def judge(self, subject: Subject) -> Judgement:
        raise NotImplementedError

    def judge_each(self, subject: Subject) -> Iterator[Judgement]:
        """Judgements that all must hold: one an element where every element of a list must."""
        yield self.judge(subject)


@dataclass(frozen=True, slots=True)
class _Property(Test):
    path: str
    question: Callable[[Value], Truth]

    def judge(self, subject: Subject) -> Judgement:
        if not self.path:
            value = subject.value if isinstance(subject, Part) else subject.properties
        else:
            value = subject[self.path]
        return Judgement(self.question(value), value, _full_path(subject, self.path))


@dataclass(frozen=True, slots=True)
class _IsType(Test):
    types: tuple[str, ...]

    def judge(self, subject: Subject) -> Judgement:
        resource = subject.resource if isinstance(subject, Part) else subject
        return Judgement(Truth.of(resource.type in self.types), resource, "")


@dataclass(frozen=True, slots=True)
class _Every(Test):
    path: str
    inner: Test
    # Of a list that may be empty: `every` holds then, `some` does not.
    some: bool

    def judge(self, subject: Subject) -> Judgement:
        found = [self._element(part, guard) for part, guard in subject.each(self.path)]
        if not found:
            return Judgement(Truth.of(not self.some), subject[self.path], _full_path(subject, self.path))
        if self.some:
            return Judgement(any_of(one.truth for one in found), found[0].at, found[0].path)
        return _first_that_fails(all_of(one.truth for one in found), found)

    def judge_each(self, subject: Subject) -> Iterator[Judgement]:
        elements = [] if self.some else subject.each(self.path)
        if not elements:
            yield self.judge(subject)
        for part, guard in elements:
            for one in self.inner.judge_each(part):
                yield self._weighed(one, part, guard)

    def _element(self, part: Part, guard: Guard) -> Judgement:
        return self._weighed(self.inner.judge(part), part, guard)

    def _weighed(self, one: Judgement, part: Part, guard: Guard) -> Judgement:
        truth = one.truth
        if isinstance(part.value, Unknown):
            # It stands for elements that may not be there at all.
            truth = truth & UNKNOWN if self.some else truth | UNKNOWN
        return Judgement(truth.given(guard, FALSE if self.some else TRUE), one.at, one.path)


@dataclass(frozen=True, slots=True)
class _All(Test):
    inner: tuple[Test, ...]

    def judge(self, subject: Subject) -> Judgement:
        found = [test.judge(subject) for test in self.inner]
        return _first_that_fails(all_of(one.truth for one in found), found)


@dataclass(frozen=True, slots=True)
class _Any(Test):
    inner: tuple[Test, ...]

    def judge(self, subject: Subject) -> Judgement:
        found = [test.judge(subject) for test in self.inner]
        telling = min(found, key=_vagueness)
        return Judgement(any_of(one.truth for one in found), telling.at, telling.path)


@dataclass(frozen=True, slots=True)
class _Not(Test):
    inner: Test

    def judge(self, subject: Subject) -> Judgement:
        one = self.inner.judge(subject)
        return Judgement(~one.truth, one.at, one.path)


def compiled(condition: Condition, key: str, *, every: bool, typed: bool = False) -> Test:
    """`condition` ready to be asked; `key` is where it stands, for errors.

    `every`: whether `[]` in a property's path means every element (as `require` reads it) or some (as
    `where` does). `typed`: the condition is a whole requirement, whose `type` is no condition but says
    what it is asked of. Raises `DeclarationError`.
    """
    given = {name for name in Condition.__struct_fields__ if getattr(condition, name) is not UNSET}
    if typed:
        given.discard("type")
    if condition.type is not UNSET and given == {"type"}:
        return _IsType(types_in(condition.type, f"{key}.type"))
    if condition.all_ is not UNSET and given == {"all_"}:
        return _All(_list(condition.all_, f"{key}.all", every))
    if condition.any_ is not UNSET and given == {"any_"}:
        return _Any(_list(condition.any_, f"{key}.any", every))
    if condition.not_ is not UNSET and given == {"not_"}:
        return _Not(compiled(condition.not_, f"{key}.not", every=not every))
    if condition.satisfies is not UNSET:
        inner = compiled(condition.satisfies, f"{key}.satisfies", every=every)
        if condition.every is not UNSET and given == {"every", "satisfies"}:
            return _over(_path(condition.every, f"{key}.every"), inner, some=False)
        if condition.some is not UNSET and given == {"some", "satisfies"}:
            return _over(_path(condition.some, f"{key}.some"), inner, some=True)
    operators = given.intersection(_OPERATORS)
    if condition.property is not UNSET and len(operators) == 1 and len(given) == 2:
        path = _path(condition.property, f"{key}.property")
        lists, dot, rest = path.rpartition("[]")
        leaf = _Property(rest.removeprefix("."), _question(condition, key))
        return _over(lists, leaf, some=not every) if dot else leaf
    raise DeclarationError(
        key,
        "must be one of {property, <one operator>}, {type}, {all}, {any}, {not}, {every, satisfies} "
        "and {some, satisfies}, with nothing else beside",
    )


def types_in(types: str | list[str], key: str) -> tuple[str, ...]:
    """Raises `DeclarationError` where there are none."""
    found = (types,) if isinstance(types, str) else tuple(types)
    if not found:
        raise DeclarationError(key, "must name at least one resource type")
    return found


def _over(lists: str, inner: Test, *, some: bool) -> Test:
    """`inner` asked of the elements of `A[].B`: of every element of B in every element of A."""
    test = inner
    for path in reversed(lists.split("[]")):
        test = _Every(path.removeprefix("."), test, some)
    return test


def _list(conditions: list[Condition], key: str, every: bool) -> tuple[Test, ...]:
    if not conditions:
        raise DeclarationError(key, "must not be empty")
    return tuple(compiled(one, f"{key}[{at}]", every=every) for at, one in enumerate(conditions))


def _path(path: str, key: str) -> str:
    if not _PATH.fullmatch(path):
        raise DeclarationError(key, f"{path!r} is no property path such as Ebs.Encrypted or Rules[].Id")
    return path


def _question(condition: Condition, key: str) -> Callable[[Value], Truth]:
    """The operator of `condition` as a question to a value."""
    if (text := condition.equals) is not UNSET:
        return lambda value: value.equals(text)
    if (other := condition.not_equals) is not UNSET:
        return lambda value: ~value.equals(other)
    if (options := condition.in_) is not UNSET:
        chosen: tuple[Scalar, ...] = tuple(options)
        return lambda value: value.is_in(chosen)
    if (options := condition.not_in) is not UNSET:
        excluded: tuple[Scalar, ...] = tuple(options)
        return lambda value: ~value.is_in(excluded)
    if condition.set_ is not UNSET:
        return (lambda value: value.is_set()) if condition.set_ else (lambda value: ~value.is_set())
    if (least := condition.at_least) is not UNSET:
        return lambda value: value.at_least(least)
    if (most := condition.at_most) is not UNSET:
        return lambda value: value.at_most(most)
    if (pattern := condition.matches) is not UNSET:
        _check_pattern(pattern, f"{key}.matches")
        return lambda value: value.matches(pattern)
    if (excluded_pattern := condition.not_matches) is not UNSET:
        _check_pattern(excluded_pattern, f"{key}.not_matches")
        return lambda value: ~value.matches(excluded_pattern)
    raise DeclarationError(key, "has no operator")


def _check_pattern(pattern: str, key: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise DeclarationError(key, f"{pattern!r} is no regular expression: {error}") from error


def _first_that_fails(truth: Truth, found: list[Judgement]) -> Judgement:
    """`truth` at the first judgement that may fail, else the first that is not known."""
    fails = next((one for one in found if not one.truth.false.is_never), None)
    unknown = next((one for one in found if not one.truth.unknown.is_never), None)
    shown = fails or unknown or found[0]
    return Judgement(truth, shown.at, shown.path)


def _vagueness(one: Judgement) -> int:
    """What is written tells more than what is absent, and that more than the resource as a whole."""
    return 2 if isinstance(one.at, Resource) else int(isinstance(one.at, Absent))


def _full_path(subject: Subject, path: str) -> str:
    above = subject.path if isinstance(subject, Part) else ""
    return ".".join(part for part in (above, path) if part)
