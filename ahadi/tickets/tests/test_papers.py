from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pypdfium2
import pytest
from django.utils import translation

from ahadi.ledger import log, verify
from ahadi.testing import make
from ahadi.tickets import papers
from ahadi.tickets.said import File

pytestmark = pytest.mark.django_db

SAID = {
    "en": (
        "My parcel is lost",
        "Parcel K-1182 was to come on 2026-11-21. Where is it?",
        "It comes on Friday.",
    ),
    "fa": (
        "بستهٔ من گم شده است",
        "قرار بود بستهٔ K-1182 در 2026-11-21 برسد. سه بار تلفن زدم؛ کسی پاسخ نمی‌دهد.",
        "بستهٔ شما جمعه می‌رسد. پیگیری با من است.",
    ),
    "he": (
        "החבילה שלי אבדה",
        "החבילה K-1182 הייתה אמורה להגיע ב-2026-11-21. איפה היא?",
        "היא תגיע ביום שישי.",
    ),
    "ro": (
        "Coletul meu s-a pierdut",
        "Coletul K-1182 trebuia să vină pe 2026-11-21. Unde este?",
        "Vine vineri, știți.",
    ),
    "sw": (
        "Kifurushi changu kimepotea",
        "Kifurushi K-1182 kilipaswa kufika 2026-11-21. Kiko wapi?",
        "Kinafika Ijumaa.",
    ),
}


def talk(language: str):
    subject, question, answer = SAID[language]
    with translation.override(language):
        ticket = make.ticket(question, subject, language=language)
        ticket.reply(answer, by=make.agent(), files=[File("plan.pdf", "application/pdf", b"%PDF")])
    return ticket


@pytest.mark.parametrize("language", SAID)
def test_a_receipt_on_paper_carries_the_proof_of_every_word_inside(language):
    ticket = talk(language)

    content = papers.receipt(ticket, language)

    document = pypdfium2.PdfDocument(content)
    if folder := os.environ.get("PICTURES"):
        for number, page in enumerate(document):
            page.render(scale=1.4).to_pil().save(Path(folder) / f"receipt-{language}-{number}.png")
    inside = [document.get_attachment(number) for number in range(document.count_attachments())]
    files = {file.get_name(): bytes(file.get_data()) for file in inside}
    proven = verify.receipt(files[f"{ticket.number}.tlog-proof"].decode(), log.vkeys())
    for event in proven.events:
        assert sha256(files[f"{ticket.number}-{event['seq']}.txt"]).hexdigest() == event["body"]


def test_a_receipt_on_paper_ends_where_it_is_asked_to():
    ticket = talk("en")

    document = pypdfium2.PdfDocument(papers.receipt(ticket, "en", up_to=1))

    assert document.count_attachments() == 2


def test_words_without_letters_of_ours_still_get_a_receipt():
    ticket = make.ticket("漢字 🎉", "Тест 漢字")

    assert str(papers.receipt(ticket, "en")[:4], "ascii") == "%PDF"
