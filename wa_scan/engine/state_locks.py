"""Tables that hold nothing but the locks of Terraform states."""

from wa_scan.aws.resources import Resource
from wa_scan.values import Truth, all_of
from wa_scan.values.truths import FALSE, TRUE

# The key that Terraform's S3 backend asks for:
# https://developer.hashicorp.com/terraform/language/backend/s3#dynamodb-state-locking
_KEY = "LockID"


def locks_states(table: Resource) -> Truth:
    """Whether `table`'s only key is that of a lock. What is in such a table is gone after each run."""
    keys = list(table.each("KeySchema"))
    if not keys:
        return FALSE
    return all_of(key["AttributeName"].equals(_KEY).given(guard, TRUE) for key, guard in keys)
