"""How long a cold evaluation takes: tfparse loads the same root modules, Checkov scans them."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from pathlib import Path

from processes import in_turn, table

# What is evaluated, once each: every root module of the folder. tfparse has no idea of roots, so it is told.
OURS = """
import sys
from pathlib import Path
from wa_scan.sources.discover import discover
from wa_scan.terraform.evaluate import ParsedFiles, evaluate_root

parsed = ParsedFiles()
for root in discover([Path(sys.argv[1])], Path.cwd()).roots:
    evaluate_root(root, parsed=parsed)
"""
THEIRS = """
import json
import sys
import tfparse

for folder in json.loads(sys.argv[1]):
    tfparse.load_from_path(folder)
"""


def roots(folder: str) -> list[str]:
    from wa_scan.sources.discover import discover

    return [str(root.directory) for root in discover([Path(folder)], Path.cwd()).roots]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", help="what to evaluate")
    parser.add_argument("--times", type=int, default=3, help="counted runs of each command (default: 3)")
    parser.add_argument("--checkov", metavar="COMMAND", help="run this Checkov, too; it takes minutes")
    options = parser.parse_args()
    # A script in one folder and a package in another.
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
    program = [sys.executable, "-m", "wa_scan"]
    for folder in options.folders:
        print(f"\n{folder}")
        commands = {
            "wa-scan: evaluate": [sys.executable, "-c", OURS, folder],
            "tfparse: load": [sys.executable, "-c", THEIRS, json.dumps(roots(folder))],
        }
        print(table(in_turn(commands, options.times), against="tfparse: load"))
        if options.checkov:
            scans = {
                "wa-scan: scan": [*program, folder, "-q", "--fail-on", "never"],
                "Checkov: scan": [
                    *shlex.split(options.checkov),
                    "-d",
                    folder,
                    "--framework",
                    "terraform",
                    "--soft-fail",
                    "--quiet",
                    "--compact",
                ],
            }
            print(table(in_turn(scans, 1, warm_up=False), against="Checkov: scan"))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    main()
