"""GitHub's `primaryLocationLineHash`.

The algorithm is that of the action that uploads SARIF to GitHub code scanning (github/codeql-action,
`src/fingerprints.ts`), which fills the fingerprint in where it is absent and warns where it differs:
for each line a polynomial hash, factor 37 modulo 2**64, of the 100 UTF-16 code units from the line's
start, with spaces and tabs left out and every line end as one line feed. The end of the file is a unit
0xFFFF, followed by zeros. The hash is hexadecimal; an ordinal tells lines with the same hash apart, in
the order of the file.
"""

import re
import struct
from collections.abc import Iterable

_WINDOW = 100
_FACTOR = 37
_MODULUS_MASK = (1 << 64) - 1
_END_OF_FILE = "\uffff"
_BLANKS = str.maketrans("", "", " \t")


def line_hashes(text: str, lines: Iterable[int]) -> dict[int, str]:
    """The fingerprints of the given 1-based `lines` of a file; lines it does not have are left out.

    `text`: the whole file as decoded, with its byte-order mark and its line ends.
    """
    units = _code_units(re.sub("\r\n?", "\n", text)).translate(_BLANKS)
    stream = units + _END_OF_FILE + "\0" * _WINDOW
    wanted = set(lines)
    found: dict[int, str] = {}
    seen: dict[str, int] = {}
    start = 0
    for number in range(1, units.count("\n") + 2):
        window = stream[start : start + _WINDOW]
        ordinal = seen[window] = seen.get(window, 0) + 1
        if number in wanted:
            found[number] = f"{_hash(window):x}:{ordinal}"
        start = stream.find("\n", start) + 1
    return found


def _hash(window: str) -> int:
    value = 0
    for unit in window:
        value = (value * _FACTOR + ord(unit)) & _MODULUS_MASK
    return value


def _code_units(text: str) -> str:
    """`text` with one character for each UTF-16 code unit."""
    if text.isascii() or max(text) < "\U00010000":
        return text
    encoded = text.encode("utf-16-le", "surrogatepass")
    return "".join(map(chr, struct.unpack(f"<{len(encoded) // 2}H", encoded)))
