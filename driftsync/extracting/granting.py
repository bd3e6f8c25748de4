"""This module writes the lines that make a least-privileged account, from the same needs that a member is asked for."""

from __future__ import annotations

from driftsync.extracting.privileges import NEEDS, PACKAGES_SCHEMA, QUERIES, TABLES
from driftsync.model import Grants

ROLE = "DriftsyncReader"
USER = "driftsync"


def grants(role: str = ROLE, user: str = USER) -> Grants:
    """Return the grants. The lines make no copy of a password: it is typed where they are carried out."""
    resources = [need.pair for need in NEEDS]
    schemas = list(dict.fromkeys((*TABLES, *QUERIES)))
    return Grants(
        role=role,
        user=user,
        resources=resources,
        schemas=schemas,
        objectscript=[
            f'set sc = ##class(Security.Roles).Create("{role}", "Reads settings for driftsync", "{",".join(resources)}")',
            "if 'sc do $SYSTEM.Status.DisplayError(sc)",
            'read "password: ", password',
            f'set sc = ##class(Security.Users).Create("{user}", "{role}", password, "driftsync, reads settings")',
            "if 'sc do $SYSTEM.Status.DisplayError(sc)",
            "kill password",
        ],
        sql=[
            f"GRANT SELECT ON SCHEMA {', '.join(TABLES)} TO {role}",
            f"GRANT EXECUTE ON SCHEMA {', '.join(QUERIES)} TO {role}",
        ],
        elsewhere=[
            f"GRANT SELECT ON SCHEMA {PACKAGES_SCHEMA} TO {role}",
            f"%DB_NAMESPACE:R of its databases, added to the resources of {role}",
        ],
    )
