"""How long whole scans take, against another tool in turn if one is named."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from processes import in_turn, table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", help="what to scan")
    parser.add_argument("--times", type=int, default=3, help="counted runs of each command (default: 3)")
    parser.add_argument("--against", metavar="COMMAND", help="another tool; {} stands for the folder")
    options = parser.parse_args()
    program = str(Path(sys.executable).with_name("wa-scan"))
    for folder in options.folders:
        commands = {f"wa-scan {Path(folder).name}": [program, folder]}
        if options.against:
            commands["the other"] = [
                folder if word == "{}" else word for word in shlex.split(options.against)
            ]
        print(table(in_turn(commands, options.times), against="the other" if options.against else None))


if __name__ == "__main__":
    main()
