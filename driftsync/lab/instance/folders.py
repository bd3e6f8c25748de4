"""This module writes the files that an administrator can take from a simulated member: the exports of the product."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from driftsync.lab.instance import exporting
from driftsync.lab.instance.cpf_file import cpf_text
from driftsync.lab.instance.storage import facts_of

if TYPE_CHECKING:
    from driftsync.lab.instance.member import SimulatedInstance


def write_exports(instance: SimulatedInstance, folder: Path) -> None:
    """Write the CPF, the security export of all classes and the task export of a member into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [
        exporting.class_export(facts_of(name), instance.storage.rows(name), instance.release)
        for name, _bit in exporting.ORDER
        if instance.has_class(name)
    ]
    texts = {
        "iris.cpf": cpf_text(instance),
        "security.xml": exporting.security_export(parts),
        "tasks.xml": exporting.task_export(instance.storage.rows("%SYS.Task")),
    }
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
