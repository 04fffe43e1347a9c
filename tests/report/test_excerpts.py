import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from wa_scan.report.excerpts import excerpt
from wa_scan.report.masking import Masks
from wa_scan.report.printable import printable

LONG = "a" * 300 + "MARKED" + "b" * 300


def drawn(
    line: str, start: int, end: int | None, width: int = 40, secrets: tuple[str, ...] = ()
) -> list[str]:
    text, offset, length = excerpt(line, start, end, width, Masks(secrets))
    return [text, " " * offset + "^" * length]


@pytest.mark.parametrize(
    ("line", "start", "end", "shown"),
    [
        ("  multi_az = false", 3, 19, ["  multi_az = false", "  ^^^^^^^^^^^^^^^^"]),
        ("  multi_az = false   ", 14, None, ["  multi_az = false", "             ^^^^^"]),
        ("\tmulti_az = false", 2, 18, ["    multi_az = false", "    ^^^^^^^^^^^^^^^^"]),
        ("a\tb = 1", 3, 4, ["a   b = 1", "    ^"]),
        ("名前 = 値 # x", 6, 7, ["名前 = 値 # x", "       ^^"]),
        ("😀 = 1", 3, 4, ["😀 = 1", "   ^"]),
        ("e\u0301 = 1", 4, 5, ["e\u0301 = 1", "  ^"]),
        ("\x1b[31m = 1", 7, 8, ["\\x1b[31m = 1", "         ^"]),
        ("a \u202e b", 5, 6, ["a \\u202e b", "         ^"]),
        ("", 1, 1, ["", "^"]),
        ("ab", 9, 12, ["ab", "  ^"]),
        ("ab", 2, 2, ["ab", " ^"]),
    ],
    ids=[
        "plain",
        "to the end",
        "tab",
        "tab within",
        "wide",
        "emoji",
        "combining",
        "escape",
        "bidi",
        "empty",
        "beyond",
        "nothing",
    ],
)
def test_marks_the_exact_columns(line: str, start: int, end: int | None, shown: list[str]) -> None:
    assert drawn(line, start, end) == shown


def test_crops_around_the_mark() -> None:
    assert drawn(LONG, 301, 307) == ["…aaaaaaaaaaMARKEDbbbbbbbbbbbbbbbbbbbbbb…", "           ^^^^^^"]


def test_crops_the_end_only_when_the_mark_is_near_the_start() -> None:
    assert drawn("MARKED" + "b" * 60, 1, 7) == ["MARKEDbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…", "^^^^^^"]


def test_crops_the_start_only_when_the_mark_is_near_the_end() -> None:
    assert drawn("a" * 60 + "MARKED", 61, 67) == [
        "…aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaMARKED",
        "                                 ^^^^^^",
    ]


def test_a_mark_longer_than_the_width_is_cut() -> None:
    text, mark = drawn("x" * 200, 1, 201)
    assert (text, mark) == ("x" * 39 + "…", "^" * 39)


@pytest.mark.parametrize("start", range(1, 120, 7))
def test_never_wider_than_asked(start: int) -> None:
    line = "名\tb\x1b" * 30
    text, offset, length = excerpt(line, start, start + 5, 40, Masks(()))
    assert cell_len(text) <= 40
    assert offset + length <= 40


def test_secrets_are_masked_and_the_mark_follows() -> None:
    line = 'password = "hunter2-hunter2" # here'
    assert drawn(line, 30, 36, secrets=("hunter2-hunter2",)) == [
        'password = "hu****" # here',
        "                    ^^^^^^",
    ]
    assert drawn(line, 12, 29, secrets=("hunter2-hunter2",)) == [
        'password = "hu****" # here',
        "           ^^^^^^^^",
    ]


def test_a_secret_longer_than_what_is_shown_leaves_nothing_of_itself() -> None:
    secret = "s" * 500
    text, _ = drawn(f'key = "{secret}" end', 300, 301, secrets=(secret,))
    assert text.count("s") <= 2


@given(
    line=st.text(alphabet=st.characters(exclude_characters="\n"), max_size=200),
    start=st.integers(-2, 210),
    length=st.none() | st.integers(-3, 210),
    width=st.integers(20, 80),
)
def test_any_line_is_safe_and_fits(line: str, start: int, length: int | None, width: int) -> None:
    end = None if length is None else start + length
    text, offset, marked = excerpt(line, start, end, width, Masks(()))
    assert printable(text) == text
    assert cell_len(text) <= width
    assert offset >= 0
    assert marked >= 1
    assert offset + marked <= width + 1


@given(
    before=st.text(alphabet="ab 名\t", max_size=60),
    secret=st.text(alphabet="xyz#\t\x1b", min_size=8, max_size=120).filter(lambda text: text.strip() == text),
    after=st.text(alphabet="ab 名\t", max_size=60),
    start=st.integers(1, 200),
)
def test_no_crop_shows_more_of_a_secret_than_its_beginning(
    before: str, secret: str, after: str, start: int
) -> None:
    text, _, _ = excerpt(f"{before}{secret}{after}", start, start + 3, 30, Masks([secret]))
    assert printable(text) == text
    assert sum(text.count(character) for character in "yz#") <= 2
