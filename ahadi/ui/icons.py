"""Icons by name, drawn once and kept."""

from __future__ import annotations

from functools import cache

from lucide.jinja import lucide
from markupsafe import Markup

# Only these say a direction and turn round in Persian and Hebrew; clocks, checks and phones do not.
DIRECTIONAL = frozenset(
    {
        "arrow-down-wide-narrow",
        "arrow-left",
        "arrow-right",
        "chevron-left",
        "chevron-right",
        "external-link",
        "forward",
        "list",
        "log-in",
        "log-out",
        "redo-2",
        "reply",
        "send",
        "undo-2",
    }
)


@cache
def icon(name: str, size: str = "") -> Markup:
    """One Lucide icon, hidden from screen readers; `size` is "", "s" (16 px) or "xs" (14 px)."""
    classes = ["icon"]
    if size:
        classes.append(f"icon--{size}")
    if name in DIRECTIONAL:
        classes.append("flip")
    attributes = {"class": " ".join(classes), "aria-hidden": "true", "stroke-width": "1.75"}
    return Markup(lucide(name, size=20, **attributes))  # noqa: S704 - drawn by the package
