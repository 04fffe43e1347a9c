"""What users install: the wheel holds everything, and works outside of the checkout."""

import json
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.environments import command, copy_of_checkout, needs, virtual_environment

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, which stays as it is while the tests run."""
    return copy_of_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def distributions(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source distribution, and the wheel that was built from it."""
    needs("build")
    folder = tmp_path_factory.mktemp("dist")
    command(sys.executable, "-m", "build", "--outdir", folder, checkout, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def installed(distributions: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a clean environment with the wheel in it."""
    programs = virtual_environment(tmp_path_factory.mktemp("installed") / "venv")
    (wheel,) = distributions.glob("*.whl")
    pip = ("-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    command(programs / "python", *pip, wheel, cwd=distributions)
    return programs


def files_in(checkout: Path, folder: str) -> set[str]:
    return {
        path.relative_to(checkout).as_posix() for path in (checkout / folder).rglob("*") if path.is_file()
    }


def test_the_wheel_holds_the_package_its_data_and_the_rules(checkout: Path, distributions: Path) -> None:
    (wheel,) = distributions.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == files_in(checkout, "wa_scan") | {
        f"wa_scan/{name}" for name in files_in(checkout, "rules")
    }


def test_the_source_distribution_can_be_tested(checkout: Path, distributions: Path) -> None:
    (archive,) = distributions.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    assert {"LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "tests/test_packaging.py"} <= names
    assert files_in(checkout, "rules") <= names


def test_the_installed_program_reviews_the_storefront(
    checkout: Path, installed: Path, tmp_path: Path
) -> None:
    shutil.copytree(checkout / "fixtures/storefront/terraform", tmp_path / "infra")
    scan = ("./infra", "-f", "json")
    there = command(installed / "wa-scan", *scan, cwd=tmp_path, status=1)
    environment = {"PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"}
    here = command(sys.executable, "-m", "wa_scan", *scan, cwd=tmp_path, status=1, **environment)
    assert json.loads(there)["findings"]
    assert there == here


def test_the_module_is_the_program(checkout: Path, installed: Path, tmp_path: Path) -> None:
    rules = command(installed / "wa-scan", "rules", "-f", "json", cwd=tmp_path)
    assert command(installed / "python", "-m", "wa_scan", "rules", "-f", "json", cwd=tmp_path) == rules
    listed = {rule["name"].replace("-", "_") for rule in json.loads(rules)["rules"]}
    files = {Path(name).name for name in files_in(checkout, "rules") if name.endswith((".py", ".yaml"))}
    assert listed == {name.partition(".")[0] for name in files if not name.startswith("_")}


def test_the_library_works(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("Resources:\n  Data:\n    Type: AWS::EC2::Volume\n")
    program = "from wa_scan import scan; print([r.address for r in scan(['t.yaml']).resources])"
    assert command(installed / "python", "-c", program, cwd=tmp_path) == "['Data']\n"
