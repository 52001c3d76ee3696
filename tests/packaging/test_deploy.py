"""What is shipped for servers starts commands that exist, gives them the time to drain, and is documented."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml

from composer.cli import COMMANDS
from composer.errors import WrongUsage
from composer.newsroom import environment
from composer.newsroom.model import Settings

CHECKOUT = Path(__file__).parents[2]
RUNNING = (CHECKOUT / "docs" / "running.md").read_text(encoding="utf-8")
UNITS = sorted((CHECKOUT / "deploy").glob("*.service"))
DRAIN = 600  # seconds, RFC 5321 4.5.3.2.6


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_drains_and_says_that_it_rereads(unit: Path) -> None:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # reason: as its documentation says
    parser.read_string(unit.read_text(encoding="utf-8"))
    service = parser["Service"]
    assert int(service["TimeoutStopSec"]) > DRAIN
    assert "-HUP" in service["ExecReload"]
    command = service["ExecStart"].split()
    assert command[3] in COMMANDS
    assert service["ProtectSystem"] == "strict"
    # 1 is also how Python ends on an error that nobody foresaw: what then is not begun again sends no letter.
    assert (service["Restart"], service["RestartPreventExitStatus"].split()) == ("always", [str(WrongUsage.exit_code)])


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_a_unit(unit: Path, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return  # the test above holds wherever there is no systemd
    copy = tmp_path / unit.name.replace("@", "@1")
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(encoding="utf-8"), flags=re.MULTILINE)
    copy.write_text(text, encoding="utf-8")
    said = subprocess.run([analyze, "verify", str(copy)], capture_output=True, text=True, check=False)
    assert [line for line in said.stderr.splitlines() if unit.name.partition("@")[0].partition(".")[0] in line] == []


def test_a_command_runs_as_the_daemon_does(tmp_path: Path) -> None:
    """A stand-in for systemd-run shows what it is asked for; no shell of root's reads the secrets."""
    stand_in = tmp_path / "systemd-run"
    stand_in.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    stand_in.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    command = ["sh", str(CHECKOUT / "deploy" / "filigrane"), "mailings", "two words", "$(id)"]
    said = subprocess.check_output(command, env={"PATH": path}, stdin=subprocess.DEVNULL, text=True)
    options, _, given = said.partition("\n--\n")
    assert "--wait" in options.splitlines()
    asked = dict(re.findall(r"^--property=(\w+)=(.*)$", options, re.MULTILINE))
    for unit in UNITS:
        service = dict(re.findall(r"^(\w+)=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE))
        assert asked == {name: service[name] for name in asked}
        begin = service["ExecStart"].partition(" --newsroom /srv/newsroom ")[0]
        assert given.splitlines() == [begin, "--newsroom", "/srv/newsroom", "mailings", "two words", "$(id)"]
    assert set(asked) >= {"User", "Group", "UMask", "WorkingDirectory", "EnvironmentFile", "LoadCredential"}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_closed_but_for_what_it_needs(unit: Path, tmp_path: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    service = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
    assert service["LoadCredential"] == "filigrane:/etc/filigrane/secrets"
    assert {"LimitNOFILE", "MemoryMax", "TasksMax"} <= set(service)
    assert "ProcSubset" not in service  # it hides the boot id that delivery.ledger.workers reads
    # what the pages' process does to itself: prlimit64 is in @default, setpriority in @resources
    assert ("SystemCallFilter=setpriority\n" in text) == (" run " in service["ExecStart"])
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return  # the lines above hold wherever there is no systemd
    copy = tmp_path / unit.name.replace("@", "@1")
    copy.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE), encoding="utf-8")
    command = [analyze, "security", "--offline=true", "--threshold=13", str(copy)]
    judged = subprocess.run(command, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout


COMPOSE = yaml.safe_load((CHECKOUT / "compose.yaml").read_text(encoding="utf-8"))


def test_compose_starts_commands_that_exist_and_lets_them_drain() -> None:
    ours = {name: service for name, service in COMPOSE["services"].items() if "command" in service}
    assert set(ours) == {"upgrade", "run", "worker"}
    for name, service in ours.items():
        assert service["command"][0] in COMMANDS
        if name != "upgrade":
            assert int(service["stop_grace_period"].removesuffix("m")) * 60 > DRAIN
        assert "newsroom:ro" in service["volumes"][0]
        assert service["read_only"] is True
        assert service["init"] is True
        # A relay's password has the relay's name in its own: a folder, and not one secret after the other.
        assert service["environment"]["CREDENTIALS_DIRECTORY"] in service["volumes"][2]


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_a_container_may_do_no_more_than_it_needs(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "pids_limit"} <= set(service)
    assert "privileged" not in service
    assert "env_file" not in service
    if "image" in service and "build" not in service:
        assert re.fullmatch(r"[a-z]+:\d+\.\d+(\.\d+)?-[a-z]+", service["image"])


def test_no_container_of_ours_is_given_the_superuser() -> None:
    for name, service in COMPOSE["services"].items():
        given = str(service["environment"])
        assert ("DATABASE_ADMIN_PASSWORD" in given) == (name == "database")
        if "command" in service:
            assert "//filigrane:" in service["environment"]["FILIGRANE_DATABASE_URL"]
    roles = (CHECKOUT / "deploy" / "database-roles.sh").read_text(encoding="utf-8")
    assert "SUPERUSER" not in roles.replace("NOSUPERUSER", "")
    assert re.search(r"//filigrane_pages:", COMPOSE["services"]["run"]["environment"]["FILIGRANE_PAGES_DATABASE_URL"])


def test_images_are_named_by_their_exact_version() -> None:
    text = (CHECKOUT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    images = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert len(images) == 2
    for image in images:
        assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", image)
    assert re.search(r"^USER filigrane$", text, re.MULTILINE)


def test_no_key_and_no_reader_goes_into_the_image() -> None:
    assert {"var", ".env", "secrets", ".git"} <= set((CHECKOUT / ".dockerignore").read_text(encoding="utf-8").split())


def test_every_variable_is_documented() -> None:
    for name in re.findall(r"FILIGRANE_[A-Z_]+[A-Z]", environment.__doc__ or ""):
        assert f"`{name}`" in RUNNING, name


def test_every_kind_of_alert_and_every_setting_about_them_is_documented() -> None:
    rooms = CHECKOUT / "composer"
    watches = (rooms / "schedule" / "health.py", rooms / "returns" / "notices.py")
    watch = "".join(each.read_text(encoding="utf-8") for each in watches)
    kinds = {
        *re.findall(r'"([a-z]+(?:-[a-z]+)+|quiet)"', watch),
        "reminder",
        "held",
        "missed",
        "configuration",
        "database",
    }
    assert kinds >= {"mailing-paused", "in-doubt", "quiet", "no-worker"}
    for kind in kinds:
        assert f"| `{kind}` |" in RUNNING, kind
    for setting in ("alerts", "webhook", "ping", "long_gap"):
        assert setting in Settings.model_fields
        assert f"`{setting}`" in RUNNING
    assert re.search(r"```json\n(.*?)```", RUNNING, re.DOTALL) is not None
