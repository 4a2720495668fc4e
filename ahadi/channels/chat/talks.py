"""A talk with a visitor: it begins a ticket with the first word, and is that ticket ever after."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from ahadi import outbox
from ahadi.automation import speaking
from ahadi.channels import inboxes, restraint
from ahadi.channels.chat import here, joining, lines
from ahadi.channels.email import outbound
from ahadi.channels.models import Delivery, Line, Site, Talk, Upload, Visitor
from ahadi.channels.reactions import can_mail
from ahadi.lib import clock, languages, store
from ahadi.lib.question import Question
from ahadi.people import identify
from ahadi.people.models import Address, Agent, Customer
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import File, Said
from ahadi.tickets.thanks import is_only_thanks

# A visitor is known in this browser for so long after they were last here.
REMEMBERED = timedelta(days=30)
# How exact "last here" is written down.
FRESH = timedelta(minutes=5)
# What stands in a first line of words is the subject.
LONGEST_SUBJECT = 80


def enter(site: Site, *, language: str, time_zone: str = "", page: str = "") -> tuple[Visitor, str]:
    """A new visitor, and the token that only their panel has."""
    token = secrets.token_urlsafe(32)
    visitor = Visitor.objects.create(
        site=site,
        token_hash=hash_of(token),
        language=language,
        time_zone=time_zone[:64],
        page=page[:500],
    )
    return visitor, token


def find(token: str) -> Visitor | None:
    """Whose token this is; None where it is over or was never given."""
    if not 20 < len(token) < 200:
        return None
    found: list[Visitor] = _BY_TOKEN.objects(hash_of(token))
    if not found or not is_known(found[0]):
        return None
    visitor, now = found[0], clock.now()
    if visitor.seen < now - FRESH:
        visitor.seen = now
        visitor.save(update_fields=["seen"])
    return visitor


def is_known(visitor: Visitor) -> bool:
    """Neither signed out nor forgotten, on a site that has its chat still."""
    is_remembered = visitor.seen >= clock.now() - REMEMBERED
    return visitor.ended is None and visitor.site.is_active and is_remembered


def leave(visitor: Visitor) -> None:
    """Sign out: this token is good for nothing any more."""
    visitor.ended = clock.now()
    visitor.save(update_fields=["ended"])


def current(visitor: Visitor) -> Talk | None:
    """The talk that goes on when this visitor writes; whoever is proven finds theirs in every browser."""
    if visitor.is_proven and visitor.customer_id:
        found: list[Talk] = _OF_PERSON.objects(visitor.pk, visitor.customer_id)
    else:
        found = _OF_VISITOR.objects(visitor.pk)
    return found[0] if found else None


class Sent(NamedTuple):
    """What became of a word of the visitor."""

    line: Line
    # As it is after it; None where it has to be read.
    talk: Talk | None
    is_new: bool


@transaction.atomic
def say(visitor: Visitor, client_id: UUID, text: str, uploads: Sequence[tuple[Upload, str]] = ()) -> Sent:
    """A word of the visitor, in the talk that goes on or a new one; sent again, it is the same line."""
    # Two sendings at once wait for each other.
    (visitor,) = _LOCK.objects(visitor.pk)
    if known := sent(visitor, client_id):
        return known
    customer = _customer(visitor)
    talk = current(visitor)
    said = said_by(visitor, customer, client_id, text, uploads, talk)
    entry = _begin(visitor, customer, said) if talk is None else go_on(talk.ticket, said)
    # The files are the entry's now.
    if uploads:
        Upload.objects.filter(pk__in=[upload.pk for upload, _alt in uploads]).delete()
    line = entry.line
    if talk is not None:
        talk.last_line, talk.ended, talk.is_away = line.seq, None, False
    return Sent(line, talk, True)


def sent(visitor: Visitor, client_id: UUID) -> Sent | None:
    """What this browser has sent already under this name."""
    known: list[Line] = _SENT.objects(visitor.pk, client_id.hex)
    return Sent(known[0], None, False) if known else None


@transaction.atomic
def see(visitor: Visitor, seq: int) -> None:
    """The visitor has read up to here: what was on its way to them has arrived."""
    talk = current(visitor)
    if talk is None or seq <= talk.seen_line:
        return
    talk = Talk.objects.select_for_update(of=("self",)).get(pk=talk.pk)
    talk.seen_line = max(talk.seen_line, min(seq, talk.last_line))
    talk.save(update_fields=["seen_line"])
    moving = Delivery.objects.filter(
        channel=speaking.CHANNEL, state=Delivery.State.QUEUED, entry__ticket=talk.pk
    )
    arrived = moving.filter(entry__line__seq__lte=talk.seen_line)
    arrived.update(state=Delivery.State.SENT, sent=clock.now())


def note_seen(ticket: Ticket, agent: Agent) -> None:
    """Somebody of ours has the talk before them."""
    if ticket.channel != speaking.CHANNEL:
        return
    talk = Talk.objects.filter(pk=ticket.pk).first()
    if talk is not None and talk.our_seen_line < talk.last_line:
        Talk.objects.filter(pk=talk.pk).update(
            our_seen_line=talk.last_line, our_seen=clock.now(), our_seen_by=agent.first_name[:80]
        )
        here.touch(ticket.number)


@transaction.atomic
def end(talk: Talk, *, by: Agent | None = None, is_gone: bool = False) -> None:
    """The talk is over; the ticket and its promise stay."""
    talk.ticket.lock()
    if talk.ended is None or (talk.is_away and not is_gone):
        whose = "gone" if is_gone else "agent" if by else "visitor"
        talk.ticket.change(speaking.ENDED, {"by": whose}, by)


@transaction.atomic
def begin_anew(visitor: Visitor) -> None:
    """What this visitor writes next is another matter; the old one stays under its code."""
    talk = current(visitor)
    if talk is None:
        return
    end(talk)
    Talk.objects.filter(pk=talk.pk).update(left=clock.now())


@transaction.atomic
def open_case(visitor: Visitor, number: str) -> Talk | None:
    """Go on with an earlier request of the same proven person, or a talk of this very visitor."""
    ticket = Ticket.objects.filter(number=number).first()
    if ticket is None:
        return None
    living = ticket.living
    living.lock()
    talk = Talk.objects.select_related("visitor").filter(pk=living.pk).first()
    # A request that came by another way, or went on in another one, is the proven person's all the same.
    is_persons = visitor.is_proven and visitor.customer_id == living.requester_id
    is_persons = is_persons and living.step_code != Ticket.Step.ENDED
    is_own = talk is not None and talk.visitor_id == visitor.pk
    if not is_own and not (is_persons and (talk is None or talk.visitor.proof)):
        return None
    for other in Talk.objects.filter(visitor=visitor, left=None).exclude(pk=living.pk):
        Talk.objects.filter(pk=other.pk).update(left=clock.now())
    joining.join(living, visitor)
    return current(visitor)


@transaction.atomic
def take_identity(visitor: Visitor, customer: Customer) -> None:
    """The talk that goes on belongs to the person whom the website has named; one way, once."""
    talk = Talk.objects.filter(visitor=visitor, left=None).select_related("ticket").order_by("-begun").first()
    if talk is None or talk.ticket.requester_id == customer.pk:
        return
    address = talk.ticket.address or customer.addresses.filter(proven__isnull=False).first()
    data = {"name": customer.name, "proof": visitor.proof}
    talk.ticket.change("identified", data, None, requester=customer, address=address)


@transaction.atomic
def give_way(talk: Talk, kind: str, value: str) -> Address:
    """Where answers go when the visitor has gone; raises identify.Unreadable."""
    ticket = talk.ticket
    ticket.lock()
    address = identify.find(kind, value)
    if address is None:
        # Somebody new: the address is theirs as they say, until they answer from it.
        address = Address.objects.create(
            customer=ticket.requester,
            kind=kind,
            value=identify.normalise(kind, value),
            shown=value.strip()[:254],
        )
    if ticket.address_id == address.pk:
        return address
    ticket.change("way", {"kind": kind, "to": address.shown}, None, address=address)
    if can_mail(address) and not restraint.objection(ticket, address, "way"):
        _mail_code(ticket, address)
    return address


def adopt(entry: Entry) -> None:
    """Whoever answers from the address that was named has shown that it is theirs: the talk is theirs too."""
    ticket = entry.ticket
    joining.follow(entry)
    if ticket.channel != speaking.CHANNEL or entry.kind != Entry.Kind.MESSAGE or entry.channel != "email":
        return
    address = entry.address
    if address is None or address.pk != ticket.address_id or address.customer_id == ticket.requester_id:
        return
    data = {"name": address.customer.name, "proof": "mail"}
    ticket.change("identified", data, None, requester=address.customer)


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return sha256(token.encode()).hexdigest()


def _talks(own: Q) -> QuerySet[Talk]:
    found = Talk.objects.filter(own, left=None, ticket__merged_into=None)
    wanted = (
        "ticket__team__working_hours",
        "ticket__assignee",
        "ticket__address",
        "ticket__requester",
        "visitor",
    )
    return found.select_related(*wanted).order_by("-begun", "-pk")[:1]


_BY_TOKEN = Question(
    lambda digest: Visitor.objects.select_related("site__team__working_hours", "customer").filter(
        token_hash=digest
    )
)
_LOCK = Question(
    lambda visitor: (
        Visitor.objects.select_for_update(of=("self",))
        .select_related("site__team__working_hours", "customer")
        .filter(pk=visitor)
    )
)
_SENT = Question(
    lambda visitor, client_id: Line.objects.select_related("entry__ticket").extra(
        where=["channels_line.visitor_id = %s", "channels_line.client_id = %s"], params=[visitor, client_id]
    )
)
_OF_VISITOR = Question(lambda visitor: _talks(Q(visitor=visitor)))
_OF_PERSON = Question(
    lambda visitor, customer: _talks(
        # Two questions in one: by an "or" across tables all talks would be looked through.
        Q(
            pk__in=Talk.objects.filter(visitor=visitor)
            .values("pk")
            .union(Talk.objects.filter(ticket__requester=customer).exclude(visitor__proof="").values("pk"))
        )
    )
)


def _customer(visitor: Visitor) -> Customer:
    if visitor.customer is None:
        name, zone = visitor.name[:120], visitor.time_zone
        visitor.customer = Customer.objects.create(name=name, language=visitor.language, time_zone=zone)
        visitor.save(update_fields=["customer"])
    return visitor.customer


def said_by(
    visitor: Visitor,
    customer: Customer,
    client_id: UUID,
    text: str,
    uploads: Sequence[tuple[Upload, str]],
    talk: Talk | None,
) -> Said:
    """What a visitor wrote, as it goes into the ticket of their talk."""
    data: dict[str, Any] = {"visitor": visitor.pk, "client_id": str(client_id)}
    if talk is None:
        # The panel says at once what a mail would say.
        data |= {"no_acknowledgement": True, "site": visitor.site.name, "page": visitor.page}
        data |= {"fields": visitor.fields} if visitor.fields else {}
    if alts := {upload.name: alt for upload, alt in uploads if alt}:
        data["alts"] = alts
    return Said(
        kind=Entry.Kind.MESSAGE,
        text=text,
        new_text=text,
        by=customer,
        channel=speaking.CHANNEL,
        language=talk.ticket.language if talk else _language(visitor, text),
        files=[File(each.name, each.content_type, store.read(each.sha256)) for each, _alt in uploads],
        data=data,
    )


def _language(visitor: Visitor, text: str) -> str:
    code, is_sure = languages.detect(text, [code for code, _name in settings.LANGUAGES])
    return code if is_sure else visitor.language


def _begin(visitor: Visitor, customer: Customer, said: Said) -> Entry:
    line = next((line.strip() for line in said.text.splitlines() if line.strip()), "")
    subject = line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1].rstrip() + "…"
    proven = customer.addresses.filter(proven__isnull=False).first() if visitor.is_proven else None
    return Ticket.begin(
        said,
        subject=subject or ", ".join(file.name for file in said.files),
        requester=customer,
        address=proven,
        language=said.language,
        team=visitor.site.team,
    )


def go_on(ticket: Ticket, said: Said) -> Entry:
    """A further word in a talk; thanks alone open nothing again."""
    changes = {}
    if ticket.channel != speaking.CHANNEL:
        # It came by another way, and from here on it is a talk.
        ticket.lock()
        lines.fill(Talk.objects.get(pk=ticket.pk))
        changes["channel"] = speaking.CHANNEL
    if ticket.is_solved and not said.files and is_only_thanks(said.text):
        return ticket.append(said, **changes)
    return ticket.receive(said, **changes)


def _mail_code(ticket: Ticket, address: Address) -> None:
    """The confirmation goes after whoever might leave: with the code, and a link that proves the address."""
    told = Entry.objects.filter(ticket=ticket, code="acknowledgement", automatic=True).first()
    if told is None or Delivery.objects.filter(entry=told, address=address).exists():
        return
    message_id = outbound.message_id_of(ticket, told.seq, inboxes.of(ticket))
    delivery = Delivery.objects.create(
        entry=told, address=address, channel="email", automatic=True, message_id=message_id
    )
    outbox.put("channels.send", {"delivery_id": delivery.pk}, order_by=ticket.number)
