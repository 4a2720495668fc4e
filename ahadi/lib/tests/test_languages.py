from __future__ import annotations

import csv

import pytest

from ahadi.lib.languages import detect
from ahadi.lib.tests.shared import data

FIVE = ["en", "fa", "he", "ro", "sw"]
FILES = {"en": "eng_Latn", "fa": "pes_Arab", "he": "heb_Hebr", "ro": "ron_Latn", "sw": "swh_Latn"}


def test_sentences_in_five_languages_are_told_apart():
    right = total = 0
    for language, name in FILES.items():
        with data("text", "sib200", f"{name}-dev.tsv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                total += 1
                right += detect(row["text"], among=FIVE) == (language, True)

    assert right / total >= 0.97, f"{right} of {total}"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("سلام، سفارش من نرسید", "fa"),
        ("שלום", "he"),
        ("Nahitaji msaada wa haraka sana", "sw"),
        ("Where is my parcel?", "en"),
    ],
)
def test_short_texts_are_told_where_they_can_be(text, language):
    assert detect(text, among=FIVE) == (language, True)


@pytest.mark.parametrize("text", ["", "ok", "12345 !!", "https://example.org/very/long/address", "hi :)"])
def test_too_little_text_is_never_sure(text):
    assert detect(text, among=FIVE) == ("en", False)


def test_a_language_that_is_not_configured_is_never_named():
    assert detect("Wo ist mein Paket, bitte?", among=["fa", "he"]) == ("fa", False)
    assert detect("Anything", among=[]) == ("", False)
