"""The LALR table of Terraform's language, made from the grammar of python-hcl2.

python-hcl2's `hcl2.lark` is the source of the rules. Two things make it say exactly what the HCL
native syntax specification says:

- Newlines. `hcl2.lark` allows `new_line_or_comment` nearly everywhere, since its lexer has no
  notion of brackets. Our lexer (`lexer`) drops newlines where the specification ignores them, so
  they are taken out of every rule, and the rules in which they matter (bodies and
  objects) are written anew.
- The rules in `OVERRIDES`, each with its reason.

Lark compiles the result. The `driver` needs only the table, which is plain data, so it
is kept as JSON in the user's cache folder: nothing read from there can run, and a start with a
warm cache imports neither Lark nor python-hcl2.
"""

import hashlib
import json
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

START_SYMBOLS = ("start", "expression_start", "template_start")

OVERRIDES = {
    # An argument or a block ends at a newline; a block on one line holds at most one argument.
    "body": "NL_OR_COMMENT? (_body_item NL_OR_COMMENT)*",
    "_body_item": "attribute | block",
    # A string without sequences arrives as one token, TEMPLATE_STRING.
    "block": "_attribute_name (_attribute_name | string | TEMPLATE_STRING)* LBRACE block_body RBRACE",
    "block_body": "| attribute | NL_OR_COMMENT (_body_item NL_OR_COMMENT)*",
    "new_line_or_comment": "NL_OR_COMMENT",
    # Elements are separated by a comma or a newline, not by nothing.
    "object": (
        "LBRACE NL_OR_COMMENT? (object_elem (NL_OR_COMMENT | COMMA NL_OR_COMMENT?))* object_elem? RBRACE"
    ),
    # The lexer decides by context which words are keywords.
    "object_elem_key": "expression",
    # `!!x`, `- -x`.
    "unary_op": "(MINUS | NOT) unary_expr",
    # Namespaces of any depth: `core::length`, `provider::aws::arn_parse`.
    "function_call": "identifier (COLONS identifier)* LPAR arguments? RPAR",
    # Bodies of heredocs are templates.
    "heredoc_template": "HEREDOC_TEMPLATE string_part* HEREDOC_END",
    "heredoc_template_trim": "HEREDOC_TEMPLATE_TRIM string_part* HEREDOC_END",
    "expression_start": "expression",
    "template_start": "string_part*",
}

_TERMINAL = re.compile(r"^([A-Z][A-Z_]*)[.\d]*[ \t]*:", re.MULTILINE)
_NO_RULE = re.compile(r"^\s*(//.*|%ignore.*|[A-Z][A-Z_]*[.\d]*[ \t]*:.*(\n[ \t]+\|.*)*)$", re.MULTILINE)
_DEFINITION = re.compile(r"^([?!]*)([a-z_]\w*)[ \t]*:", re.MULTILINE)
_DROPPED = re.compile(r"\s*\b(new_line_or_comment|STRIP_MARKER)\b[?*]?")
_FORMAT = 1
_LARGEST = 4_000_000


@dataclass(frozen=True, slots=True)
class Production:
    """A rule of the grammar: `origin` (or its alias, `name`) consists of `symbols`."""

    name: str
    origin: str
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ParseTable:
    """An LALR(1) table. `actions[state][terminal]` is the state to shift to, or ~i to reduce by
    `productions[i]`; `gotos[state][origin]` the state after a reduction; `starts[symbol]` the
    states to start and to end in.
    """

    actions: list[dict[str, int]]
    gotos: list[dict[str, int]]
    productions: list[Production]
    starts: dict[str, tuple[int, int]]


def derived_grammar(hcl2_grammar: str) -> str:
    """`hcl2.lark` with newlines taken out and `OVERRIDES` put in. Terminals are only names here,
    since the lexer is ours.
    """
    terminals = {"HEREDOC_END", *_TERMINAL.findall(hcl2_grammar)}
    rules = dict(_rules(hcl2_grammar)) | {name: ("", text) for name, text in OVERRIDES.items()}
    lines = [f"{flags}{name}: {text}" for name, (flags, text) in rules.items()]
    lines += [f"{name}: {json.dumps(name)}" for name in sorted(terminals)]
    return "\n".join(lines) + "\n"


def _rules(grammar: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """The rules of a Lark grammar: name, then flags (`?`) and text without comments."""
    text = _NO_RULE.sub("", grammar)
    found = list(_DEFINITION.finditer(text))
    for match, following in zip(found, [*found[1:], None], strict=True):
        rule = text[match.end() : following.start() if following else len(text)]
        yield match[2], ("?" if "?" in match[1] else "", " ".join(_DROPPED.sub("", rule).split()))


def compile_table(grammar: str) -> ParseTable:
    """Compile a grammar with Lark (a fifth of a second)."""
    from lark import Lark
    from lark.lexer import Lexer
    from lark.parsers.lalr_analysis import Shift

    class NoLexer(Lexer):
        def __init__(self, lexer_conf: Any) -> None:
            pass

        def lex(self, lexer_state: Any, parser_state: Any) -> Any:
            raise NotImplementedError

    lark: Any = Lark(grammar, parser="lalr", lexer=NoLexer, start=list(START_SYMBOLS))
    states: Any = lark.parser.parser._parse_table
    numbers = {state: number for number, state in enumerate(states.states)}
    productions: dict[Any, int] = {}
    actions: list[dict[str, int]] = []
    gotos: list[dict[str, int]] = []
    for row in states.states.values():
        action: dict[str, int] = {}
        goto: dict[str, int] = {}
        for symbol, (kind, argument) in row.items():
            if kind is not Shift:
                action[symbol] = ~productions.setdefault(argument, len(productions))
            elif symbol.isupper() or symbol.startswith("$"):
                action[symbol] = numbers[argument]
            else:
                goto[symbol] = numbers[argument]
        actions.append(action)
        gotos.append(goto)
    return ParseTable(
        actions,
        gotos,
        [
            Production(
                str(rule.alias or rule.origin.name),
                str(rule.origin.name),
                tuple(str(symbol.name) for symbol in rule.expansion),
            )
            for rule in productions
        ],
        {s: (numbers[states.start_states[s]], numbers[states.end_states[s]]) for s in START_SYMBOLS},
    )


@cache
def parse_table() -> ParseTable:
    """The table, from the cache folder where it can be trusted, else compiled (and kept there)."""
    grammar = derived_grammar(_hcl2_grammar())
    key = hashlib.sha256(f"{_FORMAT}\n{grammar}".encode()).hexdigest()
    file = _cache_file(key)
    table = _read(file) if file else None
    if table is None:
        table = compile_table(grammar)
        if file:
            _write(file, table)
    return table


def _hcl2_grammar() -> str:
    """The text of `hcl2.lark`, without importing python-hcl2."""
    spec = find_spec("hcl2")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("python-hcl2 is not installed")
    return Path(spec.submodule_search_locations[0], "hcl2.lark").read_text(encoding="utf-8")


def _cache_file(key: str) -> Path | None:
    from platformdirs import user_cache_path

    try:
        return user_cache_path("wa-scan", appauthor=False) / f"grammar-{key[:16]}.json"
    except (OSError, RuntimeError):
        # No home folder.
        return None


def _read(file: Path) -> ParseTable | None:
    """The table in `file`; None where it is absent, damaged, or others could have written it."""
    try:
        if not _only_ours(file.parent.stat()):
            return None
        if file.is_symlink() or not file.is_file():
            return None
        with file.open("rb") as stream:
            status = os.fstat(stream.fileno())
            if not (stat.S_ISREG(status.st_mode) and _only_ours(status) and status.st_size <= _LARGEST):
                return None
            digest, _, payload = stream.read(_LARGEST).partition(b"\n")
        if hashlib.sha256(payload).hexdigest().encode() != digest:
            return None
        return _table_from(json.loads(payload))
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError):
        return None


def _only_ours(status: os.stat_result) -> bool:
    if not hasattr(os, "geteuid"):
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _write(file: Path, table: ParseTable) -> None:
    """Keep the table for the next start. Where that is impossible the next start compiles again."""
    from tempfile import NamedTemporaryFile

    payload = json.dumps(
        {
            "actions": table.actions,
            "gotos": table.gotos,
            "productions": [[p.name, p.origin, p.symbols] for p in table.productions],
            "starts": table.starts,
        }
    ).encode()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _only_ours(file.parent.stat()):
            return
        with NamedTemporaryFile(dir=file.parent, prefix=".grammar-", delete=False) as stream:
            written = Path(stream.name)
            stream.write(hashlib.sha256(payload).hexdigest().encode() + b"\n" + payload)
    except OSError:
        return
    try:
        written.replace(file)
    except OSError:
        with suppress(OSError):
            written.unlink()


def _table_from(data: Any) -> ParseTable:
    # One object for equal names makes the look-ups of the driver faster.
    return ParseTable(
        [{sys.intern(symbol): act for symbol, act in row.items()} for row in data["actions"]],
        [{sys.intern(symbol): state for symbol, state in row.items()} for row in data["gotos"]],
        [
            Production(name, sys.intern(origin), tuple(symbols))
            for name, origin, symbols in data["productions"]
        ],
        {symbol: (first, last) for symbol, (first, last) in data["starts"].items()},
    )
