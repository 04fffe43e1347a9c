"""Version constraints. The expected versions are those that Terraform 1.11.4 chose, from a registry that has
these."""

import pytest

from wa_scan.terraform.versions import TERRAFORM, Version, parse_constraint, parse_version, satisfies

PUBLISHED = [
    *("0.9.0", "1.0.0-beta", "1.0.0", "1.0.1", "1.1.0", "1.2.3", "1.2.3.4"),
    *("2.0.0-alpha.1", "2.0.0-alpha.2", "2.0.0-rc1", "2.0.0", "2.1.0+build7", "v2.2.0"),
    *("3.0.0-beta1", "10.0.0"),
]


@pytest.mark.parametrize(
    ("constraint", "chosen"),
    [
        (">= 1.0", "10.0.0"),
        ("~> 1", "10.0.0"),
        ("~> 0", "10.0.0"),
        ("~> 1.0", "1.2.3.4"),
        ("~> 1.0.0", "1.0.1"),
        ("~> 1.2.3", "1.2.3.4"),
        ("~>1.2.3.0", "1.2.3.4"),
        ("~> 1.2.3.4", "1.2.3.4"),
        ("~> 3.0", None),
        ("~> 2.0.0-alpha.1", None),
        ("1.0.0-beta", "1.0.0-beta"),
        ("=1.0.0-beta", "1.0.0-beta"),
        (" 1.0.0-beta ", "1.0.0-beta"),
        ("1.0-beta", "1.0.0-beta"),
        (">= 1.0.0-beta", "10.0.0"),
        (">= 2.0.0-alpha.1, < 2.0.0", None),
        ("2.0.0-alpha.1, >= 1.0", None),
        ("2.0.0-rc1, >= 2.0.0-alpha.1", None),
        ("2.0.0-rc1, != 3.0.0", None),
        ("!= 1.0.0-beta, 1.0.0-beta", None),
        ("<= 2.0.0-rc1", "1.2.3.4"),
        ("< 2.0.0-rc1", "1.2.3.4"),
        ("!= 10.0.0", "2.2.0"),
        (">= 1.0, < 2.0", "1.2.3.4"),
        ("> 1.2.3, < 2", "1.2.3.4"),
        (">= 1.2.3.4, < 2", "1.2.3.4"),
        (">=1.0,<1.1", "1.0.1"),
        ("1.2", None),
        ("1", "1.0.0"),
        ("=1.2.3", "1.2.3"),
        ("= v1.1.0", "1.1.0"),
        ("v1.0.1", "1.0.1"),
        ("2.1.0", "2.1.0+build7"),
        ("= 2.1.0+build7", "2.1.0+build7"),
        ("2.2", "2.2.0"),
        ("> 10", None),
    ],
)
def test_the_version_that_terraform_chooses(constraint: str, chosen: str | None) -> None:
    parsed = parse_constraint(constraint)
    assert parsed is not None
    versions = [version for text in PUBLISHED if (version := parse_version(text)) is not None]
    assert len(versions) == len(PUBLISHED)
    found = parsed.newest(versions)
    assert (str(found) if found is not None else None) == chosen


@pytest.mark.parametrize(
    "text", ["", " ", "latest", "1.x", "==1.0.0", "=> 1.0", ">= 1.0 <2.0", ">= 1.0, ", "1.1.0,,", "1" * 300]
)
def test_what_is_no_constraint(text: str) -> None:
    assert parse_constraint(text) is None


@pytest.mark.parametrize(
    ("constraint", "met"),
    [
        ("~> 1", True),
        ("~> 2", False),
        ("1.11.4", True),
        ("~> 1.11", True),
        ("~> 1.11.4.0", False),
        ("~> 1.11.3.9", False),
        ("nonsense", None),
    ],
)
def test_required_version_of_terraform(constraint: str, met: bool | None) -> None:
    assert satisfies(TERRAFORM, constraint) is met


def test_versions_are_ordered_as_semantic_versioning_says() -> None:
    texts = [
        *("1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta"),
        *("1.0.0-rc.1", "1.0.0", "1.0.0.1"),
    ]
    versions = [version for text in sorted(texts) if (version := parse_version(text)) is not None]
    assert [str(version) for version in sorted(versions)] == texts
    assert Version((1, 0, 0)) == parse_version("1")
    assert hash(Version((1, 0, 0))) == hash(parse_version("1.0.0.0+x"))
