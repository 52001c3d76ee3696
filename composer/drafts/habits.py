"""What writers type where they have no style: « | RUBRIQUE | », « • Amorce • », « À SURVEILLER : », names in a row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from composer.drafts.passage import DraftPassage, DraftRun, Runs, plain_runs
from composer.drafts.piece import PieceRole, cut_runs, trimmed_runs
from composer.newsroom.model import Publication
from composer.source.vocabulary import fold_key

#: Styles of word processors, and of houses, by their folded names.
_STYLES: dict[str, PieceRole] = {
    **dict.fromkeys(("title", "titre", "msotitle", "titre_principal", "titre_du_document"), "title"),
    **dict.fromkeys(("headline", "titre_article", "titre_d'article"), "headline"),
    **dict.fromkeys(("subtitle", "sous_titre", "msosubtitle", "chapo", "chapeau", "standfirst", "deck"), "standfirst"),
    **dict.fromkeys(("intertitre", "crosshead", "inter"), "crosshead"),
    **dict.fromkeys(("quote", "citation", "intense_quote", "citation_intense", "msoquote", "quotations"), "citation"),
    **dict.fromkeys(("caption", "legende", "msocaption", "illustration"), "picture"),
    **dict.fromkeys(("rubrique", "label", "surtitre", "section_label", "kicker"), "section-label"),
    **dict.fromkeys(("signature", "auteur", "author", "byline"), "signature"),
    **dict.fromkeys(("breve", "brief", "titre_de_breve"), "brief"),
    **dict.fromkeys(("objet", "subject"), "subject"),
    **dict.fromkeys(("apercu", "preheader"), "preheader"),
    **dict.fromkeys(("a_surveiller",), "a_surveiller"),
    **dict.fromkeys(("en_filigrane",), "en_filigrane"),
    **dict.fromkeys(("encadre", "insight"), "insight"),
}
_LEADS: dict[str, PieceRole] = {
    **dict.fromkeys(("a_surveiller", "to_watch", "what_to_watch"), "a_surveiller"),
    **dict.fromkeys(("en_filigrane",), "en_filigrane"),
    **dict.fromkeys(("la_bonne_echelle", "encadre"), "insight"),
}
_LABELS: dict[str, PieceRole] = {
    **dict.fromkeys(("en_bref", "breves", "les_breves", "in_brief", "briefs"), "brief"),
    **dict.fromkeys(("pour_aller_plus_loin", "et_aussi", "lire_aussi", "a_lire_aussi", "further_reading"), "links"),
    **dict.fromkeys(("en_exclusivite_pour_les_abonnes", "for_subscribers_only"), "teasers"),
}
_SOLD = re.compile(r"(?:un_)?message_(?:de|d'|partenaire|from)|a_message_from|publicite|communique|sponsor")

_BULLET = re.compile(r"[ \t\u00a0]*[•▪●◦‣⁃∙■\uf0a7\uf0b7][ \t\u00a0]*(?=\S)")
_HEADING = re.compile(r"(?:mso)?(?:heading|titre|title|uberschrift|titolo|titulo)_?([1-9])")
_LABEL = re.compile(r"\|[ \u00a0]{0,3}([^|\n]{1,80}?)[ \u00a0]{0,3}\|")
_HEAD = re.compile(r"([^:•\n]{2,60}?)[ \u00a0\u202f]{0,2}[:•][ \u00a0]{0,2}")
_ENDS = re.compile(r"[.:,;][»”\")\]]?$")
_SEPARATED = re.compile(r" [•·⋅] ")
_CREDIT = re.compile(r"[•–·-] (?:Photos?|Sources?|Crédits?|Dessin|Illustration|Image)\b|• [^•.]{2,60} avec \S")
_CREDITS = re.compile(r"(?:Crédits? photos?|Photo credits?)\b", re.IGNORECASE)
_BYLINE = re.compile(r"(Par|By) (?=[A-ZÀ-Þ])")
_NAME = re.compile(r"[A-ZÀ-Þ][\w’'.-]{0,30}(?: (?:d[eu’']|von|van|la|le|[A-ZÀ-Þ][\w’'.-]{0,30})){1,4}")
_RUN_IN = re.compile(r"([^.;\n]{3,70}?) ?[–—] (?=\S)")
_CLOSED = re.compile(r"[^.!?…]{0,300}[–—]")
_FIRST = re.compile(r"([^.!?•:\n]{2,80}?)(?:[.!?](?= )| •(?= )|[ \u00a0]:(?= ))")
_TITLE_END = re.compile(r" [•–—] |\n|(?<=[\w»”)])\. |(?<=[?!…]) (?=[A-ZÀ-Þ«])|[ \u00a0]: ")

_LATEST = re.compile(r"les_derniers_(?:articles|numeros|envois)\w{0,20}|latest_(?:issues|articles|letters)")
_GREETING = re.compile(r"(?:Bonne lecture|Bienvenue|Bonjour|Welcome|Good morning|Happy reading)\b")
_DATED = re.compile(r"^.{0,30}(?:\b\d{1,2} min\b|\b\d{1,2}/\d{1,2}/\d{4}\b)(?!.{60})")
_QUOTED = re.compile(r"[«“\"][^»”\"]{10,200}[»”\"][^.]{2,60}")

#: Words of a title, of a lead.
_TITLE_WORDS, _LEAD_WORDS = 18, 9


class Habits:
    """The habits of a publication: its own table over those that everyone has."""

    def __init__(self, publication: Publication) -> None:
        own: dict[str, PieceRole] = {}
        self._phrases: dict[str, PieceRole] = dict(_LEADS)
        for name, role in publication.drafts.items():
            own[fold_key(name.rstrip(" \u00a0:•"))] = role
            if name.rstrip().endswith((":", "•")):
                self._phrases[fold_key(name.rstrip(" \u00a0:•"))] = role
        self._styles: Mapping[str, PieceRole] = {**_STYLES, **own}
        self._own = {fold_key(each) for each in (publication.title, publication.tagline) if each}
        standing = (publication.greeting, publication.epigraph, publication.intro)
        self._standing = {fold_key(each)[:40] for each in standing if each}
        self._people = {fold_key(person.name) for person in publication.people.values()}
        self.runs_in = publication.style.crossheads == "run-in"

    def style_role(self, style: str) -> PieceRole | None:
        """What a style means; of several classes, the first one that is known."""
        if not style:
            return None
        names = (style, *style.split())
        return next((role for name in names if (role := self._styles.get(fold_key(name))) is not None), None)

    def led(self, runs: Runs) -> tuple[PieceRole, int, str] | None:
        """The role that the first words give to a paragraph, where what follows them begins, and those words."""
        text = plain_runs(runs)
        found = _HEAD.match(text)
        if found is None or (role := self._phrases.get(fold_key(found[1]))) is None:
            return None
        return role, found.end(), found[1]

    def is_own_name(self, text: str) -> bool:
        """Whether it is the title, or the motto, of the publication, or announces its latest letters."""
        return fold_key(text) in self._own or _LATEST.fullmatch(fold_key(text)) is not None

    def is_furniture(self, text: str) -> bool:
        """Whether a letter prints it above its first text by itself: its name, its date, its greeting."""
        standing = fold_key(text)[:40] in self._standing or _GREETING.match(text) is not None
        return standing or self.is_own_name(text) or is_dated(text) or is_quotation(text)

    def is_known(self, text: str) -> bool:
        """Whether it is the name of one of the publication's team."""
        return fold_key(text) in self._people

    def is_person(self, text: str) -> bool:
        return self.is_known(text) or (len(text) < 60 and _NAME.fullmatch(text) is not None)


@lru_cache(maxsize=1024)
def label_role(text: str) -> PieceRole | None:
    """What follows a label of these words; None for an article."""
    return _LABELS.get(fold_key(text.rstrip(" \u00a0:")))


def is_sold(label: str) -> bool:
    """Whether the label is that of an advertisement."""
    return _SOLD.match(fold_key(label)) is not None


def label_of(text: str) -> str | None:
    """The words between two bars."""
    found = _LABEL.fullmatch(text.strip())
    return found[1] if found else None


def unbulleted(passage: DraftPassage) -> DraftPassage:
    """``passage`` as a heading where its Word style is named as one (« Titre 2 »), as a list item where it begins
    with a bullet that was typed (•); else as it is."""
    if passage.kind == "text" and (level := _HEADING.fullmatch(fold_key(passage.style))) is not None:
        return replace(passage, kind="heading", level=int(level[1]))
    found = _BULLET.match(plain_runs(passage.runs)) if passage.kind == "text" else None
    if found is None:
        return passage
    return replace(passage, kind="point", level=1, runs=cut_runs(passage.runs, found.end())[1])


def is_title(passage: DraftPassage) -> bool:
    """Whether a paragraph without a style may be a title: few words, and none of the signs that end a sentence."""
    text = passage.text
    if not text or "\n" in plain_runs(passage.runs) or len(text.split()) > _TITLE_WORDS or len(text) > 130:
        return False
    if is_strong(passage.runs):
        return not text.endswith((":", ",", ";"))
    if text[0] == "«" and text[-1] == "»" and text.count("«") == 1:
        return True
    return not _ENDS.search(text) and text[0] not in ">–—-«(…|" and not text[0].islower() and text != "..."


def is_strong(runs: Runs) -> bool:
    return all(run.strong or not run.text.strip() for run in runs)


def row_of_names(text: str) -> list[str]:
    """The names of a row of them, between bullets; empty for anything else."""
    names = [each.strip() for each in _SEPARATED.split(text)]
    few = all(0 < len(each.split()) <= 5 and not any(sign in each for sign in ".:!?") for each in names)
    return names if len(names) > 2 and few and not any("," in each for each in names) else []


def split_items(text: str) -> list[str]:
    """The items of a line that bullets or dashes part."""
    parting = " • " if " • " in text else " – " if " – " in text else " — " if " — " in text else " · "
    return [each.strip() for each in text.split(parting) if each.strip()]


def is_summary(text: str) -> bool:
    """Whether a line tells what is in an issue: sentences between bullets."""
    items = split_items(text) if " • " in text or " · " in text else []
    return len(items) > 2 and len(text.split()) > 12


def is_dated(text: str) -> bool:
    """Whether a short line gives minutes to read, or a date."""
    return _DATED.search(text) is not None


def is_quotation(text: str) -> bool:
    """Whether a short line is words quoted, and the name of who said them."""
    return _QUOTED.fullmatch(text) is not None


def is_caption(text: str) -> bool:
    return len(text) < 400 and _CREDIT.search(text) is not None


def is_credits(text: str) -> bool:
    return len(text) < 300 and _CREDITS.match(text) is not None


def byline_of(text: str) -> str | None:
    """The word that says that a line is a signature: « Par »."""
    found = _BYLINE.match(text)
    return found[1] if found and len(text) < 120 and not text.endswith(".") else None


def point_lead(runs: Runs, loosely: bool) -> tuple[Runs, Runs] | None:
    """The lead of a point and its text: in bold, before a bullet; ``loosely``, the few words of a first sentence."""
    text = plain_runs(runs)
    bold = 0
    for run in runs:
        if not run.strong and run.text.strip(" \u00a0:.•–—"):
            break
        bold += len(run.text)
    else:
        bold = 0
    if bold and text[:bold].strip(" \u00a0:.•–—") and len(text[:bold].split()) <= _TITLE_WORDS:
        return _parted(runs, bold)
    found = _FIRST.match(text)
    if found and len(found[1].split()) <= _LEAD_WORDS and (loosely or text[found.end() - 1] == "•"):
        return _parted(runs, found.end(), text[found.end() - 1] in "!?")
    return None


def has_first_words(runs: Runs) -> bool:
    """Whether a point begins with few words and a sign, as a lead does."""
    found = _FIRST.match(plain_runs(runs))
    return found is not None and len(found[1].split()) <= _LEAD_WORDS and len(plain_runs(runs)) > 2 * found.end()


def _parted(runs: Runs, at: int, marked: bool = False) -> tuple[Runs, Runs] | None:
    before, after = cut_runs(runs, at)
    lead = trimmed_runs(before, " \n", " \u00a0\n" if marked else " \u00a0\n:.•–—")
    rest = trimmed_runs(after, " \u00a0\n:.•–—")
    return (_plain(lead), rest) if lead and rest else None


def _plain(runs: Runs) -> Runs:
    """Without bold: a lead, a title is set so."""
    return tuple(DraftRun(run.text, False, run.em, run.href) for run in runs)


def titled(runs: Runs) -> tuple[Runs, Runs]:
    """The title of a box and its text; the title is empty where none can be made out."""
    text = plain_runs(runs)
    if (parted := point_lead(runs, loosely=False)) is not None and runs and runs[0].strong:
        return parted
    found = _TITLE_END.search(text[:140])
    if found:
        lead, rest = cut_runs(runs, found.start())[0], cut_runs(runs, found.end())[1]
        return _plain(trimmed_runs(lead)), trimmed_runs(rest)
    if len(text) <= 110:
        return _plain(trimmed_runs(runs, " \n", " \n.")), ()
    return (), runs


def run_in_crosshead(runs: Runs, trusted: bool) -> tuple[Runs, Runs] | None:
    """The crosshead that runs into a paragraph, before a dash, and the paragraph. In bold, or where ``trusted``."""
    text = plain_runs(runs)
    found = _RUN_IN.match(text)
    if found is None or len(found[1].split()) > _LEAD_WORDS or "," in found[1]:
        return None
    before, after = cut_runs(runs, found.end())
    bold = is_strong(trimmed_runs(cut_runs(runs, found.end(1))[0])) and not is_strong(after)
    incise = _CLOSED.match(plain_runs(after)) is not None
    if not bold and (not trusted or incise):
        return None
    return _plain(trimmed_runs(before, " \n", " \u00a0\n–—")), trimmed_runs(after)
