"""What is shipped for servers starts commands that exist, gives them the time to drain, and is documented."""

from __future__ import annotations

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
    text = (CHECKOUT / "deploy" / "filigrane").read_text(encoding="utf-8")
    for unit in UNITS:
        service = dict(re.findall(r"^(\w+)=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE))
        command = service["ExecStart"].partition(" --newsroom /srv/newsroom ")[0]
        assert f"-u {service['User']} -- {command} --newsroom /srv/newsroom " in text
        assert f". {service['EnvironmentFile'].removeprefix('-')}\n" in text
        assert f"cd {service['WorkingDirectory']}\n" in text
    environment = tmp_path / "environment"
    environment.write_text("FILIGRANE_DKIM_KEY='-----BEGIN\\nx y$z'\n", encoding="utf-8")
    text = text.replace("/etc/filigrane/environment", str(environment)).replace("/srv/newsroom", str(tmp_path))
    text = re.sub(r"exec .* --newsroom \S+", "exec", text)
    said = subprocess.run(["sh", "-c", text, "filigrane", "env"], capture_output=True, text=True, check=True)
    assert "FILIGRANE_DKIM_KEY=-----BEGIN\\nx y$z" in said.stdout.splitlines()


def test_compose_starts_commands_that_exist_and_lets_them_drain() -> None:
    services = yaml.safe_load((CHECKOUT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    ours = {name: service for name, service in services.items() if "command" in service}
    assert set(ours) == {"upgrade", "run", "worker"}
    for name, service in ours.items():
        assert service["command"][0] in COMMANDS
        if name != "upgrade":
            assert int(service["stop_grace_period"].removesuffix("m")) * 60 > DRAIN
        assert "newsroom:ro" in service["volumes"][0]
        assert service["env_file"] == ".env"  # a relay's password has the relay's name in its own


def test_no_key_and_no_reader_goes_into_the_image() -> None:
    assert {"var", ".env", ".git"} <= set((CHECKOUT / ".dockerignore").read_text(encoding="utf-8").split())


def test_every_variable_is_documented() -> None:
    for name in re.findall(r"FILIGRANE_[A-Z_]+[A-Z]", environment.__doc__ or ""):
        assert f"`{name}`" in RUNNING, name


def test_every_kind_of_alert_and_every_setting_about_them_is_documented() -> None:
    watch = (CHECKOUT / "composer" / "schedule" / "health.py").read_text(encoding="utf-8")
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
