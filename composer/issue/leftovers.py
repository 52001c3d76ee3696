"""What a paste left around the words: a chatbot's sources, a reviewer's notes, a word processor's fields, a telephone.

Each is looked for in a sentence as printed. In prose of one's own these words stand otherwise, or in code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SPACE = r"[ \u00a0\u202f]"
_DAY = r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4}"
_HOUR = r"\d{1,2}[:h]\d{2}(?::\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?"
_DRAFT = (
    r"TK|TKTK|TODO|XXX+|à (?:vérifier|compléter|relire|confirmer|sourcer|préciser|venir)(?: ?[:–-][^\[\]\n]{0,40})?"
    r"|insérer [^\[\]\n]{1,60}|insert [^\[\]\n]{1,60}|to (?:come|check|confirm)|citation needed|réf\. nécessaire"
    r"|[Pp]r[ée]nom|PR[ÉE]NOM|[Nn]om|NOM|FIRST_?NAME|[Ff]irst ?[Nn]ame"
)
_PICTURE = r"(?:[Ii]mage|IMAGE|[Pp]hoto|PHOTO|[Vv]id[ée]o|[Tt]weet|[Pp]ièce jointe|[Aa]ttachment)"

_FORMS = (
    # A chatbot's sources, and the line above its answer
    r":contentReference\[oaicite:\d{1,4}\](?:\{index=\d{1,4}\})?|【[^【】\n]{1,80}】",
    r"\[cite(?:_start|: ?[\d, ]{1,40})\]",
    r"(?:cite)?(?:turn\d{1,3}(?:search|news|view|image)\d{1,3})+",
    rf"^(?:ChatGPT|Claude|Gemini|Copilot){_SPACE}(?:a dit|said){_SPACE}?:$",
    # A reviewer's corrections and notes
    r"\{(?:\+\+|--|~~|==|>>)[^{}\n]{1,300}(?:\+\+|--|~~|==|<<)\}",
    rf"(?:Commenté|Commentaire|Comment(?:ed)?) ?\[[A-Z]{{1,4}}\d{{1,4}}\]{_SPACE}?:|\[[A-Z]{{2,3}}\d{{1,3}}\](?!\()",
    rf"\[(?:Supprimé|Inséré|Déplacé|Deleted|Inserted|Moved){_SPACE}?:[^\[\]\n]{{0,200}}\]",
    rf"^(?:Supprimé|Mis en forme|Deleted|Formatted){_SPACE}?:{_SPACE}",
    rf"(?P<draft>\[(?:{_DRAFT})\](?!\()|\bTKTK\b|\b[Ll]orem ipsum\b|\b(?:TODO|FIXME){_SPACE}?:)",
    # A word processor's fields, pictures and optional hyphens
    rf"Erreur{_SPACE}?!{_SPACE}?(?:Signet non défini|Source du renvoi introuvable"
    r"|Référence de lien hypertexte non valide)\.?",
    r"Error! (?:Bookmark not defined|Reference source not found|Hyperlink reference not valid)\.?",
    r"\b(?:HYPERLINK|INCLUDEPICTURE) ?[\"“«][^\"”»\n]{0,300}[\"”»](?: ?\\[a-z*]{1,20})*|\bMERGEFIELD \w{1,40}"
    r"|\b(?:PAGEREF|REF) _\w{1,40}(?: ?\\[a-z]){0,3}|\bTOC \\[a-z][^\n]{0,40}",
    rf"^\[{_PICTURE}(?:{_SPACE}?:{_SPACE}?[^\[\]\n]{{1,80}})?\]$|\[(?:image|cid|inline image) ?: ?[^\[\]\n]{{1,80}}\]"
    r"|<[\w-]{1,60}\.(?:png|jpe?g|gif|heic|webp|mp4|pdf)>",
    r"(?<=\w)¬(?=\w)|\ufffc|(?<=\S)[\ue001-\uf8ff]|(?<=\S )[\ue001-\uf8ff]",
    # A message's head and foot
    r"^(?:--[ \t]*|(?:Envoyé de(?:puis)? mon|Sent from my) \w{1,20}(?: \w{1,20}){0,2}\.?"
    r"|(?:Envoyé (?:à partir d[e’']|de(?:puis)? )|Sent from |Get |Obtenir |Télécharge[rz] )Outlook[ \w]{0,40}"
    r"|Envoyé (?:depuis|à partir de|avec) (?:l[’']application |mon |Yahoo|Gmail|Proton|Mail|Courrier)[^\n]{0,50}"
    r"|(?:Télécharger|Get) \w{1,20} (?:pour|for) (?:Android|iOS|iPhone)"
    r"|(?:Tapez une équation ici|Cliquez(?: ou appuyez)? ici pour entrer du texte"
    r"|Click or tap here to enter text)\.?)$",
    r"^-{3,} ?(?:Message (?:d[’']origine|transféré|original)|Original [Mm]essage|Forwarded [Mm]essage) ?-{3,}$",
    rf"^(?:Le|On) [^\n]{{0,60}}\d{{1,2}}[:h]\d{{2}}[^\n]{{0,100}} (?:a écrit|wrote){_SPACE}?:$",
    rf"^\[(?:{_HOUR},? {_DAY}|{_DAY},? {_HOUR})\](?= [^:\n]{{1,40}}:)",
    rf"^{_DAY},? (?:à |at )?{_HOUR} -(?= [^:\n]{{0,40}}[^:\s]: )",
    r"<(?:[Mm]édias? omis|[Mm]edia omitted|[Ii]mage omitted|[Pp]hoto absente)>",
)
_LEFT = re.compile("|".join(_FORMS), re.MULTILINE)

#: A sentence that prints none of these has nothing of them.
HINT = re.compile(
    r"[【¬\ufffc\ue001-\uf8ff<]|\[[A-Za-zà]|\{[+~=>-]|--|turn\d|dit|said|[Ss]upprim|Mis en|Deleted|Formatted"
    r"|[Ll]orem|TKTK|TODO|FIXME|Err(?:eur|or)|HYPER|INCLUDEP|MERGEF|REF |TOC |[Ee]nvoyé|Sent from|Get |Téléch|Tapez"
    r"|Cliquez|Click|Outlook|a écrit|wrote|\d[/.]\d"
)


def found_in(printed: str) -> Iterator[tuple[int, int, bool]]:
    """Start and end of each thing left in ``printed``, one paragraph; and True for what stands for words to come."""
    if HINT.search(printed):
        yield from ((*match.span(), match["draft"] is not None) for match in _LEFT.finditer(printed))
