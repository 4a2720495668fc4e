from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from ahadi.ui import assets


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def collected(folder: Path, settings) -> Path:
    settings.AHADI_DATA = folder
    settings.STATIC_ROOT = folder / "static"
    assets.collect()
    return folder / "static"


def test_collecting_twice_does_nothing_the_second_time(collected: Path):
    assert assets.collect() is False


def test_the_stylesheet_is_there_with_its_hash(collected: Path):
    assert (collected / "ui" / "all.css").is_file()
    assert len(list((collected / "ui").glob("all.????????????.css"))) == 1


def test_single_stylesheets_and_old_htmx_stay_at_home(collected: Path):
    assert not list(collected.glob("ui/css/*.css"))
    assert not list(collected.glob("django_htmx/htmx-2*"))
    assert list(collected.glob("django_htmx/htmx-4.min*.js"))


@pytest.mark.parametrize(
    ("file", "letters"),
    [
        ("ui/fonts/rubik-latin.woff2", "aZșțĂ‘—"),
        ("ui/fonts/rubik-arabic.woff2", "پچژگکیؤآ"),
        ("ui/fonts/rubik-hebrew.woff2", "אבגתםץ"),
        ("ui/digits/vazirmatn-digits.woff2", "۰۱۲۳۴۵۶۷۸۹"),
    ],
)
def test_a_font_holds_the_letters_of_its_script(collected: Path, file: str, letters: str):
    known = TTFont(collected / file).getBestCmap()

    assert [letter for letter in letters if ord(letter) not in known] == []
