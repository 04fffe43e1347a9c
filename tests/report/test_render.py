import subprocess
import sys

import pytest

from tests.report.hand_made import DATABASE, RULES, Workspace, finding, location, report, resource
from tests.work import calls_in
from wa_scan.errors import UsageError
from wa_scan.report import FORMATS, render


def test_an_unknown_format_is_a_usage_error(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match=r"no report format 'xml'. Formats: text, json, sarif\."):
        render("xml", report(), workspace({}))


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_ends_with_one_newline(name: str, workspace: Workspace) -> None:
    text = render(name, report(finding()), workspace({"db.tf": DATABASE}))
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("name", FORMATS)
def test_work_grows_with_the_number_of_findings(name: str, workspace: Workspace) -> None:
    def work(count: int) -> int:
        source = "".join(f"  key_{number} = 名前\n" for number in range(count))
        found = [
            finding(RULES[number % 3], location("db.tf", number + 1, 3, 12), fingerprint=str(number))
            for number in range(count)
        ]
        found.sort(key=lambda each: (each.rule.risk.rank, each.rule.id))
        context = workspace({"db.tf": source}, places_per_rule=None)
        return calls_in(lambda: render(name, report(*found), context))

    work(1)
    assert work(1600) < 4.4 * work(400)


@pytest.mark.parametrize("name", FORMATS)
def test_a_very_long_line_is_not_shown_whole(name: str, workspace: Workspace) -> None:
    line = '{"k": "v", ' * 100_000
    found = [finding(at=location("t.json", 1, number * 11 + 1, number * 11 + 4)) for number in range(500)]
    assert len(render(name, report(*found), workspace({"t.json": line}))) < len(line)


def test_hostile_file_names_break_no_format(workspace: Workspace) -> None:
    found = report(finding(at=location("bad\udc80 name.tf", 1, 1, 2), of=resource("a\udc80")))
    for name in FORMATS:
        render(name, found, workspace({})).encode("utf-8")


@pytest.mark.parametrize(
    ("name", "unwanted"),
    [
        ("text", ("sarif_om", "networkx", "rich", "hcl2", "cfnlint", "jsonschema")),
        ("json", ("sarif_om", "networkx", "rich", "hcl2", "cfnlint", "jsonschema")),
        ("sarif", ("networkx", "rich", "hcl2", "cfnlint", "jsonschema")),
    ],
)
def test_a_format_imports_only_what_it_needs(name: str, unwanted: tuple[str, ...]) -> None:
    program = (
        "import sys; from importlib import import_module; from wa_scan.report import FORMATS;"
        f"import_module(FORMATS[{name!r}]); print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert {module.split(".")[0] for module in run.stdout.split()}.isdisjoint(unwanted)
