"""Joining for a script of a site that may: JSON, with CORS for the listed origins and no other.

``GET`` says what there is to join, in which words, and where it is said what is kept (``privacy``);
``POST`` sends it back: ``{"email": …, "letters": […], "form":
…}``. Its answer is the same for any address: 202.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from composer.archive.statements import privacy_path
from composer.locale import translate
from composer.newsroom.model import Newsroom
from composer.newsroom.public_paths import absolute, open_letters
from composer.public.body import read_body
from composer.public.form import FORM_LETTERS, TRAP, TROUBLES, DoorForm, FormTrouble, door_form, judged, origins_of
from composer.subscribers.requests import JoinRequest


class JsonDoor:
    """``admits``: whether a sign-up may be taken now; ``ask`` writes the request, and says whether it could."""

    def __init__(
        self,
        newsroom: Newsroom,
        admits: Callable[[Request], bool],
        ask: Callable[[JoinRequest], Awaitable[bool]],
    ) -> None:
        self._newsroom = newsroom
        self._admits = admits
        self._ask = ask

    async def answer(self, request: Request) -> Response:
        """The answer to GET, POST and OPTIONS."""
        letters = open_letters(self._newsroom)
        if not letters:
            return PlainTextResponse("Not Found", 404)
        origin = request.headers.get("origin", "").lower()
        listed = bool(origin) and any(origin in origins_of(self._newsroom, (letter,)) for letter in letters)
        if origin and not listed:
            return PlainTextResponse("Forbidden", 403, {"Vary": "Origin", "Cache-Control": "no-store"})
        answer = await self._answered(request, letters, origin)
        answer.headers["Vary"] = "Origin"
        answer.headers["Cache-Control"] = "no-store"
        if listed:
            answer.headers["Access-Control-Allow-Origin"] = origin
        return answer

    async def _answered(self, request: Request, letters: tuple[str, ...], origin: str) -> Response:
        allowed = tuple(each for each in letters if not origin or origin in origins_of(self._newsroom, (each,)))
        if request.method == "OPTIONS":
            may = {"Access-Control-Allow-Methods": "GET, POST", "Access-Control-Allow-Headers": "Content-Type"}
            return Response(status_code=204, headers=may | {"Access-Control-Max-Age": "600"})
        if request.method != "POST":
            asked = request.query_params.get("language", "")
            return JSONResponse(self._offered(allowed, asked if asked in ("fr", "en") else None))
        if not self._admits(request):
            return JSONResponse({"error": "too-many"}, 429, {"Retry-After": "30"})
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return JSONResponse({"error": "not-json"}, 415)
        body = await read_body(request)
        if body is None:
            return JSONResponse({"error": "too-long"}, 413)
        try:
            sent = json.loads(body)
        except (ValueError, RecursionError):
            return JSONResponse({"error": "not-json"}, 400)
        return await self._sent(sent, allowed, origin)

    def _offered(self, letters: tuple[str, ...], language: str | None) -> dict[str, Any]:
        offered = []
        for letter in letters:
            form = door_form(self._newsroom, letter, language)
            assert form is not None  # the letter is open
            title = self._newsroom.publications[letter].in_language(form.language).title
            offered.append(
                {"id": letter, "title": title, "language": form.language, "consent": form.consent, "form": form.mark}
            )
        return {"letters": offered, "privacy": absolute(self._newsroom, f"/{privacy_path(self._newsroom, language)}")}

    async def _sent(self, sent: object, allowed: tuple[str, ...], origin: str) -> Response:
        """The letters must share their words, as ``form`` marks them: one form shows one sentence."""
        fields = sent if isinstance(sent, dict) else {}
        email, letters, mark = fields.get("email"), fields.get("letters"), fields.get("form")
        language, page = fields.get("language"), fields.get("page", origin)
        named = isinstance(letters, list) and letters and all(isinstance(each, str) for each in letters)
        if not (isinstance(email, str) and named and isinstance(mark, str) and isinstance(page, str)):
            return JSONResponse({"error": "fields", "fields": ["email", "letters", "form"]}, 422)
        assert isinstance(letters, list)
        wanted = tuple(dict.fromkeys(letters))[:FORM_LETTERS]
        if not {*wanted} <= {*allowed}:
            return JSONResponse({"error": "letters"}, 422)
        spoken = language if language in ("fr", "en") else None
        forms = [door_form(self._newsroom, each, spoken) for each in wanted]
        form = forms[0]
        assert form is not None  # it is allowed, so it is open
        sure = fields.get("sure")
        several = DoorForm("", wanted, form.language, form.consent)
        asked = judged(
            self._newsroom,
            several,
            email=email,
            letters=list(wanted),
            mark=mark if all(each is not None and each.mark == form.mark for each in forms) else "",
            page=page,
            sure=sure if isinstance(sure, str) else "",
        )
        if isinstance(asked, FormTrouble):
            said = translate(TROUBLES[asked.code], form.language)
            more = {"meant": asked.meant} if asked.meant else {}
            return JSONResponse({"error": asked.code, "field": asked.field, "message": said, **more}, 422)
        if not fields.get(TRAP) and not await self._ask(asked):
            return JSONResponse({"error": "later"}, 503, {"Retry-After": "60"})
        return JSONResponse({"status": "asked"}, 202)
