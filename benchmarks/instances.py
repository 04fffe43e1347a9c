"""What many instances of a block or a module take: a scan of one, then of more and more of the same."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from processes import in_turn, table

EQUAL = """
resource "aws_ebs_volume" "a" {{
  count             = {count}
  size              = 10
  availability_zone = "eu-west-1a"
}}
resource "aws_s3_bucket" "b" {{
  count = {count}
  tags  = {{ Team = "shop" }}
}}
"""
DIFFERENT = """
locals {{
  keys = toset(flatten([for i in range({count} / 100) : [for j in range(100) : "k${{i}}-${{j}}"]]))
}}
resource "aws_ebs_volume" "a" {{
  for_each          = local.keys
  size              = 10
  availability_zone = "eu-west-1a"
  tags              = {{ Name = each.key }}
}}
resource "aws_s3_bucket" "b" {{
  for_each = local.keys
  bucket   = "b-${{each.key}}"
}}
"""
CALLED = """
module "m" {{
  source = "./m"
  count  = {count}
}}
"""
MODULE = """
resource "aws_s3_bucket" "b" {}
resource "aws_sqs_queue" "q" {}
resource "aws_ebs_volume" "v" {
  size              = 10
  availability_zone = "eu-west-1a"
}
"""
CASES = {
    "two blocks, equal": (EQUAL, (1, 100, 10_000)),
    "two blocks, different": (DIFFERENT, (100, 10_000)),
    "a module of three": (CALLED, (1, 100, 1_000)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=1, help="counted runs of each command (default: 1)")
    options = parser.parse_args()
    program = [str(Path(sys.executable).with_name("wa-scan")), "-q", "--fail-on", "never"]
    commands: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, (text, counts) in CASES.items():
            for count in counts:
                root = Path(folder, f"{len(commands)}")
                (root / "m").mkdir(parents=True)
                (root / "m" / "main.tf").write_text(MODULE)
                (root / "main.tf").write_text(text.format(count=count))
                commands[f"{name}: {count}"] = [*program, str(root)]
        print(table(in_turn(commands, options.times, warm_up=False)))


if __name__ == "__main__":
    main()
