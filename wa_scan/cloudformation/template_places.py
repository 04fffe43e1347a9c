"""What a `TemplateURL`, a `Location` or a CDK asset says about where a template is.

A path is relative to the template that names it. Of a URL the end of its path counts: templates that are
uploaded for a deployment keep their names and mostly their folders.
"""

import re
from typing import NamedTuple
from urllib.parse import unquote

from wa_scan.cloudformation.files import TemplateFiles
from wa_scan.cloudformation.nodes import MappingNode, text_of
from wa_scan.sources.units import Template
from wa_scan.values import Known, Text, Value

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_UNKNOWN = "\0"


class FoundTemplate(NamedTuple):
    """`is_named`: it was named by a path; else it only fits what is known of a URL. `is_near`: in more than
    its name."""

    template: Template
    is_named: bool
    is_near: bool = True


def template_at(url: Value, template: Template, files: TemplateFiles) -> FoundTemplate | None:
    """The template in the tree that `url` stands for, as `template` has it; None for none and for several."""
    found: set[FoundTemplate | None] = set()
    for value, _ in url.alternatives():
        found.add(_at(value, template, files))
        if len(found) > 1:
            return None
    return found.pop() if found else None


def asset_at(
    metadata: MappingNode, property_: str, template: Template, files: TemplateFiles
) -> Template | None:
    """The asset that CDK put in the place of `property_`: its metadata names a file beside the template."""
    path = text_of(metadata.get("aws:asset:path"))
    if path is None or text_of(metadata.get("aws:asset:property")) != property_:
        return None
    return files.beside(template, path)


def shown_url(url: Value) -> str:
    """A URL for people; unknown parts are `${…}`."""
    if isinstance(url, Known):
        return str(url.data)
    if isinstance(url, Text):
        return "".join(part if isinstance(part, str) else f"${{{part.symbol}}}" for part in url.parts)
    return "that is not known"


def _at(value: Value, template: Template, files: TemplateFiles) -> FoundTemplate | None:
    if isinstance(value, Known) and isinstance(value.data, str):
        text = value.data.strip()
        if _SCHEME.match(text) is None:
            beside = files.beside(template, text) if text else None
            return FoundTemplate(beside, True) if beside is not None else None
    elif isinstance(value, Text):
        text = "".join(part if isinstance(part, str) else _UNKNOWN for part in value.parts)
    else:
        return None
    tail = tail_of(text)
    fitting = files.fitting(template, tail) if tail else None
    return FoundTemplate(fitting[0], False, fitting[1] > 1) if fitting is not None else None


def tail_of(url: str) -> list[str]:
    """The known end of a URL's path, part by part; NUL stands for what is not known."""
    path = re.split(r"[?#]", url, maxsplit=1)[0]
    scheme = _SCHEME.match(path)
    if scheme is not None:
        path = path[scheme.end() :].partition("/")[2]
    parts = path.split("/")
    known: list[str] = []
    for part in reversed(parts):
        if _UNKNOWN in part and known:
            # `${KeyPrefix}templates/…`: prefixes mostly end in a slash.
            known.append(unquote(part.rpartition(_UNKNOWN)[2]))
        if _UNKNOWN in part or part in (".", ".."):
            break
        known.append(unquote(part))
    return [part for part in reversed(known) if part]
