"""Texts that are written out in a resource, for the rules about secrets."""

from collections.abc import Iterator
from dataclasses import dataclass

from wa_scan.aws.documents import parse_document
from wa_scan.aws.resources import Resource
from wa_scan.engine.credentials import Secret, assigned, formatted, named
from wa_scan.values import Choice, Guard, Known, ListValue, Location, MapValue, Origin, Text, Value

_MOST_LITERALS = 20_000
_NAMES, _VALUES = (
    ("Name", "name", "Key", "key", "OptionName", "ParameterKey"),
    ("Value", "value", "ParameterValue"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """A text in a resource, known at least in part, there where `guard` holds.

    `path`: dotted, `[]` for an element of a list. `name`: what it is the value of: the last key, or the
    name beside it (`{Name: DB_PASSWORD, Value: …}`). `text`: unknown parts read `${}`.
    `holder`: the map that it stands in.
    """

    path: str
    name: str
    value: Value
    text: str
    guard: Guard
    holder: MapValue | None

    @property
    def is_argument(self) -> bool:
        """Whether its name is the registry's, not one that the author gave."""
        return all(part[:1].isupper() and "_" not in part for part in self.path.split("."))

    def place(self, secret: Secret) -> Value | Origin:
        """The line that `secret` begins on where a heredoc or a block scalar holds it, else the value."""
        origin = self.value.origin
        if origin is None or origin.previous is not None:
            return self.value
        at = origin.location
        lines = self.text.count("\n") + (not self.text.endswith("\n"))
        if at.file.endswith(".tf"):
            # The delimiters have lines of their own.
            first = at.start_line + 1
            fits = at.end_line - first == lines
        else:
            # `UserData:`, then perhaps `Fn::Base64: |`.
            first = at.end_line - lines + 1
            fits = at.file.endswith((".yaml", ".yml", ".template")) and 1 <= first - at.start_line <= 2
        if lines < 2 or not fits:
            return self.value
        line = first + self.text[: self.text.index(secret.text)].count("\n")
        # Where the line ends is only known of the last one.
        end = (line, at.end_column) if line == at.end_line else (line + 1, 1)
        return Origin(Location(at.file, line, 1, *end), origin.text)

    def secrets(self) -> list[Secret]:
        """The secrets that it is or holds, each once."""
        found: dict[str, Secret] = {}
        for secret in formatted(self.text):
            found.setdefault(secret.text, secret)
        if isinstance(self.value, Known):
            whole = named(self.name, self.text, is_argument=self.is_argument)
            if whole is not None:
                found.setdefault(whole.text, whole)
        if any(mark in self.text for mark in " =\n"):
            for secret in assigned(self.text):
                found.setdefault(secret.text, secret)
        return list(found.values())


def literals(value: Value, path: str = "", name: str = "") -> Iterator[Literal]:
    """Every text below `value`, in order; JSON documents are looked into, policies and tags are not."""
    todo: list[tuple[Value, str, str, Guard, MapValue | None]] = [(value, path, name, Guard.ALWAYS, None)]
    count = 0
    while todo and count < _MOST_LITERALS:
        at, path, name, guard, holder = todo.pop()
        count += 1
        if isinstance(at, Choice):
            todo.append((at.if_false, path, name, guard & ~at.guard, holder))
            todo.append((at.if_true, path, name, guard & at.guard, holder))
        elif isinstance(at, MapValue):
            if "Statement" in at.entries:
                continue
            beside = next((at.entries[key].text for key in _NAMES if key in at.entries), None)
            for key, item in reversed(tuple(at.entries.items())):
                if key in ("Tags", "tags", "tags_all", "TagSpecifications"):
                    continue
                called = beside if beside is not None and key in _VALUES else key
                todo.append((item, f"{path}.{key}" if path else key, called, guard, at))
        elif isinstance(at, ListValue):
            todo += ((item, f"{path}[]", name, guard, holder) for item in reversed(at.elements))
        elif not guard.is_never:
            document = parse_document(at) if isinstance(at, Known | Text) else at
            if document is not at:
                todo.append((document, path, name, guard, holder))
                continue
            text = _text(at)
            if text:
                yield Literal(path, name, at, text, guard, holder)


def _text(value: Value) -> str:
    if isinstance(value, Known):
        data = value.data
        return data if isinstance(data, str) else "" if data is None or isinstance(data, bool) else str(data)
    if isinstance(value, Text):
        return "".join(part if isinstance(part, str) else "${}" for part in value.parts)
    return ""


def own_literals(resource: Resource) -> Iterator[Literal]:
    """Every text in `resource`, what the language adds to it (provisioners, `Metadata`) included."""
    yield from literals(resource.properties)
    for key in ("connection", "provisioner", "Metadata"):
        if key in resource.meta.entries:
            yield from literals(resource.meta.entries[key], key, key)
