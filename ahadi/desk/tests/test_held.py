"""What was held back and who takes part: every choice is one press, made once, and told in the talk."""

from __future__ import annotations

import pytest

from ahadi.channels import links, participants
from ahadi.channels.models import OutgoingMail, Participant
from ahadi.outbox import jobs
from ahadi.people.models import Address
from ahadi.testing import make
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import File, Said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def desk(client, agent):
    make.inbox()
    client.force_login(agent)
    return client


@pytest.fixture
def ticket():
    return make.ticket(by=make.address("anna@post.example"))


@pytest.fixture
def held(ticket) -> Entry:
    """Her brother answered a mail of ours."""
    brother = make.address("kian@else.example", "Kian", proven=False)
    data = {"held": "stranger", "from": "Kian <kian@else.example>", "authentication": {"verdict": "none"}}
    return ticket.append(
        Said(
            kind="note",
            code="held",
            text="I am her brother.",
            by=brother.customer,
            address=brother,
            channel="email",
            data=data,
            files=[File("drawing.txt", "text/plain", b"drawing")],
        )
    )


def place(ticket: Ticket, noun: str = "") -> str:
    return f"/desk/open/{ticket.number}/{noun}"


def page(desk, ticket: Ticket) -> str:
    return desk.get(place(ticket)).content.decode()


def test_released_words_stand_in_the_talk_and_let_nobody_in(desk, ticket, held):
    for _ in range(2):
        assert desk.post(place(ticket, f"releases/{held.seq}/")).status_code == 302

    [released] = ticket.entries.filter(kind="message", seq__gt=held.seq)
    ticket.refresh_from_db()
    assert (released.words.text, released.attachments.get().name) == ("I am her brother.", "drawing.txt")
    assert [address.value for address in links.addresses_of(ticket)] == ["anna@post.example"]
    assert ticket.requester.shown_address == "anna@post.example"
    assert "Released into the talk" in page(desk, ticket)


def test_a_writer_who_is_let_in_takes_part_from_then_on(desk, ticket, held):
    desk.post(place(ticket, f"held/{held.seq}/admission/"))

    kian = Address.objects.get(value="kian@else.example")
    assert [entry.words.text for entry in links.seen_by(ticket, kian)] == ["I am her brother."]
    assert "Mara Lind let Kian take part from here on" in page(desk, ticket)


def test_held_words_become_a_ticket_of_their_writer_once(desk, ticket, held):
    for _ in range(2):
        desk.post(place(ticket, f"held/{held.seq}/separation/"))

    [other] = Ticket.objects.exclude(pk=ticket.pk)
    assert (other.requester.name, other.subject) == ("Kian", "I am her brother.")
    assert other.entries.get(seq=1).words.text == "I am her brother."
    assert other.number in page(desk, ticket)
    assert "Made a ticket of its own" in page(desk, ticket)


def test_words_that_are_left_ask_no_more(desk, ticket, held):
    assert "held/" in page(desk, ticket)

    desk.post(place(ticket, f"held/{held.seq}/leaving/"))

    assert "held/" not in page(desk, ticket)
    assert "Left as it is" in page(desk, ticket)
    desk.post(place(ticket, f"releases/{held.seq}/"))
    assert not ticket.entries.filter(kind="message", seq__gt=held.seq).exists()


@pytest.mark.parametrize("noun", ["held/{}/admission/", "held/{}/separation/", "held/{}/leaving/"])
def test_only_held_words_can_be_decided_about(desk, ticket, agent, noun):
    note = ticket.note("CANARY", by=agent)

    assert desk.post(place(ticket, noun.format(note.seq))).status_code == 404


def test_a_code_that_is_released_is_still_shown_to_no_customer(desk, ticket):
    held = ticket.append(
        Said(
            kind="note",
            code="held",
            text="123456",
            by=ticket.requester,
            data={"held": "stranger", "code_mail": True},
        )
    )

    desk.post(place(ticket, f"releases/{held.seq}/"))

    assert "123456" not in [entry.words.text for entry in links.seen_by(ticket, ticket.address)]


# ── taking part ──────────────────────────────────────────────────────────────


def test_somebody_is_let_in_and_taken_off(desk, ticket):
    desk.post(place(ticket, "participants/"), {"email": "Kian@Else.example"})
    joined = Participant.objects.get()

    assert "Kian@Else.example" in page(desk, ticket)
    desk.post(place(ticket, f"participants/{joined.pk}/removal/"))

    assert "took Kian@Else.example off" in page(desk, ticket)
    assert participants.of(ticket) == []


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("", "Write a mail address."),
        ("nonsense", "not a mail address"),
        ("help@marlo.example", "one of yours"),
    ],
)
def test_a_wrong_address_is_said_and_lets_nobody_in(desk, ticket, email, sentence):
    answer = desk.post(place(ticket, "participants/"), {"email": email})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Participant.objects.exists()


def test_who_was_copied_in_is_proposed_until_somebody_decides(desk):
    ticket = make.ticket(
        by=make.address("anna@post.example"), data={"from": "Anna", "cc": ["kian@else.example"]}
    )
    asked = "Copied in by the customer"
    assert asked in page(desk, ticket)

    desk.post(place(ticket, "participants/"), {"email": "kian@else.example", "passed": "1"})

    assert asked not in page(desk, ticket)
    assert participants.of(ticket) == []


def test_a_participant_of_another_ticket_cannot_be_taken_off_here(desk, ticket, agent):
    other = make.ticket()
    joined = participants.add(other, "kian@else.example", by=agent)

    assert desk.post(place(ticket, f"participants/{joined.pk}/removal/")).status_code == 404


# ── why it is here ───────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("checked", "sentence"),
    [
        ({"verdict": "pass", "by": "own", "domain": "post.example"}, "Sender proven by"),
        ({"verdict": "pass", "by": "server", "domain": "post.example"}, "your mail server vouches for"),
        ({"verdict": "none"}, "Sender not proven"),
        ({"verdict": "fail", "by": "own", "dmarc": "fail"}, "May not be from"),
    ],
)
def test_a_mail_says_why_it_is_here_and_what_is_known_of_its_sender(desk, checked, sentence):
    data = {
        "from": "Anna <anna@post.example>",
        "reply_to": ["else@post.example"],
        "evidence": {"decision": "new", "ticket": "K7QF-9T2M-XR4D"},
        "authentication": checked,
    }
    said = page(desk, make.ticket(data=data))

    assert sentence in said
    assert "Here because it began this ticket." in said
    assert "else@post.example" in said
    assert "/desk/open/K7QF-9T2M-XR4D/" in said


def test_a_ticket_names_the_one_it_follows_only_to_those_who_may_see_it(client, agent, ticket):
    foreign = make.ticket(subject="Hidden matter", team=make.team("Billing"))
    client.force_login(agent)

    def said(follows: Ticket) -> str:
        return page(client, make.ticket(subject="Again", follows=follows))

    assert f"/desk/open/{ticket.number}/" in said(ticket)
    assert "Hidden matter" not in said(foreign)


def test_no_mail_leaves_while_somebody_decides(desk, ticket, held):
    jobs.run_due()
    count = OutgoingMail.objects.count()

    desk.post(place(ticket, f"held/{held.seq}/leaving/"))
    desk.post(place(ticket, "participants/"), {"email": "kian@else.example"})
    jobs.run_due()

    assert OutgoingMail.objects.count() == count
