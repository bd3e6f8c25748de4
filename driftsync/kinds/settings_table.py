"""This module lists every setting of the CPF that IRIS and Caché are known to have, section by section."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from driftsync.kinds.spec import Property, choice, flag, number, ordered, path, text
from driftsync.language import N_
from driftsync.model import Severity

HOST_PATH = N_("each host has its own directories")
HOST_NAME = N_("an address or name of this host")
DEPLOYMENT = N_("says how this one instance was deployed")
RELEASE = N_("states the release, which members are compared by anyway")
LICENCE = N_("each host may have a licence of its own")
PREFIX = N_("some sites tell the journal files of members apart by it")
SYSTEM = N_("the operating system and the hardware it was built for")
COUNTERPART = N_("says only whether the CPF has a line for the setting of the same name")
IN_OTHER = N_("part of a composite setting, which is the one that the CPF holds and that is compared")


def _each(make: Callable[..., Property], listed: str, **words: object) -> dict[str, Property]:
    """Declare each of the space-separated settings in the same way."""
    return {name: make("Value", **words) for name in listed.split()}


def _local(make: Callable[..., Property], because: str, listed: str) -> dict[str, Property]:
    return {name: make("Value").local(because) for name in listed.split()}


def _ignored(because: str, listed: str) -> dict[str, Property]:
    return {name: text("Value").ignored(because) for name in listed.split()}


HYGIENE, SECURITY, FAILOVER = Severity.HYGIENE, Severity.SECURITY, Severity.FAILOVER

CONFIG = {
    **_each(
        number,
        "locksiz bbsiz",
        about=N_("kilobytes or bytes; members of another size may choose differently"),
    ),
    **_each(
        number,
        "gmheap",
        free_on_reporting=True,
        about=N_("kilobytes; the failover partner should have as much"),
    ),
    **_each(number, "jrnbufs", restart=True, about=N_("megabytes; IRIS only")),
    **_each(
        ordered, "globals", restart=True, about=N_("megabytes for blocks of 2, 4, 8, 16, 32 and 64 kilobytes")
    ),
    **_each(ordered, "routines", restart=True, about=N_("megabytes, one number or one for each buffer size")),
    **_each(
        number, "MaxServerConn", restart=True, severity=FAILOVER, about=N_("ECP clients that may connect")
    ),
    **_each(number, "MaxServers"),
    **_each(number, "memlock", restart=True, about=N_("a sum of bits: large pages, locking and back-off")),
    **_each(ordered, "zfheap", about=N_("ZFSize, ZFString")),
    **_each(ordered, "history", severity=HYGIENE, about=N_("lines to recall; Caché has two numbers")),
    **_each(number, "errlog", restart=True, severity=HYGIENE),
    **_each(number, "ijcbuff ijcnum nlstab udevtabsiz", restart=True),
    **_each(number, "vectors", severity=HYGIENE, about=N_("Caché only")),
    **_each(flag, "netjob"),
    **_each(number, "targwijsz", severity=HYGIENE, about=N_("megabytes; IRIS only")),
    **_each(number, "UUIDv1RandomMac", since="2025.1", severity=HYGIENE),
    **_each(number, "Asyncwij Edstrategy expflags Maxprocesses wdstrategy wduseasyncio", restart=True),
    **_each(number, "maxglorecord"),
    **_each(text, "synctype usedirectio useresidentmem wdparm", restart=True),
    **_each(flag, "SecureKernel", severity=SECURITY),
    **_local(path, HOST_PATH, "wijdir pijdir LibPath Path PythonPath"),
    "PythonRuntimeLibrary": path("Value", since="2024.1").local(HOST_PATH),
    "PythonRuntimeLibraryVersion": text("Value", since="2025.1").local(HOST_PATH),
    **_local(ordered, HOST_PATH, "console"),
    **_local(text, SYSTEM, "overview"),
    **_ignored(IN_OTHER, "OsType Platform"),
    **_ignored(IN_OTHER, "ConsoleFile VMSConsoleTerminal"),
    **_ignored(
        IN_OTHER,
        "globals2kb globals4kb globals8kb globals16kb globals32kb globals64kb",
    ),
    **_ignored(IN_OTHER, "ZFSize ZFString"),
    **_ignored(
        IN_OTHER,
        "BackoffDisabled LargePagesDisabled LargePagesRequired LockSharedMemory LockTextSegment PageSizeAlt",
    ),
}

STARTUP = {
    **_each(
        flag, "CallinHalt CallinStart JobHalt JobStart ProcessHalt ProcessStart SystemHalt SystemStart ZSTU"
    ),
    **_each(
        ordered,
        "DBSizesAllowed",
        severity=FAILOVER,
        about=N_("bytes; a database of another size does not mount"),
    ),
    **_each(
        number,
        "DefaultPort",
        severity=FAILOVER,
        compared_if="virtual_address",
        free_on_reporting=True,
        about=N_("the superserver's"),
    ),
    **_each(number, "WebServerPort", compared_if="virtual_address", free_on_reporting=True),
    **_each(
        flag, "EnsembleAutoStart", severity=FAILOVER, about=N_("whether productions start with the instance")
    ),
    **_each(flag, "EnableSharding EnableVSSBackup IPv6 WebServer"),
    **_each(flag, "FIPSMode", since="2017.1", severity=SECURITY),
    **_each(number, "ErrorPurge MaxConsoleLogSize", severity=HYGIENE),
    **_each(number, "JobServers MaxIRISTempSizeAtStart MaxCacheTempSizeAtStart ShutdownTimeout"),
    **_each(text, "SystemMode", about=N_("LIVE, TEST, DEVELOPMENT or FAILOVER, which the portal shows")),
    **_each(ordered, "TerminalPrompt", severity=HYGIENE),
    **_each(text, "WebServerProtocol WebServerSSLConfiguration", since="2024.1"),
    **_each(text, "WebServerURLPrefix"),
    "PasswordHash": text("Value").secret(
        N_("the password hash of the accounts that an installation creates"), salted=True
    ),
    **_local(text, HOST_NAME, "CliSysName DefaultPortBindAddress WebServerName"),
    **_local(text, LICENCE, "LicenseID"),
    **_local(path, HOST_PATH, "TempDirectory"),
    **_local(text, DEPLOYMENT, "ArbiterURL MirrorMember MirrorPrimary MirrorSetName ShardClusterURL"),
    **_local(text, DEPLOYMENT, "ShardMasterRegexp ShardMirrorMember ShardRegexp ShardRole"),
}

MISCELLANEOUS = {
    **_each(
        flag,
        "AsyncDisconnectErr AsynchError BreakMode CollectResourceStats DisconnectErr DX EnableLongStrings",
    ),
    **_each(flag, "FileMode GlobalKillEnabled IEEEError LineRecall LogRollback MVDefined NodeNameInPid"),
    **_each(
        flag, "NullSubscripts OldZU5 PopError RefInKind ScientificNotation SetZEOF ShutDownLogErrors StopID"
    ),
    **_each(
        flag,
        "SwitchOSdir SynchCommit TelnetNUL TruncateOverflow UseNagleAlgorithm ViewPastData ZaMode ZDateNull",
    ),
    **_each(flag, "LicenseAltHeaders", since="2023.1"),
    **_each(number, "ListFormat"),
    **_each(choice, "OpenMode", values={"0": "read", "1": "read and write"}),
    **_each(
        choice,
        "Undefined",
        values={"0": "always an error", "1": "an error unless it has subscripts", "2": "never an error"},
    ),
}

SQL = {
    **_each(flag, "AdaptiveMode AllowRowIDUpdate ANSIPrecedence AutoParallel BiasQueriesAsOutlier Comment"),
    **_each(
        flag,
        "AutoStatsForEfficientSamplingTableOnly AutoStatsForFixedStatsTable AutoStatsForRemoteGlobalTable",
    ),
    **_each(flag, "DBMSSecurity", severity=SECURITY),
    **_each(
        flag, "DDLDefineBitmapExtent DDLFinal DDLNo201 DDLNo30 DDLNo307 DDLNo311 DDLNo315 DDLNo324 DDLNo333"
    ),
    **_each(flag, "DDLSQLOnlyCompile DDLUseExtentSet DDLUseSequence DelimitedIds DropDelete ECPSync"),
    **_each(
        flag, "ExtrinsicFunctions FastDistinct IdKey ParameterSampling QueryProcedures ReferentialChecks RTPC"
    ),
    **_each(flag, "SaveMAC", severity=HYGIENE),
    **_each(number, "AutoParallelThreshold ClientMaxIdleTime LockThreshold LockTimeout ODBCVarcharMaxlen"),
    **_each(number, "TCPKeepAlive TimePrecision"),
    **_each(text, "DefaultSchema IdTrxFrom IdTrxTo Prefix TODATEDefaultFormat"),
    **_each(path, "JavaClassPath", about=N_("before IRIS 2021: of the JDBC gateway")),
    **_each(number, "JDBCGatewayPort", about=N_("before IRIS 2021")),
    **_local(text, HOST_NAME, "JDBCGatewayAddress"),
    **_local(path, HOST_PATH, "JDBCGatewayLog JavaHome"),
}

JOURNAL = {
    **_each(
        path,
        "AlternateDirectory CurrentDirectory",
        about=N_("the member's own directories are put aside"),
    ),
    **_each(text, "ArchiveName", since="2023.3"),
    **_each(flag, "PurgeArchived", since="2023.3"),
    **_each(number, "BackupsBeforePurge DaysBeforePurge", free_on_reporting=True),
    **_each(number, "FileSizeLimit"),
    **_each(flag, "CompressFiles", since="2023.1", severity=HYGIENE),
    **_each(
        flag,
        "FreezeOnError",
        severity=FAILOVER,
        about=N_("IRIS acts as if it were on while primary"),
    ),
    **_each(flag, "JournalcspSession"),
    **_local(text, PREFIX, "JournalFilePrefix"),
}

MONITOR = {
    **_each(flag, "SNMPEnabled", restart=True, severity=HYGIENE),
    **_each(flag, "OTELLogs OTELMetrics", since="2025.1", severity=HYGIENE),
    **_each(number, "OTELInterval", since="2025.1", severity=HYGIENE),
    **_each(text, "OTELLogLevel", since="2025.1", severity=HYGIENE),
    **_each(text, "ExcludedMetrics", severity=HYGIENE),
    **_each(flag, "PatrolDisplayMode PatrolEnabled WMIEnabled", severity=HYGIENE, about=N_("up to 2021.1")),
    **_each(
        number, "PatrolCollectionInterval PatrolTopProcesses", severity=HYGIENE, about=N_("up to 2021.1")
    ),
}

LOGGING = {
    **_each(flag, "Enabled", since="2024.1", severity=HYGIENE),
    **_each(text, "Format Interval Level", since="2024.1", severity=HYGIENE),
    "ChildProcessLaunchCommand": text("Value", since="2024.1", severity=HYGIENE).secret(
        N_("a command line may hold a token or a password")
    ),
}

CLUSTER = {**_local(text, HOST_NAME, "CommIPAddress"), **_each(flag, "JoinCluster")}
TELNET = {**_each(text, "DNSLookup", restart=True), **_each(number, "Port", restart=True)}

SETTINGS: Mapping[str, Mapping[str, Property]] = {
    "config": CONFIG,
    "Startup": STARTUP,
    "Miscellaneous": MISCELLANEOUS,
    "SQL": SQL,
    "Journal": JOURNAL,
    "IO": _each(text, "File MagTape Other Terminal"),
    "ECP": _each(number, "ClientReconnectDuration ClientReconnectInterval ServerTroubleDuration"),
    "Cluster": CLUSTER,
    "Logging": LOGGING,
    "Monitor": MONITOR,
    "Telnet": TELNET,
    "Conversions": _ignored(N_("the time at which this instance was last converted"), "LastConvertTime"),
    # [Debug] has rows whose names only support knows, so that all of them count as unlisted.
    "Debug": {},
    "ConfigFile": _local(text, RELEASE, "Product Version"),
}
"""Section → setting → how its value is compared, names as IRIS spells them."""

OPTIONAL_SETTINGS = frozenset(
    f"{section}/{setting}"
    for section, settings in (
        (
            "config",
            "Asyncwij Edstrategy expflags maxglorecord Maxprocesses SecureKernel synctype usedirectio",
        ),
        ("config", "useresidentmem wdparm wdstrategy wduseasyncio"),
        ("Startup", "EnableSharding"),
        ("Miscellaneous", "DX EnableLongStrings"),
    )
    for setting in settings.split()
)
"""`section/setting` of those that a CPF of a release may leave out (`<setting>Present` in the class)."""
