"""Addresses without what is secret in them, for everything that is shown, logged or kept."""

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "..."
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*://"
_IN_TEXT = re.compile(rf"\b{_SCHEME}[^\s'\"<>]*")
_HOST = re.compile(r"(?:[^:\[\]]*|\[[^\[\]]*\])(?::\d*)?")


def redact_url(url: str) -> str:
    """An address without user, password, query and fragment, each replaced by `...`.

    Takes one that lacks its scheme too. Where it can't be told how far a password goes, nothing else is left either.
    """
    scheme = found[0] if (found := re.match(_SCHEME, url)) else ""
    authority, tail = _split(url[len(scheme) :], "/?#")
    _, separator, host = authority.rpartition("@")
    path, query = _split(tail, "?#")
    if not _HOST.fullmatch(host) or (":" in authority and "@" in tail):  # a slash, say, is part of the password
        return f"{scheme}{HIDDEN}"
    return f"{scheme}{HIDDEN + separator if separator else ''}{host}{path}{query[:1]}{HIDDEN if query else ''}"


def redact_text(text: str) -> str:
    """Text with the addresses in it (scheme://...) as redact_url gives them, and nothing else changed."""
    return _IN_TEXT.sub(lambda found: redact_url(found[0]), text)


def redact(value: Any, name: str = "") -> Any:
    """A plain value with the addresses in it as redact_url gives them.

    name: the option's; what is called `url` is an address whatever it looks like.
    """
    if isinstance(value, str):
        return redact_url(value) if name == "url" or re.match(_SCHEME, value) else redact_text(value)
    if isinstance(value, Mapping):
        return {key: redact(item, str(key)) for key, item in value.items()}
    return [redact(item, name) for item in value] if isinstance(value, list | tuple) else value


def _split(text: str, ends: str) -> tuple[str, str]:
    """The part before the first of some characters, and the rest from it on."""
    end = min((place for mark in ends if (place := text.find(mark)) >= 0), default=len(text))
    return text[:end], text[end:]
