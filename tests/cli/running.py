"""What the tests of the command line share."""

import resource
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SINGLE_AZ = """\
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: postgres
      DBInstanceClass: db.t4g.medium
      AllocatedStorage: "20"
      MultiAZ: false
"""
MULTI_AZ = SINGLE_AZ.replace("false", "true")
RULE = ("--rule", "rds-single-az")


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str


Run = Callable[..., Result]


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def seconds_of_children() -> float:
    """What ended child processes have computed so far: unlike a clock it does not count waiting."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
