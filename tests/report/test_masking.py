import pytest

from wa_scan.report.masking import Masks


@pytest.mark.parametrize(
    ("secret", "text", "shown"),
    [
        ("AKIAIOSFODNN7EXAMPLE", "key=AKIAIOSFODNN7EXAMPLE;", "key=AK****;"),
        ("hunter2", 'password = "hunter2"', 'password = "****"'),
        ("hunter2", "xhunter2x", "xhunter2x"),
        ("db", "aws_db_instance.db has db as its password", "aws_db_instance.**** has **** as its password"),
        ("abcdefgh", "xxabcdefghyy", "xxab****yy"),
        ('quo"te-secret', 'x = "quo\\"te-secret"', 'x = "qu****"'),
        ("first line\nsecond line", "first line", "fi****"),
        ("first line\nsecond line", "\tsecond line", "\tse****"),
        ("first line\nsecond line", '"first line\\nsecond line"', '"fi****"'),
        ("a.b*c(de", "a.b*c(de axb*c(de", "a.**** axb*c(de"),
    ],
)
def test_masks(secret: str, text: str, shown: str) -> None:
    assert Masks([secret])(text) == shown


def test_the_longer_of_two_secrets_wins() -> None:
    assert Masks(["password", "password-and-more"])("password-and-more password") == "pa**** pa****"


def test_nothing_to_mask() -> None:
    assert Masks([])("hunter2") == "hunter2"
    assert Masks(["", "  \n "])("a  b") == "a  b"


def test_spans_say_where() -> None:
    assert Masks(["hunter2-hunter2"]).spans("a hunter2-hunter2 b") == [(2, 17, "hu****")]
