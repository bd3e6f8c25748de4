"""This module makes the errors of IRIS: the ones a native call raises, and `%Status` values.

A `%Status` is 1 or an 8-bit string: `0 `, then a `$LIST` of errors, each a `$LIST` of the code and its parameters.
"""

from __future__ import annotations

from driftsync.lab.contract import ObjectScriptError, Value
from driftsync.lab.values import MalformedError, decode, encode_list

OK = 1
PLACE = "zx+1^%SYS"
"""Where an error happened; nobody reads it."""

TEXTS = {
    921: "Operation requires {0} privilege",
    5001: "{0}",
    5002: "ObjectScript error: {0}",
    5005: "Cannot open file '{0}'",
    5659: "Property '{0}' required",
    5802: "Datatype validation failed on property '{0}', with value equal to \"{1}\"",
    5808: "Object to be stored already exists: {0}",
    5809: "Object to Load not found, class '{0}', ID '{1}'",
    5810: "Object to Delete not found, class '{0}', ID '{1}'",
    7201: "Datatype value '{0}' length longer than MAXLEN allowed of {1}",
    7202: "Datatype value '{0}' length less than MINLEN allowed of {1}",
    7203: "Datatype value '{0}' greater than MAXVAL allowed of {1}",
    7204: "Datatype value '{0}' less than MINVAL allowed of {1}",
    7205: "Datatype value '{0}' not in VALUELIST '{1}'",
    7206: "Datatype value '{0}' is not a valid boolean",
    7207: "Datatype value '{0}' is not a valid number",
    7405: "Only a user with %Admin_Secure may let a task run as another user: {0}",
    7432: "Start date must be in the future: {0}",
    7434: "Only a user with %Admin_Manage may give a task code to execute: {0}",
}
"""The texts of the codes that the lab raises."""


class StatusError(Exception):
    """An error on its way to becoming the `%Status` that a method returns."""

    def __init__(self, *errors: tuple[Value, ...]) -> None:
        super().__init__(repr(errors))
        self.errors = errors

    @property
    def status(self) -> bytes:
        return b"0 " + encode_list(encode_list(error) for error in self.errors)


def failed(code: int, *parameters: Value) -> StatusError:
    """Return the error of one code."""
    return StatusError((code, *parameters))


def not_found(class_name: str, identity: str) -> StatusError:
    """Return what opening an object that is not there gives."""
    return failed(5809, class_name, identity)


def error_text(status: Value) -> str:
    """Return what `%SYSTEM.Status.GetErrorText` makes of a status; nothing of success."""
    raw = status.encode("latin-1", "replace") if isinstance(status, str) else status
    if not isinstance(raw, bytes) or not raw.startswith(b"0 "):
        return ""
    try:
        errors = [decode(item.encode("latin-1")) for item in decode(raw[2:]) if isinstance(item, str)]
    except (MalformedError, UnicodeEncodeError):
        return "ERROR #00: (no error description)"
    return "\r\n".join(_one(error) for error in errors)


def error_codes(status: Value) -> str:
    """Return the codes of a status, with commas between."""
    raw = status.encode("latin-1", "replace") if isinstance(status, str) else status
    if not isinstance(raw, bytes) or not raw.startswith(b"0 "):
        return ""
    return ",".join(str(decode(str(item).encode("latin-1"))[0]) for item in decode(raw[2:]))


def _one(error: list[Value]) -> str:
    code, parameters = int(str(error[0])), ["" if value is None else str(value) for value in error[1:]]
    text = TEXTS.get(code, "{0}")
    return f"ERROR #{code}: " + text.format(*parameters, *[""] * 4)


def raised(name: str, detail: str = "") -> ObjectScriptError:
    """Return an error of ObjectScript: `<METHOD DOES NOT EXIST>zx+1^%SYS *Foo,Security.Users`."""
    return ObjectScriptError(f"<{name}>{PLACE}" + (f" *{detail}" if detail else ""))
