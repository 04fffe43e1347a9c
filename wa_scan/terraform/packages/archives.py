"""Unpacking zip and tar archives that nobody vouches for.

What an archive is is told by its first bytes, whatever it is called.
"""

import bz2
import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from wa_scan.terraform.packages.contents import LARGEST_CONTENTS, MOST_ENTRIES, PackageWriter
from wa_scan.terraform.packages.errors import ModuleUnavailableError

_CHUNK = 65_536
# A compressed archive of configuration is a tenth of its contents; a bomb is a thousandth.
_STEEPEST = 200
_STEEPNESS_COUNTS_FROM = 20_000_000
_LARGEST_HEADER = 1_000_000
_BLOCK = 512


def unpack(archive: Path, writer: PackageWriter, scratch: Path) -> None:
    """Writes what is in `archive`; a tar is first decompressed to the file `scratch`.

    Raises `ModuleUnavailableError`, and does so for limits before the disk is full.
    """
    try:
        with archive.open("rb") as file:
            start = file.read(_BLOCK)
        if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            _unpack_zip(archive, writer)
        else:
            _unpack_tar(_decompressed(archive, start, scratch), writer)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError) as error:
        raise ModuleUnavailableError(f"the archive is broken ({error})") from None
    except (OSError, ValueError, RuntimeError, NotImplementedError, OverflowError) as error:
        raise ModuleUnavailableError(f"the archive cannot be read ({error})") from None
    writer.finish()


def _decompressed(archive: Path, start: bytes, scratch: Path) -> Path:
    if start.startswith(b"\x1f\x8b"):
        opened: type[gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile] = gzip.GzipFile
    elif start.startswith(b"BZh"):
        opened = bz2.BZ2File
    elif start.startswith(b"\xfd7zXZ\0"):
        opened = lzma.LZMAFile
    elif start[257:262] == b"ustar" or not start.strip(b"\0"):
        return archive
    else:
        raise ModuleUnavailableError("what was downloaded is no archive that is supported (zip, tar)")
    meter = _Meter(archive)
    room = LARGEST_CONTENTS + MOST_ENTRIES * 4 * _BLOCK
    with opened(archive) as packed, scratch.open("xb") as out:
        while chunk := packed.read(_CHUNK):
            meter.count(chunk)
            if meter.size > room:
                raise ModuleUnavailableError(f"it unpacks to more than {LARGEST_CONTENTS // 1_000_000} MB")
            out.write(chunk)
    return scratch


class _Meter:
    """Tells archives from bombs by how much comes out of them."""

    def __init__(self, archive: Path) -> None:
        self._most = max(_STEEPNESS_COUNTS_FROM, archive.stat().st_size * _STEEPEST)
        self.size = 0

    def count(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size > self._most:
            raise ModuleUnavailableError("the archive is packed more tightly than real ones are")


class _SmallReads:
    """A file of which nothing large is read at once, since a header may claim any length."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek = file.seek
        self.tell = file.tell

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _LARGEST_HEADER:
            raise tarfile.ReadError("a header is too long")
        return self._file.read(size)


def _unpack_tar(archive: Path, writer: PackageWriter) -> None:
    with (
        archive.open("rb") as file,
        tarfile.open(fileobj=cast("IO[bytes]", _SmallReads(file)), mode="r:") as opened,
    ):
        for member in opened:
            # Devices, pipes and hard links are nothing that a module is made of.
            if member.issym():
                writer.link(member.name, member.linkname)
            elif member.isreg():
                contents = opened.extractfile(member)
                if contents is not None:
                    writer.file(member.name, _chunks(contents))
            else:
                writer.pass_over(member.name)


def _unpack_zip(archive: Path, writer: PackageWriter) -> None:
    meter = _Meter(archive)
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            if entry.is_dir():
                writer.pass_over(entry.filename)
            elif stat.S_ISLNK(entry.external_attr >> 16):
                with opened.open(entry) as contents:
                    writer.link(entry.filename, contents.read(_CHUNK).decode("utf-8", "replace"))
            else:
                with opened.open(entry) as contents:
                    writer.file(entry.filename, _chunks(contents, meter))


def _chunks(contents: IO[bytes], meter: _Meter | None = None) -> Iterator[bytes]:
    while chunk := contents.read(_CHUNK):
        if meter is not None:
            meter.count(chunk)
        yield chunk
