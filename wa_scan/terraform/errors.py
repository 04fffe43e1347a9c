"""What evaluation refuses, as Terraform does."""

from wa_scan.errors import WaScanError
from wa_scan.values import Guard, Location


class EvaluationError(WaScanError):
    """An expression that Terraform would refuse.

    `location` is filled in by whoever knows it; `argument` is the 0-based index of the function
    argument that is to blame, or None. `when`: under what condition it is met at all.
    """

    def __init__(self, message: str, location: Location | None = None, argument: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.location = location
        self.argument = argument
        self.when = Guard.ALWAYS


class LimitReachedError(EvaluationError):
    """Terraform might compute this, but the result is larger than wa-scan is willing to make."""


class FileUnavailableError(EvaluationError):
    """A file that a function wants to read is not there. It may well be when Terraform runs."""


class OutsideTreeError(EvaluationError):
    """A file that a function wants to read is outside the scanned tree, where nothing is read."""


class OutputUnavailableError(EvaluationError):
    """An output that another root module does not have as it is scanned. Its state may still have it."""


class CyclicReferenceError(EvaluationError):
    """A reference by which something would need itself. All that is in the cycle is unknown as a whole."""


class StateCycleError(Exception):
    """An output of one root module needs, through the states of others, itself.

    Not refused by Terraform, where states are of earlier runs: what is read of such a state is unknown.
    """


class FatalError(EvaluationError):
    """What not even `try` and `can` accept."""


class InvalidReferenceError(FatalError):
    """A reference to what is not declared."""


class InternalFaultError(FatalError):
    """A bug of wa-scan met while evaluating; it is reported, and what depends on it is unknown."""
