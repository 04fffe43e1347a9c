"""Digests and unique ids."""

import hashlib
from collections.abc import Sequence
from uuid import NAMESPACE_DNS, NAMESPACE_OID, NAMESPACE_URL, NAMESPACE_X500, UUID

from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.functions.signature import (
    Context,
    function,
    number_parameter,
    plain,
    refuse,
    string_parameter,
)
from wa_scan.terraform.types import STRING
from wa_scan.terraform.values import TfValue

_STR = string_parameter("str")


def digest(algorithm: str, data: bytes) -> bytes:
    """The digest of `data` by md5, sha1, sha256 or sha512."""
    return hashlib.new(algorithm, data, usedforsecurity=False).digest()


@plain("md5", _STR, returns=STRING)
def _md5(value: str) -> str:
    return digest("md5", value.encode()).hex()


@plain("sha1", _STR, returns=STRING)
def _sha1(value: str) -> str:
    return digest("sha1", value.encode()).hex()


@plain("sha256", _STR, returns=STRING)
def _sha256(value: str) -> str:
    return digest("sha256", value.encode()).hex()


@plain("sha512", _STR, returns=STRING)
def _sha512(value: str) -> str:
    return digest("sha512", value.encode()).hex()


_NAMESPACES = {
    "dns": NAMESPACE_DNS,
    "url": NAMESPACE_URL,
    "oid": NAMESPACE_OID,
    "x500": NAMESPACE_X500,
}


@plain("uuidv5", string_parameter("namespace"), string_parameter("name"), returns=STRING)
def _uuidv5(namespace: str, name: str) -> str:
    space = _NAMESPACES.get(namespace)
    if space is None:
        try:
            space = UUID(namespace)
        except ValueError:
            raise refuse("the namespace must be dns, url, oid, x500 or a UUID", 0) from None
    raw = bytearray(digest("sha1", space.bytes + name.encode())[:16])
    raw[6] = raw[6] & 0x0F | 0x50
    raw[8] = raw[8] & 0x3F | 0x80
    return str(UUID(bytes=bytes(raw)))


@function("uuid", returns=STRING, impure=True)
@function("bcrypt", _STR, variadic=number_parameter("cost"), returns=STRING, impure=True)
def _impure(arguments: Sequence[TfValue], context: Context) -> TfValue:
    raise AssertionError("what is different at every run is never worked out")


@plain("rsadecrypt", string_parameter("ciphertext"), string_parameter("privatekey"), returns=STRING)
def _rsadecrypt(ciphertext: str, private_key: str) -> str:
    # Not decrypted: keys found while scanning are not to be used.
    raise EvaluationError("rsadecrypt is not evaluated by wa-scan")
