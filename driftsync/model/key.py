"""This module names one item: which kind, in which namespace, called what."""

from __future__ import annotations

from functools import total_ordering

import msgspec


@total_ordering
class ItemKey(msgspec.Struct, frozen=True, eq=False):
    """*Which* item, the same in logs, flags, JSON and HTML anchors.

    Prints as `role:Payroll` or `global-mapping:APP/Order(1)`. Two keys are equal when `match` is: where
    IRIS ignores the case of a name, `identity` is folded and `spelled` keeps what the administrator typed.
    """

    kind: str
    namespace: str = ""
    """The namespace (or CPF section, or mirror) that the item lives in; empty for what is instance-wide."""
    identity: str = ""
    spelled: str = ""
    """The identity as it is written on the member, only where folding changed it."""

    @property
    def match(self) -> str:
        """The text that decides equality and order."""
        return self._text(self.identity)

    def _text(self, identity: str) -> str:
        return f"{self.kind}:{self.namespace}/{identity}" if self.namespace else f"{self.kind}:{identity}"

    def __str__(self) -> str:
        return self._text(self.spelled or self.identity)

    def __eq__(self, other: object) -> bool:
        return self.match == other.match if isinstance(other, ItemKey) else NotImplemented

    def __ne__(self, other: object) -> bool:
        return not self == other  # the base class has one of its own, which goes by identity

    def __lt__(self, other: ItemKey) -> bool:
        return self.match < other.match

    def __hash__(self) -> int:
        return hash(self.match)

    @classmethod
    def parse(cls, text: str, *, namespaced: bool) -> ItemKey:
        """Read a printed key; `namespaced` says whether its kind lives in namespaces.

        Raises `ValueError` where a kind, or a namespace that the kind needs, is not there.
        """
        kind, colon, rest = text.partition(":")
        if not (kind and colon and rest):
            raise ValueError(text)
        if not namespaced:
            return cls(kind, "", rest)
        namespace, slash, identity = rest.partition("/")
        if not (namespace and slash and identity):
            raise ValueError(text)
        return cls(kind, namespace, identity)
