"""The signature of a report of Mailgun's: HMAC-SHA-256 of a time and a token, which act once and for fifteen minutes.

What is reported is not signed: with one report that was seen, a stranger could send another one with its token. Source:
Mailgun, "Securing Webhooks", read in December 2026.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from composer.returns.hooks.believing import HookRefusal, NotBelieved
from composer.returns.hooks.json_body import part, text

#: How far the time of a report may be from the time at which it came.
_BELIEVED = timedelta(minutes=15)
_SECONDS = re.compile(r"[0-9]{9,11}", re.ASCII)
_TOKEN = re.compile(r"[0-9A-Za-z_-]{16,128}")


def signed_token(fields: Mapping[str, Any], key: str, came: datetime) -> str:
    """The token of a report with a right signature; the caller sees to it that it acts once. Raises ``NotBelieved``."""
    if not key:
        raise NotBelieved(HookRefusal.KEY)
    signature = part(fields, "signature")
    seconds, token, given = (text(signature, name) for name in ("timestamp", "token", "signature"))
    if _SECONDS.fullmatch(seconds) is None or _TOKEN.fullmatch(token) is None or not given.isascii():
        raise NotBelieved(HookRefusal.FORM)
    right = hmac.new(key.encode(), f"{seconds}{token}".encode(), sha256).hexdigest()
    if not hmac.compare_digest(right, given):
        raise NotBelieved(HookRefusal.SIGNATURE)
    if abs(datetime.fromtimestamp(int(seconds), UTC) - came) > _BELIEVED:
        raise NotBelieved(HookRefusal.AGE)
    return token
