"""Which templates nest which: a cheap textual look, before any parser runs.

It may take a file for nested that is only mentioned. Whoever evaluates the templates knows better, and
evaluates by itself what turns out to be nested by none.
"""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from wa_scan.sources.path_suffixes import PathSuffixes
from wa_scan.sources.sniff import TEMPLATE_SUFFIXES, looks_like_template

# CloudFormation takes 1 MB at most.
_LARGEST = 2_000_000
_NESTING = (b"AWS::CloudFormation::Stack", b"AWS::Serverless::Application")
_NAME = re.compile(rb"[\w./%+@-]++")
_ENDINGS = tuple(suffix.encode() for suffix in TEMPLATE_SUFFIXES)


def mentioned_templates(data: bytes) -> tuple[str, ...]:
    """The paths, or ends of paths, in a template that may name the templates of its nested stacks."""
    if not any(type_ in data for type_ in _NESTING):
        return ()
    found = {name for name in _NAME.findall(data) if name.endswith(_ENDINGS)}
    return tuple(sorted(name.decode("utf-8", "replace") for name in found))


def mentioned_in(path: Path) -> tuple[str, ...]:
    """As `mentioned_templates`, of a file; nothing for one that is no template or cannot be read."""
    try:
        if path.stat().st_size > _LARGEST:
            return ()
        data = path.read_bytes()
    except OSError:
        return ()
    found = mentioned_templates(data)
    return found if found and looks_like_template(data) else ()


def nested_by(mentioned: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """For each template those that it seems to nest; absolute paths, as are the keys of `mentioned`."""
    suffixes = PathSuffixes(mentioned)
    calls: dict[str, set[str]] = {}
    for path, names in mentioned.items():
        found = calls[path] = set()
        for name in names:
            beside = os.path.normpath(os.path.join(os.path.dirname(path), name))
            if beside in mentioned:
                found.add(beside)
                continue
            parts = [part for part in name.split("/") if part not in ("", ".", "..")]
            fitting = [other for other in suffixes.fitting(parts)[0] if other != path]
            if len(fitting) == 1:
                found.add(fitting[0])
        found.discard(path)
    return calls
