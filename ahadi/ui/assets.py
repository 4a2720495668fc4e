"""Static files: fonts cut from their packages, one stylesheet, and the folder that is served."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import fontpkg
from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from fontTools import subset
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]

SOURCE = Path(__file__).parent / "static" / "ui"
APPS = Path(__file__).parents[1]
LAYERS = "layers.css"
# Only what pages of these languages show: two files a page at most.
SCRIPTS = {
    "latin": "U+0000-036F,U+1E00-1EFF,U+2000-200B,U+200F-206F,U+20A0-20A9,U+20AB-20CF,U+2100-21FF,U+2212",
    "arabic": "U+0600-06EF,U+06FA-06FF,U+0750-077F,U+200C-200E,U+FB50-FDFF,U+FE70-FEFC",
    "hebrew": "U+0590-05FF,U+20AA,U+FB1D-FB4F",
}
# Rubik draws the Persian zero as a dot, which reads as a full stop: the ten digits are Vazirmatn's.
PERSIAN_DIGITS = "U+06F0-06F9"
FACE = (
    '@font-face {{ font-family: "Rubik Variable"; font-style: normal; font-weight: 300 900; '
    'font-display: swap; src: url("{source}") format("woff2"); unicode-range: {ranges}; }}\n'
)
PACKAGES = ["Django", "django-allauth", "django-htmx", "fontpkg-rubik", "fonttools", "whitenoise"]
# The single stylesheets are in the bundle, and nothing here speaks htmx 2.
LEFT_OUT = ["ui/css/*", "django_htmx/htmx-2*", "django_htmx/htmax*", "django_htmx/ext/*-2*"]


def collect() -> bool:
    """Makes what is missing and gathers all static files; says whether there was anything to do."""
    mark = settings.STATIC_ROOT / "mark"
    now = _fingerprint()
    if mark.is_file() and mark.read_text() == now:
        return False
    _cut_fonts(made() / "ui" / "fonts")
    (made() / "ui" / "all.css").write_text(stylesheet(), encoding="utf-8")
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=LEFT_OUT)
    mark.write_text(now)
    return True


def made() -> Path:
    """The folder of files that are made here rather than written by hand."""
    return Path(settings.AHADI_DATA) / "made"


def stylesheet() -> str:
    """Every stylesheet in one, the order of the layers first."""
    first = SOURCE / "css" / LAYERS
    others = sorted(path for path in first.parent.glob("*.css") if path != first)
    return first.read_text("utf-8") + font_faces() + "".join(path.read_text("utf-8") for path in others)


def font_faces() -> str:
    """The rules that name the fonts, each for its script."""
    sources = {f"fonts/rubik-{script}.woff2": ranges for script, ranges in SCRIPTS.items()}
    sources["digits/vazirmatn-digits.woff2"] = PERSIAN_DIGITS
    return "".join(FACE.format(source=source, ranges=ranges) for source, ranges in sources.items())


def _cut_fonts(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for script, ranges in SCRIPTS.items():
        target = folder / f"rubik-{script}.woff2"
        stamp = target.with_suffix(".stamp")
        made_of = f"{version('fontpkg-rubik')} {ranges}"
        if not (target.is_file() and stamp.is_file() and stamp.read_text() == made_of):
            _cut_font(target, ranges)
            stamp.write_text(made_of)


def _cut_font(target: Path, ranges: str) -> None:
    options = subset.Options(flavor="woff2", layout_features=["*"], notdef_outline=True)
    font = subset.load_font(str(fontpkg.path("Rubik")), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=list(_points(ranges)))
    cutter.subset(font)
    subset.save_font(font, str(target), options)


def _points(ranges: str) -> Iterator[int]:
    for part in ranges.split(","):
        first, _dash, last = part.removeprefix("U+").partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


def _fingerprint() -> str:
    digest = hashlib.sha256("\n".join(f"{name} {version(name)}" for name in PACKAGES).encode())
    for path in [Path(__file__), *sorted(APPS.glob("*/static/**/*"))]:
        if path.is_file():
            digest.update(str(path.relative_to(APPS)).encode() + path.read_bytes())
    return digest.hexdigest()


class MadeFinder(FileSystemFinder):
    """Finds the files that were made at set-up."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(app_names, *args, **kwargs)
        storage = FileSystemStorage(location=made())
        storage.prefix = ""  # type: ignore[attr-defined]
        self.locations = [("", str(made()))]
        self.storages = {str(made()): storage}

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[Any]:
        return super().list([*(ignore_patterns or []), "*.stamp"])


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Names with the hash of the content; plain names before anything was collected."""

    manifest_strict = False
    support_js_module_import_aggregation = True

    def stored_name(self, name: str) -> str:
        return str(self.hashed_files.get(self.hash_key(self.clean_name(name)), name))
