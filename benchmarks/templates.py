"""How long whole scans of CloudFormation templates take: cfn-lint and Checkov look at the same files."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from processes import in_turn, table


def templates(folder: str) -> list[str]:
    """The templates that wa-scan finds; cfn-lint is told, since it would lint every YAML file."""
    from wa_scan.sources.discover import discover

    return [str(template.path) for template in discover([Path(folder)], Path.cwd()).templates]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", help="folders of templates")
    parser.add_argument("--times", type=int, default=3, help="counted runs of each command (default: 3)")
    parser.add_argument(
        "--cfn-lint", metavar="COMMAND", help="run this cfn-lint (default: that beside Python)"
    )
    parser.add_argument("--checkov", metavar="COMMAND", help="run this Checkov, too")
    options = parser.parse_args()
    # A script in one folder and a package in another.
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
    linter = shlex.split(options.cfn_lint or str(Path(sys.executable).with_name("cfn-lint")))
    for folder in options.folders:
        found = templates(folder)
        print(f"\n{folder}: {len(found)} templates")
        ours = [sys.executable, "-m", "wa_scan", folder, "-q", "--fail-on", "never"]
        commands = {"wa-scan": ours, "cfn-lint": [*linter, "--non-zero-exit-code", "none", "--", *found]}
        if options.checkov:
            checkov = shlex.split(options.checkov)
            quiet = ["--framework", "cloudformation", "--quiet", "--compact", "--soft-fail"]
            commands["Checkov"] = [*checkov, "-d", folder, *quiet]
        print(table(in_turn(commands, options.times, warm_up=False), against="wa-scan"), flush=True)


if __name__ == "__main__":
    main()
