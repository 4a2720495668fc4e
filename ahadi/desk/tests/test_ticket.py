from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ahadi.channels import leaving
from ahadi.channels.models import Delivery
from ahadi.lib import clock
from ahadi.outbox import jobs
from ahadi.outbox.models import Job
from ahadi.testing import make
from ahadi.tickets.models import Entry, Statement
from ahadi.tickets.said import Said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def place(ticket, noun: str = "") -> str:
    return f"/desk/open/{ticket.number}/{noun}"


def reply(ticket, **fields):
    return {"text": "We found it.", "seq": ticket.last_seq, "kind": "reply", "then": "open", **fields}


def let_leave() -> None:
    """The seconds in which an answer can be taken back go by."""
    with clock.at(clock.now() + leaving.UNDO):
        jobs.run_due()


def test_the_ticket_shows_its_promise_its_talk_and_its_customer(desk):
    ticket = make.ticket("It stopped <b>again</b>", subject="Grinder")
    Statement.objects.create(ticket=ticket, situation="At work", problem="No noise", tried="Cleaned it")

    page = desk.get(place(ticket)).content.decode()

    assert "It stopped &lt;b&gt;again&lt;/b&gt;" in page
    for words in (
        "Read the request and answer",
        "At work",
        "Cleaned it",
        "do not ask again",
        "Anna Kern",
        "proven",
    ):
        assert words in page


def test_a_reply_says_what_comes_next_and_by_when(desk, agent):
    ticket = make.ticket()
    due = (clock.now() + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")

    answer = desk.post(place(ticket, "replies/"), reply(ticket, step="Call the depot", due=due))
    let_leave()

    ticket.refresh_from_db()
    assert answer.status_code == 302
    assert (ticket.step_text, ticket.assignee, ticket.status) == ("Call the depot", agent, "open")
    assert ticket.due == clock.now() + timedelta(hours=3)
    assert Entry.objects.get(ticket=ticket, kind="reply", automatic=False).words.text == "We found it."


def test_the_due_time_is_on_the_agents_clock(client):
    agent = make.agent(time_zone="Asia/Tehran")
    client.force_login(agent)
    ticket = make.ticket()

    client.post(place(ticket, "replies/"), reply(ticket, due="2026-12-02T15:00"))
    let_leave()

    ticket.refresh_from_db()
    assert ticket.due.isoformat() == "2026-12-02T11:30:00+00:00"


@pytest.mark.parametrize(("then", "status"), [("wait", "waiting"), ("solve", "solved"), ("open", "open")])
def test_a_reply_leaves_the_ticket_in_the_chosen_state(desk, then: str, status: str):
    ticket = make.ticket()

    desk.post(place(ticket, "replies/"), reply(ticket, then=then))
    let_leave()

    ticket.refresh_from_db()
    assert ticket.status == status


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"text": " "}, "Write something first."),
        ({"due": "2020-01-01T10:00"}, "This time has passed"),
        ({"due": "soon"}, "Write day and time"),
    ],
)
def test_a_wrong_reply_keeps_what_was_typed(desk, wrong: dict[str, str], sentence: str):
    ticket = make.ticket()
    before = ticket.entries.count()

    answer = desk.post(place(ticket, "replies/"), reply(ticket, step="Call <them>") | wrong)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert 'value="Call &lt;them&gt;"' in page
    assert ticket.entries.count() == before


def test_nobody_answers_past_a_message_they_have_not_seen(desk):
    ticket = make.ticket()
    form = reply(ticket)
    ticket.receive(Said(kind="message", text="It works again!", by=ticket.requester))

    answer = desk.post(place(ticket, "replies/"), form)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "1 new message" in page
    assert "We found it." in page
    assert not ticket.entries.filter(kind="reply", automatic=False).exists()

    ticket.refresh_from_db()
    assert desk.post(place(ticket, "replies/"), reply(ticket)).status_code == 302


def test_a_double_click_sends_once(desk):
    ticket = make.ticket()
    form = reply(ticket)

    answers = [desk.post(place(ticket, "replies/"), form).status_code for _ in range(2)]
    let_leave()
    late = desk.post(place(ticket, "replies/"), form).status_code

    assert (answers, late) == ([302, 302], 409)
    assert ticket.entries.filter(kind="reply", automatic=False).count() == 1


def test_a_note_stays_in_the_house_whatever_button_was_reached(desk):
    ticket = make.ticket()
    sent = Delivery.objects.count()

    desk.post(place(ticket, "replies/"), reply(ticket, kind="note", text="CANARY, not for the customer"))
    desk.post(place(ticket, "notes/"), {"text": "CANARY again"})

    assert list(ticket.entries.filter(kind="note").values_list("words__text", flat=True)) == [
        "CANARY, not for the customer",
        "CANARY again",
    ]
    assert Delivery.objects.count() == sent
    assert "CANARY" not in str(list(Job.objects.values_list("payload", flat=True)))


def test_files_go_along(desk):
    ticket = make.ticket()
    file = SimpleUploadedFile("label.txt", b"torn", "text/plain")

    desk.post(place(ticket, "replies/"), reply(ticket, files=file))

    assert "label.txt" in desk.get(place(ticket)).content.decode()


def test_everything_else_is_one_form_each(desk, agent):
    ticket, other, team = make.ticket(), make.agent("Ben Otieno"), make.team("Workshop")
    due = (clock.now() + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M")

    desk.post(place(ticket, "assignment/"), {"owner": f"agent:{agent.pk}"})
    desk.post(place(ticket, "tags/"), {"tags": "refund, parcel, refund"})
    desk.post(place(ticket, "priority/"), {"priority": "4"})
    desk.post(place(ticket, "subject/"), {"subject": "A better one"})
    desk.post(place(ticket, "promise/"), {"step": "Look", "due": due, "reason": "The depot is closed"})
    desk.post(place(ticket, "solution/"), {"status": "solved"})
    desk.post(place(ticket, "solution/"), {"status": "open"})
    page = desk.get(place(ticket)).content.decode()

    ticket.refresh_from_db()
    assert (ticket.assignee, ticket.priority, ticket.subject, ticket.status) == (
        agent,
        4,
        "A better one",
        "open",
    )
    assert sorted(tag.name for tag in ticket.tags.all()) == ["parcel", "refund"]
    for words in (
        "took the ticket",
        "set the tags: refund, parcel",
        "Urgent",
        "changed the subject",
        "depot is closed",
    ):
        assert words in page
    desk.post(place(ticket, "assignment/"), {"owner": f"agent:{other.pk}", "sentence": "You know her"})
    given = {"owner": f"team:{team.pk}", "sentence": "It needs a new motor"}
    assert desk.post(place(ticket, "assignment/"), given).status_code == 302


@pytest.mark.parametrize(
    ("noun", "wrong", "sentence"),
    [
        ("assignment/", {"owner": "agent:999999"}, "does not answer here any more"),
        ("tags/", {"tags": "x" * 60}, "too long"),
        ("subject/", {"subject": ""}, "needs a subject"),
        ("promise/", {"due": "2020-01-01T00:00", "reason": ""}, "Say why the promise moves"),
        ("priority/", {"priority": "9"}, "Nothing was changed"),
    ],
)
def test_a_wrong_change_is_said_and_changes_nothing(desk, noun: str, wrong: dict[str, str], sentence: str):
    ticket = make.ticket()
    before = ticket.entries.count()

    answer = desk.post(place(ticket, noun), wrong)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert ticket.entries.count() == before


def test_held_words_are_shown_with_their_reason_and_released_once(desk):
    ticket = make.ticket()
    held = ticket.append(
        Said(
            kind="note", code="held", text="I am her brother", by=ticket.requester, data={"held": "stranger"}
        )
    )
    before = desk.get(place(ticket)).content.decode()

    for _ in range(2):
        desk.post(place(ticket, f"releases/{held.seq}/"))

    released = ticket.entries.filter(kind="message", words__data__released=held.seq)
    assert "does not belong to this ticket" in before
    assert [entry.words.text for entry in released] == ["I am her brother"]
    assert "Released into the talk" in desk.get(place(ticket)).content.decode()


def test_only_held_words_can_be_released(desk):
    ticket = make.ticket()
    note = ticket.note("CANARY", by=make.agent("Ben Otieno"))

    assert desk.post(place(ticket, f"releases/{note.seq}/")).status_code == 404


def test_a_failed_delivery_is_told_and_sent_again(desk, agent):
    ticket = make.ticket()
    entry = ticket.reply("Here is the answer", by=agent)
    delivery = Delivery.objects.get(entry=entry)
    delivery.fail("550 no such mailbox")
    Job.objects.all().delete()

    page = desk.get(place(ticket)).content.decode()
    desk.post(place(ticket, f"deliveries/{delivery.pk}/retry/"))

    delivery.refresh_from_db()
    assert "550 no such mailbox" in page
    assert delivery.state == "queued"
    assert Job.objects.filter(name="channels.send", payload={"delivery_id": delivery.pk}).count() == 1


def test_a_ticket_costs_the_same_however_long_its_talk_is(desk, agent, django_assert_max_num_queries):
    ticket = make.ticket(assignee=agent)
    for number in range(30):
        ticket.reply(f"Answer {number}", by=agent)
    desk.get(place(ticket))

    # Session, ticket, state of the lists, entries, addresses, deliveries, earlier tickets, company; what a
    # ticket has none of is not asked for.
    with django_assert_max_num_queries(8):
        answer = desk.get(place(ticket))

    assert answer.content.decode().count("say--us") >= 30
