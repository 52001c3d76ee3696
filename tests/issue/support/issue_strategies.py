"""Issues with secrets: sentences that free readers may not see, marked, anywhere a paid passage can be.

``issues_with_secrets`` draws the blocks of an issue; whatever is made of the free edition (repr, HTML, text, message,
headers) may hold neither ``MARK`` nor a file that ``SECRET_FILES`` names.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

#: In every secret sentence. Letters only, so that no encoding hides it.
MARK = "zqsecretqz"

#: Pictures that only paying readers get. The test that composes must put them beside the issue.
SECRET_FILES = ("zqsecretqz.png",)

_WALLS = ("\n\n===\n\n", "\n===\n", "\n=== \n", "\r\n===\r\n")

Blocks = list[dict[str, Any]]

_words = st.lists(
    st.sampled_from(["le", "pont", "attend", "« encore »", "l'hiver", "**gras**"]), min_size=1, max_size=5
)
_open = _words.map(" ".join)
_secret = st.tuples(_words, st.integers(0, 999)).map(lambda drawn: f"{' '.join(drawn[0])} {MARK}{drawn[1]}")


def _free_element() -> st.SearchStrategy[str]:
    return st.one_of(
        _open,
        _open.map(lambda text: f"## {text}"),
        _open.map(lambda text: f"- **Amorce :** {text}\n- {text}"),
        _open.map(lambda text: f"> {text}"),
        _open.map(lambda text: f":::en_filigrane Titre\n{text}\n:::"),
        st.just("Voir [ailleurs](#cache) et [ici](#ouvert)."),
    )


def _secret_element(extra: str = "") -> st.SearchStrategy[str]:
    """A paid element; ``extra`` holds option lines put in each box."""
    boxes = st.one_of(
        _secret.map(lambda text: f":::en_filigrane {text}\n{extra}{text}\n:::"),
        _secret.map(
            lambda text: f":::a_surveiller {text}\n:names: {MARK}, Orphéon\n:id: lot-{MARK}\n{extra}{text}\n:::"
        ),
        _secret.map(lambda text: f":::insight {text}\n:label: {MARK}\n{extra}{text}\n:::"),
        _secret.map(
            lambda text: f":::figure {SECRET_FILES[0]}\n:alt: {text}\n:photo: {MARK}\n:by: {MARK}\n{extra}{text}\n:::"
        ),
        _secret.map(lambda text: f":::quote {MARK}\n:source: {text}\n{extra}{text}\n:::"),
        _secret.map(lambda text: f":::links {MARK}\n{extra}- [{text}](https://{MARK}.example/)\n:::"),
        _secret.map(lambda text: f":::table {text}\n{extra}{text} | {text}\n{text} | 12\n:::"),
    )
    if extra:
        return boxes
    return st.one_of(
        boxes,
        _secret,
        _secret.map(lambda text: f"## {text}"),
        _secret.map(lambda text: f"- **{text} :** {text}\n- {text}"),
        _secret.map(lambda text: f"1. {text}"),
        _secret.map(lambda text: f"> {text}"),
        _secret.map(lambda text: f"[{text}](https://{MARK}.example/{MARK})"),
        _secret.map(lambda text: f"`{text}`"),
    )


def _body(*elements: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    parts = st.lists(st.one_of(*elements), min_size=1, max_size=4)
    return parts.map("\n\n".join)


@st.composite
def _article(draw: st.DrawFn) -> dict[str, Any]:
    block: dict[str, Any] = {
        "type": "article",
        "headline": draw(_open),
        "byline": draw(st.sampled_from(["ines", "Zoé"])),
    }
    free = draw(_body(_free_element(), _secret_element(":audience: paid\n")))
    way = draw(st.sampled_from(["cut", "paid and cut", "paid", "paid block", "free"]))
    secret = draw(_body(_secret_element(), _free_element()))
    if way != "free" or draw(st.booleans()):
        block["teaser"] = draw(_open)
    if way in ("cut", "paid and cut"):
        block["body"] = draw(
            st.sampled_from([f"{free}\n\n===\n\n{secret}", f"{free}\n===\n{secret}", f"===\n{secret}"])
        )
        block["further"] = [f"[{draw(_secret)}](https://{MARK}.example/)"]
        block["access"] = "free" if way == "cut" else "paid"
        if draw(st.booleans()):
            block["figure"] = {"src": "carte.png", "alt": "Une carte", "credit": {"photo": "Agence Rive"}}
    elif way == "free":
        block["body"] = free
    else:
        block["body"] = secret
        block["standfirst"] = draw(_secret)
        block["syndication"] = draw(_secret)
        block["figure"] = {
            "src": SECRET_FILES[0],
            "alt": draw(_secret),
            "caption": draw(_secret),
            "credit": {draw(st.sampled_from(["photo", "source", "ai", "by"])): draw(_secret)},
        }
        block["access" if way == "paid" else "audience"] = "paid"
    return block


def paid_blocks(secret: str) -> list[dict[str, Any]]:
    """Every block with ``secret`` in each of its texts, but for articles and advertisements: those have their own."""
    return [
        {"type": "edito", "headline": secret, "body": secret, "author": secret, "reply": secret},
        {"type": "briefs", "names": "auto", "items": [{"headline": secret, "text": f"Orphéon {secret}"}]},
        {"type": "briefs", "names": [secret], "items": [{"headline": secret, "text": secret, "id": "cache"}]},
        {"type": "en_filigrane", "title": secret, "text": secret},
        {"type": "a_surveiller", "title": secret, "text": secret, "names": [secret], "follows": MARK},
        {"type": "insight", "label": secret, "title": secret, "text": secret},
        {"type": "figure", "src": SECRET_FILES[0], "alt": secret, "caption": secret, "credit": {"ai": secret}},
        {"type": "quote", "text": secret, "author": secret},
        {"type": "links", "label": secret, "items": [f"[{secret}](https://{MARK}.example/)"]},
        {"type": "notice", "text": secret, "url": f"https://{MARK}.example/"},
        {"type": "teasers", "label": secret, "items": [secret]},
        {
            "type": "replay",
            "show": secret,
            "aired": "2026-11-20",
            "url": f"https://{MARK}.example/a.mp3",
            "title": secret,
            "text": secret,
            "chapters": {"02:59": secret},
            "quotes": [{"at": "04:00", "speaker": secret, "text": secret, "checked": True}],
        },
        {"type": "masthead", "photo_credits": secret},
        {"type": "number", "number": secret, "unit": secret, "text": secret, "source": secret},
        {"type": "table", "rows": f"{secret} | a\n{secret} | 12", "title": secret, "source": secret, "bars": "yes"},
        {"type": "interview", "headline": "Ouvert", "body": f"**{secret} ?** {secret}", "who": secret},
        {"type": "letters", "label": secret, "items": [{"text": secret, "author": secret, "answer": secret}]},
        {"type": "agenda", "label": secret, "items": [{"date": "2026-12-15", "title": secret, "place": secret}]},
        {"type": "reading", "label": secret, "items": [_card(secret)]},
    ]


def _card(secret: str) -> dict[str, Any]:
    figure = {"src": SECRET_FILES[0], "alt": secret, "credit": {"photo": secret}}
    return {"title": secret, "url": f"https://{MARK}.example/", "source": secret, "text": secret, "figure": figure}


@st.composite
def _paid_block(draw: st.DrawFn) -> dict[str, Any]:
    block: dict[str, Any] = draw(st.sampled_from(paid_blocks(draw(_secret))))
    return {**block, "audience": "paid"}


@st.composite
def issues_with_secrets(draw: st.DrawFn) -> Blocks:
    """The blocks of an issue, for ``sample_issue.issue``, with secrets, and lists computed from it."""
    blocks: Blocks = draw(st.lists(st.one_of(_article(), _paid_block()), min_size=1, max_size=5))
    cached = [
        index for index, block in enumerate(blocks) if block.get("items", [{}])[0:1] and block["type"] == "briefs"
    ]
    for index in cached[1:]:  # an id is given once
        blocks[index] = {**blocks[index], "items": [{"headline": MARK, "text": MARK}]}
    computed: Blocks = [
        {"type": "article", "id": "ouvert", "headline": "Ouvert", "body": "Rien de caché.", "further": ["cache"]},
        {"type": "briefs", "names": "auto", "items": [{"headline": "Une brève", "text": "De Microlab."}]},
        {"type": "teasers", "items": "auto"},
        {"type": "links", "items": ["cache", "ouvert", "[voir](#cache)"]},
        {"type": "masthead", "photo_credits": "auto", "bios": "auto"},
    ]
    return draw(st.permutations([*blocks, *computed]))
