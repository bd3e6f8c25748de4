"""This module declares external language servers, which run Java, .NET, Python and other code for IRIS."""

from __future__ import annotations

from driftsync.kinds.live import ConfigRows
from driftsync.kinds.places import CpfRows
from driftsync.kinds.spec import Kind, Property, by, flag, guarded, number, path, paths, percent, text
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity

JAVA = frozenset({"Java", "JDBC", "XSLT"})
DOT_NET = frozenset({".NET"})
PYTHON = frozenset({"Python"})
REMOTE = frozenset({"Remote"})

REPEATS = N_("repeats one of Field1, Field2 and Field3, which are compared")
INSTALLED = N_("depends on where the host has the language installed")


def _alias(name: str, types: frozenset[str], because: str = REPEATS) -> Property:
    return text(name, only_when=("Type", types)).local(because)


LANGUAGE_SERVER = Kind(
    name="language-server",
    title=N_("External language server"),
    iris_class="Config.Gateways",
    source="class Config.Gateways; api.md 2.1, 5.12 and 10; formats.md 1.3",
    since="2021.1",
    live=(ConfigRows(iris_class="Config.Gateways"),),
    written=ByObject(
        opener="Open",
        carries=frozenset({"Field2", "Field3"}),
        leaves={
            name: N_("what the position means is not known")
            for name in ("Position7", "Position8", "Position9")
        },
    ),
    identity=by("Name"),
    properties=(
        text("Type", about=N_("Remote, Java, XSLT, JDBC, ODBC, ML, .NET, Python or R")),
        number("Port"),
        text("Resource", refers_to="resource", severity=Severity.SECURITY),
        paths(
            "Field1", about=N_("Java, JDBC and XSLT: the class path; .NET: the version; Remote: the address")
        ),
        guarded("Field2", about=N_("what the type makes of it: a path, or arguments")),
        guarded("Field3", about=N_("what the type makes of it: a path, or arguments")),
        guarded("Position7", about=N_("position 7 of the line in the CPF, whose name is not certain")),
        guarded("Position8", about=N_("position 8 of the line in the CPF, whose name is not certain")),
        guarded("Position9", about=N_("position 9 of the line in the CPF, whose name is not certain")),
        flag("UseSharedMemory", default=True),
        number("ConnectionTimeout", beside="object", about=N_("seconds")),
        number("InitializationTimeout", beside="object", about=N_("seconds")),
        text(
            "AllowedIPAddresses",
            beside="object",
            severity=Severity.SECURITY,
            about=N_("named BindToIPAddress from 2025.3"),
        ),
        text("BindToIPAddress", beside="object", severity=Severity.SECURITY, since="2025.3"),
        text("BindToIPAddresses", beside="object", severity=Severity.SECURITY, since="2025.3"),
        text(
            "SSLConfigurationServer",
            beside="object",
            refers_to="tls-configuration",
            severity=Severity.SECURITY,
        ),
        text(
            "SSLConfigurationClient",
            beside="object",
            refers_to="tls-configuration",
            severity=Severity.SECURITY,
        ),
        flag("VerifySSLHostName", severity=Severity.SECURITY),
        text("passphraseList").secret(N_("the passphrases of private keys")),
        path("LogFile").local(N_("each host logs where it has room")),
        _alias("ClassPath", JAVA),
        _alias("JavaHome", JAVA, INSTALLED),
        _alias("JVMArgs", JAVA),
        _alias("DotNetVersion", DOT_NET),
        _alias("FilePath", DOT_NET | PYTHON),
        _alias("Exec32", DOT_NET),
        _alias("PythonOptions", PYTHON),
        _alias("PythonPath", PYTHON, INSTALLED),
        _alias("Address", REMOTE),
    ),
    severity=Severity.APPLICATION,
    why=N_("Code that calls Java, .NET or Python, JDBC connections among it, stops with an error."),
    portal=N_("System Administration > Configuration > Connectivity > External Language Servers"),
    places=(
        CpfRows(
            "Gateways",
            fields=(
                "Type",
                "Port",
                "Resource",
                "Field1",
                "Field2",
                "Field3",
                "Position7",
                "Position8",
                "Position9",
                "UseSharedMemory",
            ),
        ),
    ),
    built_in=percent,
)
