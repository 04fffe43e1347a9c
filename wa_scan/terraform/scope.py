"""What names mean at one place of a configuration."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from wa_scan.terraform.syntax import Expression, GetAttr, Index, Template
from wa_scan.terraform.values import TfValue
from wa_scan.values import Guard

if TYPE_CHECKING:
    from wa_scan.terraform.functions.filesystem import FileAccess

Step = GetAttr | Index

NOTHING: Mapping[str, TfValue] = {}


class Names(Protocol):
    """What a module gives to its expressions: `var`, `local`, `module`, `data`, resources, `path`."""

    address: str
    files: "FileAccess | None"
    allows_calls: bool

    @property
    def short_circuits(self) -> bool:
        """Whether what is wrong on the right of `&&` and `||` does not matter where the left side decides."""
        ...

    def spend(self, steps: int) -> None:
        """Counts repeated work. Raises `LimitReachedError` when a module has done too much of it."""
        ...

    def template(self, text: str, path: str) -> Template:
        """A template file, parsed. Raises `EvaluationError`."""
        ...

    def provider_function(self, name: str) -> str:
        """`provider::NAME::FUNCTION`, with the provider's own name instead of that in this module.

        Raises `EvaluationError` where the module does not declare the provider.
        """
        ...

    def resolve(self, name: str, at: Expression, steps: list[Step], scope: "Scope") -> tuple[TfValue, int]:
        """What the reference that starts with `name` means, and how many of `steps` it took.

        Raises `EvaluationError` where Terraform refuses it.
        """
        ...


class SharedParts:
    """What expressions that are evaluated again and again, as for each instance of a block, have in common:
    the values of those inside them that use none of the names which differ, by id. `place`: what they
    are all part of.
    """

    __slots__ = ("_needed", "place", "values")

    def __init__(self, place: str) -> None:
        self.place = place
        # The expression is kept beside its value and the doubts about it, so that its id stays its own.
        self.values: dict[int, tuple[Expression, TfValue, list[Guard]]] = {}
        self._needed: dict[int, tuple[Expression, frozenset[str]]] = {}

    def names_in(self, expression: Expression) -> frozenset[str]:
        """The names of other things that an expression starts from."""
        found = self._needed.get(id(expression))
        if found is None:
            from wa_scan.terraform.references import references

            names = frozenset(reference.root.name for reference in references(expression))
            found = self._needed[id(expression)] = (expression, names)
        return found[1]


class Scope:
    """`names`: variables of `for` expressions, templates and iterators, and `each`, `count` and `self`
    where they exist. `place`: the address of the resource or module whose expression it is.
    """

    __slots__ = ("doubts", "element", "module", "names", "place", "shared", "template")

    def __init__(
        self,
        module: Names,
        names: Mapping[str, TfValue] = NOTHING,
        place: str = "",
        element: TfValue | None = None,
        template: bool = False,
        doubts: list[Guard] | None = None,
        shared: SharedParts | None = None,
    ) -> None:
        self.module = module
        self.names = names
        self.place = place
        # What a splat is at.
        self.element = element
        # In a template file only the names given to it exist.
        self.template = template
        # Inside `try` and `can`: under which guards the expression fails.
        self.doubts = doubts
        self.shared = shared

    def with_names(self, names: Mapping[str, TfValue]) -> "Scope":
        together = {**self.names, **names}
        return Scope(self.module, together, self.place, self.element, self.template, self.doubts, self.shared)

    def at_element(self, element: TfValue) -> "Scope":
        return Scope(self.module, self.names, self.place, element, self.template, self.doubts, self.shared)

    def at_place(self, place: str, names: Mapping[str, TfValue]) -> "Scope":
        return Scope(self.module, {**self.names, **names}, place, shared=self.shared)

    def for_template(self, names: Mapping[str, TfValue]) -> "Scope":
        return Scope(self.module, names, self.place, None, True)

    def with_doubts(self, doubts: list[Guard]) -> "Scope":
        return Scope(self.module, self.names, self.place, self.element, self.template, doubts, self.shared)

    def in_common(self, doubts: list[Guard]) -> "Scope":
        """For what is the same for all that share it."""
        place = self.shared.place if self.shared is not None else self.place
        return Scope(self.module, self.names, place, self.element, self.template, doubts, self.shared)

    def sharing(self) -> "Scope":
        """For an expression that is evaluated for many things, one after the other."""
        if self.shared is not None or self.template:
            return self
        shared = SharedParts(self.place)
        return Scope(self.module, self.names, self.place, self.element, self.template, self.doubts, shared)
