"""An edition that holds every block and every construct, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from composer.issue.blocks.agenda import ResolvedAgenda, ResolvedEvent
from composer.issue.blocks.article import ResolvedArticle
from composer.issue.blocks.briefs import ResolvedBrief, ResolvedBriefs
from composer.issue.blocks.edito import ResolvedEdito
from composer.issue.blocks.figure import Credit, ResolvedFigure
from composer.issue.blocks.interview import ResolvedInterview
from composer.issue.blocks.letters import ResolvedLetters, ResolvedReaderLetter
from composer.issue.blocks.links import ResolvedLinks
from composer.issue.blocks.masthead import ResolvedMasthead
from composer.issue.blocks.notice import ResolvedNotice
from composer.issue.blocks.number import ResolvedNumber
from composer.issue.blocks.quote import ResolvedQuote
from composer.issue.blocks.reading import ResolvedCard, ResolvedReading
from composer.issue.blocks.replay import Guest, ResolvedReplay, Said
from composer.issue.blocks.sponsor import ResolvedSponsor
from composer.issue.blocks.table import ResolvedTable
from composer.issue.blocks.teasers import ResolvedTeasers
from composer.issue.body import Citation, Crosshead, Point, Points, Row
from composer.issue.edition import Edition
from composer.issue.inline import Break, Code, Emphasis, Inline, Link, Strong, Text
from composer.issue.model import Correction
from composer.issue.resolved import Reference, Signature
from composer.newsroom.model import HOUSE_STYLE
from tests.rendering.support.sample_editions import NBSP, box, edition, paragraph, picture, words


def everything(folder: Path) -> Edition:
    """One edition that holds every printed block, every element of a body and every way to set a box."""
    quay = ResolvedFigure(
        path=picture(folder / "quay.png"),
        dark=picture(folder / "quay-dark.png", colour="#22303a"),
        alt="Le quai nord, vu de la criée",
        mention=f"Photo{NBSP}: Maëlle Quéré",
        credit=Credit(photo="Maëlle Quéré"),
        caption=words("Le quai nord, au petit matin."),
    )
    chart = ResolvedFigure(
        path=picture(folder / "chart.png", 600, 300, "#cfd8dc"),
        alt="Courbe du prix du bar, en hausse depuis 2019",
        mention="Image générée par IA (Modèle Exemple)",
        credit=Credit(ai="Modèle Exemple"),
        link="https://maree.example/prix?espece=bar&unite=kg",
    )
    ruled, tinted = (
        HOUSE_STYLE.model_copy(update={"boxes": "ruled"}),
        HOUSE_STYLE.model_copy(update={"boxes": "tinted"}),
    )
    yann = Signature(
        "Yann Le Goff", "chef du service Littoral", "littoral", email="yann@maree.example", said="littoral"
    )
    edito = ResolvedEdito(
        headline=words("Ce que la mer ne rend pas"),
        body=(
            paragraph(
                "On a vendu un port comme on vend un étal. ",
                Emphasis(words("Personne")),
                " n’a demandé combien de marées il contenait. ",
                Link("#kerlouan", words("L’enquête commence plus bas.")),
            ),
            paragraph(
                "Deuxième ligne,", Break(), "après un retour voulu, et un mot de code", " : ", Code("maree --basse")
            ),
        ),
        signatures=(yann, Signature("Nolwenn Abgrall")),
        style=HOUSE_STYLE,
        standfirst=words("Les actes notariés sont publics. Encore faut-il les lire."),
        reply=(
            Text("Écrivez-nous"),
            Text(f"{NBSP}: "),
            Link("mailto:courrier@maree.example", words("courrier@maree.example")),
        ),
    )
    inquiry = ResolvedArticle(
        headline=words("À Kerlouan, le port change de mains sans que personne ne l’ait décidé"),
        label="Grand angle",
        standfirst=words(
            "En dix-huit mois, une société sans salarié a racheté la glacière, la criée et les deux cales."
        ),
        signatures=(yann,),
        figure=quay,
        body=(
            replace(quay, size="small", caption=words("La criée, vue du large"), mention="Photo\u00a0: Tudi Morvan"),
            paragraph("La vente tient en une page. Elle ne cite ni les pêcheurs, ni la commune, ni le prix."),
            Crosshead(words("Une page et une signature")),
            paragraph(
                "Le notaire parle d’un acte ",
                Strong(words("ordinaire")),
                ", le maire d’une ",
                Link("https://maree.example/acte?page=1&vue=2", (Emphasis(words("formalité")),)),
                ".",
            ),
            Points(
                (
                    Point(words("La glacière, d’abord, pour 140 000 euros."), words("Froid")),
                    Point(words("La criée ensuite, avec ses quotas."), words("Bruit")),
                    Point(words("Les cales enfin, sans lead.")),
                )
            ),
            Points((Point(words("Premier temps.")), Point(words("Second temps."))), ordered=True),
            Citation(
                (words("« On nous a prévenus par affichage », dit un patron."), words("L’affiche était à l’envers."))
            ),
            ResolvedQuote(
                (paragraph("Un port, ce n’est pas un parking à bateaux."),), "Anaïg Péron", words("mareyeuse")
            ),
            chart,
            ResolvedTable(
                Row((words("Taille"), words("Bars"))),
                (
                    Row((words("plus de 42 cm"), words(f"1{NBSP}200"))),
                    Row(((Link("https://maree.example/bars", words("moins")),), words("300"))),
                    Row((words("rejetés"), words("0"))),
                ),
                (False, True),
                title=words("Ce que le filet remonte"),
                source=words("Affaires maritimes, 2026"),
                bars=(100, 25, 0),
            ),
            ResolvedNumber("42", words("pêcheurs à bord."), None, words("Affaires maritimes, 2026")),
            box("en_filigrane", "En filigrane", names=("Anaïg Péron", "Ville de Kerlouan")),
            box("a_surveiller", "À surveiller", due=date(2026, 12, 15), id="lot-3", title=words("Le recours du lot 3")),
            box("insight", "La bonne échelle", ruled, title=words("Trois hectares, c’est quatre terrains de football")),
            box("a_surveiller", "À surveiller", ruled, due=date(2027, 1, 8)),
            box(
                "insight",
                "Le chiffre",
                tinted,
                title=words("140 000"),
                text=(
                    paragraph("Le prix d’un deux-pièces à Brest."),
                    Points((Point(words("ou de deux thoniers d’occasion"), words("Autrement dit")),)),
                ),
            ),
            ResolvedLinks(
                "À lire aussi",
                "–",
                (Reference(words("Sans adresse")), Reference(words("Une carte"), "https://maree.example/carte")),
            ),
        ),
        kind="dossier",
        style=HOUSE_STYLE,
        further=(Reference(words("Le précédent de Roscoff"), "https://maree.example/roscoff"),),
        syndication=words("Avec l’Agence du Littoral."),
        url="https://maree.example/kerlouan",
        id="kerlouan",
    )
    behind = ResolvedArticle(
        headline=words("La houle, mesurée de trois façons"),
        label="Dossier",
        body=(
            Crosshead(words("La bouée")),
            paragraph("Elle compte les creux. C’est la plus ancienne."),
            Crosshead(words("Seul")),
            ResolvedQuote((paragraph("La bouée ment un peu."),)),
        ),
        kind="story",
        style=HOUSE_STYLE.model_copy(update={"crossheads": "run-in", "label": "pipes"}),
        locked=True,
        teaser=words("Le radar et le satellite se contredisent, et c’est le radar qui a raison."),
        id="houle",
    )
    briefs = ResolvedBriefs(
        label="En bref",
        items=(
            ResolvedBrief(
                words("Le bar se fait rare"),
                (paragraph("Les débarquements reculent de 12 %."),),
                "https://maree.example/bar",
            ),
            ResolvedBrief(
                words("Un phare à vendre"),
                (paragraph("Il ne s’allume plus depuis 2004."), paragraph("L’État garde la lampe.")),
            ),
        ),
        layout="run-in",
        style=HOUSE_STYLE,
        names=("Ifremer", "Phares et balises"),
    )
    stacked = ResolvedBriefs(
        label="Et ailleurs",
        items=(
            ResolvedBrief(
                words("À Lorient, la grue ne tourne plus"),
                (paragraph("La pièce manque."),),
                "https://maree.example/grue",
            ),
            ResolvedBrief(
                words("À Groix, l’école rouvre"),
                (paragraph("Onze élèves."), Points((Point(words("dont trois jumeaux")),))),
            ),
        ),
        layout="stacked",
        style=HOUSE_STYLE,
    )
    sponsor = ResolvedSponsor(
        slot="principal",
        form="full",
        advertiser="Voiles Exemple",
        mention="Publicité · Un message de Voiles Exemple",
        headline="Une voile qui se répare à l’aiguille",
        body=(
            paragraph("Coupée à Concarneau, garantie dix ans, sans abonnement."),
            Points((Point((Link("https://voiles.example/essai", words("Deux essais offerts")),)),)),
        ),
        image=picture(folder / "sail.jpg", 1184, 400, "#c9b18a"),
        image_alt="Une voile rouge qui sèche",
        button_text="Choisir sa voile",
        button_url="https://voiles.example/?source=lettre&slot=principal",
        disclaimer="Offre valable jusqu’au 31 décembre 2026.",
    )
    line = ResolvedSponsor(
        slot="pied",
        form="small",
        advertiser="Biscuits Exemple",
        mention="Publicité · Présenté par Biscuits Exemple",
        headline="Le biscuit qui flotte",
        button_url="https://biscuits.example/",
    )
    replay = ResolvedReplay(
        show="Les pieds dans l’eau",
        aired=date(2026, 11, 24),
        url="https://radio.example/pieds-dans-leau.mp3",
        title=words("À qui est le quai ?"),
        text=(paragraph("Une mareyeuse et un pilote répondent à la même question."),),
        minutes=54,
        channel="Radio Exemple",
        host="Bleuenn Madec",
        guests=(Guest(name="Anaïg Péron", role="mareyeuse", org="Criée de Kerlouan"), Guest(name="Tudi Morvan")),
        chapters=(("02:10", words("Qui possède un quai ?")), ("16:27", words("La loi de 1986"))),
        quotes=(
            Said(
                at="16:27", speaker="Anaïg Péron", text=Inline("", words("On vend la mer par les bords.")), checked=True
            ),
        ),
        plays={
            at: f"https://radio.example/pieds-dans-leau.mp3#t={seconds}"
            for at, seconds in (("02:10", 130), ("16:27", 987))
        },
        transcript_url="https://radio.example/pieds-dans-leau/texte",
    )
    return edition(
        ResolvedNotice(words("Cette lettre existe aussi en anglais."), "https://maree.example/en", "en"),
        edito,
        line,
        inquiry,
        sponsor,
        behind,
        briefs,
        stacked,
        box("insight", "La bonne échelle", tinted, id="echelle"),
        quay,
        ResolvedQuote((paragraph("La marée attend, pas le notaire."),), "Proverbe d’exemple"),
        ResolvedNumber(f"140 000{NBSP}€", words("Le prix du port, moins que celui d’un thonier."), "€"),
        ResolvedInterview(
            headline=words("« La glace se loue au mois »"),
            label="Entretien",
            who="Anaïg Péron, mareyeuse",
            signatures=(yann,),
            body=(
                Crosshead(words("À qui appartient la glace, quand la glacière est vendue\u00a0?")),
                paragraph("À celui qui la paie. ", Strong(words("Le reste")), " fond."),
                Crosshead(words("Et la criée\u00a0?")),
                paragraph("Elle se taisait déjà."),
            ),
            kind="story",
            style=HOUSE_STYLE,
        ),
        ResolvedLetters(
            "Courrier des lecteurs",
            (
                ResolvedReaderLetter(
                    (paragraph("Votre phare ne s’est pas éteint en 2004."), paragraph("J’y habite.")),
                    "Un gardien, Groix",
                    (paragraph("Nous avons ", Strong(words("corrigé")), "."), Points((Point(words("Deux fois.")),))),
                ),
                ResolvedReaderLetter((paragraph("Et la glace\u00a0?"),), "M. L., Brest"),
            ),
        ),
        ResolvedAgenda(
            "Agenda",
            (
                ResolvedEvent(
                    words("Grande marée, petite marche"),
                    f"Mardi 15 décembre, 19{NBSP}h",
                    datetime(2026, 12, 15, 18, 0, tzinfo=UTC),
                    place="Cale du Nord, Kerlouan",
                    url="https://maree.example/marche",
                ),
                ResolvedEvent(words("Criée ouverte"), "Jeudi 7 janvier 2027", date(2027, 1, 7), date(2027, 1, 9)),
            ),
        ),
        ResolvedReading(
            "À lire ailleurs",
            (
                ResolvedCard(
                    words("Le port qui n’avait pas de quai"),
                    "https://ailleurs.example/port",
                    "Le Télégraphe d’exemple",
                    words("Vingt ans d’attente, racontés par ceux qui attendent."),
                    replace(quay, mention="Photo\u00a0: Tudi Morvan"),
                ),
                ResolvedCard(words("Tides, a reader"), "https://sea.example/tides", "sea.example"),
            ),
        ),
        ResolvedTable(
            Row(((), words("Cales"), words("Hausse"), words("Avis"))),
            (
                Row((words("Kerlouan"), words("2"), words("+4 %"), (Strong(words("Cher")),))),
                Row((words("Roscoff"), words("12"), words("–"), words("On ne sait pas"))),
            ),
            (False, True, True, False),
        ),
        ResolvedLinks(
            "Et aussi",
            ">>",
            (
                Reference(words("La carte des cales"), "https://maree.example/cales"),
                Reference(words("La houle"), "#houle"),
            ),
        ),
        ResolvedTeasers(
            "En exclusivité pour les abonnés",
            (words("Le radar contre le satellite."), words("Le prix caché des glaces.")),
        ),
        replay,
        ResolvedMasthead(
            photo_credits=f"Crédits photos{NBSP}: Maëlle Quéré",
            bios=(
                Signature(
                    "Yann Le Goff",
                    "chef du service Littoral",
                    bio=words("Il a commencé comme matelot."),
                    email="yann@maree.example",
                ),
            ),
            latest=(
                Reference(words("La digue et le député"), "https://maree.example/2026-11-20"),
                Reference(words("Le grand banc")),
            ),
        ),
        number=214,
        online="https://lettres.maree.example/a/vendredi/2026-11-27/",
        join="https://lettres.maree.example/join/vendredi",
        also=(Reference(words("La houle, mesurée de trois façons"), "#houle"), Reference(words("Un phare à vendre"))),
        summary_label="Dans ce numéro",
        summary=(Reference(words("Un port change de mains"), "#kerlouan"), Reference(words("Onze élèves à Groix"))),
        greeting="Bonjour, nous sommes vendredi.",
        epigraph=(Text("« La mer ne signe rien. » "), Emphasis(words("Dicton d’exemple"))),
        intro=(Text("Chaque vendredi, le littoral "), Link("https://maree.example/", words("vu du quai")), Text(".")),
        corrections=(
            Correction(
                date=date(2026, 11, 20), text=Inline("", words("Le phare a été éteint en 2004, et non en 2014."))
            ),
        ),
    )
