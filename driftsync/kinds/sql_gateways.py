"""This module declares SQL gateway connections, by which IRIS reaches other databases."""

from __future__ import annotations

from driftsync.kinds.live import Table
from driftsync.kinds.places import ConfigApi
from driftsync.kinds.spec import Kind, Route, by, flag, paths, text, url
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity

SQL_GATEWAY_CONNECTION = Kind(
    name="sql-gateway-connection",
    title=N_("SQL gateway connection"),
    iris_class="%Library.SQLConnection",
    source="class %Library.SQLConnection; api.md 5.11 and 10",
    live=(
        Table(
            iris_class="%Library.SQLConnection",
            table="%Library.sys_SQLConnection",
            columns={"Name": "Connection_Name"},
        ),
    ),
    written=ByObject(
        opener="NameIndexOpen",
        deletes="NameIndexDelete",
        carries=frozenset({"URL", "properties", "OnConnectStatement"}),
    ),
    identity=by("Name"),
    properties=(
        flag("isJDBC", default=False, about=N_("JDBC by URL and driver, otherwise ODBC by DSN")),
        text("DSN", about=N_("the name only: the data source itself is a matter of the host (odbc.ini)")),
        url("URL"),
        text("Usr"),
        text("pwd").secret(N_("the password for the other database")),
        text("properties").secret(N_("connection properties may hold a password")),
        text("OnConnectStatement").secret(N_("a statement that opens a connection may hold a password")),
        text("driver"),
        text("xadriver"),
        paths("classpath"),
        flag("ReverseOJ", default=False),
        flag("useCAST", default=False),
        flag("useCASTCHAR", default=False),
        flag("useCOALESCE", default=True),
        flag("nodefq", default=False),
        flag("noconcat", default=False),
        flag("nofnconv", default=False),
        flag("needlongdatalen", default=False),
        flag("nvl", default=False),
        flag("bUnicodeStream", default=True),
        flag("bindTSasString", default=False),
        flag("disconnectOnClose", default=False),
        text("tpw").ignored(N_("exists only while a password is being set")),
        flag("bEncode").ignored(N_("exists only while a password is being set")),
    ),
    severity=Severity.APPLICATION,
    why=N_("Linked tables and SQL adapters can no longer reach the other database."),
    portal=N_("System Administration > Configuration > Connectivity > SQL Gateway Connections"),
    places=(ConfigApi("Library.SQLConnection"),),
    routes=(Route.CLASS_API, Route.CONFIG_API),
)
