"""Fetching over https: bounded in size and time, without credentials, and never somewhere else than asked.

Plain http is only for this machine, and only where the module's source names this machine: what comes from
a server elsewhere cannot send wa-scan to a service here.
"""

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO, TypeVar
from urllib.parse import urlsplit

from wa_scan.terraform.packages.errors import ModuleUnavailableError
from wa_scan.terraform.packages.sources import is_loopback
from wa_scan.version import __version__

T = TypeVar("T")

LARGEST_DOCUMENT = 20_000_000
LARGEST_ARCHIVE = 100_000_000
# Seconds: for a connection to say anything, and for a whole answer.
SILENCE = 30.0
LONGEST_DOCUMENT = 60.0
LONGEST_ARCHIVE = 300.0
_MOST_REDIRECTS = 5
_CHUNK = 65_536
_TICK = 0.2


@dataclass(frozen=True, slots=True)
class Answer:
    """`url`: where it came from in the end. `body` is empty for what was written to a file."""

    url: str
    headers: Message
    body: bytes


class Transport:
    """`local`: whether the answers may lead to this machine. `tick` is called every now and then."""

    def __init__(self, *, local: bool, tick: Callable[[], None]) -> None:
        self._local = local
        self._tick = tick

    def get(self, url: str, limit: int = LARGEST_DOCUMENT) -> Answer:
        """The answer to a GET, `limit` bytes at most. Raises `ModuleUnavailableError`."""

        def read() -> Answer:
            with self._open(url) as response:
                chunks: list[bytes] = []
                _copy(response, chunks.append, limit, LONGEST_DOCUMENT)
                return Answer(response.url, response.headers, b"".join(chunks))

        return _within(LONGEST_DOCUMENT, read, url, self._tick)

    def download(self, url: str, file: Path) -> Answer:
        """Writes the answer to a GET to `file`. Raises `ModuleUnavailableError`."""

        def read() -> Answer:
            with self._open(url) as response, file.open("xb") as out:
                _copy(response, out.write, LARGEST_ARCHIVE, LONGEST_ARCHIVE)
                return Answer(response.url, response.headers, b"")

        return _within(LONGEST_ARCHIVE, read, url, self._tick)

    def _open(self, url: str) -> "urllib.request._UrlopenRet":
        self.check(url)
        opener = urllib.request.OpenerDirector()
        here = is_loopback(urlsplit(url).hostname)
        for handler in (
            # No proxy leads to this machine. Elsewhere those of the environment are used.
            urllib.request.ProxyHandler({} if here else None),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(),
            _Redirects(self),
            urllib.request.HTTPErrorProcessor(),
            urllib.request.HTTPDefaultErrorHandler(),
        ):
            opener.add_handler(handler)
        # The headers are wa-scan's own: nothing tells who is asking.
        opener.addheaders = [("User-Agent", f"wa-scan/{__version__}"), ("Accept", "*/*")]
        return opener.open(url, timeout=SILENCE)

    def check(self, url: str) -> None:
        """Raises `ModuleUnavailableError` for an address that is not to be asked."""
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError:
            raise ModuleUnavailableError("an address on the way to it is none") from None
        here = is_loopback(parts.hostname)
        if here and not self._local:
            raise ModuleUnavailableError(f"a server elsewhere leads to this machine ({parts.netloc})")
        if parts.scheme != "https" and not (parts.scheme == "http" and here):
            raise ModuleUnavailableError(
                f"{parts.scheme}://{parts.hostname or ''} is not used: the address must be https"
            )
        if not parts.hostname or not url.isascii():
            raise ModuleUnavailableError("an address on the way to it is none")
        if "@" in parts.netloc:
            raise ModuleUnavailableError("passwords in addresses are not sent")


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = _MOST_REDIRECTS

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        self._transport.check(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _copy(
    response: "urllib.request._UrlopenRet", write: Callable[[bytes], object], limit: int, seconds: float
) -> None:
    end = time.monotonic() + seconds
    size = 0
    while chunk := response.read1(_CHUNK):
        size += len(chunk)
        if size > limit:
            raise ModuleUnavailableError(f"the answer is larger than {limit // 1_000_000} MB")
        if time.monotonic() > end:
            raise ModuleUnavailableError("the answer takes too long")
        write(chunk)


def _within(seconds: float, read: Callable[[], T], url: str, tick: Callable[[], None]) -> T:
    """What `read` gives. A server may dribble its headers for ever: then the thread is left to itself."""
    found: list[T] = []
    raised: list[BaseException] = []

    def work() -> None:
        try:
            found.append(read())
        except BaseException as error:  # handed on below
            raised.append(error)

    thread = threading.Thread(target=work, name="wa-scan download", daemon=True)
    thread.start()
    end = time.monotonic() + seconds
    while thread.is_alive() and time.monotonic() < end:
        thread.join(_TICK)
        tick()
    host = urlsplit(url).netloc
    if raised:
        raise _said(raised[0], host)
    if not found:
        raise ModuleUnavailableError(f"{host} takes too long to answer")
    return found[0]


class NoAnswerError(ModuleUnavailableError):
    """A server that cannot be reached, so that it need not be asked again."""


class StatusError(ModuleUnavailableError):
    """A server that refuses. `status` is HTTP's."""

    def __init__(self, status: int, host: str) -> None:
        hint = None
        message = f"{host} answered with status {status}"
        if status in (401, 403):
            message = f"{host} asks for credentials, which wa-scan does not send"
            hint = "run `terraform init` and scan with what it installs"
        super().__init__(message, hint)
        self.status = status


def _said(error: BaseException, host: str) -> BaseException:
    """An exception of Python's library in our terms; our own as they are."""
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        if 300 <= error.code < 400:
            return ModuleUnavailableError(f"{host} redirects too often or nowhere")
        return StatusError(error.code, host)
    if isinstance(error, urllib.error.URLError):
        reason = error.reason
        words = getattr(reason, "strerror", None) or str(reason)
        return NoAnswerError(f"{host} cannot be reached ({words.lower()})")
    if isinstance(error, OSError):
        return NoAnswerError(f"{host} cannot be reached ({(error.strerror or str(error)).lower()})")
    if isinstance(error, (HTTPException, ValueError)):
        return ModuleUnavailableError(f"{host} gives no proper answer")
    return error
