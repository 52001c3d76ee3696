"""What people type for the name of a command: another program's word, a French one, a slip of the finger."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from composer.locale import gettext as _

#: Option → French words for it, folded.
_OPTIONS = {
    "--all": ("tout", "tous", "toutes"),
    "--at": ("heure", "quand"),
    "--audience": ("public", "edition"),
    "--by": ("par", "nom", "auteur"),
    "--date": ("jour",),
    "--follow": ("suivre", "suivi"),
    "--folder": ("dossier",),
    "--from": ("de", "fichier"),
    "--language": ("langue",),
    "--last": ("derniers", "dernier"),
    "--length": ("longueur", "signes"),
    "--name": ("nom",),
    "--out": ("sortie", "dossier", "fichier"),
    "--relay": ("relais",),
    "--state": ("etat",),
    "--status": ("etat",),
    "--tier": ("acces", "palier"),
    "--to": ("a", "vers", "adresse", "destinataire"),
    "--weeks": ("semaines",),
    "--write": ("ecrire",),
    "--yes": ("oui",),
}

#: Order about a mailing → words for it, folded.
_ORDERS = {
    "pause": ("suspendre", "arreter", "stop"),
    "resume": ("reprendre", "continuer"),
    "cancel": ("annuler", "annule", "abandonner"),
    "amend": ("corriger", "rectifier"),
    "release": ("liberer", "lacher"),
}

#: What to type → words for it, folded.
_WORDS = {
    "init": ("create", "creer", "initialiser"),
    "new": ("nouveau", "nouvelle", "numero"),
    "check": ("verifier", "relire", "relecture", "controler", "lint", "validate"),
    "check --explain": ("explain", "expliquer"),
    "render": ("rendre", "export", "exporter", "build"),
    "preview": ("apercu", "previsualiser", "voir", "montrer", "show", "serve"),
    "typo": ("typographie", "format"),
    "test": ("essai", "essayer", "tester"),
    "approve": ("approuver", "valider", "bat"),
    "unapprove": ("desapprouver", "retirer"),
    "calendar": ("calendrier", "agenda", "schedule", "annonceurs", "publicites", "sponsors"),
    "send": ("envoyer", "envoi", "publish", "publier"),
    "skip": ("sauter", "passer"),
    "mailings": ("envois", "mailing"),
    "subscribers": ("abonnes", "lecteurs", "readers"),
    "move-in": ("emmenager", "demenager", "migrer", "migrate", "migration"),
    "doctor": ("diagnostic", "status", "etat"),
    "backup": ("sauvegarde", "sauvegarder"),
    "restore": ("restaurer",),
    "demo": ("demonstration",),
}


def with_our_words(words: list[str]) -> list[str]:
    """The words of a command line, ``help`` and ``--version`` as this program says them."""
    match words:
        case [("help" | "aide"), *others]:
            return [*others, "--help"]
        case ["--version" | "-V", *others]:
            return ["version", *others]
    return ["--help" if word == "--aide" else word for word in words]


def option_meant(word: str, options: Iterable[str]) -> str | None:
    """The one of a command's ``options`` that ``word``, with its hyphens, says in French."""
    from composer.source.vocabulary import fold_key

    folded = fold_key(word)
    return next((each for each in options if folded in _OPTIONS.get(each, ())), None)


def order_meant(word: str) -> str | None:
    """The order about a mailing that ``word`` says in French, or misspells."""
    from composer.source.vocabulary import fold_key, nearest_word

    folded = fold_key(word)
    said = next((order for order, words in _ORDERS.items() if folded in words), None)
    return said or nearest_word(folded, _ORDERS)


def unknown_command(word: str, commands: Collection[str]) -> str:
    """The message for ``word``, which is none of the ``commands``, with the one that is probably meant."""
    from composer.source.vocabulary import fold_key, nearest_word  # what works, as `version` does, needs no room

    folded = fold_key(word)
    other = {each: command for command, words in _WORDS.items() for each in words}
    known = [*commands, *other]
    swapped = [each for each in known if sorted(each) == sorted(folded)]  # « nwe »
    # A French word must be nearly it: « publicites » is not « publier », which would be answered with send.
    near = swapped[0] if swapped else nearest_word(folded, commands, 0.6) or nearest_word(folded, other, 0.8)
    if "/" in word or word.endswith(".yaml"):  # an issue, without what is to be done with it
        near = f"check {word}"
    message = _("there is no command “{word}”").format(word=word)
    return message + (_("; did you mean {better}?").format(better=f"filigrane {other.get(near, near)}") if near else "")
