"""Ticket.append is the only door: whole or not at all, and what went through it stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from ahadi.ledger import commitment, tree
from ahadi.ledger.models import Leaf, Opening
from ahadi.lib import clock
from ahadi.outbox.models import Job
from ahadi.promises.models import Promise
from ahadi.testing import make
from ahadi.tickets.models import Attachment, Entry, Statement, Ticket, Words, reactions
from ahadi.tickets.models import ticket as door
from ahadi.tickets.said import File, Kind, Said

pytestmark = pytest.mark.django_db

COUNTED = [Ticket, Entry, Words, Attachment, Leaf, Opening, Promise, Job, Statement]


def count() -> list[int]:
    return [model.objects.count() for model in COUNTED]


@pytest.mark.parametrize("place", range(4))
def test_a_reaction_that_fails_takes_everything_back(monkeypatch, place):
    make.team()
    address = make.address()
    ticket = make.ticket(by=address)
    before, seq = count(), ticket.last_seq

    def fail(entry):
        raise RuntimeError("broken")

    listed = [*reactions()[:place], fail, *reactions()[place:]]
    monkeypatch.setattr(door, "reactions", lambda: listed)
    for change in (
        lambda: make.ticket(by=address, statement={"problem": "x"}),
        lambda: ticket.reply(
            "An answer.", by=make.agent(email="x@y.example"), files=[File("a", "b/c", b"d")]
        ),
        lambda: ticket.receive(Said(kind=Kind.MESSAGE, text="More.", by=address.customer, address=address)),
        lambda: ticket.note("A note.", by=None),
    ):
        with pytest.raises(RuntimeError, match="broken"), transaction.atomic():
            change()

    assert count() == before
    ticket.refresh_from_db()
    assert ticket.last_seq == seq
    assert ticket.status == "open"


def test_entries_are_numbered_one_after_the_other_also_from_stale_copies():
    ticket = make.ticket()
    stale = Ticket.objects.get(pk=ticket.pk)
    agent, seq = make.agent(), ticket.last_seq

    ticket.note("One.", by=agent)
    stale.note("Two.", by=agent)
    ticket.note("Three.", by=agent)

    found = ticket.entries.order_by("seq").values_list("seq", flat=True)
    assert list(found) == list(range(1, seq + 4))


def test_every_verb_goes_through_the_door():
    ticket, agent, other = make.ticket(), make.agent(), make.team("Returns")
    due = clock.now() + timedelta(days=1)
    verbs = [
        lambda: ticket.reply("Text.", by=agent),
        lambda: ticket.note("Text.", by=agent),
        lambda: ticket.promise("We call", due, by=agent),
        lambda: ticket.assign(agent, by=agent),
        lambda: ticket.hand_to(other, by=agent),
        lambda: ticket.wait(by=agent),
        lambda: ticket.solve(by=agent),
        lambda: ticket.reopen(by=agent),
        lambda: ticket.retag([], by=agent),
        lambda: ticket.prioritise(4, by=agent),
        lambda: ticket.rename("Better", by=agent),
    ]

    for verb in verbs:
        before = ticket.entries.count()
        verb()
        assert ticket.entries.count() > before


@pytest.mark.parametrize("missing", [{"due": None}, {"step_code": ""}])
@pytest.mark.parametrize("status", ["open", "waiting"])
def test_the_database_refuses_an_open_ticket_without_a_promise(missing, status):
    ticket = make.ticket()

    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(status=status, **missing)


def test_the_database_refuses_an_own_step_without_words():
    ticket = make.ticket()

    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(step_code="own", step_text="")


PROTECTED = {
    "tickets_entry": ("code", ["UPDATE", "DELETE"]),
    "tickets_words": ("text", ["UPDATE", "DELETE"]),
    "tickets_attachment": ("name", ["UPDATE", "DELETE"]),
    "ledger_leaf": ("hash", ["UPDATE", "DELETE"]),
    "ledger_opening": ("salt", ["UPDATE", "DELETE"]),
    "tickets_ticket": ("subject", ["DELETE"]),
}


@pytest.mark.parametrize(
    ("table", "verb"), [(table, verb) for table, (_column, verbs) in PROTECTED.items() for verb in verbs]
)
def test_the_database_refuses_to_change_or_delete_what_was_said(table, verb):
    ticket = make.ticket()
    ticket.note("With a file.", by=make.agent(), files=[File("a.txt", "text/plain", b"x")])
    column = PROTECTED[table][0]
    statement = f"UPDATE {table} SET {column} = {column}" if verb == "UPDATE" else f"DELETE FROM {table}"

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_every_leaf_can_be_recomputed_and_names_the_leaf_before_it():
    ticket, agent = make.ticket(), make.agent()
    ticket.reply("سلام", by=agent, files=[File("a.txt", "text/plain", b"x")])
    ticket.solve(by=agent)
    previous = b""

    for entry in ticket.entries.select_related("leaf__opening", "words").order_by("seq"):
        salt, event = bytes(entry.leaf.opening.salt), bytes(entry.leaf.opening.event)
        told = commitment.json.loads(event)
        assert tree.leaf_hash(commitment.leaf_data(salt, event)) == bytes(entry.leaf.hash)
        assert len(salt) == 32
        assert commitment.canonical(told) == event
        assert told["previous"] == previous.hex()
        assert (told["case"], told["seq"]) == (ticket.number, entry.seq)
        assert told["body"] == commitment.digest(entry.words.text.encode())
        assert told["files"] == [file.sha256 for file in entry.attachments.all()]
        previous = bytes(entry.leaf.hash)

    ticket.refresh_from_db()
    assert bytes(ticket.last_leaf) == previous


def test_a_leaf_holds_no_word_and_no_name():
    ticket = make.ticket(text="A secret word.", by=make.address("anna@post.example", name="Anna Kern"))

    for opening in Opening.objects.filter(leaf__entry__ticket=ticket):
        event = bytes(opening.event).decode()
        assert not any(word in event for word in ("secret", "Anna", "anna@", "post.example"))
