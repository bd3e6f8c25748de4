"""This package reads `driftsync.toml`: mirrors, their members, where each is read from, and the scope.

`tables` is what the file may say, `login` how one running member is reached, `reading` finds, reads and checks the file,
`writing` makes the text of one for running members. `deliveries` is what `[[deliver]]` may say, `telling` checks it.
"""

from driftsync.settings.deliveries import (
    DELIVER_TABLES,
    Deliver,
    DeliverSettings,
    DingTalk,
    Feishu,
    Mail,
    Posted,
    Slack,
    SmtpTls,
    Teams,
    Webhook,
    WeCom,
    When,
)
from driftsync.settings.login import (
    DEFAULT_DEADLINE,
    DEFAULT_PORT,
    Login,
    check_reference,
    is_host,
    is_place,
    split_place,
)
from driftsync.settings.reading import DEFAULT_NAME, find_settings, read_settings, read_toml
from driftsync.settings.tables import (
    LoginWords,
    MemberSettings,
    MirrorSettings,
    ReportSettings,
    RuleSettings,
    ScopeSettings,
    Settings,
    StoreSettings,
    SyncSettings,
    Then,
)
from driftsync.settings.telling import is_plain_proxy
from driftsync.settings.thresholds import Thresholds
from driftsync.settings.writing import Listed, settings_text

__all__ = [
    "DEFAULT_DEADLINE",
    "DEFAULT_NAME",
    "DEFAULT_PORT",
    "DELIVER_TABLES",
    "Deliver",
    "DeliverSettings",
    "DingTalk",
    "Feishu",
    "Listed",
    "Login",
    "LoginWords",
    "Mail",
    "MemberSettings",
    "MirrorSettings",
    "Posted",
    "ReportSettings",
    "RuleSettings",
    "ScopeSettings",
    "Settings",
    "Slack",
    "SmtpTls",
    "StoreSettings",
    "SyncSettings",
    "Teams",
    "Then",
    "Thresholds",
    "WeCom",
    "Webhook",
    "When",
    "check_reference",
    "find_settings",
    "is_host",
    "is_place",
    "is_plain_proxy",
    "read_settings",
    "read_toml",
    "settings_text",
    "split_place",
]
