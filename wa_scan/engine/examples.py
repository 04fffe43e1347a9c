"""The examples in rule files, which are the rules' tests and show the right way in documentation."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from wa_scan.blocks import Language
from wa_scan.datafiles import read_yaml


class ExampleText(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An example as written.

    One of `passes`, `fails`, `unknown` says in a few words what the example shows and what must
    come out for the resource at address `at` (for `passes` without `at`: for every resource). One
    of `terraform`, `cloudformation` (a snippet) and `fixture` (a file or folder below
    `fixtures/rules/`) is the input. `line`, `when`, `message`: what the finding must further say,
    where it matters.
    """

    passes: str | None = None
    fails: str | None = None
    unknown: str | None = None
    at: str | list[str] | None = None
    terraform: str | None = None
    cloudformation: str | None = None
    fixture: str | None = None
    line: int | None = None
    when: str | None = None
    message: str | None = None

    @property
    def language(self) -> Language:
        if self.fixture is not None:
            return (
                Language.CLOUDFORMATION
                if self.fixture.endswith((".yaml", ".json", ".template"))
                else Language.TERRAFORM
            )
        return Language.TERRAFORM if self.terraform is not None else Language.CLOUDFORMATION

    @property
    def addresses(self) -> list[str]:
        return [self.at] if isinstance(self.at, str) else self.at or []

    @property
    def outcome(self) -> str:
        return "fails" if self.fails is not None else "passes" if self.passes is not None else "unknown"

    @property
    def label(self) -> str:
        return self.fails or self.passes or self.unknown or ""

    @property
    def snippet(self) -> str | None:
        return self.terraform if self.terraform is not None else self.cloudformation

    def mistake(self) -> str | None:
        """What is wrong with this example itself, None if nothing is."""
        if sum(text is not None for text in (self.passes, self.fails, self.unknown)) != 1:
            return "must say exactly one of passes, fails and unknown"
        if sum(text is not None for text in (self.terraform, self.cloudformation, self.fixture)) != 1:
            return "must have exactly one of terraform, cloudformation and fixture"
        if self.passes is None and self.at is None:
            return "must say at which address (at)"
        return None


class Supplement(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The file `<name>.examples.yaml` beside a rule that is a function.

    `without`: kinds of example (`omitted`, `unknown`) that this rule cannot have, each with why.
    """

    examples: list[ExampleText]
    without: dict[str, str] = msgspec.field(default_factory=dict)


def remedies_of(examples: Sequence[ExampleText]) -> dict[Language, str]:
    """The first example that passes in each language: it shows the right way, and is tested."""
    found: dict[Language, str] = {}
    for example in examples:
        if example.passes is not None and example.snippet is not None:
            found.setdefault(example.language, example.snippet.strip() + "\n")
    return found


def examples_beside(rule_file: Path) -> Supplement:
    """The examples of a rule, in its own file or, for a function, in the one beside it.

    Raises `DataFileError` and `msgspec.ValidationError`.
    """
    if rule_file.suffix == ".yaml":
        data = read_yaml(rule_file)
        found = data if isinstance(data, dict) else {}
        data = {key: found[key] for key in ("examples", "without") if key in found}
    else:
        data = read_yaml(rule_file.with_name(f"{rule_file.stem}.examples.yaml"))
    return msgspec.convert(data, Supplement)
