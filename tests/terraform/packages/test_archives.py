"""Archives, also hostile ones."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
from pathlib import Path

import pytest

from tests.terraform.packages.local_server import tar_of, zip_of
from wa_scan.terraform.packages import archives, contents
from wa_scan.terraform.packages.archives import unpack
from wa_scan.terraform.packages.contents import PackageWriter
from wa_scan.terraform.packages.errors import ModuleUnavailableError

FILES = {"main.tf": "a", "sub/x/y.tf": "b" * 100_000, "./z.tf": ""}


def unpacked(tmp_path: Path, data: bytes) -> dict[str, bytes]:
    """What an archive gives, links as what they lead to; nothing may lie outside of its folder."""
    folder = tmp_path / "outer" / "package"
    folder.mkdir(parents=True)
    archive = tmp_path / "archive"
    archive.write_bytes(data)
    try:
        unpack(archive, PackageWriter(folder), tmp_path / "scratch")
    finally:
        assert [path.name for path in (tmp_path / "outer").iterdir()] == ["package"]
        assert {path.name for path in tmp_path.iterdir()} <= {"outer", "archive", "scratch"}
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize("kind", ["w:", "w:gz", "w:bz2", "w:xz", "zip"])
def test_every_kind_of_archive(tmp_path: Path, kind: str) -> None:
    data = zip_of(FILES) if kind == "zip" else tar_of(FILES, kind)
    assert unpacked(tmp_path, data) == {"main.tf": b"a", "sub/x/y.tf": b"b" * 100_000, "z.tf": b""}


@pytest.mark.parametrize("make", [tar_of, zip_of])
def test_links_inside_stay_and_links_out_are_left_out(tmp_path: Path, make: type) -> None:
    files = {
        "main.tf": "a",
        "link.tf": "-> main.tf",
        "sub/up.tf": "-> ../main.tf",
        "out.tf": "-> ../../secret",
        "absolute.tf": "-> /etc/passwd",
        "round.tf": "-> round.tf",
    }
    assert unpacked(tmp_path, make(files)) == {"main.tf": b"a", "link.tf": b"a", "sub/up.tf": b"a"}


@pytest.mark.parametrize(
    "files",
    [
        # A file through a link, a link through a link, a link that later leads elsewhere.
        {"d": "-> ..", "d/evil": "x"},
        {"d": "-> .", "d/e": "-> ..", "d/e/evil": "x"},
        {"a/b/one": "-> two/../..", "a/b/two": "-> ../../x", "x/y": "", "a/b/one/evil": "-> x"},
        {"one": "-> two/..", "two": "-> /tmp", "one/evil": "-> y"},
    ],
)
def test_nothing_is_written_through_links(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    root = (tmp_path / "outer" / "package").resolve()
    unpacked(tmp_path, tar_of(files))
    for path in root.rglob("*"):
        assert path.resolve().is_relative_to(root)


@pytest.mark.parametrize("make", [tar_of, zip_of])
@pytest.mark.parametrize(
    "name", ["../evil", "a/../../evil", "/evil", "a/" * 100 + "deep", "n" * 2_000, "a/../b"]
)
def test_an_archive_with_a_hostile_name_is_refused(tmp_path: Path, make: type, name: str) -> None:
    with pytest.raises(ModuleUnavailableError):
        unpacked(tmp_path, make({"main.tf": "a", name: "x"}))


@pytest.mark.parametrize("kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.LNKTYPE])
def test_devices_pipes_and_hard_links_are_passed_over(tmp_path: Path, kind: bytes) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo("x")
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
    assert unpacked(tmp_path, out.getvalue()) == {}


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_bombs_are_refused_before_they_go_off(tmp_path: Path, compress: type) -> None:
    with pytest.raises(ModuleUnavailableError, match="packed more tightly"):
        unpacked(tmp_path, compress(bytes(30_000_000)))
    assert (tmp_path / "scratch").stat().st_size <= 20_100_000


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModuleUnavailableError, match="packed more tightly"):
        unpacked(tmp_path, zip_of({f"{number}": bytes(9_000_000) for number in range(3)}))


def test_the_limits_of_size_and_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "LARGEST_CONTENTS", 100)
    monkeypatch.setattr(contents, "MOST_ENTRIES", 3)
    for number, files in enumerate([{"a": "x" * 101}, dict.fromkeys("abcd", "")]):
        inner = tmp_path / str(number)
        inner.mkdir()
        with pytest.raises(ModuleUnavailableError, match="more than"):
            unpacked(inner, tar_of(files))


def test_a_header_that_claims_any_length_is_not_believed(tmp_path: Path) -> None:
    data = bytearray(tar_of({"main.tf": "a"}, "w:"))
    header = tarfile.TarInfo("long")
    header.type, header.size = tarfile.XHDTYPE, 8_000_000_000
    with pytest.raises(ModuleUnavailableError, match=r"broken|cannot be read"):
        unpacked(tmp_path, header.tobuf() + bytes(data))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>not found</html>",
        b"PK\x03\x04 nonsense",
        b"\x1f\x8b\x08 nonsense",
        b"BZh9 nonsense",
        b"\xfd7zXZ\0 nonsense",
        tar_of(FILES)[:100],
        zip_of(FILES)[:-30],
        tar_of(FILES, "w:")[:700],
        b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 9, 9, 99, 99, 0),
    ],
    ids=range(10),
)
def test_what_is_broken_or_no_archive(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ModuleUnavailableError):
        unpacked(tmp_path, data)


def test_an_encrypted_zip(tmp_path: Path) -> None:
    data = bytearray(zip_of({"main.tf": "a"}))
    # The flag that says so, in the local header and in the directory.
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ModuleUnavailableError, match="cannot be read"):
        unpacked(tmp_path, bytes(data))


def test_only_small_reads_are_made_of_headers() -> None:
    with pytest.raises(tarfile.ReadError):
        archives._SmallReads(io.BytesIO(b"x")).read(2_000_000)
