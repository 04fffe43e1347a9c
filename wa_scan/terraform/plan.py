"""From a plan as JSON to every resource instance with its values, joined with the source it was made from."""

import gc
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from wa_scan.blocks import EvaluatedUnit, Language
from wa_scan.errors import Problem, ProblemKind, ProblemLevel
from wa_scan.sources.units import PlanFile, RootModule
from wa_scan.terraform.context import EvaluateOptions, Evaluation
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.evaluate import deep_recursion, evaluate_root, open_root
from wa_scan.terraform.export import Exporter
from wa_scan.terraform.files import ParsedFiles
from wa_scan.terraform.functions.json_text import decode_json
from wa_scan.terraform.plan_document import PlanDocument
from wa_scan.terraform.plan_likeness import agrees
from wa_scan.terraform.plan_records import (
    PlanRecords,
    as_map,
    module_steps,
    read_records,
    without_keys,
)
from wa_scan.terraform.plan_unit import Planner
from wa_scan.terraform.source_text import TerraformSyntaxError
from wa_scan.terraform.variables import Given
from wa_scan.values import Location, Origin

# The plan of ten thousand resources has some tens of megabytes.
LARGEST_PLAN = 300_000_000


@dataclass(frozen=True, slots=True)
class EvaluatedPlan:
    """`source`: the root module that the plan was joined with, so that it need not be judged by itself."""

    unit: EvaluatedUnit
    source: RootModule | None = None


def evaluate_plan(
    plan: PlanFile,
    options: EvaluateOptions | None = None,
    parsed: ParsedFiles | None = None,
) -> EvaluatedPlan:
    """Evaluates a plan. Never raises for bad input: what is wrong is among the unit's problems.

    `options`, `parsed`: what its source is evaluated with, as for `evaluate_root`. The states of other root
    modules are in the plan itself.
    """
    options = options or EvaluateOptions()
    parsed = parsed if parsed is not None else ParsedFiles()
    with deep_recursion(), _without_collection():
        try:
            return _evaluated(plan, options, parsed)
        except TerraformSyntaxError as error:
            kind = ProblemKind.LIMIT_REACHED if error.limit else ProblemKind.SYNTAX_ERROR
            return EvaluatedPlan(_empty(plan, Problem(kind, error.message, error.location)))
        except RecursionError:
            place = Location(plan.display, 1, 1, 1, 1)
            message = f"{plan.display} is nested too deeply to be evaluated"
            return EvaluatedPlan(_empty(plan, Problem(ProblemKind.LIMIT_REACHED, message, place)))


@contextmanager
def _without_collection() -> Iterator[None]:
    """Millions of objects come to be, none of them in circles: looking for those takes half of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _empty(plan: PlanFile, problem: Problem) -> EvaluatedUnit:
    return EvaluatedUnit(plan.display, Language.TERRAFORM, (), problems=(problem,))


def _evaluated(plan: PlanFile, options: EvaluateOptions, parsed: ParsedFiles) -> EvaluatedPlan:
    place = Location(plan.display, 1, 1, 1, 1)
    try:
        if plan.path.stat().st_size > LARGEST_PLAN:
            message = f"the plan is larger than {LARGEST_PLAN // 1_000_000} MB and was not read"
            return EvaluatedPlan(_empty(plan, Problem(ProblemKind.LIMIT_REACHED, message, place)))
        data = plan.path.read_bytes()
    except OSError as error:
        message = f"the file cannot be read: {(error.strerror or type(error).__name__).lower()}"
        return EvaluatedPlan(_empty(plan, Problem(ProblemKind.UNREADABLE_FILE, message, place)))
    document = PlanDocument(plan.display, data)
    records = read_records(document)
    if records is None:
        message = "this is not the plan that `terraform show -json PLAN` prints"
        return EvaluatedPlan(_empty(plan, Problem(ProblemKind.SYNTAX_ERROR, message, place)))
    problems = list(_reservations(records, place))
    source = _source_of(plan, records, options, parsed)
    joined: EvaluatedUnit | None = None
    if source is not None:
        planned = _given_by_plan(records, document, source, options, parsed)
        joined = evaluate_root(source, replace(options, planned=planned), parsed)
        problems += _weighed(joined.problems)
    elif plan.is_source_named:
        message = f"nothing in {plan.sources[0].display} is in the plan, so places are those of the plan"
        problems.append(Problem(ProblemKind.EVALUATION_ERROR, message, place, ProblemLevel.NOTE))
    return EvaluatedPlan(Planner(plan, document, records, joined).unit(problems), source)


def _reservations(records: PlanRecords, place: Location) -> Iterator[Problem]:
    """What makes the plan less than what there will be."""
    kind = ProblemKind.EVALUATION_ERROR
    if records.version.partition(".")[0] not in ("0", "1"):
        message = f"plans of format {records.version} are newer than those that wa-scan knows"
        yield Problem(kind, message, place, ProblemLevel.NOTE)
    if records.is_errored:
        hint = "Mend what `terraform plan` reports and plan again."
        yield Problem(kind, "planning failed, so the plan lacks some resources", place, hint=hint)
    elif not records.is_complete:
        message = (
            "the plan is partial (-target, or changes that were put off), and what it lacks is not judged"
        )
        yield Problem(ProblemKind.NOT_LOOKED_AT, message, place, ProblemLevel.NOTE)


def _weighed(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Problems of the source as such; what it lacks or gets wrong did not keep Terraform from planning."""
    for problem in problems:
        is_evaluation = problem.kind is ProblemKind.EVALUATION_ERROR
        yield replace(problem, level=ProblemLevel.NOTE) if is_evaluation else problem


def _source_of(
    plan: PlanFile, records: PlanRecords, options: EvaluateOptions, parsed: ParsedFiles
) -> RootModule | None:
    """The first root module that has anything of what the plan has."""
    root = as_map(as_map(records.configuration).get("root_module"))
    names = {f"module.{name}" for name in as_map(root.get("module_calls"))}
    for instance in records.instances.values():
        steps, module = module_steps(instance.address)
        names.add(f"module.{steps[0][0]}" if steps else instance.base[len(module) :])
    for address in records.deleted:
        names.add(without_keys(address))
    for source in plan.sources:
        config = Evaluation(source, options, parsed).config(source.directory)
        declared = {each.address for each in config.resources.values()}
        declared |= {f"module.{name}" for name in config.calls}
        if declared & names:
            return source
    return None


def _given_by_plan(
    records: PlanRecords,
    document: PlanDocument,
    source: RootModule,
    options: EvaluateOptions,
    parsed: ParsedFiles,
) -> Mapping[str, Given]:
    """The variables for which the plan has other values than the source would have by itself."""
    root = open_root(Evaluation(source, options, parsed))
    exporter = Exporter()
    found: dict[str, Given] = {}
    for name, data in records.variables.items():
        if name not in root.config.variables:
            continue
        try:
            if agrees(exporter.value(root.variable(name)), data):
                continue
            value = decode_json(json.dumps(data))
        except (EvaluationError, ValueError):
            continue
        place = document.key_or_value(records.variables_start, (name,))
        place = place or Location(document.path, 1, 1, 1, 1)
        text = f"variable {name} of the plan"
        found[name] = Given(value.with_origin(Origin(place, text)), text, place)
    return found
