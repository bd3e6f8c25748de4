"""What driftsync.toml may say, and what is said of one that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftsync.errors import SettingsError
from driftsync.model import MemberRole
from driftsync.settings import find_settings, read_settings

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
        ("[member.A]\n", "source"),
        ("[member.A]\nsource = 'a'\nrole = 'boss'\n", "role"),
        ("nonsense = 1\n", "nonsense"),
        ("path = 'x'\n", "path"),
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
