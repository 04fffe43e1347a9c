"""The fingerprints that GitHub's own upload computes, with the examples that its tests publish."""

import pytest

from wa_scan.report.line_hash import line_hashes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["c129715d7a2bc9a3:1"]),
        (
            " a\nb\n  \t\tc\n d",
            ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
        ),
        (
            " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End",
            [
                "8b7cf3e952e7aeb2:1",
                "b1ae1287ec4718d9:1",
                "bff680108adb0fcc:1",
                "c6805c5e1288b612:1",
                "b86d3392aea1be30:1",
                "e6ceba753e1a442:1",
            ],
        ),
        (
            "Lorem ipsum dolor sit amet.\n" * 10,
            [
                *(f"a7f2ff13bc495cf2:{ordinal}" for ordinal in range(1, 7)),
                "a7f2ff1481e87703:1",
                "a9cf91f7bbf1862b:1",
                "55ec222b86bcae53:1",
                "cc97dc7b1d7d8f7b:1",
                "c129715d7a2bc9a3:1",
            ],
        ),
    ],
    ids=["empty", "letters", "blank lines", "repeated lines"],
)
def test_published_examples(text: str, expected: list[str]) -> None:
    assert list(line_hashes(text, range(1, len(expected) + 2)).values()) == expected


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_and_blanks_do_not_matter(end: str) -> None:
    text = "resource {\n  a = 1\n\n  b = 2\n}\n"
    changed = text.replace("  ", "\t\t ").replace("\n", end)
    assert line_hashes(changed, range(1, 7)) == line_hashes(text, range(1, 7))


def test_a_moved_line_keeps_its_hash() -> None:
    text = "".join(f"line number {number}\n" for number in range(60))
    assert line_hashes("# new\n" + text, [31])[31] == line_hashes(text, [30])[30]


def test_only_wanted_lines_and_only_those_there_are() -> None:
    assert list(line_hashes("a\nb\n", [2, 3, 4, 0])) == [2, 3]


def test_characters_beyond_the_basic_plane_are_two_code_units() -> None:
    assert line_hashes("😀\n", [1]) == line_hashes("\ud83d\ude00\n", [1])
