"""This module knows who can hold a role: users and other roles, by which class, and in which property."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Holder:
    """One kind whose items hold roles."""

    kind: str
    iris_class: str
    roles: str
    """The property that lists them."""


HOLDERS = (Holder("role", "Security.Roles", "GrantedRoles"), Holder("user", "Security.Users", "Roles"))
"""IRIS has no user and role of one name."""
