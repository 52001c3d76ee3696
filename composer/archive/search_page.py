"""The page of the search: a form, and what was found, a page at a time."""

from __future__ import annotations

from urllib.parse import urlencode

from composer.archive.pages import SEARCH, PageTemplates, day_of_letter, shelf_of, up_from
from composer.archive.search import LONGEST_QUERY, MOST_PAGES, RESULTS, SearchResult
from composer.archive.statements import statement_links
from composer.issue.online import ONLINE, online_path
from composer.locale import translate
from composer.newsroom.model import Newsroom
from composer.newsroom.theme import Theme


def search_page(
    newsroom: Newsroom, query: str, within: str | None, number: int, result: SearchResult, *, shipped: bool = False
) -> bytes:
    """Page ``number`` of what ``query`` found, in the publication ``within`` or in all of the house.

    With ``shipped``, without the newsroom's own templates. Raises ``Refused`` where a template fails.
    """
    own = newsroom.publications[within] if within else None
    language = own.language if own else newsroom.settings.language
    query, up = " ".join(query[:LONGEST_QUERY].split()), up_from(SEARCH)

    def at(page: int) -> str:
        asked = {"q": query} | ({"in": within} if within else {}) | ({"page": str(page)} if page > 1 else {})
        return f"{SEARCH}?{urlencode(asked)}"

    pages = PageTemplates(newsroom, statement_links(newsroom), searchable=True, shipped_only=shipped)
    return pages.page(
        "search",
        SEARCH,
        language,
        own.theme if own else Theme(),
        title=own.title if own else newsroom.settings.name,
        query=query,
        within=within,
        longest=LONGEST_QUERY,
        above=up + (online_path(within) if within else f"{ONLINE}/"),
        said=_said(result, language),
        left_out=", ".join(result.left_out),
        letters=[
            {
                "day": day_of_letter(each.date, each.language),
                "href": up + each.path,
                "title": each.title,
                "description": each.description,
                "language": each.language,
                "publication": None
                if within
                else shelf_of(newsroom, each.publication, each.language, ()).publication.title,
            }
            for each in result.letters
        ],
        before=at(number - 1) if number > 1 else None,
        after=at(number + 1) if number * RESULTS < result.total and number < MOST_PAGES else None,
    )


def _said(result: SearchResult, language: str) -> str:
    if not result.total:
        return translate("No letter has these words.", language)
    if result.some:
        text = translate("No letter has all of these words. Letters that have some: {count}.", language)
    else:
        text = translate("Letters found: {count}.", language)
    return text.format(count=result.total)
