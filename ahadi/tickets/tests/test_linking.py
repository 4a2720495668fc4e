"""Tickets that have to do with each other."""

from __future__ import annotations

import pytest

from ahadi.testing import make
from ahadi.tickets import linking
from ahadi.tickets.models import Link
from ahadi.tickets.said import File, Said

pytestmark = pytest.mark.django_db


def test_a_link_is_seen_from_both_ends_and_by_nobody_who_may_not_see_the_other(frozen):
    agent = make.agent()
    mine, other = make.ticket(), make.ticket(team=make.team("Billing"))
    linking.link(mine, other, Link.Kind.RELATED, by=make.lead())

    assert linking.links_of(mine, agent) == []
    assert [each.ticket for each in linking.links_of(mine, make.lead())] == [other]
    assert [each.ticket for each in linking.links_of(other, make.lead())] == [mine]


def test_parts_hang_on_one_cause_and_never_in_a_circle(frozen):
    lead = make.lead()
    cause, part, third = make.ticket(), make.ticket(), make.ticket()
    linking.link(part, cause, Link.Kind.CHILD, by=lead)

    for ticket, parent in ((cause, part), (third, part), (cause, third), (part, third)):
        with pytest.raises(linking.NotPossible):
            linking.link(ticket, parent, Link.Kind.CHILD, by=lead)
    assert linking.children(cause, lead) == [part]


def test_untied_tickets_know_nothing_of_each_other_but_their_history_does(frozen):
    lead, one, two = make.lead(), make.ticket(), make.ticket()
    made = linking.link(one, two, Link.Kind.RELATED, by=lead)

    linking.unlink(made, by=lead)
    linking.unlink(made, by=lead)

    assert linking.links_of(one, lead) == []
    assert list(one.entries.values_list("code", flat=True))[-2:] == ["linked", "unlinked"]


def test_words_that_are_split_off_stay_where_they_were_said(frozen):
    lead, ticket = make.lead(), make.ticket(text="The grinder stops.")
    ticket.receive(
        Said(
            kind="message",
            text="And the invoice is wrong.",
            by=ticket.requester,
            address=ticket.address,
            channel="email",
            files=[File("invoice.txt", "text/plain", b"9 euro")],
        )
    )
    before = ticket.last_seq

    made = linking.split(ticket, [before], "Wrong invoice", by=lead)

    first = made.entries.get(seq=1)
    assert (first.words.text, first.words.data["entries"]) == ("And the invoice is wrong.", [before])
    assert first.attachments.get().name == "invoice.txt"
    assert (made.subject, made.requester, made.status) == ("Wrong invoice", ticket.requester, "open")
    assert made.promises.filter(ended=None).count() == 1
    assert ticket.entries.get(seq=before).words.text == "And the invoice is wrong."
    assert [each.role for each in linking.links_of(ticket, lead)] == ["into"]


def test_words_of_two_people_are_not_split_into_one_ticket(frozen):
    ticket = make.ticket()
    other = make.address("reza@post.example")
    ticket.receive(Said(kind="message", text="Me too", by=other.customer, address=other))

    with pytest.raises(linking.NotPossible, match="several"):
        linking.split(ticket, [1, ticket.last_seq], "", by=make.lead())


def test_notes_cannot_be_split_into_the_open(frozen):
    lead, ticket = make.lead(), make.ticket()
    entry = ticket.note("Only for us", by=lead)

    with pytest.raises(linking.NotPossible, match="nothing"):
        linking.split(ticket, [entry.seq], "", by=lead)
