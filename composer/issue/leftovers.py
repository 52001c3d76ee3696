"""What a paste left around the words: a chatbot's sources, a reviewer's notes, a word processor's fields, a telephone.

Each is looked for in a sentence as printed. In prose of one's own these words stand otherwise, or in code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from composer.issue.hint import Hint
from composer.source.late_pattern import late

_SPACE = r"[ \u00a0\u202f]"
_DAY = r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4}"
_HOUR = r"\d{1,2}[:h]\d{2}(?::\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?"
_TO_DO = "à (?:vérifier|compléter|relire|confirmer|sourcer|préciser)"
_DRAFT = (
    rf"TK|TKTK|TODO|XXX+|(?:{_TO_DO}|à venir)(?: ?[:–-][^\[\]\n]{0, 40})?"
    r"|[Ii]nsérer [^\[\]\n]{1,60}|[Ii]nsert [^\[\]\n]{1,60}|to (?:come|check|confirm)|citation needed|réf\. nécessaire"
    r"|[Pp]r[ée]nom|PR[ÉE]NOM|[Nn]om|NOM|FIRST_?NAME|[Ff]irst ?[Nn]ame"
)
_PICTURE = r"(?:[Ii]mage|IMAGE|[Pp]hoto|PHOTO|[Vv]id[ée]o|[Tt]weet|[Pp]ièce jointe|[Aa]ttachment)"

_FORMS = (
    # A chatbot's sources, and the line above its answer
    r":contentReference\[oaicite:\d{1,4}\](?:\{index=\d{1,4}\})?|【[^【】\n]{1,80}】",
    r"\[cite(?:_start|: ?[\d, ]{1,40})\]",
    r"(?:cite)?(?:turn\d{1,3}(?:search|news|view|image)\d{1,3})+",
    rf"^(?:ChatGPT|Claude|Gemini|Copilot){_SPACE}(?:a dit|said){_SPACE}?:$",
    rf"^(?:Bien sûr|Avec plaisir|Sure|Certainly|Of course){_SPACE}?[!,.] (?:[Vv]oici|Here(?:[’']s| is| are))"
    r"[^\n]{1,200}:$|^(?:En tant que modèle de langage|As an AI (?:language )?model)\b[^\n]{0,300}$",
    # A translator, an encyclopaedia, a network, a PDF
    r"^(?:Traduit avec|Translated with) (?:www\.)?DeepL(?:\.com)?[^\n]{0,60}$",
    r"\[(?:modifier(?: ?\| ?modifier le (?:wiki)?code)?|edit(?: source)?)\](?!\()",
    r"\bhashtag(?=#\w)|(?<=\S )(?:…|\.{3}) ?(?:[Vv]oir plus|[Ss]ee more)$",
    r"^Page \d{1,4} (?:sur|of|/) \d{1,4}$|\bdata:image/[a-z+]{1,10};base64,[\w+/=]*",
    # What a spreadsheet, a PDF or a disk puts in place of something
    rf"(?P<lost>(?<!\w)#(?:N/A\b|(?:REF|DIV/0|VALEUR|VALUE|NUL|NULL|NOMBRE|NUM){_SPACE}?!|(?:NOM|NAME){_SPACE}?\?)"
    r"|\b\d[.,]\d{1,10}E[+-]\d{2}\b|\(cid:\d{1,5}\)"
    r"|(?<!\w)(?:[A-Z]:\\(?:Users|Documents)\\|file:///|/(?:Users|home)/\w{1,40}/)[^\s]{1,200}\.\w{2,5}\b)",
    # A reviewer's corrections and notes
    r"\{(?:\+\+|--|~~|==|>>)[^{}\n]{1,300}(?:\+\+|--|~~|==|<<)\}",
    rf"(?:Commenté|Commentaire|Comment(?:ed)?) ?\[[A-Z]{{1,4}}\d{{1,4}}\]{_SPACE}?:|\[[A-Z]{{2,3}}\d{{1,3}}\](?!\()",
    rf"\[(?:Supprimé|Inséré|Déplacé|Deleted|Inserted|Moved){_SPACE}?:[^\[\]\n]{{0,200}}\]",
    rf"^(?:Supprimé|Mis en forme|Deleted|Formatted){_SPACE}?:{_SPACE}",
    rf"(?P<draft>^X{{3,9}}$|^\?{{3,9}}$|^\({_TO_DO}\)$|\[(?:{_DRAFT})\](?!\()|\bTKTK\b|\b[Ll]orem ipsum\b"
    rf"|(?:\{{|\[(?:NDLR|NDR|Note){_SPACE}?[:–-]{_SPACE}?|(?<!:)//{_SPACE}?|/\*{_SPACE}?){_TO_DO}"
    rf"[^{{}}\[\]\n]{{0,40}}(?:\}}|\]|\*/|$)"
    rf"|\b[ÀA]{_SPACE}(?:COMPL[ÉE]TER|V[ÉE]RIFIER|RELIRE|CONFIRMER|SOURCER|PR[ÉE]CISER)\b"
    rf"|\b(?:TODO|FIXME){_SPACE}?:|^(?:Titre (?:provisoire|à venir|ici|de l[’']article)|Sans titre|Untitled|Title here"
    rf"|Texte de l[’']article|Votre texte ici|Your text here)$|^\([^()\n]{{0,40}} (?:à venir|to come)\)$)",
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
    r"^\[\d{1,2}[:h]\d{2}(?::\d{2})?\](?= [^:\n]{1,40}:)",
    rf", \[\d{{1,2}} [^\[\]\n]{{3,12}} \d{{4}} (?:à|at) {_HOUR}\](?={_SPACE}?:)",
    r"^(?:Ce message a été supprimé|Vous avez supprimé ce message|(?:This message was|You) deleted(?: this message)?)"
    r"\.?$",
    r"(?<=: )(?:image|vidéo|audio|GIF|document|autocollant|sticker) (?:absente?|omise?|omitted)$",
    # A letter's own links, in another letter; the calls of comments
    r"^(?:Voir|Consulter|Lire|Ouvrir|Afficher) (?:la version|cet? (?:e-?mail|courriel|message))"
    r" (?:en ligne|dans (?:le|votre|un) navigateur)\.?$",
    r"^View (?:this (?:e-?mail|message) )?(?:in (?:your |a )?browser|online)\.?$",
    r"^(?:Se (?:désabonner|désinscrire)|Me désabonner|Unsubscribe)(?: ?[|•·–-] ?[^\n]{1,80})?\.?$",
    r"^(?:Si ce(?:t e-?mail| message) ne s[’']affiche pas correctement|Having trouble viewing this)\b[^\n]{0,100}$",
    r"(?<=[.!?…»,;:])(?:\[[a-z]{1,2}\])+(?=\s|$)|(?<=\w)(?:\[[a-z]{1,2}\]){2,}(?=\W|$)"
    r"|^\[[a-z]{1,2}\](?![^\n]{0,300}\[/)[A-ZÀ-Þ][a-zà-ÿ][^\n]{0,1000}",
    # What a house puts around messages, a platform around letters, a network around posts, a table of contents
    r"^(?:CAUTION|WARNING|EXTERNAL|ATTENTION|Attention)\b[^\n]{0,20}\b(?:[Tt]his|[Cc]e) (?:e-?mail|message|courriel)"
    r" (?:originated|comes|was sent|provient|vient|a été envoyé)\b[^\n]{0,300}$"
    r"|^(?:Ce (?:message|courriel|e-mail)|This (?:message|e-?mail))\b[^\n]{0,60}\bconfidenti(?:el|al)[^\n]{0,600}$",
    rf"^(?:Traduire le (?:post|[Tt]weet)|Translate (?:post|[Tt]weet)|Voir la traduction|See translation"
    rf"|\d[\d,.{_SPACE[1:-1]}]{{0,8}}[kKM]? ?(?:vues|[Vv]iews|j[’']aime|[Ll]ikes|[Rr]eposts|[Cc]omments|commentaires)"
    rf"|\d{{1,2}}:\d{{2}}(?: [AP]M)? · [^\n]{{5,30}}"
    rf"|Subscribe(?: now)?|Upgrade to paid|Leave a comment|Share(?: this post)?|Read in app|Laisser un commentaire"
    rf"|Partager(?: cet article)?|S[’']abonner|(?:Temps de lecture|Reading time){_SPACE}?: ?\d{{1,3}} ?min\w{{0,4}}"
    rf"|\d{{1,3}} min(?:utes?)? (?:de lecture|read)|La suite après (?:la|cette) publicité"
    rf"|Publié le [^\n]{{5,40}}, ?(?:mis à jour|modifié) [^\n]{{3,40}})\.?$",
    r"^(?:©|Copyright(?: ©)?) ?\d{4}[^\n]{0,80}(?:[Aa]ll [Rr]ights [Rr]eserved|[Tt]ous droits réservés)\.?$",
    r"(?<=\S)[ .]{0,3}(?:\.{5,60}|(?: \.){5,60}) ?\d{1,3}$",
    r"<(?:[Mm]édias? omis|[Mm]edia omitted|[Ii]mage omitted|[Pp]hoto absente)>",
)
_LEFT = late("|".join(_FORMS), re.MULTILINE)

#: A sentence that prints none of these has nothing of them.
HINT = Hint(
    form=late(
        r"[【¬\ufffc\ue001-\uf8ff<]|\[[A-Za-zà]|\{[+~=>-]|--|turn\d|dit|said|[Ss]upprim|Mis en|Deleted|Formatted"
        r"|\?\?\?|\{à|//|/\*|[ÀA][ \u00a0][CVRSP][OÉELR]|XXX|\(à |[Ll]orem|TKTK|TODO|FIXME|Err(?:eur|or)|HYPER"
        r"|INCLUDEP|MERGEF|REF |TOC |[Ee]nvoyé|Sent from|Get |Téléch|Tapez|Cliquez|Click|Outlook|a écrit|wrote"
        r"|\d[/.:h]\d|Bien sûr|Avec pl|Sure|Certainly|Of course|modèle de l|AI |DeepL|hashtag"
        r"|(?:Voir|voir|ee) (?:plus|more)|#[NRDV]|\dE[+-]|cid:|Page |[A-Z]:\\|/(?:Users|home)/|file:|base64|en ligne"
        r"|ights [Rr]|droits r|CAUTION|WARNING|EXTERNAL|ATTENTION|Attention|confidenti|\.{5}|\. \. \."
        r"|(?m:^)(?:T(?:raduire|ranslate|emps de) |Voir la t|See t|\d{1,3}[ \u00a0\d,.:kKM]|S(?:hare|[’']abonner"
        r"|ubscribe)|Titre |Sans ti|Untitled|Title h|Texte de|Votre te|Your te|\([^()\n]{0,40} (?:à v|to c)"
        r"|Upgrade|Leave a|Read in|Laisser|Partager|Reading|La suite|Publié le)"
        r"|navigateur|browser|online|abonner|inscrire|nsubscribe|affiche pas|Having|deleted|absent|omi[ts]"
    ),
    first=late(
        r"[(\dA-ZÀ\[{#:/<【¬\ufffc\ue001-\uf8ff](?:(?<=[<【¬\ufffc\ue001-\uf8ff])|(?<=\d)(?:[/.:h]\d|E[+-])|(?<=turn\d)"
        r"|(?<=base6)4|(?<=\[)[A-Za-zà]|(?<=#)[NRDV]|(?<=:)\\|(?<=cid:)|(?<=file:)|(?<=/)[/*Uh]|[+~=>à-]"
        r"|[ \u00a0][CVRSP]|(?m:(?<=^\())|(?m:(?<=^\d))[ \u00a0\d,.:kKM]"
        r"|is en|eleted|ormatted|XX|KTK|ODO|IXME|rreur|rror|YPER|NCLUDEP|ERGEF|EF |OC |ent from|(?<=G)et |éléch|apez"
        r"|liquez|lick|utlook|ien sûr|vec pl|(?<=S)ure|ertainly|f course|(?<=A)I |eepL|(?<=P)age |aving)"
    ),
    words=(
        "--", "dit", "said", "Supprim", "supprim", "???", "(à ", "Lorem", "lorem", "Envoyé", "envoyé", "a écrit",
        "wrote", "modèle de l", "hashtag", "Voir plus", "voir plus", "Voir more", "voir more", "ee plus", "ee more",
        "en ligne", "navigateur", "browser", "online", "abonner", "inscrire", "nsubscribe", "affiche pas", "deleted",
        "absent", "omis", "omit", "ights R", "ights r", "droits r", "CAUTION", "WARNING", "EXTERNAL", "ATTENTION",
        "Attention", "confidenti", ".....", ". . .", "Traduire ", "Translate ", "Temps de ", "Voir la t", "See t",
        "Share", "S’abonner", "S'abonner", "Subscribe", "Titre ", "Sans ti", "Untitled", "Title h", "Texte de",
        "Votre te", "Your te", "Upgrade", "Leave a", "Read in", "Laisser", "Partager", "Reading", "La suite",
        "Publié le",
    ),
)  # fmt: skip

#: One of these is in whatever the forms match: closer to them than the hint, of which prose holds some.
_NEEDED = late(
    r"[\d\[{#:/<【¬\ufffc\ue001-\uf8ff](?:(?<=[<【¬\ufffc\ue001-\uf8ff])|(?<=turn\d)|(?<=\d)(?:E[+-]|[/.]\d{1,2}[/.]\d\d)"
    r"|(?<=\[)[A-Za-zà\d]|(?<=\{)[+~=>à-]|(?<=#)[NRDV]|(?<=:)(?:contentRef|\\)|(?<=//)(?:[ \u00a0\u202f]?à|/)"
    r"|(?<=/)(?:\*|Users/|home/))"
)
_NEEDED_WORDS = (
    "ChatGPT", "Claude", "Gemini", "Copilot", "Bien sûr", "Avec plaisir", "Sure", "Certainly", "Of course",
    "modèle de langage", "As an AI ", "DeepL", "hashtag", "oir plus", "ee more", "Page ", "base64", "(cid:", "(à ",
    "Supprimé", "Mis en forme", "Deleted", "Formatted", "XXX", "???", "TKTK", "orem ipsum", "COMPL", "RIFIER", "RELIRE",
    "CONFIRMER", "SOURCER", "CISER", "TODO", "FIXME", "Erreur", "Error!", "HYPERLINK", "INCLUDEPICTURE", "MERGEFIELD",
    "REF _", "TOC \\", "--", "nvoyé", "Sent from", "Outlook", "Télécharger", "Get ", "Tapez", "Cliquez", "Click",
    "a écrit", "wrote", "supprimé", "deleted", "absent", "omis", "omit", "en ligne", "navigateur", "browser", "online",
    "Se dés", "Me désabonner", "Unsubscribe", "affiche pas", "Having", "CAUTION", "WARNING", "EXTERNAL", "ATTENTION",
    "Attention", "confidenti", "Traduire le ", "Translate ", "Voir la traduction", "See translation", "vues", "iews",
    "j’aime", "j'aime", "ikes", "eposts", "omment", "· ", "Subscribe", "Upgrade to", "Share", "Read in app",
    "Laisser un", "Partager", "S’abonner", "S'abonner", "Temps de lecture", "Reading time", " min", "La suite après",
    "Publié le", "ights ", "droits r", ".....", ". . . .", "Titre ", "Sans titre", "Untitled", "Title here",
    "Texte de l", "Votre texte ici", "Your text here", " à venir)", "to come)",
)  # fmt: skip

LeftoverKind = Literal["paste", "draft", "lost"]


def found_in(printed: str) -> Iterator[tuple[int, int, LeftoverKind]]:
    """Start, end and kind of each thing left in ``printed``, one paragraph.

    A draft's stands for words to come; what is lost, for what a program could not write.
    """
    if HINT.found_in(printed) and (any(map(printed.__contains__, _NEEDED_WORDS)) or _NEEDED.search(printed)):
        for match in _LEFT.finditer(printed):
            yield *match.span(), "draft" if match["draft"] else "lost" if match["lost"] else "paste"
