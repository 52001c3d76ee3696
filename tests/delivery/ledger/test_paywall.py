"""The free message, as bytes on the wire, holds nothing that only paying readers may read."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image

from composer.approval.messages import messages
from composer.approval.model import FrozenEdition, Seal
from composer.issue.blocks import Audience
from composer.issue.compose import compose
from composer.message.template import SlotValues
from composer.newsroom.model import Newsroom
from composer.rendering import render
from tests.issue.support.issue_strategies import MARK, SECRET_FILES, Blocks, issues_with_secrets
from tests.issue.support.sample_issue import issue, newsroom

VALUES = SlotValues(to="reader@example.org", message_id="b-1", unsubscribe="TOKEN")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    made = newsroom(tmp_path_factory.mktemp("newsroom"))
    for name in SECRET_FILES:
        Image.new("RGB", (16, 9), "#a8201a").save(made.root / "issues" / "samedi" / name)
    return made


def message(house: Newsroom, blocks: Blocks, audience: Audience) -> EmailMessage:
    """One reader's message, parsed again from its bytes."""
    whole = issue(blocks)
    letter = render(compose(whole, house, audience), house)
    frozen = {(audience, "fr"): FrozenEdition(letter.subject, letter.html, letter.text, letter.slots)}
    day = datetime(2026, 11, 28, 6, tzinfo=UTC)
    seal = Seal(whole.key, "0" * 64, "A", day, letter.subject, letter.preheader, frozen, {})
    content = messages(seal, house, "samedi", whole.key, day)[audience, "fr"].fill(VALUES)
    return email.message_from_bytes(content, policy=email.policy.default)


def readable(parsed: EmailMessage) -> str:
    """Headers and decoded parts, in one case: the text part writes labels in capitals."""
    headers = "\n".join(f"{name}: {value}" for name, value in parsed.items())
    return "\n".join([headers, *(part.get_content() for part in parsed.iter_parts())]).casefold()


@given(issues_with_secrets())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=25)
def test_no_secret_is_in_the_free_message(house: Newsroom, blocks: Blocks) -> None:
    assert MARK.casefold() not in readable(message(house, blocks, "free"))


def test_the_search_would_find_a_secret_in_headers_and_parts(house: Newsroom) -> None:
    words = readable(message(house, [{"type": "article", "headline": f"{MARK}", "body": f"Mot {MARK}."}], "free"))
    assert words.count(MARK.casefold()) >= 4
    assert "le canal rouvre" in words.split("subject: ")[1].splitlines()[0]
