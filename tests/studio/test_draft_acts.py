"""A draft in the studio: read without a trace, taken in by one act, taken back by one."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from composer.errors import Refused
from composer.newsroom import load_newsroom
from composer.studio.act import Writing
from composer.studio.acts import ACTS
from composer.studio.saving.keeper import Keeper
from composer.studio.studio_user import user_here
from tests.support.newsrooms import FRIDAY

PASTED = "<h1>Le pont attendra</h1><p>Une <b>phrase</b> qui dit ce qui manque.</p><p>Une autre, sur le reste.</p>"


def test_a_paste_is_shown_taken_in_and_taken_back(root: Path) -> None:
    file = root / "issues" / "vendredi" / f"{FRIDAY}.yaml"
    before, user = file.read_bytes(), user_here(root)
    writing = Writing(load_newsroom(root), file, Keeper(root))
    said = {"from": "html", "content": PASTED}
    shown = ACTS["draft"].by(user, writing, {"act": "read", **said})
    assert shown["paragraphs"][0]["became"] in ("headline", "titre")
    assert file.read_bytes() == before
    taken = ACTS["draft"].by(user, writing, {"act": "take", **said})
    assert "Le pont attendra" in file.read_text()
    assert taken["words"]["read"] == taken["words"]["written"] == 15
    ACTS["history"].by(user, writing, {"act": "undo", "id": taken["undo"]})
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "said",
    [
        {"act": "take"},
        {"act": "take", "from": "file", "name": "a.docx", "content": "not base64"},
        {"act": "take", "from": "file", "name": "a.pdf", "content": b64encode(b"%PDF-1.4").decode()},
        {"act": "take", "from": "text", "content": " "},
    ],
)
def test_what_is_no_draft_changes_nothing(root: Path, said: dict[str, str]) -> None:
    file = root / "issues" / "vendredi" / f"{FRIDAY}.yaml"
    before = file.read_bytes()
    with pytest.raises(Refused):
        ACTS["draft"].by(user_here(root), Writing(load_newsroom(root), file, Keeper(root)), said)
    assert file.read_bytes() == before
