"""This module names what can be wrong with a simulated member on demand."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Faults:
    """What the instance refuses or lacks. Names are as IRIS spells them; change it at any time."""

    refused_classes: set[str] = field(default_factory=set)
    """`Security.Users`, or `Security.*`: calls end in `<PROTECT>`, SELECT in SQLCODE -99."""
    absent_classes: set[str] = field(default_factory=set)
    absent_queries: set[str] = field(default_factory=set)
    """`Security.Users:List`."""
    absent_methods: set[str] = field(default_factory=set)
    """`Config.SQL:GetList`."""
    absent_properties: set[str] = field(default_factory=set)
    """`Security.Applications:JWTAuthEnabled`."""
    not_procedures: set[str] = field(default_factory=set)
    """`SYS.Mirror:MemberStatusList`: queries that SQL cannot call although they are there."""
    disk_full: bool = False
    """Nothing can be written to a file."""
    wrong_password: bool = False
    """Every login is refused."""

    def refuses(self, class_name: str) -> bool:
        """Say whether the class is out of bounds."""
        return class_name in self.refused_classes or any(
            pattern.endswith("*") and class_name.startswith(pattern[:-1]) for pattern in self.refused_classes
        )
