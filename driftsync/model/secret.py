"""This module holds the secret: compared by keyed fingerprint, never shown."""

from __future__ import annotations

from enum import Enum
from typing import Any

import msgspec

FIELD = "$secret"


class SecretAnswer(Enum):
    """What two secrets can say of each other."""

    SAME = "same"
    DIFFERENT = "different"
    NOT_COMPARABLE = "not comparable"


class Secret(msgspec.Struct, frozen=True):
    """A value that is only ever a fingerprint; the clear text never reaches this type.

    `token` is `key-id:context:digest`. *Context* is a fingerprint of what must agree before digests can be
    compared at all (salt, work factor and algorithm of a password hash); empty for an ordinary secret.
    """

    token: str = msgspec.field(name=FIELD)

    @classmethod
    def of(cls, key_id: str, digest: str, context: str = "") -> Secret:
        return cls(f"{key_id}:{context}:{digest}")

    @property
    def salted(self) -> bool:
        """Whether a salt must agree before anything can be said."""
        return bool(self.token.split(":")[1])

    def against(self, other: Secret) -> SecretAnswer:
        """Compare two secrets: the same, different, or made with another key or salt."""
        if self.token == other.token:
            return SecretAnswer.SAME
        mine, theirs = self.token.split(":"), other.token.split(":")
        if mine[:2] != theirs[:2]:
            return SecretAnswer.NOT_COMPARABLE
        return SecretAnswer.DIFFERENT

    def __repr__(self) -> str:
        return "<secret>"

    __str__ = __repr__


def revive(value: Any) -> Any:
    """Turn what a decoder made of a secret back into a `Secret`, anywhere inside `value`."""
    if isinstance(value, dict):
        if FIELD in value and len(value) == 1:
            return Secret(str(value[FIELD]))
        return {name: revive(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [revive(inner) for inner in value]
    return value
