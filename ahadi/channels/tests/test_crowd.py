"""Mails of many people in one moment: what becomes of them is what would become of each alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ahadi.channels import absences, intake, restraint, suppressions
from ahadi.channels.email import crowd, inbound
from ahadi.channels.models import Absence, Delivery, Pause, RawMessage, Suppression, Withheld
from ahadi.ledger.models import Leaf
from ahadi.lib import clock
from ahadi.outbox import jobs
from ahadi.outbox.models import Job
from ahadi.people.models import Address
from ahadi.promises.models import Promise
from ahadi.testing import letters, make
from ahadi.tickets.models import Entry, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def desk(frozen):
    make.company()
    make.inbox()


@pytest.fixture
def together(monkeypatch):
    """How many mails each transaction of several wrote."""
    sizes: list[int] = []
    settle = crowd._settle

    def count(some):
        left = settle(some)
        sizes.append(len(some) - len(left))
        return left

    monkeypatch.setattr(crowd, "_settle", count)
    # However slow the machine of the tests is.
    monkeypatch.setattr(crowd, "LONG", 60)
    return sizes


def come(name: str, text: str = "The grinder stops.", envelope: str = "", **headers: str) -> RawMessage:
    headers.setdefault("message_id", f"<{name}.{text[:12].strip().replace(' ', '')}@post.example>")
    sender = f"{name}@post.example"
    raw = letters.write(f"{text} {name}", sender=f"{name.title()} <{sender}>", **headers)
    return intake.accept(raw, envelope or sender, ["help@marlo.example"])


def read() -> None:
    """Take in what came, and nothing else."""
    taken = jobs.claim(16)
    jobs._work([job for job in taken if job.name == intake.JOB])
    jobs.give_back([job for job in taken if job.name != intake.JOB])


def ticket_of(raw: RawMessage) -> Ticket:
    raw.refresh_from_db()
    assert raw.entry is not None
    return raw.entry.ticket


def everything(raw: RawMessage) -> dict[str, object]:
    """All that a mail became, without the keys, numbers and moments that are each one's own."""
    ticket = ticket_of(raw)
    name = raw.sender.partition("@")[0]
    own = re.compile(f"{ticket.number}|{name}", re.IGNORECASE)
    entries = [
        (entry.seq, entry.kind, entry.code, entry.automatic, entry.language, own.sub("*", entry.words.text))
        for entry in ticket.entries.order_by("seq")
    ]
    leaves = [bytes(entry.leaf.hash) for entry in ticket.entries.order_by("seq")]
    return {
        "raw": (raw.outcome, raw.reason, raw.evidence, raw.authentication, raw.inbox_id),
        "ticket": (
            ticket.status,
            ticket.step_code,
            ticket.due,
            ticket.last_seq,
            ticket.language,
            ticket.team_id,
        ),
        "is_sealed": bytes(ticket.last_leaf) == leaves[-1],
        "entries": entries,
        "promises": [(one.step_code, one.due, one.ended) for one in Promise.objects.filter(ticket=ticket)],
        "sent": [
            (one.state, one.automatic, one.channel) for one in Delivery.objects.filter(entry__ticket=ticket)
        ],
        "jobs": Job.objects.filter(order_by=ticket.number, name="channels.send").count(),
        "files": sorted(file.name for entry in ticket.entries.all() for file in entry.attachments.all()),
    }


def test_together_they_become_what_each_becomes_alone(together, settings):
    make.address("known1@post.example", "Known1", proven=True)
    names = ["known1", "new1", "new2", "new3"]
    mails = [come(name) for name in names]
    read()
    assert together == [4]

    settings.JOBS_TOGETHER = {}
    make.address("other1@post.example", "Other1", proven=True)
    alone = [come(name) for name in ("other1", "anew1", "anew2", "anew3")]
    read()

    assert together == [4]
    for one, other in zip(mails, alone, strict=True):
        assert everything(one) == everything(other)
    assert [ticket_of(raw).address.value for raw in mails] == [raw.sender for raw in mails]
    assert not Job.objects.filter(name=intake.JOB).exists()


def test_they_share_the_ways_to_the_database(together, settings):
    def statements(prefix: str) -> int:
        for number in range(8):
            make.address(f"{prefix}{number}@post.example", "Known", proven=True)
            come(f"{prefix}{number}")
        with CaptureQueriesContext(connection) as asked:
            read()
        return len(asked)

    shared = statements("b")
    settings.JOBS_TOGETHER = {}

    assert together == [8]
    assert shared * 2 < statements("c")


def test_who_answers_a_mail_of_the_same_moment_finds_its_ticket(together):
    make.address("ann@post.example", "Ann", proven=True)
    first = come("ann", message_id="<one@post.example>")
    come("bob")
    answer = come("eve", "I have that too.", in_reply_to="<one@post.example>")
    read()

    assert together == [2]
    # What nobody has proven begins beside it, and says what it pointed to.
    answer.refresh_from_db()
    assert answer.evidence["ticket"] == ticket_of(first).number
    assert answer.evidence["by"] == "their_id"


def test_a_mail_that_comes_twice_is_one_entry(together):
    first = come("ann", message_id="<one@post.example>")
    again = come("ann", envelope="list@post.example", message_id="<one@post.example>", x_way="other")
    read()

    assert ticket_of(again) == ticket_of(first)
    assert Ticket.objects.count() == 1


def test_two_mails_of_one_person_go_one_after_the_other_whatever_their_envelopes(together):
    come("ann", "First.", message_id="<one@post.example>")
    come("ann", "Second.", envelope="bounce@post.example", message_id="<two@post.example>")
    read()

    assert together == []
    assert Address.objects.filter(value="ann@post.example").count() == 1
    # One acknowledgement an hour to one address.
    assert Withheld.objects.filter(reason=restraint.Reason.OFTEN).count() == 1


def test_mails_about_one_matter_of_a_tracker_point_to_each_other(together):
    first = come("jira", "Opened.", message_id="<JIRA.1001.1650000000@post.example>")
    come("bob")
    second = come("jira2", "Changed.", message_id="<JIRA.1001.1650000000.2@post.example>")
    read()

    second.refresh_from_db()
    assert (second.evidence["by"], second.evidence["ticket"]) == ("tracker", ticket_of(first).number)


def test_odd_ones_in_between_keep_nobody_up(together):
    first = come("ann")
    ours = letters.write(sender="Marlo <help@marlo.example>", message_id="<self@marlo.example>")
    own = intake.accept(ours, "help@marlo.example", ["help@marlo.example"])
    machine = come("robot", auto_submitted="auto-generated")
    last = come("bob")
    read()

    own.refresh_from_db()
    assert own.outcome == RawMessage.Outcome.QUARANTINE
    assert {ticket_of(first), ticket_of(machine), ticket_of(last)} == set(Ticket.objects.all())


def test_one_that_cannot_be_read_is_kept_whole_and_the_others_become_tickets(together, monkeypatch, caplog):
    deliver = inbound._deliver

    def break_one(raw, mail, *more, **named):
        if "bob" in mail.sender.email:
            raise ValueError("Broken")
        deliver(raw, mail, *more, **named)

    monkeypatch.setattr(inbound, "_deliver", break_one)
    mails = [come(name) for name in ("ann", "bob", "eve")]
    read()

    assert len({ticket_of(raw) for raw in mails}) == 3
    kept = ticket_of(mails[1]).entries.get(seq=1)
    assert [file.name for file in kept.attachments.all()] == ["message.eml"]
    assert "could not be done together" in caplog.text
    assert together == []
    # Nothing of the first attempt is left.
    assert Leaf.objects.count() == Entry.objects.count()


def test_one_that_another_worker_has_settled_is_not_settled_again(together, monkeypatch):
    mails = [come(name) for name in ("ann", "bob", "eve")]
    look = inbound.look

    def be_overtaken(raw, mail, content, known):
        seen = look(raw, mail, content, known)
        if raw.pk == mails[1].pk:
            RawMessage.objects.filter(pk=raw.pk).update(outcome=RawMessage.Outcome.QUARANTINE)
        return seen

    monkeypatch.setattr(inbound, "look", be_overtaken)
    read()

    assert together == [2]
    assert Ticket.objects.count() == 2


def test_whoever_was_away_or_unreachable_is_there_again(together):
    away, gone = (make.address(f"{name}@post.example", name.title()) for name in ("away", "gone"))
    absences.begin(away, make.ticket(by=away).entries.first(), clock.now().date() + timedelta(days=3))
    suppressions.begin(gone, Suppression.Reason.MAILBOX, "550 no such user")
    mails = [come("away"), come("gone"), come("ann")]
    read()

    assert together == [3]
    assert not Absence.objects.filter(ended=None).exists()
    assert not Suppression.objects.filter(lifted=None).exists()
    assert [ticket_of(raw).last_seq for raw in mails] == [2, 2, 2]


def test_whoever_was_told_lately_or_while_machines_pause_is_not_told_again(together):
    make.address("ann@post.example", "Ann", proven=True)
    come("ann")
    read()
    mails = [come("ann", "Once more."), come("bob")]
    read()
    Pause.objects.create()
    mails += [come("eve"), come("joe")]
    read()

    assert together == [2, 2]
    assert [ticket_of(raw).last_seq for raw in mails] == [1, 2, 1, 1]
    reasons = Withheld.objects.order_by("pk").values_list("reason", flat=True)
    assert list(reasons) == [restraint.Reason.OFTEN, restraint.Reason.PAUSED, restraint.Reason.PAUSED]


def test_those_around_an_answer_to_an_older_mail_are_written_together(together):
    first = come("ann", message_id="<one@post.example>")
    read()
    mails = [come("bob"), come("ann", "And it smells.", in_reply_to="<one@post.example>"), come("eve")]
    read()

    assert together == [2]
    assert ticket_of(mails[1]) == ticket_of(first)
    assert len({ticket_of(raw) for raw in mails}) == 3


def test_what_nobody_should_read_and_what_machines_write_keeps_nobody_alone(together):
    names = ("ann", "bob", "eve", "joe")
    spam = come("spam", "Buy.", x_spam_flag="YES")
    told = come("shop", "Your parcel is on its way.", auto_submitted="auto-generated")
    mails = [come(name) for name in names[:2]]
    report = come("postmaster", "It could not be delivered.", envelope="<>")
    mails += [come(name) for name in names[2:]]
    read()

    assert together == [7]
    spam.refresh_from_db()
    assert (spam.outcome, spam.reason) == (RawMessage.Outcome.QUARANTINE, RawMessage.Reason.SPAM)
    assert (spam.subject, spam.entry) == ("Grinder", None)
    assert [ticket_of(raw).last_seq for raw in mails] == [2, 2, 2, 2]
    for raw in (told, report):
        # Nobody thanks a machine.
        assert [entry.automatic for entry in ticket_of(raw).entries.all()] == [True]


def test_a_wave_of_strangers_pauses_the_machine_in_the_middle_of_a_crowd(together, monkeypatch):
    monkeypatch.setattr(restraint, "COUNTED_EACH", 1)
    monkeypatch.setattr(restraint, "MOST_TO_STRANGERS", 3)
    for number in range(6):
        come(f"new{number}")
    read()

    assert together == [6]
    assert Pause.objects.filter(ended=None).count() == 1
    assert Withheld.objects.filter(reason=restraint.Reason.PAUSED).count() == 3
    assert Entry.objects.filter(code=restraint.ACKNOWLEDGEMENT).count() == 3


def test_who_reads_slowly_writes_down_what_is_read(together, monkeypatch):
    monkeypatch.setattr(crowd, "LONG", -1)
    mails = [come(name) for name in ("ann", "bob")]
    read()

    assert together == []
    assert len({ticket_of(raw) for raw in mails}) == 2
