import json

import pytest

from wa_scan.report.json_text import json_text
from wa_scan.report.printable import printable, printable_character


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("ünï 数据 😀 שלום", "ünï 数据 😀 שלום"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]8;;http://evil\x07", "\\x1b]8;;http://evil\\x07"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x9b31m", "\\x9b31m"),
        ("if \u202e }", "if \\u202e }"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("bad\udc80name", "bad\\udc80name"),
        ("👩\u200d🚀", "👩\u200d🚀"),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert "".join(map(printable_character, text)) == shown


@pytest.mark.parametrize("text", ["\x1b[0m", "\x7f", "\x9b", "\u202eabc", "\U000e0041", "é\u2028", "数据😀"])
def test_json_says_the_same_without_what_a_terminal_acts_on(text: str) -> None:
    written = json_text({"text": text})
    assert json.loads(written) == {"text": text}
    assert all(part.isprintable() for part in written.split("\n"))


def test_json_of_an_undecodable_file_name() -> None:
    assert json.loads(json_text({"a\udc80": ["b\udcff"], "n": 1})) == {"a?": ["b?"], "n": 1}
