"""What was not read, checked or looked at, as SARIF notifications."""

from collections.abc import Iterator

import sarif_om

from wa_scan.errors import Problem, ProblemKind, ProblemLevel
from wa_scan.report.masking import Masks
from wa_scan.report.sarif_locations import Locations
from wa_scan.report.sarif_results import plain
from wa_scan.report.sarif_rules import sentence
from wa_scan.review.report import Report
from wa_scan.values import Location

# What each kind is, and what to do about it.
_DESCRIPTIONS = {
    ProblemKind.UNREADABLE_FILE.value: (
        "A file or folder could not be read.",
        "Check that it exists, that it may be read, and that it is UTF-8 text.",
    ),
    ProblemKind.SYNTAX_ERROR.value: ("A file could not be parsed.", "Correct the syntax at the place shown."),
    ProblemKind.NOT_A_TEMPLATE.value: (
        "A file that was named is no infrastructure code.",
        "Name Terraform files, CloudFormation templates or folders that hold them.",
    ),
    ProblemKind.EVALUATION_ERROR.value: (
        "An expression or function could not be evaluated.",
        "Correct the expression at the place shown.",
    ),
    ProblemKind.MODULE_CYCLE.value: ("A module calls itself.", "Remove one of the module calls."),
    ProblemKind.MODULE_UNAVAILABLE.value: (
        "A module from elsewhere is not to be had, or not as the call names it.",
        "Run `terraform init`, or let wa-scan fetch it with --download-modules.",
    ),
    ProblemKind.OUTSIDE_TREE.value: (
        "A file outside the scanned tree was asked for and not read.",
        "Scan a folder that holds the file as well.",
    ),
    ProblemKind.NOT_LOOKED_AT.value: (
        "Something that comes into being at deployment only was not looked at.",
        "Scan what it makes, such as the processed template, or review it by hand.",
    ),
    ProblemKind.LIMIT_REACHED.value: (
        "Something was too large to be looked at whole.",
        "Scan its parts one by one.",
    ),
    ProblemKind.RULE_NOT_LOADED.value: ("A rule could not be loaded.", "Correct the rule's file."),
    ProblemKind.RULE_FAILED.value: (
        "A rule failed while it ran.",
        "Its verdict on the resource named is missing; please report it with the code that it failed on.",
    ),
    ProblemKind.INTERNAL_ERROR.value: (
        "wa-scan itself failed on a part of the scan.",
        "That part was not looked at; run with --debug and please report what it says.",
    ),
    ProblemKind.NOTHING_TO_SCAN.value: (
        "There was nothing to scan.",
        "Name folders that hold Terraform files or CloudFormation templates.",
    ),
    "module-not-found": (
        "A module is not on disk and was not looked at.",
        "Run `terraform init`, or let wa-scan fetch it with --download-modules.",
    ),
    "template-not-found": (
        "The template of a nested stack is not on disk and was not looked at.",
        "Scan it by itself, or put it where its path or the end of its URL says.",
    ),
    "unmapped-resource-type": (
        "Resources of a type that no rule knows were not looked at.",
        "Review them by hand.",
    ),
    "undecided-verdicts": (
        "Some verdicts depend on values that are not in the code.",
        "Give the values of variables and parameters.",
    ),
    "results-cut": (
        "There are more results than code scanning accepts.",
        "Fix or suppress the results that are shown, or scan the parts of the repository one by one.",
    ),
}


class Notifications:
    """The notifications of one run. `descriptors`: of those that were made, by id."""

    def __init__(self, locations: Locations, masks: Masks) -> None:
        self.execution: list[sarif_om.Notification] = []
        self.configuration: list[sarif_om.Notification] = []
        self._locations = locations
        self._masks = masks
        self._indices: dict[str, int] = {}

    def add_problem(self, problem: Problem) -> None:
        text = sentence(problem.message)
        if problem.hint:
            text = f"{text} {sentence(problem.hint)}"
        level = "error" if problem.level is ProblemLevel.ERROR else "note"
        notification = self._notification(problem.kind.value, level, text, problem.location)
        if problem.kind is ProblemKind.RULE_NOT_LOADED:
            self.configuration.append(notification)
        else:
            self.execution.append(notification)

    def add_coverage(self, report: Report) -> None:
        coverage = report.coverage
        for module in coverage.modules_not_found:
            what = "template" if module.is_stack else "source"
            text = f"{module.call}: its {what} '{module.source}' is not on disk and was not looked at."
            kind = "template-not-found" if module.is_stack else "module-not-found"
            self.add_note(kind, text, module.location)
        for type_, count in sorted(coverage.unmapped_types.items()):
            of = "1 resource" if count == 1 else f"{count} resources"
            self.add_note("unmapped-resource-type", f"{of} of type '{type_}' were not looked at.")
        if coverage.verdicts.unknown:
            text = f"{coverage.verdicts.unknown} verdicts depend on values that are not in the code."
            self.add_note("undecided-verdicts", text)

    def add_note(self, kind: str, text: str, at: Location | None = None) -> None:
        self.execution.append(self._notification(kind, "note", text, at))

    def descriptors(self) -> Iterator[sarif_om.ReportingDescriptor]:
        for kind in self._indices:
            what, remedy = (sarif_om.MultiformatMessageString(text=text) for text in _DESCRIPTIONS[kind])
            yield sarif_om.ReportingDescriptor(
                id=kind, short_description=what, full_description=what, help=remedy
            )

    def _notification(self, kind: str, level: str, text: str, at: Location | None) -> sarif_om.Notification:
        index = self._indices.setdefault(kind, len(self._indices))
        return sarif_om.Notification(
            descriptor=sarif_om.ReportingDescriptorReference(id=kind, index=index),
            level=level,
            message=sarif_om.Message(text=plain(self._masks(text))),
            locations=[self._locations.location(at)] if at is not None else None,
        )
