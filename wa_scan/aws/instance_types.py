"""What the name of an instance type says.

Sources: EC2 User Guide, "Amazon EC2 instance type naming conventions" (series, generation, options,
size; `g` among the options is a Graviton processor, `a` AMD, `i` Intel); the families that exist:
`instance_families.yaml`; `_PREVIOUS`: EC2 User Guide, "Previous generation instances", written by hand
and kept to the families that have long stood there; the RDS and ElastiCache user guides add `t2`.
vCPUs follow from the size for all but `t` and a few `medium` types.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wa_scan.datafiles import load_folder
from wa_scan.values import Scalar, Truth, Value

_NAME = re.compile(
    r"(?P<prefix>db\.|cache\.|dms\.)?"
    r"(?P<family>[a-z]+[0-9]*[a-z0-9-]*)\."
    r"(?P<size>[a-z0-9-]+?)"
    r"(?P<suffix>\.search|\.elasticsearch)?"
)
_FAMILY = re.compile(r"(?P<series>[a-z]+?)(?P<generation>[0-9]+)(?P<options>[a-z]*)(?:-.*)?")
_PREVIOUS = frozenset(
    {
        *("a1", "c1", "c3", "c4", "cc1", "cc2", "cg1", "cr1", "g2", "g3", "g3s", "hi1", "hs1", "i2"),
        *("m1", "m2", "m3", "m4", "p2", "r3", "r4", "t1"),
    }
)
# Where t2 runs a database or a cache it is called previous; as an instance AWS still lists it as current.
_PREVIOUS_MANAGED = _PREVIOUS | {"t2"}
# Graviton families that managed services offer. Sources: RDS User Guide "DB instance class types" and
# ElastiCache User Guide "Supported node types", as cfn-lint 1.58 lists their classes; OpenSearch Service
# Developer Guide "Supported instance types", not checked offline.
_ARM_OF_MANAGED = {
    "db.": ("m7g", "m8g", "m6gd", "m8gd", "r7g", "r8g", "r6gd", "r8gd", "t4g", "x2g"),
    "cache.": ("m7g", "r7g", "t4g"),
    ".search": ("m7g", "r7g", "c7g", "t4g"),
}
# `x2g` is of RDS alone; on EC2 there is `x2gd`.
_SIZES_AS = {"x2g": "x2gd"}
_VCPUS = {"nano": 2, "micro": 2, "small": 2, "medium": 2, "large": 2, "xlarge": 4}
_ONE_VCPU = frozenset({("t1", "micro"), ("t2", "nano"), ("t2", "micro"), ("t2", "small")})
# Series whose processors are part of what they are for: no Arm sibling does the same (`g5g` has another
# graphics processor than `g5`).
_NO_ARM = frozenset({"p", "g", "gr", "trn", "inf", "vt", "f", "dl", "mac", "u", "hpc", "z"})


@dataclass(frozen=True, slots=True)
class InstanceType:
    """`name` as written, `family` without prefix and size (`m5d`), `series` its letters (`m`).

    `vcpus`: None where the name does not say (metal, unusual sizes). `architecture`: `arm64`, `x86_64`.
    `previous_generation`: AWS itself calls it so. `newer_generations`: how many later generations of the
    series there are. `arm_sibling`: a type of the same size on Graviton, None where there is none or it
    is one.
    """

    name: str
    family: str
    series: str
    generation: int
    size: str
    vcpus: int | None
    architecture: str
    previous_generation: bool
    newer_generations: int
    arm_sibling: str | None


@cache
def parse(name: str) -> InstanceType | None:
    """What the type `name` (`m5.2xlarge`, `db.r6g.large`, `cache.t3.micro`, `m5.large.search`) is.

    None for what is no instance type (`db.serverless`).
    """
    match = _NAME.fullmatch(name.strip().lower())
    if match is None:
        return None
    family, size = match["family"], match["size"]
    parts = _FAMILY.fullmatch(family)
    if parts is None:
        return None
    series, generation, options = parts["series"], int(parts["generation"]), parts["options"]
    managed = match["prefix"] or (".search" if match["suffix"] else "")
    is_arm = "g" in options.partition("n")[0][:2] or family == "a1" or family.startswith("mac2")
    if series in ("g", "gr"):
        # In the graphics series only `g5g` has Graviton; the others' letter is the series.
        is_arm = family == "g5g"
    return InstanceType(
        name,
        family,
        series,
        generation,
        size,
        _vcpus(family, series, is_arm, size),
        "arm64" if is_arm else "x86_64",
        family in (_PREVIOUS_MANAGED if managed else _PREVIOUS),
        len([each for each in _generations(series) if each > generation]),
        None if is_arm else _arm_sibling(series, generation, options, size, managed, match),
    )


def is_previous_generation(name: Value) -> Truth:
    """Whether an instance type (or class, or node type) is one that AWS calls previous."""
    return name.holds(lambda data: (found := _parsed(data)) is not None and found.previous_generation)


def could_run_on_arm(name: Value) -> Truth:
    """Whether an instance type is x86 and has a sibling of the same size on Graviton."""
    return name.holds(lambda data: (found := _parsed(data)) is not None and found.arm_sibling is not None)


def _parsed(data: Scalar) -> InstanceType | None:
    return parse(data) if isinstance(data, str) else None


def _vcpus(family: str, series: str, is_arm: bool, size: str) -> int | None:
    if (family, size) in _ONE_VCPU:
        return 1
    if size == "medium" and series != "t":
        return 1
    if size in _VCPUS:
        return _VCPUS[size]
    many = re.fullmatch(r"([0-9]+)xlarge", size)
    return int(many[1]) * 4 if many else None


def _arm_sibling(
    series: str, generation: int, options: str, size: str, managed: str, match: re.Match[str]
) -> str | None:
    if series in _NO_ARM or size.startswith("metal"):
        return None
    # What the options ask for besides the processor (local disks, on EC2 also network and volumes) has to be
    # there too.
    kept = "".join(sorted(set(options) & set("d" if managed else "bdn")))
    candidates = sorted(
        (int(parts["generation"]), each)
        for each in _ARM_OF_MANAGED.get(managed, _families())
        if (parts := _FAMILY.fullmatch(each)) is not None
        and parts["series"] == series
        and parts["options"] == "g" + kept
        and size in _sizes(each, managed)
    )
    if not candidates:
        return None
    # The newest is not everywhere yet: the oldest that is as new as what is there.
    family = next((each for number, each in candidates if number >= generation), candidates[-1][1])
    return f"{match['prefix'] or ''}{family}.{size}{match['suffix'] or ''}"


@cache
def _families() -> Mapping[str, frozenset[str]]:
    """The families that there are, with their sizes."""
    content = load_folder(Path(__file__).parent)["instance_families"]
    families = content["families"] if isinstance(content, dict) else {}
    return {family: frozenset(sizes.split()) for family, sizes in families.items()}


def _sizes(family: str, managed: str) -> frozenset[str]:
    """The sizes of `family`; managed services have no `medium` but of burstable ones."""
    sizes = _families()[_SIZES_AS.get(family, family)]
    return sizes - {"medium"} if managed and not family.startswith("t") else sizes


@cache
def _generations(series: str) -> frozenset[int]:
    found = (_FAMILY.fullmatch(family) for family in _families())
    return frozenset(int(match["generation"]) for match in found if match and match["series"] == series)
