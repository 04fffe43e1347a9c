"""How long wa-scan takes to say its version and to scan one small file, against importing click."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from processes import in_turn, table

SMALL = 'resource "aws_s3_bucket" "data" {\n  bucket = "orders-data"\n}\n'
TEMPLATE = "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=9, help="counted runs of each command (default: 9)")
    options = parser.parse_args()
    program = str(Path(sys.executable).with_name("wa-scan"))
    with tempfile.TemporaryDirectory() as folder:
        terraform = Path(folder, "terraform")
        template = Path(folder, "cloudformation")
        for each, file, text in ((terraform, "main.tf", SMALL), (template, "stack.yaml", TEMPLATE)):
            each.mkdir()
            (each / file).write_text(text)
        commands = {
            "import click": [sys.executable, "-c", "import click"],
            "wa-scan --version": [program, "--version"],
            "wa-scan, one small .tf": [program, str(terraform)],
            "wa-scan, one small template": [program, str(template)],
        }
        print(table(in_turn(commands, options.times), against="import click"))


if __name__ == "__main__":
    main()
