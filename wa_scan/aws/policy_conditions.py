"""What the conditions of policy statements keep out.

Sources: IAM User Guide, "AWS global condition context keys", "IAM JSON policy elements: Condition operators"
and "Single-valued vs. multivalued context keys"; Amazon S3 User Guide, "The meaning of public".
"""

import re
from dataclasses import dataclass

from wa_scan.values import Truth, Value, all_of
from wa_scan.values.truths import FALSE

# What a value of each key says of who asks, or from where.
LIMITING_KEYS = {
    "aws:principalaccount": "callers of certain accounts",
    "aws:principalarn": "certain identities",
    "aws:principalisawsservice": "AWS services",
    "aws:principalorgid": "callers of certain organizations",
    "aws:principalorgpaths": "callers of certain organizational units",
    "aws:principalservicename": "certain AWS services",
    "aws:sourceaccount": "what AWS services do for certain accounts",
    "aws:sourcearn": "what AWS services do for certain resources",
    "aws:sourceip": "certain addresses",
    "aws:sourceorgid": "what AWS services do for certain organizations",
    "aws:sourceorgpaths": "what AWS services do for certain organizational units",
    "aws:sourceowner": "what AWS services do for certain accounts",
    "aws:sourcevpc": "certain VPCs",
    "aws:sourcevpce": "certain VPC endpoints",
    "aws:userid": "certain identities",
    "aws:username": "certain users",
    "aws:vpcsourceip": "certain addresses in VPCs",
    "kms:calleraccount": "callers of certain accounts",
    "kms:viaservice": "requests by way of certain AWS services",
    "lambda:eventsourcetoken": "callers that know a token",
    "s3:dataaccesspointaccount": "access points of certain accounts",
    "s3:dataaccesspointarn": "certain access points",
    "sns:endpoint": "certain subscribers",
    "sts:externalid": "callers that know an ID",
}
# OIDC and SAML claims (`token.actions.githubusercontent.com:sub`) limit who may assume a role.
_CLAIMS = (":sub", ":aud", ":amr", ":saml:aud")
# By the rules of S3 a range that is wider is public.
_NARROWEST_OPEN_RANGE = {4: 8, 6: 32}
_OPEN = re.compile(r"\**|arn:[^:]*(?::\*)*(?::[*:]*)?|o-\*+|vpce?-\*+", re.IGNORECASE)
_RANGE = re.compile(r"(?P<address>[0-9A-Fa-f.:]+)/(?P<length>[0-9]+)")


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a `Condition` block: `operator` and `key` as written, `value` one or several."""

    operator: str
    key: str
    value: Value

    @property
    def holds_without_key(self) -> bool:
        """Whether a request that does not have the key passes: `...IfExists`, `ForAllValues:...`."""
        lowered = self.operator.lower()
        return lowered.endswith("ifexists") or lowered.startswith("forallvalues:")

    @property
    def is_negative(self) -> bool:
        """Whether it keeps out what has the value, and lets in all others."""
        lowered = self.operator.lower()
        return "not" in lowered or lowered.startswith("null")

    @property
    def keeps_to(self) -> str | None:
        """Whom a positive value of the key lets in, in words; None for a key that says nothing of that."""
        name = self.key.lower()
        if name.endswith(_CLAIMS):
            return "certain identities of a provider"
        if name.startswith("aws:principaltag/"):
            return "identities with certain tags"
        return LIMITING_KEYS.get(name)

    def limits_callers(self) -> Truth:
        """Whether it keeps everyone but certain callers, accounts, networks or resources out."""
        if self.keeps_to is None or self.is_negative or self.holds_without_key:
            return FALSE
        return all_of([~self.value.any(_is_open), self.value.is_set()])


def _is_open(value: Value) -> Truth:
    return value.holds(lambda data: data is False or (isinstance(data, str) and is_open_text(data)))


def is_open_text(text: str) -> bool:
    """Whether a value takes in everyone: `*`, an ARN of wildcards, a range that is nearly everything."""
    stripped = text.strip()
    if stripped.lower() == "false" or _OPEN.fullmatch(stripped):
        return True
    found = _RANGE.fullmatch(stripped)
    if found is None:
        return False
    version = 6 if ":" in found["address"] else 4
    return int(found["length"]) < _NARROWEST_OPEN_RANGE[version]
