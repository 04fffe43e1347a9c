"""Lines of stack traces become lines of source, inside the scanned tree only."""

from __future__ import annotations

from pathlib import Path

import pytest

from wa_scan.cloudformation.assembly_frames import SourceLines, frame_of

FRAMES = [
    ("new Shop (/app/lib/shop.ts:12:5)", ("new Shop", ("app", "lib", "shop.ts"), 12, 5)),
    ("    at new Shop (/app/lib/shop.ts:12:5)", ("new Shop", ("app", "lib", "shop.ts"), 12, 5)),
    ("/app/lib/shop.ts:12:5", ("", ("app", "lib", "shop.ts"), 12, 5)),
    ("at file:///app/my%20lib/shop.mjs:12:5", ("", ("app", "my lib", "shop.mjs"), 12, 5)),
    ("Object.<anonymous> (file:///C:/app/shop.js:3:1)", ("Object.<anonymous>", ("app", "shop.js"), 3, 1)),
    ("new Shop (C:\\app\\lib\\shop.ts:12:5)", ("new Shop", ("app", "lib", "shop.ts"), 12, 5)),
    ("<anonymous> (/app/bin (2)/shop.ts:6:1)", ("<anonymous>", ("app", "bin (2)", "shop.ts"), 6, 1)),
    ("__init__ (/app/shop/stack.py:12)", ("__init__", ("app", "shop", "stack.py"), 12, 0)),
    ('  File "/app/shop/stack.py", line 12, in __init__', ("__init__", ("app", "shop", "stack.py"), 12, 0)),
    ("com.shop.Stack.<init> (Stack.java:12)", ("com.shop.Stack.<init>", ("Stack.java",), 12, 0)),
]


@pytest.mark.parametrize(("text", "frame"), FRAMES)
def test_the_forms_of_all_runtimes(text: str, frame: tuple[object, ...]) -> None:
    found = frame_of(text)
    assert found is not None
    assert tuple(found) == frame


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...new Table2 in aws-cdk-lib...",
        ".../app/node_modules/aws-cdk-lib/aws-ec2/lib/vpc.js:1:291 in aws-cdk-lib...",
        "(no user code in 10 frames, use --stack-trace-limit to capture more)",
        "new Bucket (/app/node_modules/aws-cdk-lib/aws-s3/lib/bucket.js:1:19290)",
        "Module._compile (node:internal/modules/cjs/loader:1521:14)",
        "node:internal/main/run_main_module:28:49",
        "Array.forEach (<anonymous>)",
        "Array.forEach (:)",
        '  File "/usr/lib/python3/dist-packages/jsii/_runtime.py", line 86, in __call__',
        "__call__ (/app/.venv/lib/python3.12/site-packages/jsii/_runtime.py:86)",
        "new Shop (/app/../../etc/passwd:1:1)",
        "x" * 100_000 + ":1:1",
    ],
)
def test_libraries_and_other_lines_are_no_frames(text: str) -> None:
    assert frame_of(text) is None


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def places(tree: Path, trace: list[str], assembly: str = "cdk.out") -> list[str]:
    lines = SourceLines(tree / assembly, tree, tree)
    return [f"{step.location} {step.text}" for step in lines.steps(trace)]


SOURCE = "export class Shop {\n  make() {\n    new Bucket(this, 'B');\n  }\n}\n"


def test_the_way_is_told_from_the_outermost_call(tmp_path: Path) -> None:
    write(tmp_path / "lib/shop.ts", SOURCE)
    write(tmp_path / "bin/app.ts", "new Shop();\n")
    trace = [
        "...new Bucket2 in aws-cdk-lib...",
        f"new Shop ({tmp_path}/lib/shop.ts:3:5)",
        f"<anonymous> ({tmp_path}/bin/app.ts:1:1)",
        "...node internals...",
    ]
    assert places(tmp_path, trace) == ["bin/app.ts:1:1 in <anonymous>", "lib/shop.ts:3:5 in new Shop"]


def test_a_path_of_another_machine_is_the_file_with_the_longest_common_end(tmp_path: Path) -> None:
    write(tmp_path / "infra/lib/shop.ts", SOURCE)
    write(tmp_path / "lib/shop.ts", SOURCE)
    frame = "new Shop (/builds/shop/infra/lib/shop.ts:3:5)"
    assert places(tmp_path, [frame], "infra/cdk.out") == ["infra/lib/shop.ts:3:5 in new Shop"]
    assert places(tmp_path, [frame], "artifacts/cdk.out") == ["infra/lib/shop.ts:3:5 in new Shop"]
    assert places(tmp_path, ["new Shop (D:\\a\\lib\\shop.ts:3:5)"], "infra/cdk.out") == [
        "infra/lib/shop.ts:3:5 in new Shop"
    ]


def test_a_name_alone_counts_beside_the_assembly_only(tmp_path: Path) -> None:
    write(tmp_path / "app.py", "Shop(app)\n")
    frame = "<module> (/codebuild/output/app.py:1)"
    assert places(tmp_path, [frame]) == ["app.py:1:1 in <module>"]
    assert places(tmp_path, [frame], "infra/cdk.out") == []


def test_what_does_not_fit_the_file_is_no_place(tmp_path: Path) -> None:
    write(tmp_path / "lib/shop.ts", SOURCE)
    assert places(tmp_path, ["new Shop (/app/lib/shop.ts:300:5)"]) == []
    assert places(tmp_path, ["new Shop (/app/lib/shop.ts:0:5)"]) == []
    assert places(tmp_path, ["new Shop (/app/lib/gone.ts:3:5)"]) == []
    # Past the end of the line, the line counts.
    assert places(tmp_path, ["new Shop (/app/lib/shop.ts:3:500)"]) == ["lib/shop.ts:3:5 in new Shop"]


def test_nothing_outside_the_tree_is_read(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    write(tmp_path / "lib/shop.ts", SOURCE)
    tree.mkdir()
    (tree / "linked").symlink_to(tmp_path / "lib")
    trace = [f"a ({tmp_path}/lib/shop.ts:1:1)", f"b ({tree}/linked/shop.ts:1:1)", "c (/etc/passwd:1:1)"]
    assert places(tree, trace) == []


def test_what_synthesis_made_is_not_where_the_app_asks_for_synthesis(tmp_path: Path) -> None:
    write(tmp_path / "app.js", "app.synth();\n")
    trace = [
        "new Bucket (/x/node_modules/aws-cdk-lib/aws-s3/lib/bucket.js:1:19290)",
        "App.synth (/x/node_modules/aws-cdk-lib/core/lib/stage.js:1:2263)",
        "Object.<anonymous> (/x/app.js:1:5)",
    ]
    assert places(tmp_path, trace) == []
    assert places(tmp_path, [trace[0], trace[2]]) == ["app.js:1:5 in Object.<anonymous>"]
