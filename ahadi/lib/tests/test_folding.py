from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahadi.lib.folding import fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("كتاب", "کتاب"),
        ("علي", "علی"),
        ("می‌خواهم", "میخواهم"),
        ("مُدیرِ", "مدیر"),
        ("مـــدیر", "مدیر"),
        ("آب", "اب"),
        ("خانهٔ", "خانه"),
        ("שָׁלוֹם", "שלום"),
        ("Știință", "stiinta"),
        ("Ştiinţă", "știință"),
        ("۱۲۳", "123"),
        ("١٢٣", "123"),
        ("ＡＢＣ１２", "abc12"),
        ("ﻣﺪﯾﺮ", "مدیر"),
        ("STRASSE", "straße"),
        ("ÎNTÂRZIERE", "intarziere"),
        ("İstanbul", "istanbul"),
        ("it’s", "it's"),
        ("\u2068K7QF-9T2M\u2069", "k7qf-9t2m"),
    ],
)
def test_spellings_of_one_word_are_equal(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize("word", ["한국어", "हिन्दी", "中文", "ไทย"])
def test_other_scripts_are_left_readable(word):
    assert fold(word) == word


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)
