"""This module writes the lines that make a least-privileged account, from the same needs that a member is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from driftsync.extracting.privileges import NEEDS, PACKAGES_SCHEMA, QUERIES, TABLES
from driftsync.model import Grants

AT_ONCE = 3
ROLE = "DriftsyncReader"
USER = "driftsync"


def grants(role: str = ROLE, user: str = USER) -> Grants:
    """Return the grants. They can be pasted as they are: the member itself makes the password, and shows it once."""
    resources = [need.pair for need in NEEDS]
    schemas = list(dict.fromkeys((*TABLES, *QUERIES)))
    return Grants(
        role=role,
        user=user,
        resources=resources,
        schemas=schemas,
        objectscript=[
            *_in_pieces(resources),
            f'set sc = ##class(Security.Roles).Create("{role}", "Reads settings for driftsync", resources)',
            "if 'sc do $SYSTEM.Status.DisplayError(sc)",
            "set password = $SYSTEM.Encryption.Base64Encode($SYSTEM.Encryption.GenCryptRand(18))",
            f'set sc = ##class(Security.Users).Create("{user}", "{role}", password, "driftsync, reads settings")',
            "if 'sc do $SYSTEM.Status.DisplayError(sc)",
            'write password, "  <- keep it where driftsync.toml refers to; it is shown only here" kill password',
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


def _in_pieces(resources: list[str]) -> Iterator[str]:
    """Yield lines that put the resources together, short enough for a terminal."""
    for start in range(0, len(resources), AT_ONCE):
        piece = ",".join(resources[start : start + AT_ONCE])
        yield f'set resources = resources_",{piece}"' if start else f'set resources = "{piece}"'
