"""What a person is told where the text is not in the language.

The parser's own view (the terminals that it would have taken) says whether an operand is missing
or something follows one; what encloses the place says what should have come instead.
"""

from dataclasses import dataclass

from wa_scan.terraform.lexer import OPERAND_ENDS, Tokens

_CLOSERS = {
    "LPAR": ")",
    "LSQB": "]",
    "LBRACE": "}",
    "INTERP_START": "}",
    "DIRECTIVE_START": "}",
    "HEREDOC_TEMPLATE": "",
    "HEREDOC_TEMPLATE_TRIM": "",
}
_CLOSING = frozenset({"RPAR", "RSQB", "RBRACE", "HEREDOC_END"})
_OPERAND_STARTS = frozenset({"LPAR", "LSQB", "MINUS"})


@dataclass(slots=True)
class _Place:
    """What encloses a token: the token that opened it, its closing sign ("" for a file), whether
    it is a body, and the terminals at the same level since the last comma or newline.
    """

    opener: int | None
    closer: str
    is_body: bool
    siblings: list[str]


def explain(tokens: Tokens, token: int, expected: frozenset[str]) -> tuple[str, int]:
    """Why the parser stopped at `token`, where it would have taken `expected` terminals: one
    sentence, and the token that it is about.
    """
    kind = tokens.types[token]
    place = _place(tokens, token)
    if kind == "$END" and place.opener is not None:
        return f"This {_quoted(tokens.values[place.opener].strip())} is never closed", place.opener
    found = _found(tokens, token)
    if expected >= _OPERAND_STARTS and "PLUS" not in expected:
        return _no_operand(kind, found, place), token
    if place.is_body and "EQ" not in place.siblings:
        return _no_statement(kind, found, place), token
    if place.siblings and _ends_operand(place.siblings[-1]):
        return _after_operand(kind, found, place, tokens), token
    return _in_the_middle(found, place), token


def _no_operand(kind: str, found: str, place: _Place) -> str:
    if kind in {"NL_OR_COMMENT", "COLON"} or (kind in _CLOSING and place.closer):
        return f"An expression is missing before {found}"
    if kind == "LT":
        return (
            "An expression is expected here; a heredoc begins with `<<` or `<<-`, a word, and the line's end"
        )
    return f"An expression is expected here, not {found}"


def _after_operand(kind: str, found: str, place: _Place, tokens: Tokens) -> str:
    siblings = place.siblings
    if "QMARK" in siblings and siblings.count("QMARK") > siblings.count("COLON") - ("FOR" in siblings):
        return f"This conditional `? :` lacks its `:` part; here stands {found}"
    if place.is_body:
        if "COLONS" in siblings:
            return f"The name of a function is followed by `(`, not by {found}"
        if kind == "COMMA":
            return "Arguments are separated by newlines, not by commas"
        if kind in _CLOSING and (not place.closer or kind != "RBRACE"):
            return f"This {found} closes nothing"
        if place.opener is not None and "NL_OR_COMMENT" not in tokens.types[place.opener : place.opener + 2]:
            return f"A block on one line holds one argument and then `}}`; here follows {found}"
        return f"An argument ends with its line; here follows {found}"
    if "FOR" in siblings:
        return _in_for(found, place)
    opened = tokens.types[place.opener] if place.opener is not None else ""
    if opened == "LBRACE":
        if "EQ" not in siblings and "COLON" not in siblings:
            return f"A key is followed by `=` and a value, not by {found}"
        return f"A comma, a newline or `}}` is expected after this item, not {found}"
    if opened in {"LPAR", "LSQB"} and place.opener is not None:
        before = tokens.types[place.opener - 1] if place.opener else ""
        several = before == "NAME" if opened == "LPAR" else not _ends_operand(before)
        several = several and siblings[-1] != "ELLIPSIS"
        return f"{'A comma or ' if several else ''}`{place.closer}` is expected here, not {found}"
    if place.closer:
        return f"`{place.closer}` is expected here, not {found}"
    return f"The expression ends before {found}; nothing may follow it"


def _in_for(found: str, place: _Place) -> str:
    siblings = place.siblings
    if "IN" not in siblings:
        return f"A `for` names one or two variables and then says `in`; here stands {found}"
    if "COLON" not in siblings:
        return f"A `for` has a `:` after its collection; here stands {found}"
    if place.closer == "}" and "FOR_OBJECT_ARROW" not in siblings:
        return f"A `for` in braces makes pairs, `key => value`; here stands {found}"
    return f"`{place.closer}` is expected here, not {found}"


def _no_statement(kind: str, found: str, place: _Place) -> str:
    siblings = place.siblings
    if not siblings:
        if kind in _CLOSING:
            return f"This {found} closes nothing"
        if kind in {"TEMPLATE_STRING", "DBLQUOTE"}:
            return "The name of an argument or of a block's type is not quoted"
        return f"An argument or a block begins with a name, not with {found}"
    if siblings[-1] == "RBRACE":
        return f"A block ends with its line; here follows {found}"
    if kind in {"NL_OR_COMMENT", "$END"}:
        if len(siblings) > 1:
            return "A block's `{` stands on the same line as its type and labels"
        return "A name alone means nothing: write `name = value`, or a block with its `{` on the same line"
    if kind in {"COLON", "DOUBLE_EQ"}:
        return f"An argument is set with `=`, not with {found}"
    if kind in {"DOT", "LSQB", "ATTR_SPLAT", "FULL_SPLAT_START"}:
        return f"The name of an argument is one word; here it is followed by {found}"
    if kind == "LBRACE":
        return "A block inside another needs lines of its own"
    return f"After a name comes `=`, or a block's labels and `{{`, not {found}"


def _in_the_middle(found: str, place: _Place) -> str:
    last = place.siblings[-1] if place.siblings else ""
    if last == "COLONS":
        return f"A name is expected after `::`, not {found}"
    if last == "DOT":
        return f"A name is expected after the dot, not {found}"
    if "FOR" in place.siblings and ("IN" not in place.siblings or last == "ELLIPSIS"):
        return _in_for(found, place)
    if place.closer:
        return f"`{place.closer}` is expected here, not {found}"
    return f"{found[0].upper()}{found[1:]} is not expected here"


def _ends_operand(kind: str) -> bool:
    return kind in OPERAND_ENDS


def _place(tokens: Tokens, token: int) -> _Place:
    types = tokens.types
    outermost_body = "NL_OR_COMMENT" in types
    stack = [_Place(None, "", outermost_body, [])]
    for number in range(token):
        kind = types[number]
        top = stack[-1]
        if kind in _CLOSERS or (kind == "DBLQUOTE" and top.closer != '"'):
            before = types[number - 1] if number else ""
            block = kind == "LBRACE" and top.is_body and before in {"NAME", "TEMPLATE_STRING", "DBLQUOTE"}
            stack.append(_Place(number, _CLOSERS.get(kind, '"'), block, []))
        elif len(stack) > 1 and (kind in _CLOSING or kind == "DBLQUOTE"):
            stack.pop()
            stack[-1].siblings.append(kind)
        elif kind in {"NL_OR_COMMENT", "COMMA"}:
            if "FOR" not in top.siblings or "IN" in top.siblings:
                top.siblings.clear()
        else:
            top.siblings.append(kind)
    return stack[-1]


def _found(tokens: Tokens, token: int) -> str:
    kind = tokens.types[token]
    if kind == "NL_OR_COMMENT":
        return "the end of the line"
    if kind == "$END":
        return "the end"
    if kind == "TEMPLATE_STRING":
        return "quoted text"
    if kind in {"STRING_CHARS", "DBLQUOTE"}:
        return "text"
    if kind.startswith("HEREDOC"):
        return "a heredoc"
    return _quoted(tokens.values[token])


def _quoted(text: str) -> str:
    return f"`{text}`" if len(text) <= 40 else f"`{text[:40]}…`"
