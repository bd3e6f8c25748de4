"""What examples/ says of running driftsync every night is run or checked, not trusted."""

from __future__ import annotations

import email
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename
from prometheus_client.parser import text_string_to_metric_families

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
HOSPITAL = EXAMPLES / "hospital"
FOLDERS = ("nightly", "container", "ci", "monitoring", "offline")
TASK = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
UNITS = ("driftsync.service", "driftsync.timer")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell is needed")


def text(name: str) -> str:
    return (EXAMPLES / name).read_text(encoding="utf-8")


def documents(name: str) -> list[Any]:
    return list(yaml.safe_load_all(text(name)))


def task() -> Any:
    return etree.fromstring(text("nightly/windows-task.xml").encode())


def exec_start(name: str) -> str:
    return re.findall(r"^ExecStart=(\S.*)$", text(name), re.MULTILINE)[-1]


def job() -> Any:
    (found,) = (each for each in documents("container/cronjob.yaml") if each["kind"] == "CronJob")
    return found


def container() -> Any:
    (found,) = job()["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    return found


def ci_steps() -> list[str]:
    (gitlab,) = documents("ci/gitlab-ci.yml")
    (github,) = documents("ci/github-actions.yml")
    steps = [step["run"] for step in github["jobs"]["report"]["steps"] if "run" in step]
    return [*gitlab["mirror-drift"]["script"], *steps]


def commands() -> dict[str, list[str]]:
    """Return each command that an example would run, without the name of the program."""
    docker = json.loads(re.findall(r"^CMD (\[.*\])$", text("container/Dockerfile"), re.MULTILINE)[0])
    arguments = task().findtext(".//t:Arguments", namespaces=TASK)
    nagios = re.findall(r"command_line\s+(\S.*)", text("monitoring/nagios.cfg"))[0]
    _name, *values = re.findall(r"check_command\s+(\S+)", text("monitoring/nagios.cfg"))[0].split("!")
    for number, value in enumerate(values, start=1):
        nagios = nagios.replace(f"$ARG{number}$", value)
    (cron,) = re.findall(r"^30 2 .*$", text("nightly/driftsync.cron"), re.MULTILINE)
    lines = {
        "systemd": exec_start("nightly/driftsync.service"),
        "prometheus": exec_start("monitoring/prometheus-textfile.conf"),
        "cron": cron,
        "windows": arguments.replace("\\", "/"),
        "nagios": nagios,
    }
    lines |= {f"ci-{number}": line for number, line in enumerate(ci_steps()) if line.startswith("driftsync ")}
    found = {name: shlex.split(line) for name, line in lines.items()}
    found |= {"docker": docker, "kubernetes": container()["args"]}
    return {name: words[words.index("report") :] for name, words in found.items()}


@pytest.mark.parametrize(("name", "words"), commands().items(), ids=list(commands()))
def test_every_command_line_works(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: list[str]
) -> None:
    shutil.copytree(HOSPITAL, tmp_path, dirs_exist_ok=True)
    before = {path.name for path in tmp_path.iterdir()}
    monkeypatch.chdir(tmp_path)
    places = r"(/etc/driftsync|/var/lib/driftsync|/var/lib/node_exporter/textfile_collector|C:/ProgramData/driftsync)/"
    here = [re.sub(places, "", word) for word in words]
    ended = cli(*here)
    assert ended.code == (2 if "nagios" in here else 1), ended.err
    written = {here[position + 1] for position, word in enumerate(here) if word == "-o"} - {"-"}
    assert {path.name for path in tmp_path.iterdir()} - before == written
    assert "--quiet" not in here or ended.err == ""
    assert bool(ended.out) == (not written or "-" in here)


def test_every_example_runs_the_same_driftsync() -> None:
    assert set(commands()) >= {"systemd", "prometheus", "cron", "windows", "nagios", "docker", "kubernetes"}
    assert sum(name.startswith("ci-") for name in commands()) == 2


# -- by the clock ------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
@pytest.mark.parametrize("drop_in", [False, True])
def test_systemd_takes_the_units(tmp_path: Path, drop_in: bool) -> None:
    program = shutil.which("true")
    for name in UNITS:
        unit = text(f"nightly/{name}").replace("/opt/driftsync/bin/driftsync", str(program))
        (tmp_path / name).write_text(unit, encoding="utf-8")
    if drop_in:
        (tmp_path / "driftsync.service.d").mkdir()
        lines = text("monitoring/prometheus-textfile.conf").replace(
            "/opt/driftsync/bin/driftsync", str(program)
        )
        (tmp_path / "driftsync.service.d" / "prometheus.conf").write_text(lines, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in UNITS)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )
    ours = [line for line in done.stderr.splitlines() if "driftsync" in line]
    assert (done.returncode, ours) == (0, [])


def test_exit_codes_mean_in_examples_what_the_readme_says() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "| 1 | drift found |" in readme
    assert re.findall(r"^SuccessExitStatus=(.*)$", text("nightly/driftsync.service"), re.MULTILINE) == ["1"]
    assert documents("ci/gitlab-ci.yml")[0]["mirror-drift"]["allow_failure"] == {"exit_codes": [1]}


def test_cron_has_five_fields_an_account_and_no_bare_percent_sign() -> None:
    lines = [line for line in text("nightly/driftsync.cron").splitlines() if line and line[0] != "#"]
    settings, (entry,) = lines[:-1], lines[-1:]
    assert all(re.fullmatch(r"[A-Z_]+=\S+", line) for line in settings)
    assert re.match(r"\d+ \d+ \* \* \*  driftsync  flock ", entry)
    assert "%" not in entry


def test_the_windows_task_has_what_the_task_scheduler_needs() -> None:
    root = task()
    assert root.tag == f"{{{TASK['t']}}}Task"
    assert re.match(rb'<\?xml version="1.0"\?>', (EXAMPLES / "nightly/windows-task.xml").read_bytes())
    order = [etree.QName(child).localname for child in root]
    assert order == ["RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"]
    assert root.find("t:Actions", TASK).get("Context") == root.find(".//t:Principal", TASK).get("id")
    assert root.findtext(".//t:CalendarTrigger/t:ScheduleByDay/t:DaysInterval", namespaces=TASK) == "1"
    assert root.findtext(".//t:MultipleInstancesPolicy", namespaces=TASK) == "IgnoreNew"
    assert root.findtext(".//t:Exec/t:Command", namespaces=TASK).endswith("driftsync.exe")
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", root.findtext(".//t:StartBoundary", namespaces=TASK)
    )


# -- containers and CI -------------------------------------------------------------------------------------


def test_the_image_is_not_root_and_holds_what_it_copies() -> None:
    lines = text("container/Dockerfile").replace("\\\n", " ").splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    assert {word for word, _rest in steps} <= {
        "FROM", "COPY", "RUN", "ENV", "USER", "WORKDIR", "VOLUME", "HEALTHCHECK", "ENTRYPOINT", "CMD",
    }  # fmt: skip
    last = dict(map(tuple, steps))
    assert last["USER"] == "10001:10001"
    assert last["HEALTHCHECK"] == "NONE"
    assert json.loads(last["ENTRYPOINT"]) == ["driftsync"]
    let_in = re.findall(r"^!(.*)$", text("container/Dockerfile.dockerignore"), re.MULTILINE)
    for copied in (rest.split()[:-1] for word, rest in steps if word == "COPY" and "--from" not in rest):
        assert all((ROOT / name).exists() and name in let_in for name in copied)


def test_the_cron_job_is_safe_and_whole() -> None:
    spec, pod = job()["spec"], job()["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert job()["apiVersion"] == "batch/v1"
    assert (spec["concurrencyPolicy"], spec["jobTemplate"]["spec"]["backoffLimit"]) == ("Forbid", 0)
    assert (pod["restartPolicy"], pod["automountServiceAccountToken"]) == ("Never", False)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container()["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert [each["valueFrom"].keys() for each in container()["env"]] == [{"secretKeyRef"}]
    assert {each["name"] for each in container()["volumeMounts"]} == {each["name"] for each in pod["volumes"]}
    names = {each["kind"]: each["metadata"]["name"] for each in documents("container/cronjob.yaml")}
    volumes = {each["name"]: each for each in pod["volumes"]}
    assert volumes["settings"]["configMap"]["name"] == names["ConfigMap"]
    assert volumes["state"]["persistentVolumeClaim"]["claimName"] == names["PersistentVolumeClaim"]
    written = [word for word in container()["args"] if word.startswith("/var/")]
    mounts = tuple(each["mountPath"] for each in container()["volumeMounts"] if not each.get("readOnly"))
    assert all(word.startswith(mounts) for word in written)


def test_the_settings_of_the_cron_job_are_settings(tmp_path: Path) -> None:
    from driftsync.settings import read_settings

    (settings,) = (each for each in documents("container/cronjob.yaml") if each["kind"] == "ConfigMap")
    path = tmp_path / "driftsync.toml"
    path.write_text(settings["data"]["driftsync.toml"], encoding="utf-8")
    assert all(read_settings(path).is_live(name) for name in read_settings(path).member)


def test_ci_jobs_keep_the_formats_they_name() -> None:
    (gitlab,) = documents("ci/gitlab-ci.yml")
    (github,) = documents("ci/github-actions.yml")
    (script,) = gitlab["mirror-drift"]["script"]
    assert gitlab["mirror-drift"]["artifacts"]["reports"]["junit"] in script.split()
    assert set(gitlab["mirror-drift"]["artifacts"]["paths"]) <= set(script.split())
    assert github["permissions"] == {"contents": "read"}
    assert github[True]["schedule"][0]["cron"] == job()["spec"]["schedule"]  # YAML takes `on` for true


@POSIX
@pytest.mark.parametrize(
    "line", [*ci_steps(), *(text(f"offline/{name}.sh") for name in ("fetch", "install"))]
)
def test_bash_takes_every_script(line: str) -> None:
    done = subprocess.run(["bash", "-n"], input=line, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# -- monitoring --------------------------------------------------------------------------------------------


READY = {"driftsync_ready": {"mirror", "member"}}
"""What only a report of members that were asked tells; see test_report_readiness."""


def metrics(path: Path, cli: Callable[..., Any]) -> dict[str, set[str]]:
    """Write the metrics of the hospital; return every name with its labels."""
    cli("report", "--settings", HOSPITAL / "driftsync.toml", "--quiet", "-o", path)
    families = text_string_to_metric_families(path.read_text(encoding="utf-8"))
    return {sample.name: set(sample.labels) for family in families for sample in family.samples}


def test_alerts_and_items_use_metrics_that_there_are(cli: Callable[..., Any], tmp_path: Path) -> None:
    there = metrics(tmp_path / "driftsync.prom", cli) | READY
    rules = documents("monitoring/prometheus-alerts.yaml")[0]["groups"][0]["rules"]
    assert [rule["alert"] for rule in rules] == [
        "MirrorMemberDrifted",
        "MirrorNotReady",
        "MirrorDriftUnknown",
    ]
    said = " ".join([*(rule["expr"] for rule in rules), text("monitoring/zabbix.conf")])
    used = re.findall(r"\b(driftsync_\w+)(?:\{([^}]*)\})?", said)
    assert len(used) >= 6
    for name, labels in used:
        assert set(re.findall(r"(\w+)=", labels)) <= there[name]
    for rule in rules:
        named = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
        assert named <= set(re.findall(r"\w+", "".join(re.findall(r"by \(([^)]*)\)", rule["expr"]))))


@POSIX
def test_zabbix_gets_the_metrics_and_their_age(cli: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "driftsync.prom"
    metrics(path, cli)
    parameters = dict(
        re.findall(r"^UserParameter=([\w.]+),(.*)$", text("monitoring/zabbix.conf"), re.MULTILINE)
    )
    said = {
        key: subprocess.check_output(
            ["sh", "-c", line.replace("/var/lib/driftsync/driftsync.prom", shlex.quote(str(path)))], text=True
        )
        for key, line in parameters.items()
    }
    assert said["driftsync.metrics"] == path.read_text(encoding="utf-8")
    assert 0 <= int(said["driftsync.age"]) < 600


def test_nagios_defines_what_its_service_uses() -> None:
    blocks = re.findall(r"define (\w+) \{\n(.*?)\n\}", text("monitoring/nagios.cfg"), re.DOTALL)
    defined = {kind: dict(line.split(maxsplit=1) for line in body.splitlines()) for kind, body in blocks}
    assert defined["service"]["check_command"].split("!")[0] == defined["command"]["command_name"]
    assert len(defined["service"]["check_command"].split("!")) == 1 + defined["command"][
        "command_line"
    ].count("$ARG")


# -- without internet --------------------------------------------------------------------------------------


def test_the_offline_scripts_install_alike() -> None:
    pip = re.compile(r"install (--quiet --disable-pip-version-check --no-index --find-links) \S+ driftsync")
    assert len({pip.findall(text(f"offline/install.{ending}"))[0] for ending in ("sh", "cmd")}) == 1


@POSIX
@pytest.mark.network
def test_a_folder_of_wheels_is_enough_on_linux_and_windows(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHON": sys.executable}
    wheels = tmp_path / "wheels"
    for words in (["fetch.sh", str(wheels)], ["install.sh", str(wheels), str(tmp_path / "installed")]):
        subprocess.run(
            ["bash", str(EXAMPLES / "offline" / words[0]), *words[1:]], check=True, env=environment
        )
    words = ["report", "--settings", str(HOSPITAL / "driftsync.toml"), "--format", "nagios"]
    done = subprocess.run([tmp_path / "installed/bin/driftsync", *words], capture_output=True, check=False)
    assert done.stdout.startswith(b"DRIFTSYNC CRITICAL - ")
    assert set(needed_on_windows(wheels)) >= {"driftsync", "colorama", "lxml", "intersystems-irispython"}


def needed_on_windows(wheels: Path) -> Iterator[str]:
    """Yield what Windows needs, following the requirements; raises `KeyError` for what is not in the folder."""
    have = {}
    for path in wheels.glob("*.whl"):
        name, _version, _build, tags = parse_wheel_filename(path.name)
        if {tag.platform for tag in tags} & {"any", "win_amd64"}:
            with zipfile.ZipFile(path) as wheel:
                (metadata,) = (each for each in wheel.namelist() if each.endswith(".dist-info/METADATA"))
                have[name] = email.message_from_bytes(wheel.read(metadata)).get_all("Requires-Dist") or []
    windows = {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "extra": ""}
    waiting, seen = ["driftsync"], set()
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in seen:
            continue
        seen.add(name)
        yield name
        requirements = map(Requirement, have[name])
        waiting += [each.name for each in requirements if not each.marker or each.marker.evaluate(windows)]


# -- the table ---------------------------------------------------------------------------------------------


def test_the_readme_of_the_examples_names_every_file() -> None:
    readme = text("README.md")
    files = [path for folder in FOLDERS for path in sorted((EXAMPLES / folder).iterdir())]
    for path in files:
        assert path.name.startswith(".") or f"`{path.relative_to(EXAMPLES).as_posix()}`" in readme, path
    for named in re.findall(rf"`((?:{'|'.join(FOLDERS)})/[\w.-]+)`", readme):
        assert (EXAMPLES / named).is_file(), named
