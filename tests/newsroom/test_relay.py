"""Several relays: no two under one key, no two under one password."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from composer.newsroom.model import Publication, Settings
from composer.source import load
from composer.source.finding import Place

FACTS = {"name": "Gazette", "public_url": "https://lettre.example.org"}


def settings(*relays: dict[str, object], **others: object) -> Settings:
    return Settings.model_validate(FACTS | {"relays": relays} | others)


def test_the_order_is_the_preference_and_a_key_is_the_name_or_the_address() -> None:
    first, second = settings({"name": "hall", "host": "a.example"}, {"host": "b.example", "port": 465}).relays
    assert (first.key, second.key) == ("hall", "b.example:465")


@pytest.mark.parametrize(
    "relays",
    [
        ({"host": "a.example"}, {"host": "a.example"}),
        ({"name": "hall"}, {"name": "hall", "host": "b.example"}),
        ({"name": "hall-one", "user": "u"}, {"name": "hall_one", "user": "u"}),
        ({"host": "a.example", "user": "u"}, {"host": "b.example", "user": "u"}),
        (),
    ],
)
def test_relays_that_would_share_a_pace_or_a_password_are_refused(relays: tuple[dict[str, object], ...]) -> None:
    with pytest.raises(ValidationError):
        settings(*relays)


def test_a_second_relay_without_an_account_needs_no_name() -> None:
    assert len(settings({"host": "a.example", "user": "u"}, {"host": "localhost", "port": 25}).relays) == 2


def test_a_new_relay_warms_up_and_providers_are_left_to_the_relay_unless_it_says_otherwise() -> None:
    (plain,) = settings({}).relays
    (new,) = settings({"warm_up": {}, "shape_providers": "true"}).relays
    assert (plain.warm_up, plain.shape_providers) == (None, False)
    assert new.warm_up is not None
    assert (new.warm_up.first_day, new.warm_up.growth, new.shape_providers) == (500, 1.5, True)
    with pytest.raises(ValidationError):
        settings({"warm_up": {"growth": "0.5"}})  # it would never end


def test_a_provider_says_only_what_is_otherwise() -> None:
    given = settings({}, providers={"orange": {"connections": "1"}}).providers["orange"]
    assert (given.connections, given.domains, given.per_second) == (1, None, None)


def test_news_is_stale_after_two_days_unless_the_publication_says_otherwise() -> None:
    assert Publication.model_fields["expires"].default == "2d"
    assert Publication.model_fields["expires"].validate_default


def test_a_password_never_goes_to_another_machine_in_clear(tmp_path: Path) -> None:
    file = tmp_path / "newsroom.yaml"
    relay = "name: Gazette\npublic_url: https://lettre.example.org\nrelays:\n  - host: a.example\n    security: none\n"
    file.write_text(relay + "    user: us\n")
    (finding,) = load(file, Settings, root=tmp_path).findings
    assert finding.place == Place("newsroom.yaml", 6, 5)
    assert "security: starttls" in finding.message
    file.write_text(relay)
    assert load(file, Settings, root=tmp_path).findings == ()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_on_this_machine_it_may(host: str) -> None:
    assert settings({"host": host, "security": "none", "user": "us"}).relays[0].user == "us"
