"""Pseudo parameters: what CloudFormation itself knows at deployment.

Source: AWS CloudFormation user guide, "Get AWS values using pseudo parameters".
"""

from wa_scan.values import Known, Symbol, Unknown, Value
from wa_scan.values.kinds import Reason

NO_VALUE = "AWS::NoValue"
PSEUDO_PARAMETERS = (
    "AWS::AccountId",
    "AWS::NotificationARNs",
    NO_VALUE,
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
)


# Those that differ between the stacks of one account and region.
STACKS_OWN = frozenset({"AWS::NotificationARNs", "AWS::StackId", "AWS::StackName"})


def pseudo_parameter(name: str, symbol: str) -> Value | None:
    """The value of `name`: `AWS::NoValue` is null, the others are unknown under the name `symbol`; None if
    there is no such one."""
    if name == NO_VALUE:
        return Known(None)
    if name in PSEUDO_PARAMETERS:
        return Unknown(Symbol(symbol), Reason.COMPUTED, references=frozenset(), never_null=True)
    return None
