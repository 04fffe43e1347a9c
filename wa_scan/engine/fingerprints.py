"""Fingerprints: how a finding is told from others over time."""

import hashlib
import re
from collections.abc import Iterable

_KEY = re.compile(r'\["(?:[^"\\]|\\.)*"\]|\[\d+\]|\[\*\]')
_COUNT = re.compile(r"\[\d+\]")
_MODULES = re.compile(r'^(?:module\.[^.\[]+(?:\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\])?\.)+')
_NESTED = re.compile(r"[A-Za-z0-9]+(?:/[A-Za-z0-9]+)+")


def block_address(address: str, *, keep_modules: bool, calls: int = 0) -> str:
    """The address of the block that an instance comes from: no instance keys.

    Without the modules (or nested stacks) on the way it names the block in its own file, whoever calls that
    module. `calls`: how many calls lead there.
    """
    own = address if keep_modules else _MODULES.sub("", address)
    if not keep_modules and address.count("/") == calls and _NESTED.fullmatch(address) is not None:
        own = address.rpartition("/")[2]
    return _KEY.sub("", own)


def without_count(address: str) -> str:
    """`aws_x.y["a"]` stays, `aws_x.y[0]` becomes `aws_x.y`: an index moves when another is removed."""
    return _COUNT.sub("", address)


def digest(parts: Iterable[str]) -> str:
    """32 hexadecimal digits."""
    joined = "\0".join(parts)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:32]
