"""Words that announce a text for paying readers alone: said where nothing cuts it, and nowhere else."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from composer.issue import load_issue
from composer.issue.announced import announced
from composer.issue.blocks.teasers import Teasers
from composer.issue.reserved_words import SHORT, announcement, in_label, in_prose
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom
from composer.source.finding import Severity
from tests.issue.support.sample_issue import newsroom

ROOT = Path(__file__).parents[2]
START = "objet: Le pont attendra\nblocs:\n"
ERROR, WARNING = ("label-without-cut", Severity.ERROR), ("label-without-cut", Severity.WARNING)

LINES = (
    *(
        "**Réservé aux abonnés**",
        "## Réservé aux abonnés",
        "La suite est réservée aux abonnés.",
        "Réservé aux abonnés :",
    ),
    *("(suite pour les abonnés)", "Pour lire la suite, abonnez-vous", "*Article réservé à nos abonné·e·s*"),
    *("RÉSERVÉ AUX ABONNÉ(E)S", "🔒 La suite pour nos abonnés ⬇️", "## Pour nos abonnés", "Réservé abonnés"),
    *(
        "Ce qui suit est pour les abonnés.",
        "Seuls les abonnés peuvent lire la suite.",
        "> Contenu réservé aux adhérents",
    ),
    *("À partir d’ici, réservé aux abonnés", "[Abonnez-vous](https://example.org/) pour lire la suite de l’article"),
    *("Vous devez être abonné pour lire la suite.", "Cet article est réservé aux abonnés. Abonnez-vous !"),
    *(
        "— Exclusivité abonnés —",
        "En exclusivité pour nos abonnés",
        "La fin de cette enquête est réservée aux membres.",
    ),
    *("## Subscribers only", "For paying members only", "The rest of this article is for subscribers.", "Members-only"),
    *("This post is for paid subscribers", "Subscribe to keep reading", "To read on, become a member.", "Premium only"),
    *("**For our subscribers**", "Only subscribers can read the full story", "From here on, reserved for subscribers:"),
)

LABELS = (
    *("Abonnés", "Premium", "Exclusif abonnés", "Réservé abonnés", "Pour nos abonnés", "🔒", "Grand angle | Abonnés"),
    *("Espace abonnés", "Pour les abonnés du Jalon", "Subscribers", "For our subscribers", "Abonné·e·s", "Payant"),
)

#: Sentences about subscribers, members and payment that keep no text from anybody.
HARMLESS = (
    *("Nos abonnés ont reçu la carte la semaine dernière.", "Abonnez-vous !", "**Abonnez-vous** avant dimanche."),
    *("La lettre compte dix mille abonnés.", "S’abonner, c’est lire la lettre en entier.", "Merci à nos abonnés."),
    *("Le parking est réservé aux abonnés du métro.", "Une salle réservée aux membres du jury, au premier étage."),
    *("La suite royale est réservée aux membres du club.", "Les abonnés au gaz paieront davantage en janvier."),
    *("Pour découvrir nos offres, abonnez-vous.", "Le musée est payant, sauf pour les adhérents.", "Membres du jury"),
    *(
        "Le journal a perdu la moitié de ses abonnés.",
        "L’offre premium coûte dix euros.",
        "## Les abonnés du téléphone",
    ),
    *("Cette piste est exclusivement réservée aux cyclistes.", "Le vote est ouvert aux membres seulement depuis 1901."),
    *("La suite au prochain numéro.", "Lire la suite sur notre site", "Il a été élu par les adhérents du parti."),
    *(
        "Le courrier des abonnés",
        "Un abonné nous écrit : « Le pont attendra. »",
        "Our subscribers wrote back in number.",
    ),
    *("Subscribe to our other letter, on Fridays.", "Members of the council voted at noon.", "The rest is silence."),
    *("The pool is for members of the club only.", "He paid for the rest of the article himself.", "Paid in full"),
    *("The archive is open to members of the public.", "Twelve members resigned; the rest stayed for the story."),
    *("Pour recevoir la lettre en entier, abonnez-vous.", "Le contenu payant progresse dans la presse régionale."),
    *("L’accès à la plage est réservé aux riverains.", "- Ses abonnés londoniens réglaient leur montre chez elle."),
)


@pytest.fixture
def house(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path)


def found(house: Newsroom, blocks: str) -> list[tuple[str, Severity]]:
    path = house.root / "issues" / "samedi" / "2026-11-28.yaml"
    path.write_text(START + blocks)
    return [(each.code, each.severity) for each in load_issue(path, house).findings]


def article(*paragraphs: str, **keys: str) -> str:
    given = {"titre": "Le pont", **keys}
    lines = "".join(f"    {key}: '{value}'\n" for key, value in given.items())
    text = "\n\n".join(paragraphs).replace("\n", "\n      ")
    return f"- article:\n{lines}    texte: |\n      {text}\n"


@pytest.mark.parametrize("line", LINES)
def test_a_line_that_announces_what_follows_is_an_error(house: Newsroom, line: str) -> None:
    assert found(house, article("Libre.", line, "SECRET.")) == [ERROR]
    assert found(house, article("Libre.", line, "SECRET.").replace("article", "edito", 1)) == [ERROR]
    assert found(house, article("Libre.", line, "===", "SECRET.")) == []
    assert found(house, article("Libre.", line, "SECRET.", public="payant")) == []
    assert found(house, article("Libre.", line, "SECRET.", acces="payant", amorce="Le pont.")) == []


@pytest.mark.parametrize("line", LINES)
def test_a_line_that_announces_nothing_more_of_the_text_is_no_error(house: Newsroom, line: str) -> None:
    assert ERROR not in found(house, article("Libre.", line))
    assert found(house, article("Libre.", line, "[Je m’abonne](https://example.org/)")) == []
    assert found(house, article("Libre.", line, public="gratuit")) == []


@pytest.mark.parametrize("label", LABELS)
def test_a_label_for_subscribers_is_an_error(house: Newsroom, label: str) -> None:
    assert found(house, article("Libre.", rubrique=label)) == [ERROR]
    assert found(house, article("Libre.", "===", "Payant.", rubrique=label)) == []
    brief = f"- breves:\n    rubrique: '{label}'\n    {{}}\n    liste:\n    - titre: Un\n      texte: Deux.\n"
    assert found(house, brief.format("disposition: a-la-ligne")) == [ERROR]
    assert found(house, brief.format("public: payant")) == []
    box = f"- encadre:\n    rubrique: '{label}'\n    titre: Un\n    texte: Deux.\n"
    assert found(house, box) == [ERROR]
    assert found(house, f"{box}    public: payant\n") == []


def test_a_label_that_is_as_often_something_else_is_a_warning(house: Newsroom) -> None:
    assert found(house, article("Libre.", rubrique="Adhérents")) == [WARNING]
    links = "- liens:\n    rubrique: Espace abonnés\n    liste: ['[Mon compte](https://example.org/)']\n"
    assert found(house, links) == [WARNING]
    assert found(house, article("Libre.", rubrique="Pour nos abonnés", public="gratuit")) == [WARNING]


@pytest.mark.parametrize("key", ["titre", "chapo"])
def test_a_headline_or_standfirst_that_says_it_is_an_error(house: Newsroom, key: str) -> None:
    reserved = {key: "Article réservé aux abonnés"}
    assert found(house, article("Libre.", **reserved)) == [ERROR]
    assert found(house, article("Libre.", "===", "Payant.", **reserved)) == []
    assert found(house, article("Libre.", **{key: "Premium"})) == [WARNING]
    assert found(house, article("Libre.", **{key: "Le parking réservé aux abonnés du métro"})) == []


@pytest.mark.parametrize(
    "paragraph",
    [
        "Le pont attend. La suite de cette enquête est réservée aux abonnés. SECRET.",
        "Réservé aux abonnés : le plan du bac.",
        "- Réservé aux abonnés : le plan du bac",
        "Il marche le long d’un quai\nréservé aux abonnés\net s’arrête.",
        "## Premium",
        "The rest of this story is for subscribers. It begins at noon.",
    ],
)
def test_what_may_mean_something_else_is_a_warning(house: Newsroom, paragraph: str) -> None:
    assert found(house, article("Libre.", paragraph, "SECRET.")) == [WARNING]


def test_a_warning_is_passed_and_an_error_is_not(house: Newsroom) -> None:
    path = house.root / "issues" / "samedi" / "2026-11-28.yaml"
    for line, codes in (("## Premium", []), ("## Réservé aux abonnés", ["label-without-cut"])):
        path.write_text(f"ignorer: [label-without-cut]\n{START}{article('Libre.', line, 'SECRET.')}")
        assert [each.code for each in load_issue(path, house).findings] == codes


@pytest.mark.parametrize("sentence", HARMLESS)
def test_a_harmless_sentence_is_left_alone(house: Newsroom, sentence: str) -> None:
    assert found(house, article("Libre.", sentence, "La suite.")) == []
    assert found(house, article(f"Libre. {sentence.lstrip('-# ')} La suite.")) == []


def test_in_a_box_it_is_the_box_that_is_reserved(house: Newsroom) -> None:
    box = ":::encadre {}\n:rubrique: La carte\n{}Dix.\n\n{}\n\nOnze.\n:::"
    assert found(house, article("Libre.", box.format("Réservé aux abonnés", "", "Dix."), "Fin.")) == [ERROR]
    assert found(house, article("Libre.", box.format("Les chiffres", "", "Réservé aux abonnés"), "Fin.")) == [ERROR]
    paid = box.format("Réservé aux abonnés", ":public: payant\n", "Réservé aux abonnés")
    assert found(house, article("Libre.", paid, "Fin.")) == []


def test_links_to_what_is_reserved_elsewhere_are_left_alone(house: Newsroom) -> None:
    box = ":::liens À lire\n- [Le pont](https://example.org/)\n- [Réservé aux abonnés](https://example.org/b)\n:::"
    assert found(house, article("Libre.", box, "Fin.")) == []


def test_an_announcement_far_above_the_cut_is_a_warning(house: Newsroom) -> None:
    line = "La suite est réservée aux abonnés."
    assert found(house, article("Libre.", line, "Mot. " * 60, "===", "Payant.")) == [WARNING]
    assert found(house, article("Libre.", line, "Trois euros par mois.", "===", "Payant.")) == []


def test_a_notice_above_what_all_readers_get_is_a_warning(house: Newsroom) -> None:
    notice = "- annonce: Ce qui suit est réservé aux abonnés.\n"
    assert found(house, notice + article("SECRET.")) == [WARNING]
    assert found(house, notice + article("SECRET.", public="payant")) == []
    assert found(house, notice + article("Libre.", "===", "SECRET.")) == []
    assert found(house, "- annonce: Le cadeau des abonnés arrive.\n" + article("Libre.")) == []


def test_the_issues_of_the_example_newsroom_announce_nothing() -> None:
    house = load_newsroom(ROOT)
    files = sorted((ROOT / "issues").rglob("2*.yaml"))
    assert len(files) >= 5
    for path in files:
        issue = load_issue(path, house).require()
        for number, block in enumerate(issue.front.blocks):
            if block.audience != "paid" and not isinstance(block, Teasers):
                assert list(announced(issue, house, number, block)) == [], path


def test_no_text_takes_long() -> None:
    start = time.perf_counter()
    for part in (
        "la suite de ",
        "reserve ",
        "abonnés ",
        "for the ",
        "only ",
        ", abonnés,",
        "[",
        "réservé·",
        "(",
        "a - ",
    ):
        line = (part * 60)[: SHORT - 8] + "abonnés"
        in_label(line), announcement(line), in_prose(part * 40_000 + "!")
    assert time.perf_counter() - start < 5
