"""Hearing a customer at the desk: what they said is kept in its parts, told back, and not asked again."""

from __future__ import annotations

import pytest

from ahadi.desk import heard
from ahadi.testing import make
from ahadi.tickets import hearing
from ahadi.tickets.models import Statement

pytestmark = pytest.mark.django_db

TOLD = (
    "Hello, I bought a Rondo grinder in October. It stops after two seconds. "
    "I cleaned the burrs and tried another socket. The serial number is RND-2291."
)


@pytest.fixture
def mara(client):
    """An agent at the desk."""
    agent = make.agent("Mara Lind")
    client.force_login(agent)
    return agent


def post(client, ticket, door, **data):
    return client.post(f"/desk/open/{ticket.number}/{door}/", data)


def test_marked_words_become_the_statement_with_their_place(client, mara):
    ticket = make.ticket(TOLD)

    post(client, ticket, "statement", problem="It stops after two seconds.", problem_from="1")
    shown = client.get(f"/desk/open/{ticket.number}/").content.decode()

    entry = ticket.entries.get(code="statement")
    assert Statement.objects.get(ticket=ticket).problem == "It stops after two seconds."
    assert entry.words.data["sources"] == {"problem": 1}
    assert "The customer was not asked yet" in shown


def test_the_same_words_again_are_no_event(client, mara):
    ticket = make.ticket(TOLD)

    for _time in range(2):
        post(client, ticket, "statement", problem="It stops.")

    assert ticket.entries.filter(code="statement").count() == 1


def test_asking_sends_the_summary_and_shows_that_it_is_not_confirmed(client, mara):
    ticket = make.ticket(TOLD)

    post(client, ticket, "statement", problem="It stops.", wish="A new one.", ask="1")
    asked = client.get(f"/desk/open/{ticket.number}/").content.decode()
    hearing.confirm(ticket, ticket.address)
    confirmed = client.get(f"/desk/open/{ticket.number}/").content.decode()

    entry = ticket.entries.get(code="summary")
    assert "If I understood you correctly" in entry.words.text
    assert entry.deliveries.exists()
    assert "Not confirmed yet" in asked
    assert "Confirmed by the customer" in confirmed


def test_of_a_solved_ticket_nobody_is_asked(client, mara):
    ticket = make.ticket(TOLD)
    ticket.reply("Done.", by=mara, solve=True)

    post(client, ticket, "statement", problem="It stops.", ask="1")

    assert not ticket.entries.filter(code="summary").exists()
    assert Statement.objects.get(ticket=ticket).problem == "It stops."


@pytest.mark.parametrize(
    ("draft", "seq"),
    [
        ("Please clean the burrs and call again.", 1),
        ("Could you send me the serial number?", 1),
        ("Have you tried another socket?", 1),
    ],
)
def test_asking_for_what_was_said_or_tried_names_the_place(draft, seq):
    ticket = make.ticket(TOLD, statement={"tried": "Cleaned the burrs\nTried another socket"})

    found = heard.repeats(ticket, draft)

    assert [repeat.seq for repeat in found] == [seq]


@pytest.mark.parametrize(
    "draft",
    ["", "Thank you, we look into it.", "What colour is the lid?", "A new grinder leaves today."],
)
def test_other_questions_are_left_alone(draft):
    ticket = make.ticket(TOLD, statement={"tried": "Cleaned the burrs"})

    assert heard.repeats(ticket, draft) == []


def test_in_persian_it_is_known_as_well():
    ticket = make.ticket("آسیاب من کار نمی‌کند. شماره سریال دستگاه ۲۲۹۱ است.", language="fa")

    found = heard.repeats(ticket, "لطفاً شماره سریال دستگاه را بفرستید؟")

    assert [repeat.seq for repeat in found] == [1]


def test_the_warning_is_drawn_with_a_way_to_the_place(client, mara):
    ticket = make.ticket(TOLD)
    before = ticket.entries.count()

    answer = post(client, ticket, "repeats", text="Could you send me the serial number?")

    assert 'href="#e1"' in answer.content.decode()
    assert ticket.entries.count() == before
