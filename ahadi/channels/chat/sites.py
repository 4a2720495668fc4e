"""Which websites may show the panel, and what a browser is told about that."""

from __future__ import annotations

from urllib.parse import urlsplit

from ahadi.channels.models import Site


def find(key: str) -> Site | None:
    """The site of a key, while it is in use."""
    return Site.objects.select_related("team").filter(key=key[:32], is_active=True).first() if key else None


def allows(site: Site, origin: str) -> bool:
    """This origin is one of the site's, each matched whole."""
    return any(_matches(allowed, origin) for allowed in site.origins)


def normalise(text: str) -> str:
    """An origin as browsers write it; raises ValueError for anything else."""
    parts = urlsplit(text.strip().rstrip("/"))
    host = (parts.hostname or "").encode("idna").decode() if "*" not in parts.netloc else parts.hostname or ""
    is_plain = not (parts.path or parts.query or parts.fragment or parts.username)
    labels = host.removeprefix("*.").split(".")
    if parts.scheme not in ("http", "https") or not is_plain or not all(labels) or "*" in "".join(labels):
        raise ValueError(text)
    if host.startswith("*.") and len(labels) < 2:
        raise ValueError(text)
    if set(host) - set("abcdefghijklmnopqrstuvwxyz0123456789.-*"):
        raise ValueError(text)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}"


def _matches(allowed: str, origin: str) -> bool:
    if "*." not in allowed:
        return allowed == origin
    scheme, _sep, host = allowed.partition("://")
    tail = host.removeprefix("*")
    start = f"{scheme}://"
    return origin.startswith(start) and origin.endswith(tail) and len(origin) > len(start) + len(tail)
