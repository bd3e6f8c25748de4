"""This module asks a member what no document settles about IRIS (api.md 9): one short declaration each.

driftsync reads rightly whichever way these turn out, by another route; whoever helps with a problem wants to know. A
probe is only tried with the resource it needs, for a refusal would leave an audit record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from driftsync.connections import ObjectHandle
from driftsync.connections.failures import CallFailed, NotThere
from driftsync.connections.interface import BY_REFERENCE
from driftsync.extracting.permitted import why
from driftsync.extracting.privileges import Account
from driftsync.extracting.reach import GUARDED_SINCE, Reach
from driftsync.extracting.values import as_bytes, as_text, elements, is_ok
from driftsync.kinds import all_kinds
from driftsync.kinds.live import ClassQuery, Objects, QueryRows
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.language import english_plural as ngettext
from driftsync.model import Fact, Truth
from driftsync.serial_list import decode_get_list, decode_list

Found = tuple[bool, str]
"""Whether the claim holds, and what was seen."""
EXAMPLE_ROLE = "%All"
SECURITY = "IRISSECURITY"
MANAGE, SECURE = "%Admin_Manage:USE", "%Admin_Secure:USE"
CONFIG, SECURITY_TABLES, TASKS, SYSTEM = (
    f"SELECT ON SCHEMA {schema}" for schema in ("Config", "Security", "%SYS", "SYS")
)
CALL_CONFIG, CALL_SYSTEM = "EXECUTE ON SCHEMA Config", "EXECUTE ON SCHEMA SYS"


class Untold(Exception):  # noqa: N818 - named for what happened
    """This member cannot tell."""


@dataclass(frozen=True)
class Probe:
    """One claim, and how it is asked."""

    name: str
    claim: str
    ask: Callable[[Reach], Found]
    needs: tuple[str, ...] = ()
    """The privileges without which it is not tried."""


def probe(reach: Reach, account: Account, shortened: Callable[[str], str]) -> list[Fact]:
    """Ask all of it. Raises `ConnectionFailed`."""
    return [_one(reach, account, each, shortened) for each in PROBES]


def _one(reach: Reach, account: Account, asked: Probe, shortened: Callable[[str], str]) -> Fact:
    missing = [each for each in asked.needs if account.lacks(each)]
    if missing:
        detail = _("not tried without {privileges}").format(privileges=", ".join(missing))
        return Fact(name=asked.name, claim=asked.claim, verdict=Truth.UNTOLD, detail=detail)
    try:
        holds, detail = asked.ask(reach)
        verdict = Truth.HOLDS if holds else Truth.DOES_NOT_HOLD
    except Untold as error:
        verdict, detail = Truth.UNTOLD, str(error)
    except NotThere as error:
        verdict, detail = Truth.DOES_NOT_HOLD, why(error)
    except (CallFailed, ValueError, IndexError) as error:
        verdict, detail = Truth.UNTOLD, why(error)
    return Fact(name=asked.name, claim=asked.claim, verdict=verdict, detail=shortened(detail))


def _rows(reach: Reach, sql: str, *parameters: str) -> list[tuple[object, ...]]:
    return list(reach.connection.query(sql, *parameters).rows)


def _open_table(reach: Reach, iris_class: str) -> None:
    if not reach.table_is_open(iris_class):
        raise Untold(_("tables of security data may be read with %All only"))


# -- SQL ----------------------------------------------------------------------------------------------------------


def _called_queries() -> Iterable[ClassQuery]:
    for kind in all_kinds().values():
        for route in kind.live:
            if isinstance(route, QueryRows):
                yield route.query
            elif isinstance(route, Objects) and route.names:
                yield route.names


def _procedures(reach: Reach) -> Found:
    wanted = {(each.iris_class, each.name) for each in _called_queries()}
    parents = sorted({parent for parent, _name in wanted})
    marks = ",".join("?" * len(parents))
    rows = _rows(
        reach,
        f"SELECT parent, Name, SqlProc FROM %Dictionary.CompiledQuery WHERE parent IN ({marks})",  # noqa: S608
        *parents,
    )
    if not rows:
        raise Untold(_("the dictionary does not show its queries to this account"))
    closed = [
        f"{parent}:{name}"
        for parent, name, procedure in rows
        if (parent, name) in wanted and str(procedure).lower() not in {"1", "true"}
    ]
    count = sum((parent, name) in wanted for parent, name, _procedure in rows)
    if closed:
        return False, _("not these: {names}").format(names=", ".join(closed))
    return True, ngettext("{count} query", "{count} queries", count).format(count=count)


def _union(reach: Reach) -> Found:
    _rows(
        reach,
        "SELECT 0 AS Place, Name AS Name FROM Config.Databases_List('*') "
        "UNION ALL SELECT 1 AS Place, Name AS Name FROM Config.Devices_List('*')",
    )
    return True, ""


def _extent(reach: Reach) -> Found:
    _rows(reach, "SELECT TOP 1 * FROM %SYS.PhoneProviders_Extent()")
    return True, ""


def _member_list(reach: Reach) -> Found:
    rows = _rows(reach, "SELECT * FROM SYS.Mirror_MemberStatusList('',0)")
    return True, ngettext("{count} member", "{count} members", len(rows)).format(count=len(rows))


def _filled(reach: Reach) -> Found:
    """Compare the names that the documented class query gives with the rows of the table."""
    answer = reach.connection.query("SELECT * FROM Config.Databases_List('*')")
    at = [name.casefold() for name in answer.columns].index("name")
    listed = {as_text(row[at]).upper() for row in answer.rows}
    stored = {
        as_text(row[0]).upper() for row in _rows(reach, 'SELECT %INTERNAL("Name") FROM Config.Databases')
    }
    if listed <= stored:
        return True, ngettext("{count} database in both", "{count} databases in both", len(listed)).format(
            count=len(listed)
        )
    return False, _("the list names {listed} databases, the table has {stored}").format(
        listed=len(listed), stored=len(stored)
    )


def _one_file(reach: Reach) -> Found:
    rows = _rows(reach, "SELECT DISTINCT %INTERNAL(CPFName) AS CPFName FROM Config.Databases")
    if not rows:
        raise Untold(_("the table is empty"))
    return len(rows) == 1, ", ".join(sorted(as_text(row[0]) for row in rows))


def _labels(reach: Reach) -> Found:
    return bool(_rows(reach, "SELECT TOP 1 Directory FROM SYS.Database")), ""


def _lists(reach: Reach) -> Found:
    _open_table(reach, "Security.Users")
    return _is_list(reach, "SELECT TOP 20 %INTERNAL(Roles) FROM Security.Users WHERE Roles IS NOT NULL")


def _task_settings(reach: Reach) -> Found:
    return _is_list(reach, "SELECT TOP 20 %INTERNAL(Settings) FROM %SYS.Task WHERE Settings IS NOT NULL")


def _is_list(reach: Reach, sql: str) -> Found:
    value = next((row[0] for row in _rows(reach, sql) if row[0]), None)
    if value is None:
        raise Untold(_("nothing there has a value"))
    try:
        return bool(elements(value)), ""
    except ValueError:
        return False, ""


def _flags(reach: Reach) -> Found:
    _open_table(reach, "Security.Users")
    rows = _rows(reach, "SELECT TOP 1 %INTERNAL(Enabled) FROM Security.Users")
    if not rows:
        raise Untold(_("the table is empty"))
    return str(rows[0][0]) in {"0", "1"}, ""


def _task_codes(reach: Reach) -> Found:
    rows = _rows(
        reach,
        "SELECT DISTINCT %INTERNAL(MirrorStatus) AS Code, %EXTERNAL(MirrorStatus) AS Shown FROM %SYS.Task",
    )
    if not rows:
        raise Untold(_("there is no task"))
    shown = {as_text(code): as_text(text) for code, text in rows}
    detail = ", ".join(code if text.isdigit() else f"{code} = {text}" for code, text in sorted(shown.items()))
    return set(shown) <= {"1", "2", "3"}, detail


# -- objects ------------------------------------------------------------------------------------------------------


def _role(reach: Reach) -> ObjectHandle | None:
    answer = reach.connection.call("Security.Roles", "Exists", EXAMPLE_ROLE, BY_REFERENCE, BY_REFERENCE)
    handle = answer.returned[0] if answer.returned else None
    return handle if isinstance(handle, ObjectHandle) else None


def _by_reference(reach: Reach) -> Found:
    return _role(reach) is not None, ""


def _as_xml(reach: Reach) -> Found:
    handle = _role(reach)
    if handle is None:
        raise Untold(_("no object could be opened"))
    answer = reach.connection.invoke(handle, "XMLExportToString", BY_REFERENCE)
    text = answer.returned[0] if answer.returned else None
    return is_ok(answer.value) and isinstance(text, str) and "<" in text, ""


def _get_list(reach: Reach) -> Found:
    answer = reach.connection.call("Config.Startup", "GetList").value
    count = len(decode_get_list(answer))
    in_one = len(decode_list(as_bytes(answer))) == 2  # noqa: PLR2004 - a status, and one list of pairs
    form = _("in one list of pairs") if in_one else _("pair by pair")
    return True, ngettext("{count} property, {form}", "{count} properties, {form}", count).format(
        count=count, form=form
    )


def _restart(reach: Reach) -> Found:
    answer = reach.connection.call("Config.CPF", "PendingRestart").value
    return str(answer) in {"0", "1", "True", "False"}, ""


# -- the mirror and the instance --------------------------------------------------------------------------------------


def _arbiter(reach: Reach) -> Found:
    return True, as_text(reach.connection.call("%SYSTEM.Mirror", "ArbiterState").value)


def _autostart(reach: Reach) -> Found:
    answer = reach.connection.query("SELECT * FROM Config.Namespaces_List('*')")
    at = [name.casefold() for name in answer.columns].index("namespace")
    for row in reversed(answer.rows):
        namespace = as_text(row[at])
        found = reach.connection.call("%Library.EnsembleMgr", "IsEnsembleNamespace", namespace).value
        if str(found) in {"1", "True"}:
            try:
                reach.enter(namespace).call("Ens.Director", "GetAutoStart")
            finally:
                reach.leave()
            return True, namespace
    raise Untold(_("no namespace has interoperability"))


def _security_database(reach: Reach) -> Found:
    if reach.release and reach.release[:2] < GUARDED_SINCE:
        raise Untold(_("it came with {release}").format(release=".".join(map(str, GUARDED_SINCE))))
    answer = reach.connection.query("SELECT * FROM Config.Databases_List('*')")
    at = [name.casefold() for name in answer.columns].index("name")
    if SECURITY not in {as_text(row[at]).upper() for row in answer.rows}:
        return False, _("there is no such database")
    mirrored = reach.connection.query("SELECT * FROM SYS.Mirror_MirroredDatabaseList('*','*')")
    at = [name.casefold() for name in mirrored.columns].index("name")
    return SECURITY not in {as_text(row[at]).upper() for row in mirrored.rows}, ""


PROBES: tuple[Probe, ...] = (
    Probe("class-queries", N_("the class queries that driftsync calls are procedures of SQL"), _procedures),
    Probe("union-of-queries", N_("several class queries go into one statement"), _union, (MANAGE, CALL_CONFIG)),
    Probe("extent-query", N_("the inherited query Extent lists what has no list of its own"), _extent, (SECURE,)),
    Probe("member-status-list", N_("SQL can call SYS.Mirror:MemberStatusList"), _member_list, (MANAGE, CALL_SYSTEM)),
    Probe("config-tables", N_("tables of the configuration are filled without reading the CPF first"), _filled, (MANAGE, CONFIG, CALL_CONFIG)),
    Probe("one-cpf", N_("tables of the configuration have rows of one CPF only"), _one_file, (CONFIG,)),
    Probe("database-labels", N_("SYS.Database can be selected from"), _labels, (SYSTEM,)),
    Probe("internal-lists", N_("%INTERNAL gives a list of security data as $LIST"), _lists, (SECURITY_TABLES,)),
    Probe("internal-settings", N_("%INTERNAL gives the settings of a task as $LIST"), _task_settings, (TASKS,)),
    Probe("internal-flags", N_("%INTERNAL gives a flag of security data as 0 or 1"), _flags, (SECURITY_TABLES,)),
    Probe("task-mirror-status", N_("MirrorStatus of tasks is 1, 2 or 3"), _task_codes, (TASKS,)),
    Probe("object-by-reference", N_("Exists() hands an object over by reference"), _by_reference, (SECURE,)),
    Probe("xml-of-objects", N_("XMLExportToString() gives a whole object"), _as_xml, (SECURE,)),
    Probe("get-list", N_("GetList() gives a status and the properties"), _get_list, (MANAGE,)),
    Probe("pending-restart", N_("Config.CPF.PendingRestart() needs no argument"), _restart, (MANAGE,)),
    Probe("arbiter-state", N_("$SYSTEM.Mirror.ArbiterState() exists"), _arbiter),
    Probe("production-autostart", N_("Ens.Director.GetAutoStart() exists"), _autostart, (MANAGE, CALL_CONFIG)),
    Probe("security-database", N_("IRISSECURITY exists and is not mirrored"), _security_database, (MANAGE, CALL_CONFIG, CALL_SYSTEM)),
)  # fmt: skip
