"""Letters as PDF: Typst templates with data, in every language, with files inside (PDF/A-3 and PDF/UA).

A template is a `.typ` file beside the app that prints. It begins with `#import "house.typ": *` and
`#show: paper`, and reads what it was given from `given`. What people wrote goes in as data and is never read
as markup. Everything that has a direction of its own (codes, dates in digits, addresses) is set apart: in
sentences by `isolate` or `ltr`, in templates by the functions `ltr` and `said` of `print/house.typ`.
"""

from __future__ import annotations

import io
import json
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import fontpkg
import segno
import typst
from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.translation import get_language_info
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from ahadi.lib import clock

HOUSE = Path(__file__).parent / "print" / "house.typ"
WEIGHTS = (400, 600)
DIGITS = "ui/digits/vazirmatn-digits.woff2"
# Files inside need A-3; with UA-1 a screen reader reads the letter in its order.
STANDARDS: list[Any] = ["a-3a", "ua-1"]
_UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True)
class Enclosed:
    """A file that lies inside the PDF."""

    name: str
    content: bytes
    content_type: str
    description: str


def render(
    template: Path,
    given: Mapping[str, Any],
    *,
    title: str,
    language: str,
    enclosed: Sequence[Enclosed] = (),
    pictures: Mapping[str, bytes] | None = None,
) -> bytes:
    """The PDF of a template; `pictures` are files that it names (`image("seal.svg")`).

    The same data at the same moment gives the same bytes. Where a text has letters that no font of ours
    draws, the standards for archives are given up rather than the letter.
    """
    data = {
        **given,
        "title": title,
        "language": language,
        "direction": "rtl" if get_language_info(language)["bidi"] else "ltr",
        "enclosed": [[file.name, file.content_type, file.description] for file in enclosed],
    }
    with TemporaryDirectory(prefix="ahadi-print-") as name:
        folder = Path(name)
        (folder / "main.typ").write_bytes(template.read_bytes())
        (folder / "house.typ").write_bytes(HOUSE.read_bytes())
        for picture, content in (pictures or {}).items():
            (folder / picture).write_bytes(content)
        for number, file in enumerate(enclosed):
            (folder / f"enclosed-{number}").write_bytes(file.content)
        return _compile(folder, json.dumps(_seen(data), ensure_ascii=False, default=str))


def _compile(folder: Path, given: str) -> bytes:
    compiler = typst.Compiler(
        str(folder / "main.typ"),
        root=str(folder),
        font_paths=[str(_fonts())],
        ignore_system_fonts=True,
        sys_inputs={"given": given},
    )
    moment = int(clock.now().timestamp())
    try:
        made = compiler.compile(format="pdf", pdf_standards=STANDARDS, timestamp=moment)
    except typst.TypstError as error:
        # No font of ours draws one of the letters.
        if "PDF/" not in str(error):
            raise
        made = compiler.compile(format="pdf", timestamp=moment)
    return cast(bytes, made)


def qr(text: str) -> bytes:
    """A QR code as a picture (SVG) for `pictures`; readable when a fifth of it is gone."""
    target = io.BytesIO()
    segno.make(text, error="m", micro=False).save(target, kind="svg", border=0, xmldecl=False)
    return target.getvalue()


def isolate(text: object) -> str:
    """A name or title that keeps its own direction inside a sentence (FSI … PDI)."""
    return f"\u2068{text}\u2069"


def ltr(text: object) -> str:
    """A code, date or address that is read from left to right inside any sentence (LRI … PDI)."""
    return f"\u2066{text}\u2069"


def _seen(value: Any) -> Any:
    """The same data without characters that no letter can hold."""
    if isinstance(value, str):
        return _UNSEEN.sub("", value.replace("\r\n", "\n"))
    if isinstance(value, Mapping):
        return {str(name): _seen(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_seen(part) for part in value]
    return value


def _fonts() -> Path:
    """The folder of fonts for print, cut on first use: Typst reads neither woff2 nor variable fonts."""
    return _cut_fonts(Path(settings.AHADI_DATA) / "print" / version("fontpkg-rubik"))


@lru_cache(maxsize=4)
def _cut_fonts(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for weight in WEIGHTS:
        if not (target := folder / f"rubik-{weight}.ttf").is_file():
            font = TTFont(str(fontpkg.path("Rubik")))
            instancer.instantiateVariableFont(font, {"wght": weight}, inplace=True, updateFontNames=True)
            _save(font, target)
    if not (target := folder / "digits.ttf").is_file():
        # Rubik draws the Persian zero as a dot, which reads as a full stop.
        font = TTFont(finders.find(DIGITS))
        instancer.instantiateVariableFont(font, {"wght": 400}, inplace=True)
        font.flavor = None
        _save(font, target)
    return folder


def _save(font: TTFont, target: Path) -> None:
    # Several processes may be at it: each file appears whole.
    beside = target.with_suffix(f".{secrets.token_hex(4)}")
    font.save(str(beside))
    os.replace(beside, target)
