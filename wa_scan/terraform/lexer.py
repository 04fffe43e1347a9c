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

    `error`: what stopped the lexer: message, start, end. `openers`: the tokens that opened what
    is still open at the end. `deepest`: an upper bound for the depth of the tree.
    """

    types: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    error: tuple[str, int, int] | None = None
    openers: list[int] = field(default_factory=list)
    deepest: int = 0


_TOKEN = re.compile(
    r"""[ \t]*+(?:
      (?P<name>[^\W\d][\w-]*+)
    | (?P<newline>(?:\r?\n[ \t]*+)++)
    | (?P<string>"[^"\\$%\r\n]*+")
    | (?P<heredoc><<(?P<dash>-?)(?P<marker>[^\W\d][\w-]*+)\r?\n)
    | (?P<comment>\#[^\n]*+|//[^\n]*+)
    | (?P<operator>\[[ \t]*+\*[ \t]*+\]|\.\.\.|\.[ \t]*+\*|=>|==|!=|<=|>=|&&|\|\||::|~\}|[-=.,+*/%!<>?:])
    | (?P<number>[0-9]++(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?(?P<excess>\.[0-9][0-9.]*+)?)
    | (?P<open>[\[({])
    | (?P<close>[\])}])
    | (?P<quote>")
    )""",
    re.VERBOSE,
)
_LINE_TEXT = re.compile(r"[^$%\n]*+")
_QUOTED_TEXT = re.compile(r'[^"\\$%\r\n]*+')
_BEFORE_WORD = r"(?:[ \t\r\n]++|\#[^\n]*+|//[^\n]*+|/\*(?s:.*?)\*/)*+"
_FOR_AHEAD = re.compile(_BEFORE_WORD + r"(?P<word>for)(?![\w-])")
_DIRECTIVE = re.compile(_BEFORE_WORD + r"(?P<word>if|else|endif|for|endfor)(?![\w-])")
_WORD_ESCAPE = re.compile(r"u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}

_OPERATORS = {
    "==": "DOUBLE_EQ", "!=": "NEQ", "<": "LT", ">": "GT", "<=": "LEQ", ">=": "GEQ", "-": "MINUS",
    "*": "ASTERISK", "/": "SLASH", "%": "PERCENT", "&&": "DOUBLE_AMP", "||": "DOUBLE_PIPE",
    "+": "PLUS", "!": "NOT", "?": "QMARK", ",": "COMMA", ".": "DOT", "=": "EQ", ":": "COLON",
    "=>": "FOR_OBJECT_ARROW", "...": "ELLIPSIS", "::": "COLONS",
}  # fmt: skip
_WORDS = {"true": "TRUE", "false": "FALSE", "null": "NULL", "in": "IN", "if": "IF"}
_OPENERS = {"(": ("LPAR", ")"), "[": ("LSQB", "]"), "{": ("LBRACE", "}")}
_CLOSERS = {")": "RPAR", "]": "RSQB", "}": "RBRACE", "~}": "RBRACE"}
OPERAND_ENDS = frozenset(
    ["NAME", "TRUE", "FALSE", "NULL", "INT_LITERAL", "FLOAT_LITERAL", "TEMPLATE_STRING", "DBLQUOTE", "HEREDOC_END", "RPAR", "RSQB", "RBRACE", "FULL_SPLAT_START", "ATTR_SPLAT", "ELLIPSIS"]
)
_NOT_IN_LANGUAGE = {
    "'": "Single quotes do not delimit text here; use double quotes",
    "`": "Backquotes do not delimit text here; use double quotes or a heredoc",
    ";": "There are no semicolons here; use a newline to separate arguments",
    "&": "There is no operator `&`; logical “and” is `&&`",
    "|": "There is no operator `|`; logical “or” is `||`",
    "^": "There is no operator `^`; use the function pow for powers",
    "~": "`~` may only stand at the edge of a template sequence, as in `${~` or `~}`",
    "<": "A heredoc begins with `<<` or `<<-`, a word, and the end of the line",
}


@dataclass(slots=True)
class _Frame:
    """What to return to when a bracket or quote closes."""

    context: Context
    closer: str
    in_value: bool
    links: int
    marker: str
    token: int


class Lexer:
    """One text's way to `Tokens`. `run` may be called once."""

    def __init__(self, text: str, start: int = 0) -> None:
        self._text = text
        self._start = start
        self.tokens = Tokens()
        self._stack: list[_Frame] = []

    def run(self, context: Context) -> Tokens:
        """Lex all from the start offset, in `context`: BODY, GROUP (an expression) or BARE."""
        text = self._text
        length = len(text)
        tokens = self.tokens
        types, starts, ends, values = tokens.types, tokens.starts, tokens.ends, tokens.values
        stack = self._stack
        match = _TOKEN.match
        pos = self._start
        # What must close the context; "" at the outermost.
        closer = ""
        marker = ""
        # In a body: after the `=` of an argument.
        in_value = False
        # An upper bound for the depth of the tree here.
        links = 0
        previous = ""

        while True:
            if context >= Context.STRING:
                pos, event = (
                    self._quoted_text(pos) if context is Context.STRING else self._lines_of_text(pos, marker)
                )
                if event == "sequence":
                    types.append("INTERP_START" if text[pos] == "$" else "DIRECTIVE_START")
                    end = pos + 3 if text.startswith("~", pos + 2) else pos + 2
                    starts.append(pos)
                    ends.append(end)
                    values.append(text[pos:end])
                    stack.append(_Frame(context, closer, in_value, links, marker, len(types) - 1))
                    links += 1
                    context = Context.GROUP
                    closer = "}"
                    previous = types[-1]
                    if previous == "DIRECTIVE_START":
                        word = _DIRECTIVE.match(text, end)
                        if word is None:
                            tokens.error = (
                                "A template directive begins with if, else, endif, for or endfor", pos, end
                            )  # fmt: skip
                            break
                        types.append(word["word"].upper())
                        starts.append(word.start("word"))
                        ends.append(word.end())
                        values.append(word["word"])
                        previous = types[-1]
                        if previous == "FOR":
                            context = Context.FOR_INTRO
                        end = word.end()
                    pos = end
                    continue
                if event == "close":
                    frame = stack.pop()
                    context, closer, in_value, links, marker = (
                        frame.context, frame.closer, frame.in_value, frame.links, frame.marker
                    )  # fmt: skip
                    previous = types[-1]
                    continue
                break

            found = match(text, pos)
            if found is None:
                pos = self._skip_blanks(pos)
                if pos >= length:
                    break
                if types and types[-1] == "NAME" and ends[-1] == pos and ("a" + text[pos]).isidentifier():
                    # A combining mark, which the pattern's \w leaves out.
                    end = pos + 1
                    while end < length and (("a" + text[end]).isidentifier() or text[end] == "-"):
                        end += 1
                    values[-1] += text[pos:end]
                    ends[-1] = pos = end
                    continue
                sign = text[pos]
                message = _NOT_IN_LANGUAGE.get(sign) or (
                    f"The character {_printable(sign)} does not belong to the language"
                )
                tokens.error = (message, pos, pos + 1)
                break
            group = found.lastgroup
            start = found.start(group)  # type: ignore[arg-type]
            pos = found.end()

            if group == "name":
                word_text = text[start:pos]
                if not (word_text.isascii() or word_text.replace("-", "_").isidentifier()):
                    tokens.error = (f"{word_text} is not an identifier", start, pos)
                    break
                kind = "NAME"
                if word_text in _WORDS and previous != "DOT" and (in_value or context is not Context.BODY):
                    kind = _WORDS[word_text]
                    if kind == "IN":
                        if context is Context.FOR_INTRO and previous == "NAME":
                            context = Context.FOR
                        else:
                            kind = "NAME"
                    elif kind == "IF" and not (context is Context.FOR and previous in OPERAND_ENDS):
                        kind = "NAME"
                types.append(kind)
                starts.append(start)
                ends.append(pos)
                values.append(word_text)
                previous = kind
            elif group == "newline":
                if context <= Context.OBJECT:
                    if previous != "NL_OR_COMMENT":
                        types.append("NL_OR_COMMENT")
                        starts.append(start)
                        ends.append(start + 1)
                        values.append("\n")
                        previous = "NL_OR_COMMENT"
                    in_value = False
                    links = stack[-1].links + 1 if stack else 0
            elif group == "operator":
                sign = text[start:pos]
                if sign == "=":
                    in_value = True
                elif sign == "/" and text.startswith("*", pos):
                    pos = text.find("*/", pos + 1) + 2
                    if pos < 2:
                        tokens.error = ("This comment has no end; close it with `*/`", start, start + 2)
                        break
                    continue
                if sign == ",":
                    links = stack[-1].links + 1 if stack else 0
                else:
                    links += 1
                    if links > tokens.deepest:
                        tokens.deepest = links
                named = _OPERATORS.get(sign)
                if named is None:
                    if sign == "~}":
                        in_sequence = bool(stack) and closer == "}" and stack[-1].context >= Context.STRING
                        if not in_sequence:
                            tokens.error = (_NOT_IN_LANGUAGE["~"], start, start + 1)
                            break
                        frame = stack.pop()
                        context, closer, in_value, links, marker = (
                            frame.context, frame.closer, frame.in_value, frame.links, frame.marker
                        )  # fmt: skip
                        named = "RBRACE"
                    else:
                        named = "FULL_SPLAT_START" if sign[0] == "[" else "ATTR_SPLAT"
                types.append(named)
                starts.append(start)
                ends.append(pos)
                values.append(sign)
                previous = named
            elif group == "string":
                types.append("TEMPLATE_STRING")
                starts.append(start)
                ends.append(pos)
                value = text[start + 1 : pos - 1]
                values.append(value if value.isascii() else unicodedata.normalize("NFC", value))
                previous = "TEMPLATE_STRING"
            elif group == "open":
                sign = text[start]
                kind, closing = _OPENERS[sign]
                types.append(kind)
                starts.append(start)
                ends.append(pos)
                values.append(sign)
                previous = kind
                stack.append(_Frame(context, closer, in_value, links, marker, len(types) - 1))
                links += 1
                if links > tokens.deepest:
                    tokens.deepest = links
                if sign == "{" and context is Context.BODY and not in_value:
                    closer = closing
                    continue
                closer = closing
                context = Context.OBJECT if sign == "{" else Context.GROUP
                if sign != "(":
                    word = _FOR_AHEAD.match(text, pos)
                    if word is not None:
                        context = Context.FOR_INTRO
                        types.append("FOR")
                        starts.append(word.start("word"))
                        ends.append(word.end())
                        values.append("for")
                        previous = "FOR"
                        pos = word.end()
            elif group == "close":
                sign = text[start]
                kind = _CLOSERS[sign]
                types.append(kind)
                starts.append(start)
                ends.append(pos)
                values.append(sign)
                previous = kind
                if sign != closer:
                    # The parser will refuse this token; what follows means nothing.
                    break
                frame = stack.pop()
                context, closer, in_value, links, marker = (
                    frame.context, frame.closer, frame.in_value, frame.links, frame.marker
                )  # fmt: skip
            elif group == "number":
                digits = text[start:pos]
                if found["excess"]:
                    tokens.error = (f"{digits} is no number", start, pos)
                    break
                previous = "INT_LITERAL" if digits.isdigit() else "FLOAT_LITERAL"
                types.append(previous)
                starts.append(start)
                ends.append(pos)
                values.append(digits)
            elif group == "quote" or group == "heredoc":
                stack.append(_Frame(context, closer, in_value, links, marker, len(types)))
                links += 1
                if group == "quote":
                    types.append("DBLQUOTE")
                    context = Context.STRING
                else:
                    types.append("HEREDOC_TEMPLATE_TRIM" if found["dash"] else "HEREDOC_TEMPLATE")
                    context = Context.HEREDOC
                    marker = found["marker"]
                starts.append(start)
                ends.append(pos)
                values.append(text[start:pos])
            # A comment leaves nothing; the newline that ends it comes next.

        self._finish(context, pos, previous)
        return tokens

    def _finish(self, context: Context, pos: int, previous: str) -> None:
        tokens = self.tokens
        tokens.openers = [frame.token for frame in self._stack]
        if context is Context.BODY and tokens.error is None and previous not in {"", "NL_OR_COMMENT"}:
            self._add("NL_OR_COMMENT", pos, pos, "")
        self._add("$END", pos, pos, "")

    def _add(self, kind: str, start: int, end: int, value: str) -> None:
        self.tokens.types.append(kind)
        self.tokens.starts.append(start)
        self.tokens.ends.append(end)
        self.tokens.values.append(value)

    def _skip_blanks(self, pos: int) -> int:
        text = self._text
        while pos < len(text) and text[pos] in " \t":
            pos += 1
        return pos

    def _quoted_text(self, pos: int) -> tuple[int, str]:
        """Text in quotes up to a sequence or the closing quote, as one token."""
        text = self._text
        length = len(text)
        begin = pos
        pieces: list[str] = []
        while True:
            end = _QUOTED_TEXT.match(text, pos).end()  # type: ignore[union-attr]
            if end > pos:
                pieces.append(text[pos:end])
                pos = end
            sign = text[pos] if pos < length else ""
            if sign == "\\":
                decoded, pos = self._escape(pos)
                if decoded is None:
                    return pos, "error"
                pieces.append(decoded)
            elif sign in {"$", "%"}:
                if text.startswith("{", pos + 1):
                    self._add_text(begin, pos, pieces)
                    return pos, "sequence"
                escaped = text.startswith(sign + "{", pos + 1)
                pieces.append(sign + "{" if escaped else sign)
                pos += 3 if escaped else 1
            elif sign == '"':
                self._add_text(begin, pos, pieces)
                self._add("DBLQUOTE", pos, pos + 1, '"')
                return pos + 1, "close"
            else:
                opener = self.tokens.starts[self._stack[-1].token]
                self.tokens.error = (
                    "This quoted text has no closing quote on its line; use \\n or a heredoc for several lines",
                    opener,
                    opener + 1,
                )
                return pos, "error"

    def _escape(self, pos: int) -> tuple[str | None, int]:
        text = self._text
        sign = text[pos + 1 : pos + 2]
        if sign in _ESCAPES and sign:
            return _ESCAPES[sign], pos + 2
        found = _WORD_ESCAPE.match(text, pos + 1)
        if found is None:
            self.tokens.error = (
                f"`\\{sign if sign.isprintable() else ''}` begins no escape that there is (\\n, \\r, \\t, \\\", \\\\, \\uNNNN,"
                " \\UNNNNNNNN); write `\\\\` for a backslash",
                pos,
                pos + 1 + len(sign),
            )
            return None, pos
        code = int(found[0][1:], 16)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            self.tokens.error = (f"\\{found[0]} stands for no character", pos, found.end())
            return None, pos
        return chr(code), found.end()

    def _lines_of_text(self, pos: int, marker: str) -> tuple[int, str]:
        """Text of a heredoc or template file up to a sequence or its end, one token a line."""
        text = self._text
        length = len(text)
        tokens = self.tokens
        if marker:
            # After the closing brace of a sequence the rest of the line cannot be the marker.
            line_start = tokens.types[-1].startswith("HEREDOC_TEMPLATE")
        while True:
            begin = pos
            if marker and line_start:
                newline = text.find("\n", pos)
                end = length if newline < 0 else newline
                line = text[pos:end]
                if marker in line and line.strip() == marker:
                    place = pos + line.index(marker)
                    self._add("HEREDOC_END", place, place + len(marker), marker)
                    # The newline after it ends the argument.
                    return end - line.endswith("\r"), "close"
            pieces: list[str] = []
            while True:
                end = _LINE_TEXT.match(text, pos).end()  # type: ignore[union-attr]
                if end > pos:
                    pieces.append(text[pos:end])
                    pos = end
                sign = text[pos] if pos < length else ""
                if not sign or sign == "\n":
                    break
                if text.startswith("{", pos + 1):
                    self._add_text(begin, pos, pieces)
                    return pos, "sequence"
                escaped = text.startswith(sign + "{", pos + 1)
                pieces.append(sign + "{" if escaped else sign)
                pos += 3 if escaped else 1
            if sign:
                pieces.append(sign)
                pos += 1
            self._add_text(begin, pos, pieces)
            if not sign:
                if marker:
                    frame = self._stack[-1]
                    opener = tokens.starts[frame.token]
                    tokens.error = (
                        f"This heredoc has no end; write {marker} on a line of its own",
                        opener,
                        opener + len(tokens.values[frame.token].rstrip()),
                    )
                return pos, "end"
            line_start = True

    def _add_text(self, start: int, end: int, pieces: list[str]) -> None:
        if pieces:
            value = "".join(pieces)
            self._add(
                "STRING_CHARS", start, end, value if value.isascii() else unicodedata.normalize("NFC", value)
            )


def _printable(sign: str) -> str:
    return f"`{sign}`" if sign.isprintable() else f"U+{ord(sign):04X}" if sign else "end of text"
