"""What templates export, for `Fn::ImportValue` in those that are scanned along.

Each exporting template is opened once and evaluated as far as others import from it; what is left is
evaluated when its own turn comes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from wa_scan.cloudformation.adoption import Adopter
from wa_scan.cloudformation.evaluator import EvaluationError, WorkLimitError
from wa_scan.cloudformation.export_names import Pattern, imported_ends, is_telling, may_be_same, pattern_of
from wa_scan.cloudformation.files import TemplateFile, TemplateFiles
from wa_scan.cloudformation.stacks import Imports, StackInstance
from wa_scan.sources.units import Template
from wa_scan.values import Origin, Text, Unknown, Value

MAX_CHAIN = 12
"""Templates that import one from the other before the last one's value counts as unknown."""

MakeStack = Callable[[TemplateFile, Imports | None], StackInstance | None]


@dataclass(frozen=True, slots=True)
class _Export:
    """`path`: the logical IDs that lead to the stack; `output`: whose value it is."""

    template: Template
    path: tuple[str, ...]
    output: str
    name: Pattern

    @property
    def twin(self) -> tuple[Path, tuple[str, ...], str]:
        """The same for exports of one template that is there as JSON and as YAML."""
        return self.template.path.with_suffix(""), self.path, self.output


class Exports:
    """Those of `templates`, the root templates of a scan. `make_stack` makes the stack of one."""

    def __init__(self, templates: Sequence[Template], files: TemplateFiles, make_stack: MakeStack) -> None:
        self._templates = tuple(templates)
        self._files = files
        self._make_stack = make_stack
        self._exports: list[_Export] | None = None
        self._found: dict[tuple[Path, Pattern, str | None], _Export | None] = {}
        self._imports: dict[Path, Mapping[str, set[str]]] = {}
        self._stacks: dict[Path, StackInstance | None] = {}
        self._reading: list[tuple[Path, tuple[str, ...], str]] = []

    def stack(self, template: Template) -> StackInstance | None:
        """The stack of a template, evaluated as far as others have imported from it."""
        if template.path not in self._stacks:
            imports = partial(self._imported, template)
            self._stacks[template.path] = self._make_stack(self._files.read(template), imports)
        return self._stacks[template.path]

    def close(self, template: Template) -> None:
        """Lets go of a template whose own turn is over, unless others may import from it."""
        if self._exports is None or not self._may_export(template):
            self._stacks.pop(template.path, None)

    def _imported(self, importer: Template, name: Value, prefix: str) -> Value | None:
        """The value that `importer` gets by `name`; None where it is not known."""
        pattern = pattern_of(name)
        if pattern is None:
            return None
        first = name.parts[0] if isinstance(name, Text) else None
        stack_name = first.symbol.text if isinstance(first, Unknown) else None
        key = (importer.path, pattern, stack_name)
        if key not in self._found:
            self._found[key] = self._find(importer, pattern, stack_name)
        export = self._found[key]
        if export is None or len(self._reading) >= MAX_CHAIN:
            return None
        reading = (export.template.path, export.path, export.output)
        if reading in self._reading:
            return None
        self._reading.append(reading)
        try:
            return self._value(export)
        finally:
            self._reading.pop()

    def _value(self, export: _Export) -> Value | None:
        stack = self.stack(export.template)
        try:
            if stack is None or not stack.prepare():
                return None
            for name in export.path:
                stack = stack.children.get(name)
                if stack is None:
                    return None
            value = stack.output(export.output)
        except (EvaluationError, RecursionError, WorkLimitError):
            # It is said when the turn of that template comes.
            return None
        if value is None:
            return None
        display = export.template.display
        way = value.origin
        if way is not None:
            way = Origin(way.location, f"output {export.output} of {display}", way.previous)
        return Adopter(display).value(value, way)

    def _find(self, importer: Template, pattern: Pattern, stack_name: str | None) -> _Export | None:
        """The export that `importer` means; `stack_name`: the parameter that the name begins with."""
        if self._exports is None:
            self._exports = list(self._all())
        others = [export for export in self._exports if export.template.path != importer.path]
        if len(pattern) == 1:
            same = [export for export in others if export.name == pattern]
            if same:
                return _the_one(same, importer)
        able = [export for export in others if may_be_same(export.name, pattern)]
        if stack_name is not None and able:
            # What is imported from a stack by one parameter has to be exported by one template.
            ends = self._imports_of(importer).get(stack_name, set())
            able = [export for export in able if self._exports_all(export.template, ends)]
        found = _the_one(able, importer)
        return found if found is not None and is_telling(found.name, pattern) else None

    def _all(self) -> Iterator[_Export]:
        """Every export. Its names are asked of stacks that import nothing and are then forgotten: they hardly
        ever depend on imports, and nothing is evaluated before its time."""
        for template in self._templates:
            stack = self._make_stack(self._files.read(template), None) if self._may_export(template) else None
            try:
                if stack is not None and stack.prepare():
                    yield from _exports_of(stack, template, ())
            except (EvaluationError, RecursionError, WorkLimitError):
                continue

    def _imports_of(self, importer: Template) -> Mapping[str, set[str]]:
        if importer.path not in self._imports:
            self._imports[importer.path] = imported_ends(self._files.read(importer).root)
        return self._imports[importer.path]

    def _exports_all(self, template: Template, ends: AbstractSet[str]) -> bool:
        own = [export.name for export in self._exports or () if export.template.path == template.path]
        return all(any(may_be_same(name, (None, end)) for name in own) for end in ends)

    def _may_export(self, template: Template) -> bool:
        text = self._files.read(template).text
        return text is not None and ("Export" in text or "TemplateURL" in text)


def _exports_of(stack: StackInstance, template: Template, path: tuple[str, ...]) -> Iterator[_Export]:
    for output, name in stack.exports():
        pattern = pattern_of(name)
        if pattern is not None:
            yield _Export(template, path, output, pattern)
    for logical_id, child in stack.children.items():
        if child is not None:
            yield from _exports_of(child, template, (*path, logical_id))


def _the_one(exports: Sequence[_Export], importer: Template) -> _Export | None:
    """The only one, or of the same one as JSON and as YAML the one in the language of the importer."""
    if len({export.twin for export in exports}) != 1:
        return None
    suffix = importer.path.suffix
    return next((export for export in exports if export.template.path.suffix == suffix), exports[0])
