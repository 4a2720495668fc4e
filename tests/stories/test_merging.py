"""A customer asked twice about one matter: both become one talk, no word moves, and it can be undone."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from ahadi.channels import links, merging, participants
from ahadi.channels.models import OutgoingMail
from ahadi.lib import clock
from ahadi.portal.tests.visits import WEDNESDAY
from ahadi.promises import audit
from ahadi.promises.models import Promise
from ahadi.testing import make
from ahadi.tickets.models import Entry, Ticket
from tests.stories import mailbox

pytestmark = pytest.mark.django_db

ANNA, REZA = "anna@post.example", "reza@post.example"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def company():
    make.company()
    make.inbox(mailbox.HELP)


@pytest.fixture
def lead():
    return make.lead()


def ask(at, by=ANNA, **fields):
    """A ticket of somebody, opened at that time."""
    with clock.at(at):
        return make.ticket(by=make.address(by, name=by.split("@")[0].title()), **fields)


def letters(address):
    with clock.at(WEDNESDAY + HOUR):
        mailbox.jobs.run_due()
    kept = [mail for mail in OutgoingMail.objects.order_by("pk") if address in mail.recipients]
    return [message_from_bytes(bytes(mail.raw), policy=default) for mail in kept]


def merge(ticket, into, lead, at=WEDNESDAY + 2 * HOUR, **how):
    with clock.at(at):
        merging.merge(ticket, into, by=lead, **how)
    ticket.refresh_from_db()
    into.refresh_from_db()


def test_the_living_ticket_keeps_the_earliest_promise_and_the_longest_waiting(lead):
    first, second = ask(WEDNESDAY), ask(WEDNESDAY + HOUR)
    due, waiting = first.due, first.waiting_since

    merge(first, second, lead)

    assert (first.status, first.merged_into, first.due) == ("solved", second, None)
    assert (second.status, second.due, second.waiting_since) == ("open", due, waiting)
    assert Promise.objects.open().get().ticket == second
    ended = Promise.objects.get(ticket=first)
    assert (ended.kept, ended.reason) == (None, "merged")
    assert list(audit.audit()) == []


def test_an_answer_to_the_merged_ticket_reaches_the_living_one_and_says_why(lead):
    first, second = ask(WEDNESDAY), ask(WEDNESDAY + HOUR, subject="The same again")
    confirmation = letters(ANNA)[0]
    assert first.number in mailbox.text_of(confirmation)
    merge(first, second, lead)

    entry = mailbox.answer(confirmation, "Any news?", ANNA, WEDNESDAY + 3 * HOUR)

    assert (entry.ticket, entry.kind) == (second, Entry.Kind.MESSAGE)
    assert entry.words.data["evidence"]["merged"] == first.number
    first.refresh_from_db()
    assert first.is_solved


def test_no_entry_moves_and_it_can_be_taken_apart_at_any_time(lead):
    first, second = ask(WEDNESDAY), ask(WEDNESDAY + HOUR)
    due, said = first.due, list(first.entries.values_list("pk", flat=True))
    merge(first, second, lead, at=WEDNESDAY + HOUR)

    with clock.at(WEDNESDAY + timedelta(minutes=90)):
        merging.unmerge(first, by=lead)
        merging.unmerge(first, by=lead)

    first.refresh_from_db()
    assert (first.status, first.due, first.merged_into) == ("open", due, None)
    assert list(first.entries.values_list("pk", flat=True))[: len(said)] == said
    assert [*first.entries.values_list("code", flat=True)][-2:] == ["merged", "unmerged"]
    assert Promise.objects.open().filter(ticket=first).count() == 1
    assert list(audit.audit()) == []


def test_what_was_due_long_ago_gets_a_time_that_can_be_kept_when_it_is_taken_apart(lead):
    first, second = ask(WEDNESDAY), ask(WEDNESDAY + HOUR)
    merge(first, second, lead)
    later = WEDNESDAY + timedelta(days=7)

    with clock.at(later):
        merging.unmerge(first, by=lead)

    assert first.due > later


def test_a_chain_ends_in_the_living_ticket_and_a_circle_cannot_be_made(lead):
    first, second, third = (ask(WEDNESDAY + n * HOUR) for n in range(3))
    merge(first, second, lead)
    merge(second, third, lead)

    assert first.living == third
    with pytest.raises(merging.NotPossible, match="itself"):
        merging.merge(third, first, by=lead)
    with pytest.raises(merging.NotPossible, match="merged"):
        merging.merge(first, third, by=lead)


def test_another_customer_sees_nothing_older_and_takes_part_only_when_an_agent_says_so(lead):
    anna, reza = ask(WEDNESDAY, text="My private words"), ask(WEDNESDAY + HOUR, by=REZA)

    with pytest.raises(merging.NotPossible, match="other_customer"):
        merging.merge(reza, anna, by=lead)
    merge(reza, anna, lead, let_in=True)

    joined = participants.of(anna)[0].address
    assert joined.value == REZA
    assert not participants_see(anna, joined)
    with clock.at(WEDNESDAY + 3 * HOUR):
        merging.unmerge(reza, by=lead)
    assert participants.of(anna) == []


def participants_see(ticket, address):
    return list(links.seen_by(ticket, address))


def test_who_took_part_only_in_the_merged_ticket_is_a_stranger_in_the_living_one(lead):
    first, second = ask(WEDNESDAY), ask(WEDNESDAY + HOUR)
    with clock.at(WEDNESDAY + HOUR):
        participants.add(first, REZA, by=lead)
        first.reply("We look at it.", by=lead)
    letter = letters(REZA)[-1]
    merge(first, second, lead)

    entry = mailbox.answer(letter, "May I say something?", REZA, WEDNESDAY + 3 * HOUR)

    assert (entry.ticket, entry.kind, entry.code) == (second, Entry.Kind.NOTE, "held")


def test_a_returned_mail_of_the_merged_ticket_opens_the_living_one(lead):
    first, second = ask(WEDNESDAY), ask(WEDNESDAY + HOUR)
    with clock.at(WEDNESDAY + HOUR):
        answer = first.reply("Here it is.", by=lead)
        second.solve(by=lead)
    merge(first, second, lead)
    second.refresh_from_db()

    with clock.at(WEDNESDAY + 3 * HOUR):
        answer.deliveries.get().fail("550 no such user")

    second.refresh_from_db()
    first.refresh_from_db()
    assert (second.status, second.step_code) == ("open", "delivery")
    assert first.is_solved


def test_a_code_of_a_merged_ticket_tells_the_state_of_the_living_one(client: Client, lead):
    first, second = ask(WEDNESDAY), ask(WEDNESDAY + HOUR)
    merge(first, second, lead)

    with clock.at(WEDNESDAY + 3 * HOUR):
        page = client.get(reverse("portal:follow", args=[first.number])).content.decode()

    assert second.number in page
    assert "It is solved" not in page


def test_a_code_of_another_customers_merged_ticket_does_not_tell_the_living_ones_code(client: Client, lead):
    anna, reza = ask(WEDNESDAY), ask(WEDNESDAY + HOUR, by=REZA)
    merge(reza, anna, lead, let_in=True)

    with clock.at(WEDNESDAY + 3 * HOUR):
        page = client.get(reverse("portal:follow", args=[reza.number])).content.decode()

    assert anna.number not in page


def test_no_door_of_the_database_lets_a_merged_ticket_be_open(lead):
    first, second = ask(WEDNESDAY), ask(WEDNESDAY + HOUR)
    merge(first, second, lead)

    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(pk=first.pk).update(status="open", due=WEDNESDAY)
