"""Mails of many people that come in one moment: those that begin tickets of their own, in one transaction.

Each goes through the one door as ever, with its leaf, its promise and all that follows from it; what they
share is the commit, and the way of their rows to the database; those that nobody should read are put aside
on the same way. Whatever points to a ticket, comes from one of us, is a report or a tracker's, or may belong
to another one of the same moment is left to `inbound.take_in`, which knows every case, after the others are
there to be found.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from django.db import transaction

from ahadi.channels import restraint
from ahadi.channels.email import Mail, evidence, inbound, quarantine, trackers
from ahadi.channels.email.inbound import Seen
from ahadi.channels.models import Delivery, RawMessage
from ahadi.ledger.models import Leaf
from ahadi.lib import together
from ahadi.lib.question import MANY, Question, filled
from ahadi.outbox.models import Job
from ahadi.people import identify
from ahadi.people.models import Address
from ahadi.promises.models import Promise
from ahadi.tickets.models import Entry, Ticket

# Seconds of reading after which those that are read are written: nobody waits for the slow mail of another.
LONG = 0.06
# What each of them becomes: a ticket with its promise, the words, and an answer that leaves.
WRITTEN = [model._meta.db_table for model in (Ticket, Entry, Entry, Leaf, Leaf, Promise, Delivery, Job)]


class Come(NamedTuple):
    """A mail that was read, and what was found out about it where that was asked."""

    raw: RawMessage
    mail: Mail
    content: bytes
    # Why nobody should read it, or an empty string.
    reason: str
    seen: Seen | None = None

    @property
    def writer(self) -> str:
        return self.mail.sender.email.lower()

    @property
    def id(self) -> str:
        return self.mail.message_id[: inbound.LONGEST_ID]

    @property
    def ids(self) -> set[str]:
        """Of itself and of those that it says it answers."""
        return {self.id, *evidence.answered(self.mail)} - {""}

    @property
    def is_odd(self) -> bool:
        """It is a report or a tracker's, or written by nobody."""
        return bool(self.mail.bounce) or trackers.is_of_one(self.mail) or not self.mail.sender.email

    @property
    def is_plain(self) -> bool:
        """It begins something of its own, by somebody who is none of us, or is put aside."""
        seen = self.seen
        if self.reason:
            return not self.is_odd
        return seen is not None and not seen.leads and seen.agent is None and seen.is_looked_for


def take_in(raws: Iterator[RawMessage]) -> None:
    """Read mails until enough can be written together or one has to go the ordinary way, and settle them."""
    some: list[Come] = []
    last: list[Come] = []
    begun = time.monotonic()
    for come in map(_read, raws):
        if any(_may_belong(come, other) for other in some):
            last = [come]
            break
        some.append(come)
        if len(some) == MANY or time.monotonic() - begun > LONG:
            break
    looked = _look(some)
    plain = [come for come in looked if come.is_plain]
    alone = [come for come in looked if not come.is_plain] + last
    if len(plain) > 1:
        alone = _settle(plain) + alone
    elif plain:
        _settle_alone(plain[0])
    for at, come in enumerate(alone):
        # What was found out before others were settled may be no longer true.
        _settle_alone(come._replace(seen=None) if plain or at else come)


def _read(raw: RawMessage) -> Come:
    content = raw.read()
    mail = inbound.read(raw, content)
    return Come(raw, mail, content, quarantine.reason_for(mail, raw))


def _look(some: list[Come]) -> list[Come]:
    """Weigh them as long as none of it takes long: it may ask the network."""
    read = [come.mail.sender.email for come in some if not come.is_odd and not come.reason]
    known = identify.find_all(Address.Kind.EMAIL, read)
    begun, looked = time.monotonic(), []
    for come in some:
        if not come.is_odd and not come.reason and time.monotonic() - begun <= LONG:
            seen = inbound.look(come.raw, come.mail, come.content, known.get(come.mail.sender.email))
            come = come._replace(seen=seen)
        looked.append(come)
    return looked


def _may_belong(come: Come, other: Come) -> bool:
    return come.writer == other.writer or not come.ids.isdisjoint(other.ids)


def _settle_alone(come: Come) -> None:
    inbound.settle(come.raw, come.mail, come.content, come.seen)


@transaction.atomic
def _settle(some: list[Come]) -> list[Come]:
    """Write them down together; those that have to go the ordinary way are left."""
    # All workers take people in one order, so that no two wait for each other.
    some = sorted(some, key=lambda come: come.writer)
    waiting = {pk for (pk,) in _WAITING.rows(*filled([come.raw.pk for come in some], MANY))}
    # What has none is asked for by one that nobody has.
    known = {name for (name,) in _KNOWN.rows(*filled([come.id or "-" for come in some], MANY))}
    left = [come for come in some if come.raw.pk not in waiting or come.id in known]
    taken = [come for come in some if come not in left]
    begun = [(come, *_with_address(come.raw, come.seen)) for come in taken if come.seen is not None]
    with (
        restraint.held([address for _come, _seen, address in begun]),
        together.written(len(begun), WRITTEN) as lot,
    ):
        for come, seen, _address in begun:
            lot.begin()
            inbound.begin(come.raw, come.mail, seen)
        for come in taken:
            if come.reason:
                lot.begin()
                inbound.put_aside(come.raw, come.mail, come.reason)
    return left


def _with_address(raw: RawMessage, seen: Seen) -> tuple[Seen, Address]:
    address = seen.address or inbound.address_of(seen.person, raw, is_new=True)
    return replace(seen, address=address), address


_WAITING = Question(
    lambda *pks: (
        RawMessage.objects.select_for_update()
        .filter(pk__in=pks, outcome=RawMessage.Outcome.PENDING)
        .order_by("pk")
        .values_list("pk")
    ),
    gaps=MANY,
)
_KNOWN = Question(
    lambda *ids: RawMessage.objects.filter(message_id__in=ids).exclude(outcome="").values_list("message_id"),
    gaps=MANY,
)
