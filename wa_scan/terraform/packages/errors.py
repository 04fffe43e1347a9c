"""Why a module cannot be had."""

import re

_PASSWORD = re.compile(r"(://[^/@\s:]*):[^/@\s]*@")


class ModuleUnavailableError(Exception):
    """`message` completes "module.x cannot be fetched: …"; `hint` says what to do. Neither has a password."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = without_password(message)
        self.hint = hint


def without_password(text: str) -> str:
    """`https://user:secret@host/` as `https://user:***@host/`."""
    return _PASSWORD.sub(r"\1:***@", text)
