"""Which folders a Terraform folder calls as modules: a cheap textual look, before any parser runs."""

import os
import re
from collections.abc import Iterable, Mapping

# What may hide a block header or look like one comes first: comments, strings, heredocs. What is not
# closed runs to the end, so that no input is looked at twice.
_TOKEN = re.compile(
    rb"""
      (?: \# | // ) [^\n]*
    | /\* (?: .*? \*/ | .* )
    | << -? (?P<mark>[\w-]+) \r?\n (?: (?: .*? \n )?? [ \t]* (?P=mark) [ \t]* \r? $ | .* )
    | ^ [ \t]* module \s+ "? [\w-]+ "? \s* (?P<module>\{)
      (?: [ \t]* source [ \t]* = [ \t]* "(?P<inline>[^"\n]*)" )?
    | ^ [ \t]* source [ \t]* = [ \t]* "(?P<source>[^"\n]*)"
    | " (?: [^"\\\n] | \\. )*+ "?
    | [{}]
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_JSON_SOURCE = re.compile(rb'"source"\s*:\s*"(\.[^"\n]*)"')


def local_sources(data: bytes, *, is_json: bool = False) -> list[str]:
    """The sources of the module calls in a file that are paths (`./…`, `../…`), as written."""
    if b"module" not in data or (b'"./' not in data and b'"..' not in data and b'".' not in data):
        return []
    if is_json:
        return [_text(found) for found in _JSON_SOURCE.findall(data)]
    sources: list[str] = []
    depth = 0
    module_depth: int | None = None
    for token in _TOKEN.finditer(data):
        source = token["inline"]
        if token["module"]:
            depth += 1
            module_depth = depth
        elif token["source"] is not None and module_depth == depth:
            source = token["source"]
        elif token[0] == b"{":
            depth += 1
        elif token[0] == b"}":
            depth -= 1
            if module_depth is not None and depth < module_depth:
                module_depth = None
        if source is not None and source.startswith(b"."):
            sources.append(_text(source))
    return sources


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def called_folder(caller: str, source: str) -> str | None:
    """The absolute folder that a call's `source` names, None for what is no path."""
    if source in (".", "..") or source.startswith(("./", "../")):
        return os.path.normpath(os.path.join(caller, source))
    return None


def root_folders(calls: Mapping[str, Iterable[str]]) -> list[str]:
    """The folders to evaluate on their own, sorted: those that no other folder calls, and of
    those that only call each other in a circle the first of each circle.

    `calls`: for every Terraform folder the folders that it calls.
    """
    called = {callee for caller, callees in calls.items() for callee in callees if callee != caller}
    roots = [folder for folder in sorted(calls) if folder not in called]
    reached = reached_from(roots, calls)
    for folder in sorted(calls):
        if folder not in reached:
            roots.append(folder)
            reached |= reached_from([folder], calls)
    return sorted(roots)


def reached_from(starts: Iterable[str], calls: Mapping[str, Iterable[str]]) -> set[str]:
    """`starts` and everything that they call, directly or not."""
    reached: set[str] = set()
    todo = list(starts)
    while todo:
        folder = todo.pop()
        if folder not in reached and folder in calls:
            reached.add(folder)
            todo.extend(calls[folder])
    return reached
