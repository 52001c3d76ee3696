"""The pages of an issue's versions: all of them, and one beside the file as it stands, in prose."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from composer import locale
from composer.errors import FiligraneError, Mistakes, OutsideWorld
from composer.locale import gettext as _
from composer.locale.dates import dated_hour
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom
from composer.source.opening import FileMissing
from composer.studio.issue_list import issue_file
from composer.studio.page import page
from composer.studio.saving.history import History, Version
from composer.studio.saving.keeper import Keeper


class HistoryPages:
    """The endpoints of the newsroom at ``root``; ``keeper`` saves its files."""

    def __init__(self, root: Path, keeper: Keeper) -> None:
        self._root, self._keeper, self._history = root, keeper, History(keeper)

    def routes(self) -> list[Route]:
        where = "/history/{publication}/{name}"
        return [Route(where, self.versions), Route(f"{where}/{{version}}", self.version)]

    def versions(self, request: Request) -> Response:
        """All versions, and the words that were saved here and are no longer in the file."""

        def shown(newsroom: Newsroom, path: Path) -> Response:
            found = self._history.versions(path)
            at = _hours(newsroom)
            return page(
                "versions_list.html.j2",
                name=_name(request),
                versions=[(each.id, at(each.at), ", ".join(each.by), _why(each)) for each in found.found],
                dropped=at(found.dropped) if found.dropped else None,
                more=found.more,
                missing=[
                    (each.id, at(datetime.fromisoformat(each.at)), each.name, each.before, each.after)
                    for each in self._keeper.missing(path)
                ],
                waits=self._keeper.waits_for(path),
            )

        return self._shown(request, shown)

    def version(self, request: Request) -> Response:
        """One version: what bringing it back would change, and its whole text."""

        def shown(_newsroom: Newsroom, path: Path) -> Response:
            id = str(request.path_params["version"])
            compared = self._history.compare(path, id)
            return page(
                "version.html.j2",
                name=_name(request),
                id=id,
                passages=compared.passages,
                seen=compared.seen,
                text=self._history.text(path, id),
            )

        return self._shown(request, shown)

    def _shown(self, request: Request, show: Callable[[Newsroom, Path], Response]) -> Response:
        """The page, or in words why there is none: it needs the newsroom's settings, and the disk."""
        try:
            newsroom = load_newsroom(self._root)
            locale.use(newsroom.settings.language)
            where = request.path_params
            return show(newsroom, issue_file(self._root, where["publication"], where["name"]))
        except (FileMissing, Mistakes) as error:
            raise HTTPException(404, str(error)) from error
        except OutsideWorld as error:
            return page("nowhere.html.j2", 503, name="Filigrane", trouble=str(error))
        except FiligraneError as error:
            raise HTTPException(404, str(error)) from error


def _name(request: Request) -> str:
    return "{publication}/{name}".format(**request.path_params)


def _hours(newsroom: Newsroom) -> Callable[[datetime], str]:
    zone = ZoneInfo(newsroom.settings.timezone)
    return lambda at: dated_hour(at.astimezone(zone), "long", locale.language()).replace(" UTC", "")


def _why(version: Version) -> str:
    """Why a version was kept; a commit's own first line."""
    kept = {
        "found": _("as another program left it"),
        "saved": _("after changes in the studio"),
        "contended": _("another program saved it at the same time"),
        "cut-short": _("left by a save that was cut short"),
        "staged": _("was staged in git"),
        "replaced": _("a version was brought back in its place"),
    }
    return version.why if version.commit else kept.get(version.why, version.why)
