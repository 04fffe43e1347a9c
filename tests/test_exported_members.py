"""The public names: each exists, is documented, and costs nothing before it is used."""

import subprocess
import sys
from pathlib import Path

import pytest

import wa_scan


@pytest.mark.parametrize("name", [name for name in wa_scan.__all__ if name != "__version__"])
def test_every_public_name_is_there_and_says_what_it_is(name: str) -> None:
    assert getattr(wa_scan, name).__doc__


def test_the_list_is_sorted_and_is_what_dir_gives() -> None:
    assert dir(wa_scan) == sorted(wa_scan.__all__)


def test_there_is_nothing_else() -> None:
    with pytest.raises(AttributeError, match="module 'wa_scan' has no attribute 'nothing'"):
        wa_scan.nothing  # noqa: B018


def test_importing_the_package_imports_none_of_it() -> None:
    program = "import sys, wa_scan; print(sorted(m for m in sys.modules if m.startswith('wa_scan')))"
    root = Path(__file__).parents[1]
    out = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert out.stdout == "['wa_scan', 'wa_scan.version']\n"
