"""Text to tokens, under the terminal names of python-hcl2's grammar.

A lexer of our own, since what a character means in HCL depends on the brackets and quotes around
it, which Lark's lexer does not see: newlines count in bodies and objects only, `for`, `in` and
`if` are words except in a `for` expression, and a template's text ends where a sequence begins.
It uses a stack of contexts, never recursion, and looks at every character a bounded number of
times, so that hostile text cannot make it slow.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from enum import IntEnum

from wa_scan.terraform.template_text import LexicalError, line_text, quoted_text


class Context(IntEnum):
    """What encloses the place that the lexer is at. From STRING on it is text of a template."""

    BODY = 0
    OBJECT = 1
    GROUP = 2
    """Parentheses, brackets or a template's sequence: newlines mean nothing."""
    FOR_INTRO = 3
    """A `for` expression or directive before its `in`."""
    FOR = 4
    STRING = 5
    HEREDOC = 6
    BARE = 7
    """A template file."""


@dataclass(slots=True)
class Tokens:
    """Parallel lists: token i is of terminal `types[i]`, covers `starts[i]` to `ends[i]`, and
    `values[i]` is its text, escapes resolved. The last one is `$END`.

    `error`: what stopped the lexer. `openers`: the tokens that opened what is still open at the
    end. `deepest`: an upper bound for the depth of the tree.
    """

    types: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    error: LexicalError | None = None
    openers: list[int] = field(default_factory=list)
    deepest: int = 0


OPERAND_ENDS = frozenset(
    {"NAME", "TRUE", "FALSE", "NULL", "INT_LITERAL", "FLOAT_LITERAL", "TEMPLATE_STRING", "DBLQUOTE"}
    | {"HEREDOC_END", "RPAR", "RSQB", "RBRACE", "FULL_SPLAT_START", "ATTR_SPLAT", "ELLIPSIS"}
)
"""The terminals after which an operand may be complete."""

MAX_LINKS = 5000
"""How many operators and brackets one item may have. Real ones have fewer than 30."""

MAX_TOKENS = 1_000_000
"""How many tokens of a file are read: some 10 MB of configuration, or 300 MB of memory."""

_TOKEN = re.compile(
    r"""[ \t]*+(?:
      (?P<name>[^\W\d][\w-]*+)
    | (?P<newline>(?:\r?\n[ \t]*+)++)
    | (?P<string>"[^"\\$%\r\n]*+")
    | (?P<heredoc><<(?P<dash>-?)(?P<marker>[^\W\d][\w-]*+)\r?\n)
    | (?P<comment>\#[^\n]*+|//[^\n]*+)
    | (?P<long_comment>/\*)
    | (?P<operator>\.\.\.|\.[ \t]*+\*|\[[ \t]*+\*[ \t]*+\]|=>|==|!=|<=|>=|&&|\|\||::|[-=.,+*/%!<>?:])
    | (?P<number>[0-9]++(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?(?P<excess>\.[0-9][0-9.]*+)?)
    | (?P<open>[\[({])
    | (?P<close>~\}|[\])}])
    | (?P<quote>")
    )""",
    re.VERBOSE,
)
_BLANKS = re.compile(r"[ \t]*+")
_BEFORE_WORD = r"(?:[ \t\r\n]++|\#[^\n]*+|//[^\n]*+|/\*(?s:.*?)\*/)*+"
_FOR_AHEAD = re.compile(_BEFORE_WORD + r"(?P<word>for)(?![\w-])")
_DIRECTIVE = re.compile(_BEFORE_WORD + r"(?P<word>if|else|endif|for|endfor)(?![\w-])")

_OPERATORS = {
    "==": "DOUBLE_EQ",
    "!=": "NEQ",
    "<": "LT",
    ">": "GT",
    "<=": "LEQ",
    ">=": "GEQ",
    "-": "MINUS",
    "*": "ASTERISK",
    "/": "SLASH",
    "%": "PERCENT",
    "&&": "DOUBLE_AMP",
    "||": "DOUBLE_PIPE",
    "+": "PLUS",
    "!": "NOT",
    "?": "QMARK",
    ",": "COMMA",
    ".": "DOT",
    "=": "EQ",
    ":": "COLON",
    "=>": "FOR_OBJECT_ARROW",
    "...": "ELLIPSIS",
    "::": "COLONS",
}
_WORDS = {"true": "TRUE", "false": "FALSE", "null": "NULL", "in": "IN", "if": "IF"}
_OPENERS = {"(": ("LPAR", ")"), "[": ("LSQB", "]"), "{": ("LBRACE", "}")}
_CLOSERS = {")": "RPAR", "]": "RSQB", "}": "RBRACE"}
_NOT_IN_LANGUAGE = {
    "'": "Single quotes do not delimit text here; use double quotes",
    "`": "Backquotes do not delimit text here; use double quotes or a heredoc",
    ";": "There are no semicolons here; use a newline to separate arguments",
    "&": "There is no operator `&`; logical “and” is `&&`",
    "|": "There is no operator `|`; logical “or” is `||`",
    "^": "There is no operator `^`; use the function pow for powers",
    "$": "`${ }` belongs into quoted text; here the expression stands alone",
    "\ufffd": "This is not valid UTF-8, in which Terraform's files are written",
    "~": "`~` may only stand at the edge of a template sequence, as in `${~` or `~}`",
}


@dataclass(slots=True)
class _State:
    """Where the lexer is. `closer`: the sign that ends the context, "" at the outermost. `marker`:
    a heredoc's. `in_value`: in a body, after the `=` of an argument. `links`: an upper bound for
    the depth of the tree here, `base` the same where the item began.
    """

    context: Context
    closer: str = ""
    marker: str = ""
    in_value: bool = False
    links: int = 0
    base: int = 0


class Lexer:
    """One text's way to `Tokens`, from an offset in a context: BODY, GROUP (an expression) or
    BARE. `run` may be called once.
    """

    def __init__(self, text: str, start: int, context: Context) -> None:
        self._text = text
        self._pos = start
        self._state = _State(context)
        self._previous = ""
        self._stack: list[_State] = []
        self._openers: list[int] = []
        self.tokens = Tokens()

    def run(self) -> Tokens:
        """All tokens up to the end, or to what is not in the language."""
        try:
            self._run()
        except LexicalError as error:
            self.tokens.error = error
        self.tokens.openers = self._openers
        whole = self._state.context is Context.BODY and self.tokens.error is None
        if whole and self._previous not in {"", "NL_OR_COMMENT"}:
            self._add("NL_OR_COMMENT", self._pos, self._pos, "")
        self._add("$END", self._pos, self._pos, "")
        return self.tokens

    def _run(self) -> None:
        text = self._text
        match = _TOKEN.match
        add = self._add
        tokens = self.tokens
        while True:
            if len(tokens.types) >= MAX_TOKENS:
                message = f"This file has more than {MAX_TOKENS} tokens; what follows was not read"
                raise LexicalError(message, self._pos, min(self._pos + 1, len(text)), limit=True)
            state = self._state
            if state.context >= Context.STRING:
                if self._template_text():
                    continue
                return
            found = match(text, self._pos)
            if found is None:
                if self._rest():
                    continue
                return
            group = found.lastgroup
            start = found.start(group)  # type: ignore[arg-type]  # every way to match has a group
            end = self._pos = found.end()
            if group == "name":
                self._name(start, end)
            elif group == "newline":
                if state.context <= Context.OBJECT:
                    if self._previous != "NL_OR_COMMENT":
                        add("NL_OR_COMMENT", start, start + 1, "\n")
                    state.in_value = False
                    state.links = state.base
            elif group == "operator":
                sign = text[start:end]
                kind = _OPERATORS.get(sign)
                if kind is None:
                    kind = "ATTR_SPLAT" if sign[0] == "." else "FULL_SPLAT_START"
                add(kind, start, end, sign)
                if kind == "COMMA":
                    state.links = state.base
                    continue
                if kind == "EQ":
                    state.in_value = True
                state.links += 1
                if state.links > tokens.deepest:
                    self._deepest(state.links)
            elif group == "string":
                value = text[start + 1 : end - 1]
                add("TEMPLATE_STRING", start, end, value if value.isascii() else _normal(value))
            elif group == "open":
                self._open(text[start], start)
            elif group == "close":
                if not self._close(text[start:end], start):
                    return
            elif group == "number":
                digits = text[start:end]
                if found["excess"]:
                    raise LexicalError(f"{digits} is no number", start, end)
                add("INT_LITERAL" if digits.isdigit() else "FLOAT_LITERAL", start, end, digits)
            elif group == "quote":
                add("DBLQUOTE", start, end, '"')
                self._enter(Context.STRING, '"')
            elif group == "heredoc":
                kind = "HEREDOC_TEMPLATE_TRIM" if found["dash"] else "HEREDOC_TEMPLATE"
                add(kind, start, end, text[start:end])
                self._enter(Context.HEREDOC, "", found["marker"])
            elif group == "long_comment":
                close = text.find("*/", end)
                if close < 0:
                    raise LexicalError("This comment has no end; close it with `*/`", start, end)
                self._pos = close + 2
            # Another comment leaves nothing; the newline that ends it comes next.

    def _add(self, kind: str, start: int, end: int, value: str) -> None:
        tokens = self.tokens
        tokens.types.append(kind)
        tokens.starts.append(start)
        tokens.ends.append(end)
        tokens.values.append(value)
        self._previous = kind

    def _enter(self, context: Context, closer: str, marker: str = "") -> None:
        """The last token opened something."""
        outer = self._state
        self._stack.append(outer)
        self._openers.append(len(self.tokens.types) - 1)
        # What follows the closing sign may be deeper still: `x[0][0]`, the body of a directive.
        outer.links = links = outer.links + 1
        self._state = _State(context, closer, marker, False, links, links)
        if links > self.tokens.deepest:
            self._deepest(links)

    def _deepest(self, links: int) -> None:
        self.tokens.deepest = links
        if links > MAX_LINKS:
            message = f"This has more than {MAX_LINKS} operators and brackets, more than wa-scan follows"
            raise LexicalError(message, self._pos - 1, self._pos, limit=True)

    def _leave(self) -> None:
        self._state = self._stack.pop()
        self._openers.pop()

    def _rest(self) -> bool:
        """Deal with what is no token; False at the end."""
        text = self._text
        blanks = _BLANKS.match(text, self._pos)
        start = blanks.end() if blanks else self._pos
        if start >= len(text):
            self._pos = start
            return False
        tokens = self.tokens
        if self._previous == "NAME" and tokens.ends[-1] == start and ("a" + text[start]).isidentifier():
            # A combining mark, which the pattern's \w leaves out.
            end = start + 1
            while end < len(text) and (text[end] == "-" or ("a" + text[end]).isidentifier()):
                end += 1
            tokens.values[-1] += text[start:end]
            tokens.ends[-1] = self._pos = end
            return True
        sign = text[start]
        shown = f"`{sign}`" if sign.isprintable() else f"U+{ord(sign):04X}"
        message = _NOT_IN_LANGUAGE.get(sign, f"The character {shown} does not belong to the language")
        raise LexicalError(message, start, start + 1)

    def _name(self, start: int, end: int) -> None:
        name = self._text[start:end]
        if not (name.isascii() or name.replace("-", "_").isidentifier()):
            raise LexicalError(f"{name} is not an identifier", start, end)
        kind = "NAME"
        if name in _WORDS and self._previous != "DOT":
            state = self._state
            context = state.context
            kind = _WORDS[name]
            if context is Context.FOR_INTRO and kind in ("NULL", "TRUE", "FALSE"):
                # As the name of a variable, which then cannot be referred to.
                kind = "NAME"
            elif kind == "IN":
                if context is Context.FOR_INTRO and self._previous == "NAME":
                    state.context = Context.FOR
                else:
                    kind = "NAME"
            elif kind == "IF":
                if context is not Context.FOR or self._previous not in OPERAND_ENDS:
                    kind = "NAME"
            elif context is Context.BODY and not state.in_value:
                kind = "NAME"
        self._add(kind, start, end, name)

    def _open(self, sign: str, start: int) -> None:
        kind, closer = _OPENERS[sign]
        self._add(kind, start, start + 1, sign)
        state = self._state
        if sign == "(":
            self._enter(Context.GROUP, closer)
        elif sign == "{" and state.context is Context.BODY and not state.in_value:
            self._enter(Context.BODY, closer)
        else:
            # Only here, at the start of brackets or braces, `for` is a keyword.
            word = _FOR_AHEAD.match(self._text, self._pos)
            if word is not None:
                self._enter(Context.FOR_INTRO, closer)
                self._add("FOR", word.start("word"), word.end(), "for")
                self._pos = word.end()
            else:
                self._enter(Context.OBJECT if sign == "{" else Context.GROUP, closer)

    def _close(self, sign: str, start: int) -> bool:
        """False where the sign does not close what is open: the parser will refuse it."""
        bracket = sign[-1]
        if sign == "~}" and not (self._stack and self._stack[-1].context >= Context.STRING):
            raise LexicalError(_NOT_IN_LANGUAGE["~"], start, start + 1)
        self._add(_CLOSERS[bracket], start, self._pos, sign)
        if bracket != self._state.closer:
            return False
        self._leave()
        return True

    # Templates

    def _template_text(self) -> bool:
        """Text up to a sequence or the end of its template; False at the end of all."""
        text = self._text
        if self._state.context is Context.STRING:
            value, end = quoted_text(text, self._pos)
            self._add_text(end, value)
            if text.startswith(("${", "%{"), end):
                self._sequence()
            elif text.startswith('"', end):
                self._pos = end + 1
                self._add("DBLQUOTE", end, end + 1, '"')
                self._leave()
            else:
                raise self._unclosed(
                    "This quoted text has no closing quote on its line; use \\n or a heredoc"
                )
            return True
        # The rest of a line, after a sequence, cannot be the marker.
        line_start = self._previous.startswith("HEREDOC_TEMPLATE")
        while True:
            if self._state.marker and line_start and self._at_marker():
                return True
            value, end = line_text(text, self._pos)
            self._add_text(end, value)
            if text.startswith(("${", "%{"), end):
                self._sequence()
                return True
            line_start = value.endswith("\n")
            if end == len(text) and not line_start:
                break
        if self._state.marker:
            raise self._unclosed(f"This heredoc has no end; write {self._state.marker} on a line of its own")
        return False

    def _at_marker(self) -> bool:
        """Whether this line ends the heredoc; if so, pass it up to its newline."""
        text = self._text
        marker = self._state.marker
        newline = text.find("\n", self._pos)
        end = len(text) if newline < 0 else newline
        found = text.find(marker, self._pos, end)
        if found < 0 or text[self._pos : end].strip() != marker:
            return False
        self._pos = end - text.endswith("\r", found, end)
        self._add("HEREDOC_END", found, found + len(marker), marker)
        self._leave()
        return True

    def _add_text(self, end: int, value: str) -> None:
        if end > self._pos:
            self._add("STRING_CHARS", self._pos, end, value if value.isascii() else _normal(value))
            self._pos = end

    def _sequence(self) -> None:
        """Begin `${` or `%{`, the latter with its word."""
        text = self._text
        start = self._pos
        end = start + (3 if text.startswith("~", start + 2) else 2)
        is_directive = text[start] == "%"
        self._add("DIRECTIVE_START" if is_directive else "INTERP_START", start, end, text[start:end])
        self._enter(Context.GROUP, "}")
        self._pos = end
        if not is_directive:
            return
        word = _DIRECTIVE.match(text, end)
        if word is None:
            raise LexicalError("A template directive begins with if, else, endif, for or endfor", start, end)
        self._add(word["word"].upper(), word.start("word"), word.end(), word["word"])
        if word["word"] == "for":
            self._state.context = Context.FOR_INTRO
        self._pos = word.end()

    def _unclosed(self, message: str) -> LexicalError:
        """The error for a template that has no end, at its first line's marker or quote."""
        opener = self._openers[-1]
        start = self.tokens.starts[opener]
        return LexicalError(message, start, start + len(self.tokens.values[opener].rstrip()))


def _normal(text: str) -> str:
    """Terraform keeps text in Unicode's form NFC."""
    return unicodedata.normalize("NFC", text)
