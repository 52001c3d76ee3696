"""Syntax mistakes: what was probably meant, applied in memory so that the rest of the file is read too."""

from __future__ import annotations

from composer.locale import gettext as _
from composer.source.sheet import Sheet
from composer.source.tree import Node, SyntaxMistake, parse


def mended_tree(sheet: Sheet) -> Node | None:
    """The tree of the file as far as it can be understood."""
    try:
        return parse("\n".join(sheet.mended))
    except SyntaxMistake as mistake:
        message = _("this line cannot be understood here ({why})").format(why=mistake.why)
        sheet.report(mistake.code, message, mistake.line, mistake.column)
        return None
