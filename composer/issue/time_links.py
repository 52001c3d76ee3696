"""Addresses that begin to play at a given time, where the address of a recording can say it."""

from __future__ import annotations

from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

#: Files of sound and pictures: a media fragment (W3C, Media Fragments URI 1.0, 4.2.1) leads into them.
_MEDIA = (".mp3", ".m4a", ".aac", ".ogg", ".oga", ".opus", ".flac", ".wav", ".mp4", ".m4v", ".webm", ".ogv")


def url_at(url: str, seconds: int) -> str | None:
    """``url`` with the time; None where its site is not known to take one, or what is named is no recording."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.").removeprefix("music.")
    match host:
        case "youtube.com" if parts.path == "/watch" or parts.path.startswith(("/live/", "/shorts/")):
            return _with_query(parts, "t", f"{seconds}s")
        case "youtu.be" if len(parts.path) > 1:
            return _with_query(parts, "t", f"{seconds}s")
        case "vimeo.com" if parts.path.strip("/").split("/")[0].isdigit():
            return parts._replace(fragment=f"t={seconds}s").geturl()
        case "soundcloud.com" if parts.path.strip("/").count("/") == 1:
            return parts._replace(fragment=f"t={seconds // 60}:{seconds % 60:02}").geturl()
        case "dailymotion.com" if parts.path.startswith("/video/"):
            return _with_query(parts, "start", str(seconds))
        case _ if parts.path.lower().endswith(_MEDIA):
            return parts._replace(fragment=f"t={seconds}").geturl()
    return None


def _with_query(parts: SplitResult, key: str, value: str) -> str:
    """The address with ``key``, in place of any time it says already."""
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in ("t", "start", key)]
    return parts._replace(query=urlencode([*kept, (key, value)])).geturl()
