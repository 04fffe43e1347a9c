"""What wa-scan and tfparse, which wraps the evaluator of Trivy, make of the same folders."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

from wa_scan.sources.units import RootModule
from wa_scan.terraform.context import EvaluateOptions
from wa_scan.terraform.evaluate import ParsedFiles, evaluate_root
from wa_scan.terraform.resources import META_ARGUMENTS
from wa_scan.values.forms import ChoiceForm, Form, Former, Numeral, UnknownForm

# Its other top-level keys are types of resources and data sources.
NOT_RESOURCES = frozenset(
    ("locals", "module", "output", "provider", "terraform", "variable", "moved", "import", "check", "removed")
)
# tfparse adds these to what is written.
ADDED = frozenset(("__tfmeta", "id", "arn", "dynamic"))

# What it does not know it invents.
INVENTED = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# A process of its own, which may crash without taking the tests along.
LOAD = (
    "import json, sys, tfparse\n"
    "for path, workspace in json.loads(sys.argv[1]):\n"
    "    print(json.dumps(tfparse.load_from_path(path, workspace_name=workspace)), flush=True)\n"
)


class Folder(NamedTuple):
    """`name`: below the corpora."""

    name: str
    path: Path
    tree: Path
    workspace: str


class Difference(NamedTuple):
    """`kind`: `missing` (an instance that only tfparse has), `extra` (one that only wa-scan has),
    `value` (both know it and differ), `unknown` (only tfparse knows it).
    """

    folder: str
    kind: str
    where: str
    ours: str
    theirs: str


class Agreement(NamedTuple):
    """`instances` that both have; `scalars` that both know and that are equal."""

    instances: int
    scalars: int
    differences: tuple[Difference, ...]


def loaded(folders: Sequence[Folder], processes: int = 2) -> dict[str, dict[str, Any]]:
    """What tfparse makes of each folder, by name; a folder that it fails at is left out."""

    def load(folder: Folder) -> tuple[str, str]:
        argument = json.dumps([[str(folder.path), folder.workspace]])
        done = subprocess.run(
            [sys.executable, "-c", LOAD, argument],
            # Less garbage collection: a sixth of its time.
            env={**os.environ, "GOGC": "1000"},
            capture_output=True,
            text=True,
            check=False,
            timeout=400,
        )
        return folder.name, done.stdout

    with ThreadPoolExecutor(processes) as pool:
        return {name: json.loads(text) for name, text in pool.map(load, folders) if text}


def compared(folder: Folder, theirs: Mapping[str, Any], parsed: ParsedFiles) -> Agreement:
    root = RootModule(folder.path, folder.name, folder.tree)
    unit = evaluate_root(root, EvaluateOptions(workspace=folder.workspace), parsed)
    former = Former()
    ours = {resource.address: resource for resource in unit.resources}
    other = {
        str(item["__tfmeta"]["path"]): item
        for type_, items in theirs.items()
        if type_ not in NOT_RESOURCES
        for item in items
    }
    found = [Difference(folder.name, "missing", at, "", "") for at in other if at not in ours]
    found += [
        Difference(folder.name, "extra", at, "", "")
        for at, resource in ours.items()
        if at not in other and resource.exists.is_always
    ]
    instances = scalars = 0
    for at, item in other.items():
        if at not in ours:
            continue
        instances += 1
        body = former.form(ours[at].body)
        mine = body.known if isinstance(body, UnknownForm) else body
        for name, value in item.items():
            if name in META_ARGUMENTS or (name in ADDED and not (isinstance(mine, dict) and name in mine)):
                continue
            own = mine.get(name) if isinstance(mine, dict) else None
            for kind, path, left, right in _leaves(f"{at}.{name}", own, value):
                if kind == "same":
                    scalars += 1
                else:
                    found.append(Difference(folder.name, kind, path, left, right))
    return Agreement(instances, scalars, tuple(found))


def _leaves(path: str, ours: Form, theirs: object) -> Iterator[tuple[str, str, str, str]]:
    """Kind (or `same`), path and both texts of every scalar that tfparse knows.

    Blocks are paired with those most like them: tfparse gives those of `dynamic` blocks after the others, and
    of some that stand for several only one.
    """
    if theirs is None or _is_reference(theirs) or (isinstance(theirs, str) and INVENTED.search(theirs)):
        return
    if isinstance(ours, UnknownForm) and isinstance(ours.known, list):
        ours = ours.known
    if _is_block(theirs) and isinstance(ours, list):
        theirs = [theirs]
    if isinstance(theirs, dict):
        for key, value in theirs.items():
            if key == "__tfmeta" or (key in ADDED and not (isinstance(ours, dict) and key in ours)):
                continue
            yield from _leaves(f"{path}.{key}", _member(ours, key), value)
    elif isinstance(theirs, list) and theirs and all(map(_is_block, theirs)) and isinstance(ours, list):
        left = list(ours)
        for at, value in enumerate(theirs):
            tried = [list(_leaves(f"{path}[{at}]", form, value)) for form in left or [None]]
            best = min(range(len(tried)), key=lambda one: sum(kind != "same" for kind, *_ in tried[one]))
            if left and not isinstance(left[best], UnknownForm):
                del left[best]
            yield from tried[best]
    elif isinstance(theirs, list):
        if isinstance(ours, list) and _as_set(ours) == _as_set(theirs):
            theirs = sorted(theirs, key=str)
            ours = sorted(ours, key=str)
        for at, value in enumerate(theirs):
            yield from _leaves(f"{path}[{at}]", _element(ours, at), value)
    else:
        yield _scalar(path, ours, theirs)


def _member(ours: Form, key: str) -> Form:
    if isinstance(ours, dict):
        return ours.get(key)
    if isinstance(ours, ChoiceForm):
        return ChoiceForm(tuple((when, _member(form, key)) for when, form in ours.branches))
    if isinstance(ours, UnknownForm) and isinstance(ours.known, dict):
        return ours.known.get(key, ours)
    return ours if isinstance(ours, UnknownForm) else None


def _element(ours: Form, at: int) -> Form:
    if isinstance(ours, list):
        last = ours[-1] if ours else None
        return ours[at] if at < len(ours) else last if isinstance(last, UnknownForm) else None
    if isinstance(ours, ChoiceForm):
        return ChoiceForm(tuple((when, _element(form, at)) for when, form in ours.branches))
    return ours if isinstance(ours, UnknownForm) else None


def _as_set(values: Sequence[object]) -> list[str]:
    return sorted(_text(value) for value in values)


def _scalar(path: str, ours: Form, theirs: object) -> tuple[str, str, str, str]:
    text = _text(theirs)
    branches = [form for _, form in ours.branches] if isinstance(ours, ChoiceForm) else [ours]
    if any(_text(form) == text for form in branches):
        return "same", path, text, text
    shown = ours.symbol if isinstance(ours, UnknownForm) else str(ours)
    is_open = any(isinstance(form, UnknownForm) for form in branches)
    return "unknown" if is_open else "value", path, shown, text


def _text(value: object) -> str:
    """Of a scalar; numbers and texts that are numbers alike."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Numeral):
        value = value.text
    if isinstance(value, int | float | str):
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            return str(value)
        return format(number.normalize(), "f") if number.is_finite() else str(value)
    return repr(value)


def _is_block(value: object) -> bool:
    return isinstance(value, dict) and "__tfmeta" in value


def _is_reference(value: object) -> bool:
    return isinstance(value, dict) and "__attribute__" in value
