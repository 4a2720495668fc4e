"""The letters of a complaint on paper: confirmed, held, decided; for both sides, in every language."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

import pypdfium2
import pytest
from django.utils import translation

from ahadi.complaints import handling, letters
from ahadi.complaints.handling import Handed
from ahadi.complaints.models import Complaint, Rules
from ahadi.lib import clock, store
from ahadi.outbox import jobs
from ahadi.people.models import Team
from ahadi.testing import make, paper
from ahadi.tickets.said import File, Kind, Said

pytestmark = pytest.mark.django_db

# Customer, complaint, why it takes longer, what is decided.
WORDS = {
    "en": ("Anna Kern", "The line is dead.", "The laboratory needs two weeks.", "You are right."),
    "fa": ("سارا کریمی", "خط قطع است.", "آزمایشگاه دو هفته وقت لازم دارد.", "حق با شماست."),
    "he": ("נועה לוי", "הקו מנותק.", "המעבדה צריכה עוד שבועיים.", "הצדק איתך."),
    "ro": ("Ioana Pop", "Linia este întreruptă.", "Mai durează două săptămâni.", "Aveți dreptate."),
    "sw": ("Amina Juma", "Laini haifanyi kazi.", "Maabara inahitaji wiki mbili.", "Una haki."),
}


@pytest.fixture(autouse=True)
def _management():
    make.inbox()
    team = Team.objects.create(name="Management", is_private=True)
    Rules.objects.create(pk=1, team=team, profile="ro_og_27_2002", letterhead="Str. Lungă 4\nBrașov")
    make.lead("Elena Pop", teams=[team])


def written(language: str) -> tuple[Complaint, list[bytes]]:
    """A complaint that was confirmed, held and decided, and its papers."""
    name, text, why, answer = WORDS[language]
    with clock.at(datetime(2026, 11, 23, 12, tzinfo=UTC)):
        address = make.address(name=name, language=language)
        handed = Handed(address=address, text=text, subject=text, language=language, about=make.ticket())
        complaint = handling.take_in(handed)
        jobs.run_due()
        complaint.refresh_from_db()
    # Whoever writes reads another language.
    with translation.override("en"), clock.at(datetime(2026, 12, 14, 9, tzinfo=UTC)):
        handling.hold(complaint, why, by=complaint.handler)
        handling.decide(complaint, Complaint.Outcome.UPHELD, answer, by=complaint.handler)
    return complaint, [store.read(letter.sha256) for letter in letters.sent(complaint)]


@pytest.mark.parametrize("language", WORDS)
def test_three_letters_tell_number_time_and_who_handles_it(language):
    complaint, papers = written(language)

    assert len(papers) == 3
    for content in papers:
        seen = paper.see(content)
        assert len(pypdfium2.PdfDocument(content)) == 1
        for word in ("2026/000001", complaint.ticket.number, complaint.about.number, "ElenaPop"):
            assert word in seen.replace(" ", "")


def test_what_both_sides_keep_stands_in_the_ledger():
    complaint, papers = written("en")

    kinds = [letters.title_of(letter) for letter in letters.sent(complaint)]

    assert kinds == ["Confirmation", "Why it takes longer", "Our decision"]
    for letter, content in zip(letters.sent(complaint), papers, strict=True):
        assert sha256(content).hexdigest().encode() in bytes(letter.entry.leaf.opening.event)


def test_a_held_complaint_tells_both_times_and_a_decided_one_where_to_turn():
    _complaint, (_confirmed, held, decided) = written("en")

    assert "Thursday 7 January 2027" in paper.read(held)
    assert "Wednesday 23 December 2026" in paper.read(held)
    assert "The laboratory needs two weeks." in paper.read(held)
    assert "National Authority for Consumer Protection" in paper.read(decided)
    assert "You are right." in paper.read(decided)
    assert "for the management of" in paper.read(decided)


def test_a_letter_of_the_customer_with_the_same_name_is_not_taken_for_ours():
    complaint, _papers = written("en")
    forged = File("2026-000001-decision.pdf", "application/pdf", b"%PDF")
    guest = complaint.ticket.address
    said = Said(Kind.MESSAGE, "See.", by=guest.customer, address=guest, files=[forged])
    complaint.ticket.receive(said)

    assert len(letters.sent(complaint)) == 3
