"""Start-up time is a feature."""

import subprocess
import sys
from pathlib import Path

from tests.cli.running import Run, seconds_of_children, write

ROOT = Path(__file__).parents[2]


def loaded_by(*args: str) -> set[str]:
    """The top-level packages besides Python's own that a command line imports."""
    program = (
        "import sys\nfrom wa_scan.cli.main import main\n"
        f"try:\n    main({list(args)!r})\n"
        "except SystemExit:\n    pass\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "print('LOADED', *(n for n in names if n not in sys.stdlib_module_names and not n.startswith('_')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.rpartition("LOADED")[2].split())


def test_version_imports_nothing_but_click() -> None:
    assert loaded_by("--version") - site_packages_of_start_up() == {"wa_scan", "click"}


def test_version_takes_less_than_three_times_what_importing_click_takes() -> None:
    version = fastest("-m", "wa_scan", "--version")
    click = fastest("-c", "import click")
    assert version < 3 * click, f"{version:.3f} s and {click:.3f} s"


def test_a_small_file_takes_less_than_a_second(tmp_path: Path, run: Run) -> None:
    write(tmp_path, {"main.tf": 'resource "aws_sqs_queue" "q" {\n  name = "q"\n}\n'})
    run("main.tf", "-q")  # the first use compiles the grammar and fills caches
    times = []
    for _ in range(3):
        before = seconds_of_children()
        assert run("main.tf", "-q", "--fail-on", "never").status == 0
        times.append(seconds_of_children() - before)
    assert min(times) < 1


def site_packages_of_start_up() -> set[str]:
    """What Python itself imports from site-packages when it starts (`.pth` files)."""
    program = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def fastest(*args: str) -> float:
    """Seconds of computing, the best of several: noise only ever adds."""
    times = []
    for _ in range(7):
        before = seconds_of_children()
        subprocess.run([sys.executable, *args], cwd=ROOT, capture_output=True, check=True)
        times.append(seconds_of_children() - before)
    return min(times)
