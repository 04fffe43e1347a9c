"""What the names of instance types say."""

import pytest

from wa_scan.aws.instance_types import parse


@pytest.mark.parametrize(
    ("name", "family", "generation", "vcpus", "architecture"),
    [
        ("m5.2xlarge", "m5", 5, 8, "x86_64"),
        ("t2.micro", "t2", 2, 1, "x86_64"),
        ("t3.micro", "t3", 3, 2, "x86_64"),
        ("t4g.medium", "t4g", 4, 2, "arm64"),
        ("m6gd.medium", "m6gd", 6, 1, "arm64"),
        ("c7gn.16xlarge", "c7gn", 7, 64, "arm64"),
        ("im4gn.large", "im4gn", 4, 2, "arm64"),
        ("g4dn.xlarge", "g4dn", 4, 4, "x86_64"),
        ("g5g.xlarge", "g5g", 5, 4, "arm64"),
        ("m7i-flex.large", "m7i-flex", 7, 2, "x86_64"),
        ("a1.large", "a1", 1, 2, "arm64"),
        ("m5.metal", "m5", 5, None, "x86_64"),
        ("db.r6g.large", "r6g", 6, 2, "arm64"),
        ("cache.m5.xlarge", "m5", 5, 4, "x86_64"),
        ("r5.large.search", "r5", 5, 2, "x86_64"),
    ],
)
def test_names(name: str, family: str, generation: int, vcpus: int | None, architecture: str) -> None:
    found = parse(name)
    assert found is not None
    assert (found.family, found.generation, found.vcpus, found.architecture) == (
        family,
        generation,
        vcpus,
        architecture,
    )


@pytest.mark.parametrize("name", ["", "db.serverless", "large", "m5", "${var.type}", "m5.", ".large"])
def test_what_is_no_instance_type(name: str) -> None:
    assert parse(name) is None


@pytest.mark.parametrize(
    ("name", "sibling"),
    [
        ("m5.large", "m6g.large"),
        ("m5d.large", "m6gd.large"),
        ("m7i.large", "m7g.large"),
        ("c5n.9xlarge", None),
        ("m5.24xlarge", "m8g.24xlarge"),
        ("r5b.large", "r8gb.large"),
        ("g5.xlarge", None),
        ("t3.small", "t4g.small"),
        ("m6g.large", None),
        ("p3.2xlarge", None),
        ("g4dn.xlarge", None),
        ("m5.metal", None),
        ("db.m5.large", "db.m7g.large"),
        ("db.m5d.large", "db.m6gd.large"),
        ("db.r6i.24xlarge", "db.r8g.24xlarge"),
        ("db.m3.medium", None),
        ("db.x1.xlarge", "db.x2g.xlarge"),
        ("cache.r5.large", "cache.r7g.large"),
        ("c5.large.search", "c7g.large.search"),
    ],
)
def test_arm_siblings(name: str, sibling: str | None) -> None:
    found = parse(name)
    assert found is not None
    assert found.arm_sibling == sibling


@pytest.mark.parametrize(
    ("name", "previous"),
    [
        ("m4.large", True),
        ("t1.micro", True),
        ("m5.large", False),
        ("t2.micro", False),
        ("db.t2.micro", True),
        ("cache.m3.medium", True),
        ("m9g.large", False),
    ],
)
def test_previous_generations(name: str, previous: bool) -> None:
    found = parse(name)
    assert found is not None
    assert found.previous_generation is previous


def test_newer_generations() -> None:
    older, newest = parse("m5.large"), parse("m9g.large")
    assert older is not None
    assert newest is not None
    assert (older.newer_generations > 0, newest.newer_generations) == (True, 0)
