"""What driftsync.toml may say, and what is said of one that is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from driftsync.errors import SettingsError
from driftsync.model import MemberRole
from driftsync.settings import Login, Thresholds, find_settings, read_settings

GOOD = """
[mirror.HOSPITAL]
primary = "A"

[member.B]
source = "b"
role = "dr-async"

[member.A]
source = "a"
[member.A.paths]
data = "/data/a/"

[scope]
exclude = ["device"]
"""

MAIL = "[[deliver]]\nto='mail'\nhost='mail.example'\nfrom='a@b'\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "driftsync.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_primary_comes_first_and_sources_are_relative_to_the_file(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path, GOOD))
    assert settings.members_of("HOSPITAL") == ["A", "B"]
    assert settings.source_of("A") == tmp_path / "a"
    assert settings.member["A"].paths == {"data": "/data/a/"}
    assert (settings.stated("A").role, settings.stated("B").role) == (MemberRole.PRIMARY, MemberRole.DR_ASYNC)
    assert settings.scope.exclude == ["device"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[mirror.M]\nprimary = 'A'\nprimary = 'B'\n", ":3: this is not TOML"),
        ("[mirror.M]\nprimary = 'A'\n", "its primary A has no [member.A]"),
        ("[member.A]\nsource = 'a'\nmirror = 'X'\n", "belongs to mirror X"),
        ("[member.A]\nsauce = 'a'\n", "sauce"),
        ("[member.A]\nsource = 3\n", "member"),
        ("[check]\nlicence_warn_day = 9\n", "licence_warn_day"),
        ("[check]\nlicence_warn_days = -1\n", "check.licence_warn_days"),
        ("[check]\nlicence_warn_days = 3\n", "licence_fail_days = 5 is above licence_warn_days = 3"),
        ("[check]\npurge_fail_days = 15\n", "purge_fail_days = 15 is above purge_days = 14"),
        ("[check]\nmemory_fail_percent = 101\n", "check.memory_fail_percent"),
        (
            "[mirror.M]\nprimary='A'\nupgrade_window = 'soon'\n[member.A]\nsource='a'\n",
            "mirror M: 'soon' are no days",
        ),
        (
            "[mirror.M]\nprimary='A'\nupgrade_window = '2026-11-25..2026-11-21'\n[member.A]\nsource='a'\n",
            "are no days",
        ),
        ("[member.A]\n", "source"),
        ("[member.A]\nsource = 'a'\nrole = 'boss'\n", "role"),
        ("nonsense = 1\n", "nonsense"),
        ("[mirror.M]\n[member.A]\nsource='a'\n", "does not name its primary"),
        ("[member.A]\nsource='a'\nhost='b'\n", "both source and host"),
        ("[member.A]\nsource='a'\ntls=false\n", "read from files, and tls"),
        ("[member.A]\nhost='a'\npassword='env:X'\n", "has no user"),
        ("[member.A]\nhost='a'\nuser='x'\n", "has no password"),
        ("[member.A]\nhost='a'\nuser='x'\npassword='hush'\n", "member A: the password is not"),
        ("[mirror.M]\npassword='hush'\n[member.A]\nhost='a'\nuser='x'\n", "mirror M: the password is not"),
        ("[member.A]\nhost='a:1972'\nuser='x'\npassword='env:X'\n", "'a:1972' is no address"),
        ("[member.A]\nhost='a'\nalternatives=['b:x']\nuser='x'\npassword='env:X'\n", "'b:x' is no address"),
        ("[member.A]\nhost='a'\nport=0\n", "port"),
        ("[member.A]\nhost='a'\nuser='x'\npassword='env:X'\nrole='backup'\n", "role is for files"),
        ("[member.A]\nhost='a'\nuser='x'\npassword='env:X'\ntls=false\nca_file='x'\n", "ca_file counts only"),
        ("[member.A]\nhost='a'\nuser='x'\npassword='env:X'\ntls=''\n", "tls is empty"),
        (
            "[mirror.M]\nprimary='A'\n[member.A]\nhost='a'\nuser='x'\npassword='env:X'\n",
            "says itself what it is",
        ),
        ("path = 'x'\n", "path"),
        ("[[deliver]]\nto='pigeon'\n", "pigeon"),
        ("[[deliver]]\nto='slack'\n", "url"),
        ("[[deliver]]\nto='slack'\nurl='env:X'\nsecret='env:Y'\n", "secret"),
        ("[[deliver]]\nto='slack'\nurl='env:X'\nwhen='never'\n", "when"),
        ("[[deliver]]\nto='slack'\nurl='env:X'\nattempts=99\n", "attempts"),
        ("[[deliver]]\nto='slack'\nurl='https://hush.example/'\n", "delivery slack: url is not a reference"),
        (
            "[[deliver]]\nto='feishu'\nurl='env:X'\nsecret='hush'\n",
            "delivery feishu: secret is not a reference",
        ),
        ("[[deliver]]\nto='webhook'\nurl='env:X'\ntoken='hush'\n", "token is not a reference"),
        ("[[deliver]]\nto='slack'\nurl='env:X'\nproxy='http://u:hush@p:1'\n", "the proxy is not understood"),
        (
            "[[deliver]]\nto='slack'\nurl='env:X'\n[[deliver]]\nto='slack'\nurl='env:Y'\n",
            "slack is there more than once",
        ),
        ("[[deliver]]\nto='slack'\nurl='env:X'\nmirrors=['M']\n", "there is no mirror M"),
        ("[[deliver]]\nto='slack'\nurl='env:X'\nlink='javascript:x'\n", "link is no web address"),
        (f"{MAIL}recipients=[]\n", "recipients"),
        (f"{MAIL}recipients=['nobody']\n", "'nobody' is no mail address"),
        (f"{MAIL}recipients=['a@b\\u000aBcc: c@d']\n".replace("'", '"'), "is no mail address"),
        (f"{MAIL}recipients=['a@b']\nuser='x'\n", "user and password belong together"),
        (f"{MAIL}recipients=['a@b']\nuser='x'\npassword='hush'\n", "password is not a reference"),
        (
            f"{MAIL}recipients=['a@b']\nuser='x'\npassword='env:X'\ntls='none'\n",
            "neither a password nor a ca_file",
        ),
        (f"{MAIL.replace('mail.example', 'mail:25')}recipients=['a@b']\n", "'mail:25' is no host"),
        ("[[rule]]\nkind='role'\nthen='ignore'\n", "because"),
        ("[[rule]]\nkind='role'\nthen='ignore'\nbecause=' '\n", "rule"),
        ("[[rule]]\nkind='role'\nthen='forget'\nbecause='x'\n", "then"),
        ("[[rule]]\nkind='role'\nbecause='x'\n", "then"),
        (
            "[[rule]]\nthen='ignore'\nbecause='x'\nrole='backup'\n",
            "[[rule]] number 1 does not say what it is about",
        ),
        (
            "[[rule]]\nthen='ignore'\nbecause='x'\nkey='EMR/*'\n",
            "[[rule]] number 1 has a key without its kind: EMR/*",
        ),
        (
            "[[rule]]\nthen='ignore'\nbecause='x'\nkind='role'\nmember='Z'\n",
            "[[rule]] number 1 is for member Z",
        ),
        ("[[rule]]\nthen='ignore'\nbecause='x'\nkind='role'\nrole='boss'\n", "rule"),
        ("[[rule]]\nthen='ignore'\nbecause='x'\nkinds='role'\n", "kinds"),
        (
            "[mirror.M]\nprimary='A'\n[mirror.N]\nprimary='B'\n[member.A]\nsource='a'\nmirror='M'\n[member.B]\nsource='b'\n",
            "does not say which mirror",
        ),
    ],
)
def test_a_mistake_is_named_with_its_file(tmp_path: Path, text: str, says: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(SettingsError) as error:
        read_settings(path)
    assert str(path) in error.value.message
    assert says in error.value.message
    assert "\n" not in error.value.message
    assert error.value.hint
    assert "hush" not in error.value.message + error.value.hint + error.value.details


LIVE = """
[mirror.HOSPITAL]
user = "driftsync"
password = "env:PASSWORD"
ca_file = "ca.pem"
connections = 3
files = ["/etc/hosts"]

[member.A]
host = "10.0.0.1"
alternatives = ["10.9.0.1:51773", "a.example", "[fe80::1]:1972"]

[member.B]
host = "fe80::2"
port = 51773
user = "other"
tls = false
connections = 4
deadline = 5
files = []
"""


def test_what_a_mirror_says_counts_for_its_members_unless_they_say_otherwise(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path, LIVE))
    assert settings.members_of("HOSPITAL") == ["A", "B"]
    first, second = settings.login_of("A"), settings.login_of("B")
    assert first == Login(
        host="10.0.0.1",
        user="driftsync",
        password_reference="env:PASSWORD",
        ca_file=tmp_path / "ca.pem",
        connections=3,
        files=("/etc/hosts",),
        alternatives=(("10.9.0.1", 51773), ("a.example", 1972), ("fe80::1", 1972)),
    )
    assert (first.connections_for(MemberRole.PRIMARY), first.connections_for(MemberRole.BACKUP)) == (3, 1)
    assert (second.host, second.port, second.user, second.tls) == ("fe80::2", 51773, "other", False)
    assert (second.ca_file, second.deadline, second.files) == (None, 5.0, ())
    assert second.connections_for(MemberRole.BACKUP) == 4


def test_a_member_of_files_and_a_running_one_can_stand_in_one_mirror(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path, LIVE + "\n[member.C]\nsource = 'c'\n"))
    assert [settings.is_live(name) for name in "ABC"] == [True, True, False]


def test_settings_of_windows_notepad_are_read(tmp_path: Path) -> None:
    path = tmp_path / "driftsync.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read_settings(path).members_of("HOSPITAL") == ["A", "B"]


def test_settings_that_are_no_utf8_say_so(tmp_path: Path) -> None:
    path = tmp_path / "driftsync.toml"
    path.write_bytes("[member.病]\nsource='a'\n".encode("gbk"))
    with pytest.raises(SettingsError, match="UTF-8"):
        read_settings(path)


def test_the_nearest_settings_upward_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below = tmp_path / "x" / "y"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    path = write(tmp_path, GOOD)
    assert find_settings(None) == path
    assert find_settings(Path("other.toml")) == Path("other.toml")


def test_a_threshold_that_is_not_known_is_told_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as told:
        read_settings(write(tmp_path, GOOD + "[check]\njournal_warn_mb = 300\n"))
    assert told.value.hint == "did you mean journal_warn_megabytes?"


def test_thresholds_and_what_people_declare_of_a_mirror(tmp_path: Path) -> None:
    text = GOOD.replace('primary = "A"', 'primary = "A"\nupgrade_window = "2026-11-21..2026-11-25"')
    settings = read_settings(write(tmp_path, text + "[check]\njournal_warn_megabytes = 300\n"))
    assert settings.check == Thresholds(journal_warn_megabytes=300)
    assert settings.mirror["HOSPITAL"].upgrade == (date(2026, 11, 21), date(2026, 11, 25))
