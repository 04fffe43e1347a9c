"""What the patterns in policies fit: `s3:Get*`, `arn:aws:s3:::orders/*`, principals.

Source: IAM User Guide, "IAM JSON policy elements: Resource", "... Principal", "... Action": `*` is any text,
`?` one character; actions compare without case, ARNs with it.
"""

import re
from functools import lru_cache

from wa_scan.aws.arns import arn_forms, parse_arn
from wa_scan.aws.resources import Resource
from wa_scan.values import Known, Text, Truth, Unknown, Value
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN

_ACCOUNT = re.compile(r"(?:arn:[^:]*:iam::)?([0-9]{12})(?::root)?")


def fits(pattern: Value, text: str) -> Truth:
    """Whether one pattern fits a text that is known."""
    if isinstance(pattern, Text):
        expression = "".join(_expression(part) if isinstance(part, str) else ".*" for part in pattern.parts)
        return UNKNOWN if re.fullmatch(expression, text, re.DOTALL) else FALSE
    return pattern.holds(lambda data: isinstance(data, str) and _compiled(data).fullmatch(text) is not None)


def fits_resource(pattern: Value, resource: str | Resource) -> Truth:
    """Whether one element of `Resource` takes in an ARN, or a resource of the code (all of it or parts)."""
    if isinstance(resource, str):
        return fits(pattern, resource)
    if pattern.equals("*").is_surely_true:
        return TRUE
    first = pattern.parts[0] if isinstance(pattern, Text) else pattern
    if isinstance(first, Unknown) and first.symbol.resource is not None:
        return Truth.of(first.symbol.resource == resource.address)
    arn, forms = parse_arn(pattern), arn_forms().get(resource.type or "", ())
    if arn is None or not forms:
        return FALSE if isinstance(pattern, Known) else UNKNOWN
    if all(form.service != arn.service for form in forms):
        return FALSE
    named = {
        part.symbol.resource
        for part in (pattern.parts if isinstance(pattern, Text) else ())
        if isinstance(part, Unknown) and part.symbol.resource is not None
    }
    if resource.address in named:
        return TRUE
    everything = arn.resource and isinstance(arn.resource[-1], str) and set(arn.resource[-1]) == {"*"}
    return TRUE if everything and len(arn.resource) == 1 else UNKNOWN


def fits_principal(kind: str, pattern: Value, principal: str) -> Truth:
    """Whether one principal of a statement takes in `principal`: an ARN, an account, a service, or `*` for
    somebody about whom nothing is known."""
    anyone = pattern.equals("*") if kind in ("*", "AWS") else FALSE
    if principal == "*":
        return anyone
    same = pattern.equals(principal)
    account, asked = (
        _account_of(pattern),
        _ACCOUNT.fullmatch(principal) or re.match(r"arn:[^:]*:(?:iam|sts)::([0-9]{12}):", principal),
    )
    if account is not None and asked is not None and account == asked[1]:
        # The account as a principal hands the decision to the account's own policies.
        return TRUE
    return anyone | same


def _account_of(pattern: Value) -> str | None:
    found = _ACCOUNT.fullmatch(pattern.text or "")
    return found[1] if found is not None else None


def _expression(pattern: str) -> str:
    return "".join(
        ".*" if character == "*" else "." if character == "?" else re.escape(character)
        for character in pattern
    )


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_expression(re.sub(r"\*+", "*", pattern)), re.DOTALL)
