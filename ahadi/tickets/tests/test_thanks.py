"""A thank you leaves a solved request solved; everything else opens it again."""

from __future__ import annotations

import pytest

from ahadi.testing import make
from ahadi.tickets.intake import Inbound, receive
from ahadi.tickets.said import File
from ahadi.tickets.thanks import is_only_thanks

KIND = [
    "Thank you!",
    "Thanks a lot, everything works now.\n\nAnna",
    "Thank you so much for your help 🙏",
    "خیلی ممنون از کمک شما",
    "سلام، مرسی!",
    "ممنونم، درست شد",
    "תודה רבה!",
    "תודה על העזרה, הכל עובד",
    "Mulțumesc frumos!",
    "Vă mulțumesc pentru ajutor",
    "Asante sana kwa msaada wako",
]
MORE = [
    "",
    "Anna",
    "It works",
    "Thanks, but it still stops.",
    "Thank you. When does the parcel come?",
    "Thanks for nothing, the grinder broke again today",
    "Thank you, my number is 4711",
    "Thanks. Please send the invoice too",
    "ممنون ولی هنوز کار نمی‌کند",
    "ممنون. فاکتور را هم بفرستید",
    "תודה אבל זה לא עובד",
    "תודה, מתי זה מגיע?",
    "Mulțumesc, dar tot nu merge",
    "Asante lakini bado haifanyi kazi",
]


@pytest.mark.parametrize("text", KIND)
def test_thanks_are_known_in_five_languages(text):
    assert is_only_thanks(text)


@pytest.mark.parametrize("text", MORE)
def test_in_doubt_it_is_more_than_thanks(text):
    assert not is_only_thanks(text)


@pytest.mark.django_db
@pytest.mark.parametrize(("text", "status"), [("Thank you!", "solved"), ("It stops again.", "open")])
def test_only_thanks_leave_a_solved_ticket_solved(text, status):
    ticket = make.ticket()
    ticket.reply("Done.", by=make.agent(), solve=True)

    receive(Inbound(channel="email", address=ticket.address, text=text, ticket=ticket))

    ticket.refresh_from_db()
    assert ticket.status == status
    assert ticket.entries.last().words.text == text


@pytest.mark.django_db
def test_thanks_with_a_file_may_be_more():
    ticket = make.ticket()
    ticket.reply("Done.", by=make.agent(), solve=True)
    picture = File("broken.png", "image/png", b"x")

    receive(Inbound(channel="email", address=ticket.address, text="Thanks", ticket=ticket, files=[picture]))

    ticket.refresh_from_db()
    assert ticket.status == "open"
