"""The stamped copies: drawn once, the same for both sides, right in every language."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

import pypdfium2
import pytest

from ahadi.complaints import handling, papers
from ahadi.complaints.handling import Handed
from ahadi.complaints.models import Rules
from ahadi.lib import clock
from ahadi.people.models import Team
from ahadi.testing import make

pytestmark = pytest.mark.django_db

TEXTS = {
    "en": ("Anna Kern", "No line", "The line has been dead for six days.\n\nI ask for a technician."),
    "fa": ("سارا کریمی", "خط قطع است", "خط از ۶ روز پیش قطع است.\n\nدرخواست بازگشت پول دارم."),
    "he": ("נועה לוי", "אין קו", "הקו מנותק כבר שישה ימים.\n\nאני מבקשת טכנאי."),
    "ro": ("Ioana Pop", "Fără linie", "Linia este întreruptă de șase zile.\n\nCer un tehnician."),
    "sw": ("Amina Juma", "Hakuna laini", "Laini haifanyi kazi kwa siku sita.\n\nNaomba fundi."),
}


def complaint_in(language, **fields):
    name, subject, text = TEXTS[language]
    address = make.address(name=name, language=language)
    with clock.at(datetime(2026, 11, 23, 12, tzinfo=UTC)):
        return handling.take_in(
            Handed(address=address, text=text, subject=subject, language=language, **fields)
        )


@pytest.fixture(autouse=True)
def _management():
    team = Team.objects.create(name="Management", is_private=True)
    Rules.objects.create(pk=1, team=team, profile="ro_og_27_2002", letterhead="Str. Lungă 4\nBrașov")
    make.lead(teams=[team])


def text_of(content):
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_a_copy_carries_number_moment_pages_hash_and_receipt():
    complaint = complaint_in("en", about=make.ticket())

    content = papers.draw(complaint)

    text = text_of(content)
    assert complaint.number in text
    assert "Monday 23 November 2026" in text
    assert sha256(TEXTS["en"][2].encode()).hexdigest() in text.replace("\u200b", "").replace(
        "\r\n", ""
    ).replace("\n", "")
    assert complaint.about.number in text
    document = pypdfium2.PdfDocument(content)
    names = [document.get_attachment(place).get_name() for place in range(document.count_attachments())]
    assert f"{complaint.ticket.number}.tlog-proof" in names


def test_both_sides_get_the_same_bytes_whenever_they_ask():
    complaint = complaint_in("en")

    first = papers.draw(complaint)
    with clock.at(datetime(2027, 2, 1, tzinfo=UTC)):
        later = papers.draw(type(complaint).objects.get(pk=complaint.pk))

    assert first == later
    assert sha256(first).hexdigest() == complaint.copy_sha256


@pytest.mark.parametrize("language", TEXTS)
def test_every_language_is_drawn(language, tmp_path):
    complaint = complaint_in(language)

    document = pypdfium2.PdfDocument(papers.draw(complaint))

    assert len(document) == 1
    text = "".join(text_of(papers.draw(complaint)).split())
    assert "2026/000001" in text
