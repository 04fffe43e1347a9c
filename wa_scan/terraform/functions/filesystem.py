"""Functions on files: paths, contents, and the sandbox that keeps them inside the scanned tree."""

import posixpath
from base64 import b64encode
from collections.abc import Iterator, Sequence
from os import scandir
from pathlib import Path
from typing import Protocol

from wa_scan.terraform.errors import EvaluationError, LimitReachedError
from wa_scan.terraform.functions.globs import glob_pattern
from wa_scan.terraform.functions.hashes import digest
from wa_scan.terraform.functions.signature import (
    Context,
    Needs,
    Parameter,
    any_parameter,
    function,
    plain,
    refuse,
    string_parameter,
    text,
    unknown_call,
)
from wa_scan.terraform.operators import concat_template
from wa_scan.terraform.sets import set_of
from wa_scan.terraform.types import BOOL, DYNAMIC, STRING, MapType, ObjectType, SetType
from wa_scan.terraform.values import (
    TfValue,
    UnknownData,
    boolean,
    string,
    unknown,
)
from wa_scan.values import Symbol
from wa_scan.values.kinds import Reason

MAX_FILE_BYTES = 5_000_000
MAX_LISTED = 50_000
_PATH = string_parameter("path")


class FileAccess(Protocol):
    """What functions may see of the file system. Paths are as written, `/` between parts, relative
    to the working directory of Terraform. Everything raises `EvaluationError` for a path outside
    the scanned tree.
    """

    def read(self, path: str) -> bytes:
        """The contents. Raises `EvaluationError` where there is no file, or one too large."""

    def exists(self, path: str) -> bool:
        """Whether there is a regular file. Raises for a directory, as `fileexists` does."""

    def list(self, path: str) -> Iterator[str]:
        """The files below a directory, however deep, relative to it; nothing if there is none."""


class SandboxedFiles:
    """The files below `root`, with relative paths taken from `base`, which lies in `root`.

    Symbolic links are followed only to where they stay inside `root`.
    """

    def __init__(self, root: Path, base: Path) -> None:
        self._root = root.resolve()
        self._base = base.resolve()

    def _locate(self, path: str) -> Path:
        if "\0" in path:
            raise EvaluationError("a path cannot contain a null character")
        try:
            found = (self._base / path).resolve()
        except (OSError, RuntimeError, ValueError):
            raise EvaluationError(f'cannot resolve the path "{path[:200]}"') from None
        if not found.is_relative_to(self._root):
            raise EvaluationError(f'"{path[:200]}" is outside the scanned tree and is not read')
        return found

    def read(self, path: str) -> bytes:
        found = self._locate(path)
        try:
            if not found.is_file():
                raise EvaluationError(f'there is no file at "{path[:200]}"')
            with found.open("rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise EvaluationError(f'cannot read "{path[:200]}": {error.strerror}') from None
        if len(data) > MAX_FILE_BYTES:
            raise LimitReachedError(f'"{path[:200]}" is too large to be read')
        return data

    def exists(self, path: str) -> bool:
        found = self._locate(path)
        try:
            if found.is_dir():
                raise EvaluationError(f'"{path[:200]}" is a directory, not a file')
            return found.is_file()
        except OSError:
            return False

    def list(self, path: str) -> Iterator[str]:
        todo = [(self._locate(path), "")]
        seen: set[Path] = set()
        listed = 0
        while todo:
            directory, prefix = todo.pop()
            if directory in seen:
                continue
            seen.add(directory)
            for name, target, is_directory in self._children(directory):
                if is_directory:
                    todo.append((target, f"{prefix}{name}/"))
                else:
                    yield prefix + name
                listed += 1
                if listed > MAX_LISTED:
                    raise LimitReachedError(f'there are too many files below "{path[:200]}"')

    def _children(self, directory: Path) -> Iterator[tuple[str, Path, bool]]:
        try:
            with scandir(directory) as found:
                children = sorted(found, key=lambda child: child.name)
        except OSError:
            return
        for child in children:
            target = Path(child.path)
            try:
                if child.is_symlink():
                    target = target.resolve()
                    if not target.is_relative_to(self._root):
                        continue
                if target.is_dir():
                    yield child.name, target, True
                elif target.is_file():
                    yield child.name, target, False
            except (OSError, RuntimeError):
                continue


def _files(context: Context) -> FileAccess:
    if context.files is None:
        raise EvaluationError("no files can be read here")
    return context.files


def _decoded(data: bytes, path: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise refuse(f'the contents of "{path[:200]}" are not valid UTF-8', 0) from None


@function("file", _PATH, returns=STRING)
def _file(arguments: Sequence[TfValue], context: Context) -> TfValue:
    path = text(arguments[0])
    return string(_decoded(_files(context).read(path), path))


@function("filebase64", _PATH, returns=STRING)
def _filebase64(arguments: Sequence[TfValue], context: Context) -> TfValue:
    return string(b64encode(_files(context).read(text(arguments[0]))).decode("ascii"))


@function("fileexists", _PATH, returns=BOOL)
def _fileexists(arguments: Sequence[TfValue], context: Context) -> TfValue:
    return boolean(_files(context).exists(text(arguments[0])))


def _define_digest(name: str, algorithm: str, base64: bool) -> None:
    @function(name, _PATH, returns=STRING)
    def file_digest(arguments: Sequence[TfValue], context: Context) -> TfValue:
        found = digest(algorithm, _files(context).read(text(arguments[0])))
        return string(b64encode(found).decode("ascii") if base64 else found.hex())


for _algorithm in ("md5", "sha1", "sha256", "sha512"):
    _define_digest(f"file{_algorithm}", _algorithm, base64=False)
for _algorithm in ("sha256", "sha512"):
    _define_digest(f"filebase64{_algorithm}", _algorithm, base64=True)


@function("fileset", _PATH, string_parameter("pattern"), returns=SetType(STRING))
def _fileset(arguments: Sequence[TfValue], context: Context) -> TfValue:
    path, pattern = text(arguments[0]), text(arguments[1])
    # The pattern goes on from the path: a slash before it means nothing.
    pattern = posixpath.normpath(pattern.lstrip("/")) if pattern else pattern
    above = ""
    while pattern.startswith("../"):
        pattern, above = pattern[3:], above + "../"
    matcher = glob_pattern(pattern)
    listed = _files(context).list(f"{path}/{above}" if above else path)
    found = [string(above + name) for name in listed if matcher.fullmatch(name)]
    return set_of(STRING, found)


@function("templatefile", _PATH, any_parameter("vars", Needs.NOTHING, keeps_marks=True), returns=DYNAMIC)
def _templatefile(arguments: Sequence[TfValue], context: Context) -> TfValue:
    path = text(arguments[0])
    return _rendered("templatefile", _decoded(_files(context).read(path), path), path, arguments, context)


@function(
    "templatestring",
    string_parameter("template"),
    any_parameter("vars", Needs.NOTHING, keeps_marks=True),
    returns=STRING,
)
def _templatestring(arguments: Sequence[TfValue], context: Context) -> TfValue:
    return _rendered("templatestring", text(arguments[0]), "(template)", arguments, context)


def _rendered(name: str, template: str, path: str, arguments: Sequence[TfValue], context: Context) -> TfValue:
    given = arguments[1]
    if isinstance(given.data, UnknownData):
        return unknown_call(name, arguments, DYNAMIC if name == "templatefile" else STRING)
    if not isinstance(given.type, MapType | ObjectType) or not isinstance(given.data, dict):
        raise refuse("invalid vars value: must be a map", 1)
    for key in given.data:
        if not key.replace("-", "_").isidentifier():
            raise refuse(f'invalid template variable name "{key[:60]}"', 1)
    if context.render_template is None:
        return unknown_call(name, arguments, DYNAMIC, Reason.UNSUPPORTED)
    found = context.render_template(template, path, given.data)
    if found.data is None:
        raise refuse("the template gives null", 0)
    return found.with_marks(given.marks)


_OPEN_PATH = Parameter("path", STRING, needs=Needs.NOTHING)


@function("basename", _OPEN_PATH, returns=STRING)
def _basename(arguments: Sequence[TfValue], context: Context) -> TfValue:
    data = arguments[0].data
    if isinstance(data, UnknownData):
        last = data.parts[-1] if data.parts else ""
        if isinstance(last, str) and "/" in last.rstrip("/"):
            return string(last.rstrip("/").rpartition("/")[2])
        return unknown_call("basename", arguments, STRING)
    path = text(arguments[0])
    if not path:
        return string(".")
    stripped = path.rstrip("/")
    return string(stripped.rpartition("/")[2] if stripped else "/")


@plain("dirname", _PATH, returns=STRING)
def _dirname(path: str) -> str:
    return _cleaned(path[: path.rfind("/") + 1])


def _cleaned(path: str) -> str:
    found = posixpath.normpath(path) if path else "."
    return found[1:] if found.startswith("//") else found


def _below(what: str, path: str) -> TfValue:
    """A path below a directory that is not known while scanning, nor should show in a result."""
    directory = unknown(STRING, Symbol(what), Reason.UNSUPPORTED, never_null=True)
    cleaned = _cleaned(path.lstrip("/"))
    if cleaned == ".":
        return directory
    if cleaned.startswith(".."):
        return unknown(STRING, Symbol(f"{what}/{cleaned[:100]}"), Reason.UNSUPPORTED, never_null=True)
    return concat_template([directory, string(f"/{cleaned}")])


@function("abspath", _PATH, returns=STRING)
def _abspath(arguments: Sequence[TfValue], context: Context) -> TfValue:
    path = text(arguments[0])
    return string(_cleaned(path)) if path.startswith("/") else _below("path.cwd", path)


@function("pathexpand", _PATH, returns=STRING)
def _pathexpand(arguments: Sequence[TfValue], context: Context) -> TfValue:
    path = text(arguments[0])
    if not path.startswith("~"):
        return arguments[0]
    if path[1:2] not in ("", "/", "\\"):
        raise refuse("cannot expand a user's home directory", 0)
    return _below("(home directory)", path[1:])
