"""Source files for reports made by hand."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.report.hand_made import Workspace
from wa_scan.report.context import ReportContext
from wa_scan.sources.texts import SourceTexts


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Writes files below a folder and gives a context that has their texts."""

    def make(files: Mapping[str, str | bytes], **settings: object) -> ReportContext:
        paths = {}
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode() if isinstance(text, str) else text)
            paths[name] = path
        chosen: dict[str, object] = {"working_directory": tmp_path, "version": "0.1.0", "width": 80}
        return ReportContext(texts=SourceTexts(paths), **(chosen | settings))  # type: ignore[arg-type]

    return make
