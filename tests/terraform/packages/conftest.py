"""A server and a store for modules from elsewhere."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.terraform.packages.local_server import LocalServer
from wa_scan.terraform.packages.store import ModuleStore


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalServer]:
    with LocalServer(repositories=tmp_path / "repositories") as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Callable[..., ModuleStore]:
    """A store with its cache in `tmp_path / "cache"`, new each time, as in another run."""

    def open_store(*, download: bool = True) -> ModuleStore:
        return ModuleStore(tmp_path / "cache", download=download)

    return open_store
