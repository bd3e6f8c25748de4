"""`driftsync lab serve`, and the unmodified driver alone on the other side of a real socket."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from driftsync.lab.scenarios import PASSWORDS

DRIVER_ALONE = """
import json, sys
import iris
connection = iris.connect("127.0.0.1", int(sys.argv[1]), "%SYS", sys.argv[2], sys.argv[3], sharedmemory=False, timeout=20)
cursor = connection.cursor()
answers = []
for statement in sys.argv[4:]:
    try:
        cursor.execute(statement)
        answers.append([[str(each) for each in row] for row in cursor.fetchall()])
    except Exception as error:
        answers.append(str(error))
print(json.dumps(answers))
"""


@contextmanager
def served(*words: str) -> Iterator[dict[str, int]]:
    """Run the lab as a user would and yield the port of each member."""
    command = [sys.executable, "-m", "driftsync", "lab", "serve", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    ports: dict[str, int] = {}
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if match := re.match(r"(\S+)\s+127\.0\.0\.1:(\d+)$", line.strip()):
                ports[match[1]] = int(match[2])
            elif ports:
                break
        yield ports
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert process.returncode == 0, err
        assert "Traceback" not in out + err


def driver_alone(
    port: int, *statements: str, user: str = "_SYSTEM", password: str = ""
) -> list[list[list[str]] | str]:
    command = [sys.executable, "-c", DRIVER_ALONE, str(port), user, password or PASSWORDS[user], *statements]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("profile", ["2022.1", "2024.1", "2025.2"])
def test_the_driver_alone_lists_the_users_of_every_member(profile: str) -> None:
    with served("--profile", profile, "--scenario", "hospital") as ports:
        assert len(ports) == 4
        for port in ports.values():
            (rows,) = driver_alone(port, "SELECT * FROM Security.Users_List()")
            assert "_SYSTEM" in {row[0] for row in rows}


def test_members_of_the_hospital_differ_and_those_of_clean_do_not() -> None:
    question = "SELECT Name, Database FROM Config.MapGlobals WHERE Namespace = 'EMR' ORDER BY Name"
    answers = {}
    for scenario in ("clean", "hospital"):
        with served("--scenario", scenario) as ports:
            answers[scenario] = [driver_alone(port, question)[0] for port in list(ports.values())[:2]]
    assert answers["clean"][0] == answers["clean"][1]
    assert answers["clean"][0]
    assert answers["hospital"][0] != answers["hospital"][1]


def test_from_2025_2_security_tables_are_closed_to_a_reader_but_queries_are_not() -> None:
    statements = ("SELECT Name FROM Security.Users", "SELECT Name FROM Security.Users_List()")
    with served("--profile", "2025.2", "--scenario", "clean") as ports:
        table, query = driver_alone(next(iter(ports.values())), *statements, user="driftsync")
    assert "-99" in table or "privilege" in str(table).lower()
    assert isinstance(query, list)
    assert query


def test_a_wrong_password_reaches_the_driver_as_a_refusal() -> None:
    with served("--scenario", "clean") as ports:
        command = [sys.executable, "-c", DRIVER_ALONE, str(next(iter(ports.values()))), "_SYSTEM", "wrong"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "Access Denied" in done.stderr


def test_a_refused_class_is_refused() -> None:
    with served("--scenario", "clean", "--fault", "refuse:Security.Users") as ports:
        (answer,) = driver_alone(next(iter(ports.values())), "SELECT * FROM Security.Users_List()")
    assert isinstance(answer, str)
    assert "privileged" in answer


def test_the_readme_shows_a_program_that_works() -> None:
    readme = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")
    program = re.findall(r"^```python\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)[0]
    with served("--scenario", "hospital") as ports:
        changed = program.replace("51773", str(next(iter(ports.values()))))
        done = subprocess.run(
            [sys.executable, "-c", changed], capture_output=True, text=True, timeout=60, check=False
        )
    assert changed != program
    assert done.returncode == 0, done.stderr
    assert "_SYSTEM" in done.stdout


def test_a_fault_that_does_not_exist_is_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "driftsync", "lab", "serve", "--fault", "nonsense"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
