"""Secrets and deployment: from the environment, and read in one module."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import composer
from composer.errors import Refused
from composer.newsroom import Newsroom, load_newsroom
from composer.newsroom.environment import (
    database_url,
    dkim_key,
    former_keys,
    pages_database_url,
    passwords_given,
    plain_environment,
    relay_password,
    secret_key,
)
from composer.newsroom.relay import Relay
from composer.newsroom.starting import KINDS, start


@pytest.fixture
def newsroom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Newsroom:
    for name in ("SMTP_PASSWORD", "SECRET_KEY", "DATABASE_URL", "DKIM_KEY"):
        monkeypatch.delenv(f"FILIGRANE_{name}", raising=False)
    start(tmp_path / "room", KINDS, "en")
    settings = tmp_path / "room/config/newsroom.yaml"
    settings.write_text(settings.read_text() + "dkim: {domain: example.org, selector: a}\n")
    return load_newsroom(tmp_path / "room")


def test_a_secret_key_from_the_environment_or_a_file(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match="FILIGRANE_SECRET_KEY"):
        secret_key(newsroom.root)
    (newsroom.root / "var").mkdir(exist_ok=True)
    (newsroom.root / "var/secret.key").write_text("ab" * 32 + "\n")
    assert secret_key(newsroom.root) == b"\xab" * 32
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", "cd" * 32)
    assert secret_key(newsroom.root) == b"\xcd" * 32
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", "a passphrase that is long enough, all the same")
    assert secret_key(newsroom.root) == b"a passphrase that is long enough, all the same"


@pytest.mark.parametrize("key", ["hunter2", "ab" * 31])
def test_a_short_key_is_refused_without_being_shown(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", key)
    with pytest.raises(Refused, match="32") as refused:
        secret_key(newsroom.root)
    assert key not in str(refused.value)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("a" * 64, "repeated"),
        ("0" * 32, "repeated"),
        ("x" * 40, "repeated"),
        ("ab" * 31 + "c", "63"),
        ("0A1" * 21, "63"),
    ],
)
def test_a_key_of_a_wrong_form_is_refused_and_still_verifies_what_left(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, key: str, why: str
) -> None:
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", key)
    with pytest.raises(Refused, match=why) as refused:
        secret_key(newsroom.root)
    assert key not in str(refused.value)
    if len(key) >= 63:
        monkeypatch.setenv("FILIGRANE_FORMER_KEYS", key)
        assert len(former_keys()) == 1


def test_a_dkim_key_on_one_line_or_in_a_file(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    assert dkim_key(newsroom) is None
    (newsroom.root / "var").mkdir(exist_ok=True)
    (newsroom.root / "var/dkim.pem").write_bytes(b"-----BEGIN\nfile\n")
    assert dkim_key(newsroom) == b"-----BEGIN\nfile\n"
    monkeypatch.setenv("FILIGRANE_DKIM_KEY", "-----BEGIN\\nline\\n-----END")
    assert dkim_key(newsroom) == b"-----BEGIN\nline\n-----END\n"


def test_the_environment_wins_over_the_file(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    assert database_url(newsroom) == "sqlite:///var/filigrane.db"
    monkeypatch.setenv("FILIGRANE_DATABASE_URL", "postgresql://example")
    assert database_url(newsroom) == "postgresql://example"


@pytest.mark.parametrize("prefix", ["filigrane_", ""])
def test_secrets_come_from_files_of_their_name_where_no_variable_holds_them(
    newsroom: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    for name, content in {
        "SECRET_KEY": "cd" * 32 + "\n",
        "FORMER_KEYS": f"{'ef' * 32},{'12' * 32}\n",
        "DATABASE_URL": "postgresql://filed\n",
        "SMTP_PASSWORD": "p$`;w\n",
        "DKIM_KEY": "-----BEGIN\nfile\n",
    }.items():
        (folder / f"{prefix}FILIGRANE_{name}").write_text(content)
    assert secret_key(newsroom.root) == b"\xcd" * 32
    assert former_keys() == (b"\xef" * 32, b"\x12" * 32)
    assert database_url(newsroom) == pages_database_url(newsroom) == "postgresql://filed"
    assert relay_password(newsroom.settings, newsroom.settings.relays[0]) == "p$`;w"
    assert dkim_key(newsroom) == b"-----BEGIN\nfile\n"
    monkeypatch.setenv("FILIGRANE_DATABASE_URL", "postgresql://said")
    assert database_url(newsroom) == "postgresql://said"
    assert "CREDENTIALS_DIRECTORY" not in plain_environment()


def test_only_this_module_reads_the_environment() -> None:
    """But the language asked of programs, which the command needs before it imports a room."""
    house = Path(composer.__file__).parent
    readers = {
        path.relative_to(house).as_posix()
        for path in house.rglob("*.py")
        if re.search(r"\bos\.(environ|getenv)\b|from os import .*(environ|getenv)", path.read_text(encoding="utf-8"))
    }
    assert readers == {"newsroom/environment.py", "cli/i18n.py"}


def test_a_relay_s_password_is_its_own_and_the_first_one_s_may_be_without_a_name(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall, court = Relay(name="hall", user="us"), Relay(name="court-yard", user="us")
    settings = newsroom.settings.model_copy(update={"relays": (hall, court)})
    assert relay_password(settings, hall) is None
    monkeypatch.setenv("FILIGRANE_SMTP_PASSWORD", "of the first")
    assert relay_password(settings, hall) == "of the first"
    assert relay_password(settings, court) is None  # not for every relay's eyes
    monkeypatch.setenv("FILIGRANE_SMTP_PASSWORD_COURT_YARD", "of the court")
    monkeypatch.setenv("FILIGRANE_SMTP_PASSWORD_HALL", "of the hall")
    assert (relay_password(settings, hall), relay_password(settings, court)) == ("of the hall", "of the court")


def test_a_relay_with_an_account_and_without_its_password_is_named_with_the_variable(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    relays = (Relay(host="a.example", user="us"), Relay(name="back-up", host="b.example", user="us"))
    settings = newsroom.settings.model_copy(update={"relays": relays})
    with pytest.raises(Refused, match=r"a\.example:587 .* FILIGRANE_SMTP_PASSWORD$"):
        passwords_given(settings)
    monkeypatch.setenv("FILIGRANE_SMTP_PASSWORD", "one")
    with pytest.raises(Refused, match="FILIGRANE_SMTP_PASSWORD_BACK_UP"):
        passwords_given(settings)
    monkeypatch.setenv("FILIGRANE_SMTP_PASSWORD_BACK_UP", "two")
    passwords_given(settings)


@pytest.mark.parametrize("keys", ["zz", f"{'5' * 64},zz", "5" * 62, f"{'5' * 64} {'6' * 64}"[:40]])
def test_a_former_key_that_was_none_is_refused_without_being_shown(keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILIGRANE_FORMER_KEYS", keys)
    with pytest.raises(Refused, match="64") as refused:
        former_keys()
    assert "zz" not in str(refused.value)
    assert "555" not in str(refused.value)


def test_former_keys_are_given_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILIGRANE_FORMER_KEYS", f" {'5' * 64} , {'6' * 64},")
    assert former_keys() == (b"\x55" * 32, b"\x66" * 32)
