"""`data "aws_iam_policy_document"`: the JSON policy that it stands for.

The provider computes it from the arguments alone. Shape and order follow its source
(`internal/service/iam/policy_document_data_source.go` and `policy_model.go`): one value is a string,
several are a list in descending order, statements of merged documents replace each other by `Sid`.

What is not known has a place in the text all the same: an unknown string is an unknown part of it, and an
unknown list or policy document stands there as one unknown string.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from wa_scan.terraform import operators
from wa_scan.terraform.bodies import EvaluatedBody
from wa_scan.terraform.choices import TooManyChoicesError, choose, distribute
from wa_scan.terraform.convert import to_text
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.types import STRING
from wa_scan.terraform.values import (
    NULL,
    TfValue,
    UnknownData,
    deep_marks,
    object_of,
    string,
    tuple_of,
)

DEFAULT_VERSION = "2012-10-17"

Json = str | list["Json"] | dict[str, "Json"]

# Stands for an unknown part while documents are put together: private-use signs around its number.
_OPEN, _CLOSE = "\ue000", "\ue001"
_TOKEN = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")


def policy_document(body: EvaluatedBody) -> dict[str, TfValue]:
    """`json` and `minified_json` of the data source with this body.

    Raises `EvaluationError` where the provider refuses it.
    """
    packed = _packed(body)
    marks = deep_marks(packed)
    try:
        return {
            "json": distribute([packed], _written, deep=[True]).with_marks(marks),
            "minified_json": distribute([packed], _minified, deep=[True]).with_marks(marks),
        }
    except TooManyChoicesError:
        return {}


def _written(values: Sequence[TfValue]) -> TfValue:
    return _Document(values[0]).text(2)


def _minified(values: Sequence[TfValue]) -> TfValue:
    return _Document(values[0]).text(None)


def _packed(body: EvaluatedBody) -> TfValue:
    """A body as one value; a block that is there only under a guard is null elsewhere."""
    found = dict(body.attributes)
    for kind, blocks in body.blocks.items():
        found[kind] = tuple_of(choose(guard, _packed(inner), NULL) for inner, guard in blocks.elements)
    return object_of(found)


class _Document:
    """Puts one document together, from arguments that are no choices."""

    def __init__(self, arguments: TfValue) -> None:
        assert isinstance(arguments.data, dict)
        self.arguments = arguments.data
        self.unknowns: list[TfValue] = []

    def text(self, indent: int | None) -> TfValue:
        merged = _merged(self._documents())
        separators = None if indent else (",", ":")
        shown = json.dumps(merged, indent=indent, ensure_ascii=False, separators=separators)
        # As Go writes JSON.
        for sign in "<>&\u2028\u2029":
            shown = shown.replace(sign, f"\\u{ord(sign):04x}")
        return self._with_unknowns(shown)

    def _with_unknowns(self, text: str) -> TfValue:
        if not self.unknowns:
            return string(text)
        parts: list[TfValue] = []
        for at, piece in enumerate(_TOKEN.split(text)):
            if at % 2:
                parts.append(self.unknowns[int(piece)])
            elif piece:
                parts.append(string(piece))
        return operators.concat_template(parts)

    # --- documents ----------------------------------------------------------------------------

    def _documents(self) -> Iterator[dict[str, Json]]:
        """All documents in the order in which they are merged."""
        sources = [
            *self._strings("source_json"),
            *self._strings("source_policy_documents"),
        ]
        seen: set[str] = set()
        for text in sources:
            document = self._parsed(text)
            for statement in _statements(document):
                _unique(statement, seen)
            yield document
        yield self._own()
        for text in (*self._strings("override_policy_documents"), *self._strings("override_json")):
            yield self._parsed(text)

    def _parsed(self, text: str) -> dict[str, Json]:
        if not text.strip():
            return {}
        try:
            document = json.loads(text, parse_int=str, parse_float=str)
        except (ValueError, RecursionError):
            if _TOKEN.search(text) is None:
                raise EvaluationError("a policy document to merge is not JSON") from None
            # Not to be told apart: an unknown statement stands for all of it.
            return {"Statement": [text if _TOKEN.fullmatch(text) else self._token(string(text))]}
        if not isinstance(document, dict):
            raise EvaluationError("a policy document to merge is not a JSON object")
        statements = document.get("Statement", [])
        if not isinstance(statements, list):
            statements = [statements]
        known = {key: document[key] for key in ("Version", "Id") if isinstance(document.get(key), str)}
        return {**known, "Statement": [_reread(statement) for statement in statements]}

    def _own(self) -> dict[str, Json]:
        document: dict[str, Json] = {"Version": self._string("version") or DEFAULT_VERSION}
        identifier = self._string("policy_id")
        if identifier:
            document["Id"] = identifier
        seen: set[str] = set()
        statements: list[Json] = []
        for block in self._blocks(self.arguments, "statement"):
            statement = self._statement(block)
            _unique(statement, seen)
            statements.append(statement)
        document["Statement"] = statements
        return document

    def _statement(self, block: dict[str, TfValue]) -> dict[str, Json]:
        statement: dict[str, Json] = {}
        sid = self._scalar(block.get("sid"))
        if sid:
            statement["Sid"] = sid
        statement["Effect"] = self._scalar(block.get("effect")) or "Allow"
        for argument, name in (
            ("actions", "Action"),
            ("not_actions", "NotAction"),
            ("resources", "Resource"),
            ("not_resources", "NotResource"),
        ):
            values = self._list(block.get(argument))
            if values:
                statement[name] = _one_or_sorted(values)
        for argument, name in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
            principals = [
                (self._scalar(inner.get("type")) or "", _one_or_sorted(self._list(inner.get("identifiers"))))
                for inner in self._blocks(block, argument)
            ]
            if principals:
                statement[name] = _principals(principals)
        conditions: dict[str, dict[str, Json]] = {}
        for inner in self._blocks(block, "condition"):
            test = conditions.setdefault(self._scalar(inner.get("test")) or "", {})
            _add_condition(
                test,
                self._scalar(inner.get("variable")) or "",
                self._list(inner.get("values"), is_set=False),
            )
        if conditions:
            statement["Condition"] = {
                test: dict(sorted(conditions[test].items())) for test in sorted(conditions)
            }
        return statement

    # --- arguments ----------------------------------------------------------------------------

    def _blocks(self, arguments: dict[str, TfValue], kind: str) -> list[dict[str, TfValue]]:
        """Nested blocks; in JSON syntax they are written as an object or a list of objects."""
        value = arguments.get(kind)
        if value is None:
            return []
        members = value.data if isinstance(value.data, tuple) else (value,)
        return [member.data for member in members if isinstance(member.data, dict)]

    def _string(self, name: str) -> str | None:
        return self._scalar(self.arguments.get(name))

    def _strings(self, name: str) -> list[str]:
        value = self.arguments.get(name)
        if value is not None and value.type is STRING:
            value = tuple_of([value])
        return self._list(value, is_set=False)

    def _scalar(self, value: TfValue | None) -> str | None:
        """Text, with a token for what is not known; None for null."""
        if value is None or value.data is None:
            return None
        data = value.data
        if isinstance(data, UnknownData):
            if data.parts is None:
                return self._token(value)
            return "".join(
                _plain(part) if isinstance(part, str) else self._token(part) for part in data.parts
            )
        return _plain(to_text(value)).replace("&{", "${")

    def _token(self, value: TfValue) -> str:
        self.unknowns.append(value if value.type is STRING else _as_string(value))
        return f"{_OPEN}{len(self.unknowns) - 1}{_CLOSE}"

    def _list(self, value: TfValue | None, is_set: bool = True) -> list[str]:
        if value is None or value.data is None:
            return []
        if not isinstance(value.data, tuple):
            found = self._scalar(value) if not isinstance(value.data, dict) else None
            return [found] if found is not None else []
        members = [member for item in value.data if (member := self._scalar(item)) is not None]
        return list(dict.fromkeys(members)) if is_set else members


def _as_string(value: TfValue) -> TfValue:
    data = value.data
    assert isinstance(data, UnknownData)
    return TfValue(STRING, UnknownData(data.symbol, data.reason, True), value.marks, value.origin)


def _plain(text: str) -> str:
    # Cannot be mistaken for a token.
    return text.replace(_OPEN, "\ufffd")


def _one_or_sorted(values: list[str]) -> Json:
    if len(values) == 1:
        return values[0]
    if any(_TOKEN.search(value) for value in values):
        # The order depends on what is not known; that of the source is as good as any.
        return [*values]
    return [*sorted(values, reverse=True)]


def _principals(principals: Sequence[tuple[str, Json]]) -> Json:
    if len(principals) == 1 and principals[0][0] == "*" and principals[0][1] in ("*", ["*"]):
        return "*"
    found: dict[str, Json] = {}
    for kind, identifiers in principals:
        before = found.get(kind)
        if before is None:
            found[kind] = identifiers
        else:
            lists = [each if isinstance(each, list) else [each] for each in (before, identifiers)]
            found[kind] = [*lists[0], *lists[1]]
    return {kind: found[kind] for kind in sorted(found)}


def _add_condition(test: dict[str, Json], variable: str, values: list[str]) -> None:
    before = test.get(variable)
    if len(values) == 1 and not isinstance(before, list):
        test[variable] = values[0]
    else:
        test[variable] = [*(before if isinstance(before, list) else []), *values]


def _reread(statement: object) -> Json:
    """A statement of a document to merge, as the provider writes it again."""
    if not isinstance(statement, dict):
        return statement if isinstance(statement, str) else ""
    found: dict[str, Json] = {}
    for name in ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource"):
        if statement.get(name):
            found[name] = statement[name]
    for name in ("Principal", "NotPrincipal"):
        principals = statement.get(name)
        if isinstance(principals, dict):
            found[name] = {
                kind: sorted(who, reverse=True) if _is_sortable(who) else who
                for kind, who in sorted(principals.items())
            }
        elif principals:
            found[name] = "*"
    conditions = statement.get("Condition")
    if isinstance(conditions, dict) and conditions:
        found["Condition"] = {
            test: {
                variable: values if isinstance(values, list) else [_condition_text(values)]
                for variable, values in sorted(variables.items())
            }
            for test, variables in sorted(conditions.items())
            if isinstance(variables, dict)
        }
    return found


def _is_sortable(values: object) -> bool:
    return isinstance(values, list) and all(
        isinstance(value, str) and _TOKEN.search(value) is None for value in values
    )


def _condition_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _statements(document: dict[str, Json]) -> list[Json]:
    found = document.get("Statement")
    return found if isinstance(found, list) else []


def _unique(statement: Json, seen: set[str]) -> None:
    sid = statement.get("Sid") if isinstance(statement, dict) else None
    if isinstance(sid, str) and sid:
        if sid in seen and _TOKEN.search(sid) is None:
            raise EvaluationError(f'two statements of the policy have the Sid "{sid}"')
        seen.add(sid)


def _merged(documents: Iterable[dict[str, Json]]) -> dict[str, Json]:
    version: str = ""
    identifier: str = ""
    statements: list[Json] = []
    places: dict[str, int] = {}
    for document in documents:
        given, named = document.get("Version"), document.get("Id")
        if isinstance(given, str) and given > version:
            version = given
        if isinstance(named, str) and named:
            identifier = named
        for statement in _statements(document):
            sid = statement.get("Sid") if isinstance(statement, dict) else None
            if not sid or not isinstance(sid, str):
                statements.append(statement)
            elif sid in places:
                statements[places[sid]] = statement
            else:
                places[sid] = len(statements)
                statements.append(statement)
    merged: dict[str, Json] = {}
    if version:
        merged["Version"] = version
    if identifier:
        merged["Id"] = identifier
    if statements:
        merged["Statement"] = statements
    return merged
