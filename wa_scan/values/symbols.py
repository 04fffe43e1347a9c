"""Names for what is not known until deployment."""

from typing import NamedTuple


class Symbol(NamedTuple):
    """What an unknown value stands for, so that two unknowns can be told apart or the same.

    `text` is what a reader sees: `module.a.aws_kms_key.main.arn`, `var.zone`,
    `data.aws_availability_zones.all.names[0]`, `Key.Arn`. Two unknown values in one unit are the
    same value exactly if their symbols are equal. `resource` is the address (Terraform, with
    instance key) or logical ID (CloudFormation) of the resource of the same unit that the
    symbol belongs to, and `attribute` what of it; both None for variables and parameters.
    """

    text: str
    resource: str | None = None
    attribute: str | None = None

    def __str__(self) -> str:
        return self.text
