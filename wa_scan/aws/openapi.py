"""The operations that an API's OpenAPI body declares, and whom they let in.

Sources: API Gateway Developer Guide, "OpenAPI extensions for API Gateway" (`x-amazon-apigateway-authorizer`,
`-authtype`, `-auth`, `-any-method`, `-integration`), "API Gateway important notes" (security at the root is
ignored by REST APIs); AWS SAM Developer Guide, "ApiFunctionAuth" (`Authorizer: NONE` becomes a requirement
that names no scheme).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from wa_scan.aws.documents import parse_yaml
from wa_scan.aws.resources import Resource
from wa_scan.values import Absent, Guard, Known, ListValue, MapValue, Truth, Value, any_of
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_ANY_METHOD = "x-amazon-apigateway-any-method"
_AUTHORIZES = ("x-amazon-apigateway-authorizer", "x-amazon-apigateway-authtype")


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """`method`: in capital letters, `ANY` for any; `value`: as written; `body`: what it is in."""

    path: str
    method: str
    value: Value
    body: MapValue

    @property
    def integration(self) -> Value:
        return self.value.get("x-amazon-apigateway-integration")

    @property
    def security(self) -> Value:
        return self.value.get("security")

    def asks_who_calls(self) -> Truth:
        """Whether an authorizer, IAM or an API key decides who may call."""
        own = self.value.get("x-amazon-apigateway-auth").get("type")
        by_itself = FALSE if isinstance(own, Absent) else own.is_set() & ~own.equals("NONE")
        return by_itself | any_of(
            self._is_required(leaf).given(guard, FALSE) for leaf, guard in self.security.alternatives()
        )

    def _is_required(self, security: Value) -> Truth:
        if isinstance(security, Absent) or (isinstance(security, Known) and security.data is None):
            # What the root says holds for some kinds of APIs.
            return FALSE if isinstance(self.body.get("security"), Absent) else UNKNOWN
        if not isinstance(security, ListValue):
            return UNKNOWN
        asked = [self._asks(item).given(guard, FALSE) for item, guard in security.items()]
        return any_of(asked) | (FALSE if security.rest is None else UNKNOWN)

    def _asks(self, requirement: Value) -> Truth:
        if not isinstance(requirement, MapValue):
            return UNKNOWN
        named = any_of(self._authorizes(name) for name in requirement.entries)
        return named | (FALSE if requirement.rest is None else UNKNOWN)

    def _authorizes(self, name: str) -> Truth:
        components = self.body.get("components").get("securitySchemes")
        declared = [self.body.get("securityDefinitions"), components]
        schemes = [each.get(name) for each in declared if not isinstance(each, Absent)]
        written = [each for each in schemes if not isinstance(each, Absent)]
        if not written:
            return FALSE
        return any_of(TRUE if _is_key(each) or _has_authorizer(each) else UNKNOWN for each in written)


def _has_authorizer(scheme: Value) -> bool:
    return any(not isinstance(scheme.get(name), Absent) for name in _AUTHORIZES)


def _is_key(scheme: Value) -> bool:
    return scheme.get("type").text == "apiKey" and (scheme.get("name").text or "").lower() == "x-api-key"


def body_of(api: Resource) -> Value:
    """The OpenAPI body of an API, which may be written as a text of JSON or YAML."""
    return parse_yaml(api["Body"])


def operations(api: Resource) -> Iterator[tuple[Operation, Guard]]:
    """The operations in the body of a REST or HTTP API, as far as it is known."""
    for body, guard in body_of(api).alternatives():
        paths = body.get("paths")
        if not isinstance(body, MapValue):
            continue
        for item, inner in paths.alternatives():
            for path, methods in item.entries.items() if isinstance(item, MapValue) else ():
                for leaf, innermost in methods.alternatives():
                    if isinstance(leaf, MapValue):
                        yield from _of_path(path, leaf, body, guard & inner & innermost)


def _of_path(path: str, methods: MapValue, body: MapValue, guard: Guard) -> Iterator[tuple[Operation, Guard]]:
    for name, value in methods.entries.items():
        method = "ANY" if name == _ANY_METHOD else name.upper()
        if name != _ANY_METHOD and name.lower() not in _METHODS:
            continue
        for leaf, inner in value.alternatives():
            if isinstance(leaf, MapValue) and not (guard & inner).is_never:
                yield Operation(path, method, leaf, body), guard & inner
