"""The parameters of a template and the values that they have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from wa_scan.cloudformation.equality import MAX_ENUMERATED, Equalities
from wa_scan.cloudformation.given_values import GivenText, origin_of
from wa_scan.cloudformation.nodes import MappingNode, Node, ScalarNode, SequenceNode
from wa_scan.cloudformation.parameter_checks import refusals
from wa_scan.cloudformation.texts import literal, scalar_text
from wa_scan.errors import Problem, ProblemKind
from wa_scan.values import (
    Choice,
    Guard,
    Known,
    ListValue,
    Location,
    Origin,
    Scalar,
    Symbol,
    Unknown,
    Value,
    assumed,
    choose,
)
from wa_scan.values.kinds import Reason
from wa_scan.values.origins import SecretOrigin

# The types of parameters that name an SSM parameter, whose value is then theirs.
LOOKED_UP = "AWS::SSM::Parameter::Value<"


@dataclass(frozen=True, slots=True)
class Parameter:
    """`given`: the value from outside or else the default, as text; None where there is neither.

    `is_open`: a deployment may well choose another value than the default: none was given, and
    there is no default or `AllowedValues` lists more than one. Conditions on an open parameter
    are judged both ways. `prefix`: what the names of its stack's own things begin with.
    """

    name: str
    type: str
    origin: Origin
    given: str | None
    allowed: tuple[str, ...]
    is_open: bool
    prefix: str = ""

    @property
    def is_list(self) -> bool:
        return self.type == "CommaDelimitedList" or "List<" in self.type

    @property
    def is_looked_up(self) -> bool:
        """Whether the value names an SSM parameter, whose value is not in the template."""
        return self.type.startswith(LOOKED_UP)

    @property
    def symbol(self) -> Symbol:
        return Symbol(self.prefix + self.name)

    def unknown(self) -> Unknown:
        """This parameter as the unknown that it is before deployment."""
        reason = Reason.DATA if self.is_looked_up else Reason.INPUT
        # Whoever writes `Ref` to a parameter without default means to set something.
        return Unknown(self.symbol, reason, self.origin, frozenset(), never_null="" not in self.allowed)

    def value(self, equalities: Equalities) -> Value:
        """What `Ref` gives: the given value or default, a choice of a few allowed ones, else unknown."""
        if self.is_looked_up:
            return self.unknown()
        if self.given is not None:
            return self._typed(self.given)
        if self.is_list or not 0 < len(self.allowed) <= MAX_ENUMERATED:
            return self.unknown()
        return self.one_of(self.allowed, equalities)

    def one_of(self, texts: Sequence[str], equalities: Equalities) -> Value:
        """A choice of these values, which are all that there are."""
        *others, last = texts
        value = self._typed(last)
        for text in reversed(others):
            guard = equalities.equal(self.symbol, text)
            value = choose(guard, self._typed(text), value, self.origin)
        return value

    def value_under(self, equalities: Equalities, under: Guard) -> Value:
        """What `Ref` gives where `under` holds: the default, unless conditions ask for the parameter and
        say otherwise here."""
        value = self.value(equalities)
        if not self.is_open or isinstance(value, Unknown | Choice) or not equalities.is_asked(self.symbol):
            return value
        is_default = equalities.equal(self.symbol, self.given or "")
        if is_default.is_never or under.implies(is_default):
            return value
        if not (under & is_default).is_never:
            return choose(assumed(self.symbol.text, is_default), value, self.unknown(), self.origin)
        others = equalities.values_under(self.symbol, under)
        return self.one_of(others, equalities) if others else self.unknown()

    def condition_value(self) -> Value:
        """What a condition sees: an open parameter stands for all its values."""
        if self.is_open or self.is_looked_up or self.given is None:
            return self.unknown()
        return self._typed(self.given)

    def _typed(self, text: str) -> Value:
        if self.is_list:
            items = [item.strip() for item in text.split(",")] if text.strip() else []
            return ListValue([Known(_typed(item, self.type), self.origin) for item in items], self.origin)
        if self.type == "Number":
            return Known(_typed(text, self.type), self.origin)
        return literal(text, self.origin)


def read_parameters(
    section: Node | None, given: Mapping[str, str], problems: list[Problem], prefix: str = ""
) -> dict[str, Parameter]:
    """The parameters of the `Parameters` section, with the values `given` from outside."""
    if section is None:
        return {}
    if not isinstance(section, MappingNode):
        problems.append(_problem("Parameters is not a mapping.", section.location))
        return {}
    found: dict[str, Parameter] = {}
    for name, (key, body) in section.entries.items():
        if isinstance(body, MappingNode):
            parameter = _read(name, key, body, given.get(name), problems)
            found[name] = replace(parameter, prefix=prefix) if prefix else parameter
        elif not name.startswith("Fn::"):
            problems.append(_problem(f"The parameter {name} is not a mapping.", body.location))
    return found


def _read(
    name: str, key: Location, body: MappingNode, given: str | None, problems: list[Problem]
) -> Parameter:
    kind = body.get("Type")
    type_ = scalar_text(kind.data) if isinstance(kind, ScalarNode) else "String"
    listed = body.get("AllowedValues")
    allowed = tuple(
        scalar_text(item.data)
        for item in (listed.items if isinstance(listed, SequenceNode) else ())
        if isinstance(item, ScalarNode)
    )
    secret = body.get("NoEcho")
    hidden = isinstance(secret, ScalarNode) and scalar_text(secret.data).lower() == "true"
    note = f"parameter {name}" + (" (NoEcho)" if hidden else "")
    if given is not None:
        way = origin_of(given)
        origin = (SecretOrigin if hidden else Origin)(
            key, note if way else f"{note}, given for this scan", way
        )
        resolved = given.resolved if isinstance(given, GivenText) else None
        if resolved is not None and type_.startswith(LOOKED_UP):
            type_, given = type_.removeprefix(LOOKED_UP).removesuffix(">"), resolved
        for reason in refusals(type_, body, given, hidden):
            message = f"The value of the parameter {name} {reason}."
            problems.append(_problem(message, way.location if way else key))
        return Parameter(name, type_, origin, str(given), allowed, is_open=False)
    entry = body.entries.get("Default")
    if entry is None:
        origin = Origin(key, f"{note}, which has no default")
        return Parameter(name, type_, origin, None, allowed, is_open=True)
    default = _default(entry.value)
    # Of a list the allowed values are those of its items: which lists there may be nobody can say.
    is_list = type_ == "CommaDelimitedList" or "List<" in type_
    looked_up = f", looked up at {default}" if default and type_.startswith(LOOKED_UP) and not hidden else ""
    place = entry.key.to(entry.value.location)
    origin = (SecretOrigin if hidden else Origin)(place, f"{note} default{looked_up}")
    if default is None:
        problems.append(
            _problem(f"The default of the parameter {name} is not a scalar.", entry.value.location)
        )
        return Parameter(name, type_, origin, None, allowed, is_open=True)
    return Parameter(name, type_, origin, default, allowed, is_open=len(set(allowed)) > 1 and not is_list)


def _default(node: Node) -> str | None:
    if isinstance(node, ScalarNode):
        return scalar_text(node.data)
    if isinstance(node, SequenceNode) and all(isinstance(item, ScalarNode) for item in node.items):
        return ",".join(scalar_text(item.data) for item in node.items if isinstance(item, ScalarNode))
    return None


def _typed(text: str, type_: str) -> Scalar:
    if "Number" not in type_:
        return text
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text


def _problem(message: str, location: Location) -> Problem:
    return Problem(ProblemKind.EVALUATION_ERROR, message, location)
