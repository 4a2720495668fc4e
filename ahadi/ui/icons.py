"""Icons by name, drawn once and kept."""

from __future__ import annotations

from functools import cache
from importlib import resources
from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZipFile

from markupsafe import Markup

SVG = "http://www.w3.org/2000/svg"

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
    attributes = {"width": "20", "height": "20", "class": " ".join(classes)}
    attributes |= {"aria-hidden": "true", "stroke-width": "1.75"}
    return Markup(_draw(name, attributes))  # noqa: S704 - the package's own signs


def _draw(name: str, attributes: dict[str, str]) -> str:
    svg = ElementTree.fromstring(_signs().read(f"{name}.svg"))  # noqa: S314 - the package's own signs
    for node in svg.iter():
        # A page knows what <svg> is; without this every tag would name it.
        node.tag = node.tag.removeprefix(f"{{{SVG}}}")
    svg.attrib.update(attributes)
    return ElementTree.tostring(svg, encoding="unicode")


@cache
def _signs() -> ZipFile:
    # The package opens its archive of all signs anew for each, which takes longer than drawing a page. In
    # memory, because a place in an open file would be shared with the processes that are born of this one.
    return ZipFile(BytesIO((resources.files("lucide") / "lucide.zip").read_bytes()))
