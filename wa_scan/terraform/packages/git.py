"""Git repositories: a commit's files without a checkout.

`git` is run with arguments, never through a shell, in a new bare repository of its own; the files are read
out of the object store and written by `PackageWriter`. So no hook, filter, attribute or submodule of the
repository has any effect. Credentials and the like are those of the user's own git configuration, but nothing
is asked for.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import urlsplit

from wa_scan.terraform.packages.contents import LARGEST_CONTENTS, MOST_ENTRIES, PackageWriter
from wa_scan.terraform.packages.errors import ModuleUnavailableError
from wa_scan.terraform.packages.sources import GitSource

LONGEST = 300.0
LARGEST_REPOSITORY = 1_000_000_000
_LARGEST_LIST = 50_000_000
_CHUNK = 65_536
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")

# Where the process is, and what is traced where, is the caller's business: a hook of git sets such variables.
_NOT_PASSED_ON = re.compile(
    r"GIT_(?:DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|NAMESPACE|PREFIX"
    r"|QUARANTINE_PATH|SHALLOW_FILE|ASKPASS|EXTERNAL_DIFF|TRACE.*|CURL_VERBOSE|ALLOW_PROTOCOL)|SSH_ASKPASS"
)
_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.askPass=",
    "credential.interactive=false",
    "fetch.recurseSubmodules=false",
    "submodule.recurse=false",
    "protocol.ext.allow=never",
    "gc.auto=0",
    "maintenance.auto=false",
    "transfer.bundleURI=false",
    "fetch.fsckObjects=false",
)


class _Entry(NamedTuple):
    mode: str
    object_id: str
    size: int
    name: str


class Repository:
    """A bare repository in `folder`, an empty one, for what is fetched from `source`."""

    def __init__(self, source: GitSource, folder: Path, tick: Callable[[], None]) -> None:
        program = shutil.which("git")
        if program is None:
            raise ModuleUnavailableError("git is not installed")
        self._program = program
        self._source = source
        self._folder = folder
        self._tick = tick
        self._end = time.monotonic() + LONGEST
        self._calls = 0
        self._environment = _environment(urlsplit(source.url).scheme)
        self._bare = folder / "repository.git"
        self._run(["init", "--quiet", "--bare", "--template=", str(self._bare)])

    def fetch(self) -> str:
        """Fetches what `source.reference` names and returns its commit. Raises `ModuleUnavailableError`."""
        reference = self._source.reference
        if reference is None:
            names = ["HEAD"]
        elif _COMMIT.fullmatch(reference):
            names = [reference]
        else:
            # As `git checkout` would choose.
            full = (f"refs/tags/{reference}", f"refs/heads/{reference}", reference)
            listed = self._run(["ls-remote", "--quiet", self._source.url, *full]).decode("utf-8", "replace")
            known = {line.partition("\t")[2] for line in listed.splitlines()}
            names = [name for name in full if name in known][:1]
        for name in names:
            try:
                self._fetch("--depth=1", name)
            except _GitError:
                # Not every server hands out less than all, nor any commit that is asked for.
                if not _COMMIT.fullmatch(name):
                    self._fetch(name)
                    return self._commit("FETCH_HEAD")
                break
            return self._commit("FETCH_HEAD")
        self._fetch("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
        return self._commit(reference or "HEAD")

    def write(self, commit: str, writer: PackageWriter) -> None:
        """Writes the files of `commit`. Submodules are left out. Raises `ModuleUnavailableError`."""
        entries = list(self._entries(commit))
        if sum(entry.size for entry in entries) > LARGEST_CONTENTS:
            raise ModuleUnavailableError(f"it has more than {LARGEST_CONTENTS // 1_000_000} MB of files")
        asked = self._folder / "objects"
        asked.write_text("".join(f"{entry.object_id}\n" for entry in entries), encoding="ascii")
        output = self._output(["cat-file", "--batch"], LARGEST_CONTENTS + len(entries) * 100, asked)
        with output.open("rb") as answers:
            for entry in entries:
                header = answers.readline(200).split()
                if len(header) != 3 or header[0].decode("ascii", "replace") != entry.object_id:
                    raise ModuleUnavailableError("the repository is not complete")
                size = int(header[2])
                if entry.mode == "120000":
                    writer.link(entry.name, os.fsdecode(answers.read(size)))
                else:
                    writer.file(entry.name, _limited(answers, size))
                answers.readline(2)
        writer.finish()

    def _entries(self, commit: str) -> Iterator[_Entry]:
        listed = self._run(["ls-tree", "-r", "-l", "-z", "--full-tree", commit], _LARGEST_LIST)
        lines = listed.split(b"\0")
        if len(lines) > MOST_ENTRIES:
            raise ModuleUnavailableError(f"it has more than {MOST_ENTRIES} files")
        for line in lines:
            told, _, name = line.partition(b"\t")
            fields = told.decode("ascii", "replace").split()
            if len(fields) == 4 and fields[1] == "blob" and fields[3].isdigit():
                yield _Entry(fields[0], fields[2], int(fields[3]), os.fsdecode(name))

    def _fetch(self, *arguments: str) -> None:
        options = [argument for argument in arguments if argument.startswith("--")]
        names = [argument for argument in arguments if not argument.startswith("--")]
        self._run(
            [
                "fetch",
                "--quiet",
                "--no-tags",
                "--no-recurse-submodules",
                *options,
                "--",
                self._source.url,
                *names,
            ]
        )

    def _commit(self, name: str) -> str:
        try:
            found = self._run(["rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"])
        except _GitError:
            found = b""
        commit = found.decode("ascii", "replace").strip()
        if not _COMMIT.fullmatch(commit):
            raise ModuleUnavailableError(f"the repository has no branch, tag or commit {name}")
        return commit

    def _run(self, arguments: Sequence[str], limit: int = _LARGEST_LIST) -> bytes:
        return self._output(arguments, limit).read_bytes()

    def _output(self, arguments: Sequence[str], limit: int, given: Path | None = None) -> Path:
        """The file that git's output went to. Raises `_GitError` where git fails."""
        self._calls += 1
        output = self._folder / f"output-{self._calls}"
        errors = self._folder / f"errors-{self._calls}"
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        with (
            output.open("xb") as out,
            errors.open("xb") as err,
            (given or Path(os.devnull)).open("rb") as stdin,
        ):
            process = subprocess.Popen(
                [self._program, *settings, f"--git-dir={self._bare}", *arguments],
                cwd=self._folder,
                env=self._environment,
                stdin=stdin,
                stdout=out,
                stderr=err,
                # Without a terminal nothing can be asked for; and what git starts ends with it.
                start_new_session=True,
            )
        try:
            self._wait(process, output, limit)
        finally:
            _kill(process)
        if process.returncode:
            raise _GitError(_last_words(errors))
        return output

    def _wait(self, process: "subprocess.Popen[bytes]", output: Path, limit: int) -> None:
        pause = 0.01
        while True:
            try:
                process.wait(pause)
            except subprocess.TimeoutExpired:
                pause = min(pause * 2, 0.3)
            else:
                return
            self._tick()
            if time.monotonic() > self._end:
                raise ModuleUnavailableError(f"git takes longer than {LONGEST:.0f} seconds")
            if output.stat().st_size > limit or _size_of(self._folder) > LARGEST_REPOSITORY:
                raise ModuleUnavailableError("the repository is too large")


class _GitError(ModuleUnavailableError):
    """Git failed. `message` has its last words."""


def borrows_objects(repository: Path) -> bool:
    """Whether a repository takes objects from another one, which may lie anywhere."""
    return any(
        (repository / inner / "objects" / "info" / name).exists()
        for inner in ("", ".git")
        for name in ("alternates", "http-alternates")
    )


def _environment(scheme: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not _NOT_PASSED_ON.fullmatch(name)}
    # Overrides all configuration of protocols. Those two may stand for each other in `url.….insteadOf`.
    protocols = {"https", "ssh", scheme}
    return {
        **kept,
        "GIT_ALLOW_PROTOCOL": ":".join(sorted(protocols)),
        "GIT_TERMINAL_PROMPT": "0",
        "SSH_ASKPASS_REQUIRE": "never",
        "GCM_INTERACTIVE": "never",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_ADVICE": "0",
        "LC_ALL": "C",
    }


def _limited(file: IO[bytes], size: int) -> Iterator[bytes]:
    while size > 0:
        chunk = file.read(min(size, _CHUNK))
        if not chunk:
            raise ModuleUnavailableError("the repository is not complete")
        size -= len(chunk)
        yield chunk


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Ends git, and what it has started, where it still runs."""
    if process.poll() is None:
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()


def _size_of(folder: Path) -> int:
    size = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                size += os.lstat(os.path.join(path, name)).st_size  # noqa: PTH118  (of up to 50,000 files)
            except OSError:
                continue  # gone in the meantime
    return size


def _last_words(errors: Path) -> str:
    text = errors.read_bytes()[-4_000:].decode("utf-8", "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines
    words = telling[0] if telling else "it failed without a reason"
    return f"git says: {words.removeprefix('fatal: ').removeprefix('error: ')[:300]}"
