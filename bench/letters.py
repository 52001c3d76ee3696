"""Letters of any length, for measuring: articles of some 250 words, each with what an article usually holds."""

from __future__ import annotations

from itertools import cycle, islice
from pathlib import Path

_SENTENCES = (
    "Le chantier de la digue avance, et le port respire pour la première fois depuis deux hivers.",
    "Il a fallu **trois enquêtes**, une commission et un *procès* pour que la commune l’admette.",
    "Le détail figure dans [le rapport publié mardi](https://exemple.example/rapport?page=3&annexe=2) par la région.",
    "« On ne négocie pas avec la marée », répond le capitaine : elle monte, elle descend, elle attend.",
    "À 7 h 30, les étals reviennent sous la halle ; à midi, il ne reste que la glace et les cageots.",
)
_WORDS_PER_PARAGRAPH = 60


def letter(words: int) -> str:
    """The YAML of an issue of about ``words`` words, not one of its paragraphs like the next."""
    sentences = enumerate(cycle(_SENTENCES), 1)

    def paragraph(length: int = _WORDS_PER_PARAGRAPH) -> str:
        made: list[str] = []
        while sum(sentence.count(" ") + 1 for sentence in made) < length:
            number, sentence = next(sentences)
            made.append(f"{sentence[:-1]} (n° {number}).")
        return " ".join(made)

    def article(number: int) -> str:
        body = [
            paragraph(),
            f"## Ce que dit le rapport {number}",
            paragraph(),
            "\n".join(f"- **Point {point} :** {paragraph(15)}" for point in range(3)),
            f":::a_surveiller La décision du lot {number}\n:due: 2027-02-15\n{paragraph(20)}\n:::",
        ]
        text = "\n\n".join(body).replace("\n", "\n        ")
        return f"  - article:\n      headline: Le port, jour {number}\n      body: |\n        {text}\n"

    articles = "".join(article(number) for number in islice(range(1, 10_000), max(1, round(words / 250))))
    head = "subject: Une lettre de longue haleine\npreheader: Pour mesurer ce que coûte mille mots\nblocks:\n"
    return f"{head}{articles}  - masthead: auto\n"


def write_letter(root: Path, words: int) -> Path:
    """The same as an issue's file in the newsroom at ``root``."""
    path = root / "issues" / "samedi" / "2027-01-02.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(letter(words), encoding="utf-8")
    return path
