from __future__ import annotations

import pypdfium2
import pytest

from ahadi.lib import pdf
from ahadi.testing import paper

TEMPLATE = """
#import "house.typ": *
#show: paper
= #given.title
#given.sentence
#said(given.words)
#image("qr.svg", width: 2cm, alt: "QR")
"""
LANGUAGES = ["en", "fa", "he", "ro", "sw"]


@pytest.fixture
def letter(tmp_path):
    (template := tmp_path / "letter.typ").write_text(TEMPLATE)

    def write(language: str = "en", words: str = "Hello.", **more) -> bytes:
        sentence = f"Code {pdf.ltr('K7QF-9T2M-XR4D')}, {pdf.ltr('2026-11-21')}."
        given = {"sentence": sentence, "words": words}
        pictures = {"qr.svg": pdf.qr("https://help.example/verify/")}
        return pdf.render(template, given, title="A letter", language=language, pictures=pictures, **more)

    return write


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_is_an_archive_document_in_every_language(letter, language):
    content = letter(language)

    assert b"pdfaid:part" in content or b"<pdfaid:part>3" in content
    assert "K7QF-9T2M-XR4D" in paper.see(content)
    assert "2026-11-21" in paper.see(content)


def test_files_lie_inside_byte_for_byte(letter):
    receipt = pdf.Enclosed("K7QF.tlog-proof", b"c2sp.org/tlog-proof@v1\n\xff", "text/plain", "The receipt")

    document = pypdfium2.PdfDocument(letter(enclosed=[receipt]))

    kept = document.get_attachment(0)
    assert (kept.get_name(), bytes(kept.get_data())) == ("K7QF.tlog-proof", receipt.content)


def test_words_of_customers_are_data_and_never_markup(letter):
    words = '#panic("x") $ \\ ] *a* `b` <c> @d "q" \x00 \u202e'

    assert '#panic("x")' in paper.see(letter(words=words))


def test_letters_that_no_font_of_ours_draws_do_not_stop_a_letter(letter):
    assert letter(words="漢字 🎉 ไทย").startswith(b"%PDF")


def test_the_same_letter_at_the_same_moment_has_the_same_bytes(letter, frozen):
    assert letter() == letter()
