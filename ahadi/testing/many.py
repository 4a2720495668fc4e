"""Very many tickets, fast: the same rows as the one door writes, in bulk, for measuring."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Max

from ahadi.ledger import commitment, tree
from ahadi.ledger.models import Leaf, Opening
from ahadi.lib import clock
from ahadi.lib.folding import fold
from ahadi.people.models import Address, Agent, Customer, Team
from ahadi.promises.models import Promise
from ahadi.testing.texts import VOICES, Voice
from ahadi.tickets import proof
from ahadi.tickets.models import Entry, Ticket, Words
from ahadi.tickets.number import ALPHABET
from ahadi.tickets.said import Kind, Said
from ahadi.tickets.sequencing import sequence

BATCH = 1000
# Of a hundred tickets eight are open, as in a healthy company.
SOLVED = 0.92


class Cast(NamedTuple):
    """Who writes in the generated tickets."""

    addresses: dict[str, list[Address]]
    agents: list[Agent]
    teams: list[Team]


class Line(NamedTuple):
    """One entry before it is written."""

    said: Said
    at: datetime


def fill(number: int, seed: int = 1) -> None:
    """Add this many tickets of four entries each, the same ones for the same seed and data."""
    chance = random.Random(seed)
    cast = _gather(chance, number)
    for start in range(0, number, BATCH):
        with transaction.atomic():
            _write(chance, cast, min(BATCH, number - start))
    sequence()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _gather(chance: random.Random, number: int) -> Cast:
    people = max(5, min(2000, number // 20))
    languages = list(VOICES)
    customers = Customer.objects.bulk_create(
        Customer(name=chance.choice(VOICES[language].names), language=language)
        for language in (languages[n % 5] for n in range(people))
    )
    mark = f"{chance.getrandbits(40):x}"
    addresses = Address.objects.bulk_create(
        Address(
            customer=customer,
            kind=Address.Kind.EMAIL,
            value=f"c{n}.{mark}@post.example",
            shown=f"c{n}.{mark}@post.example",
            proven=clock.now(),
        )
        for n, customer in enumerate(customers)
    )
    by_language = {
        code: [address for address in addresses if address.customer.language == code] for code in languages
    }
    return Cast(by_language, list(Agent.objects.filter(is_active=True)[:20]), list(Team.objects.all()))


def _write(chance: random.Random, cast: Cast, size: int) -> None:
    tickets = [_ticket(chance, cast) for _ in range(size)]
    histories = [_history(chance, ticket, cast) for ticket in tickets]
    first_leaf = (Leaf.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    leaves: list[Leaf] = []
    openings: list[Opening] = []
    entries: list[tuple[Ticket, int, Line]] = []
    for ticket, history in zip(tickets, histories, strict=True):
        for seq, line in enumerate(history, start=1):
            leaf, opening = _leaf(ticket, seq, line, first_leaf + len(leaves))
            leaves.append(leaf)
            openings.append(opening)
            entries.append((ticket, seq, line))
            now = proof.Before(ticket.last_leaf, ticket.last_public).after(bytes(leaf.hash), line.said.kind)
            ticket.last_seq, (ticket.last_leaf, ticket.last_public) = seq, now
    Ticket.objects.bulk_create(tickets)
    Leaf.objects.bulk_create(leaves)
    Opening.objects.bulk_create(openings)
    written = Entry.objects.bulk_create(
        _entry(ticket, seq, line, leaf) for (ticket, seq, line), leaf in zip(entries, leaves, strict=True)
    )
    Words.objects.bulk_create(
        Words(entry=entry, text=line.said.text, data=dict(line.said.data))
        for entry, (_ticket, _seq, line) in zip(written, entries, strict=True)
    )
    _index(written, [line.said.text for _ticket, _seq, line in entries])
    Promise.objects.bulk_create(_promise(ticket) for ticket in tickets if ticket.due)
    _move_sequence()


def _ticket(chance: random.Random, cast: Cast) -> Ticket:
    language = chance.choice(list(VOICES))
    voice, address = VOICES[language], chance.choice(cast.addresses[language])
    is_solved = chance.random() < SOLVED
    age = timedelta(minutes=chance.randrange(60, 525_600 if is_solved else 20_000))
    opened = clock.now() - age
    waits = not is_solved and chance.random() < 0.3
    return Ticket(
        number="-".join("".join(chance.choices(ALPHABET, k=4)) for _ in range(3)),
        subject=_fill(chance, voice, chance.choice(voice.subjects)),
        requester=address.customer,
        address=address,
        channel=chance.choice(("email", "email", "form")),
        language=language,
        status="solved" if is_solved else "waiting" if waits else "open",
        priority=chance.choice((1, 2, 2, 2, 3, 4)),
        team=chance.choice(cast.teams),
        assignee=chance.choice([*cast.agents, None]),
        step_code=Ticket.Step.CUSTOMER if waits else Ticket.Step.NEWS,
        due=None if is_solved else clock.now() + timedelta(minutes=chance.randrange(-600, 6000)),
        opened=opened,
        updated=opened + timedelta(minutes=50),
        solved=opened + timedelta(minutes=50) if is_solved else None,
    )


def _history(chance: random.Random, ticket: Ticket, cast: Cast) -> list[Line]:
    voice = VOICES[ticket.language]
    by = ticket.assignee or chance.choice(cast.agents)
    speak = partial(Said, channel=ticket.channel, language=ticket.language)
    asked = _fill(chance, voice, chance.choice(voice.messages))
    answer = _fill(chance, voice, chance.choice(voice.replies))
    said = [
        speak(kind=Kind.MESSAGE, text=asked, by=ticket.requester, address=ticket.address),
        speak(kind=Kind.REPLY, text=answer, by=by),
        speak(kind=Kind.MESSAGE, text=chance.choice(voice.thanks), by=ticket.requester),
        Said(kind=Kind.EVENT, code="solved" if ticket.solved else "waiting", by=by),
    ]
    return [Line(one, ticket.opened + timedelta(minutes=15 * n)) for n, one in enumerate(said)]


def _fill(chance: random.Random, voice: Voice, sentence: str) -> str:
    return sentence.format(thing=chance.choice(voice.things), order=f"M-{chance.randrange(10_000, 99_999)}")


def _leaf(ticket: Ticket, seq: int, line: Line, key: int) -> tuple[Leaf, Opening]:
    before = proof.Before(ticket.last_leaf, ticket.last_public)
    event = commitment.canonical(proof.event(ticket.number, before, line.said, seq, line.at, []))
    salt = commitment.new_salt()
    leaf = Leaf(pk=key, hash=tree.leaf_hash(commitment.leaf_data(salt, event)))
    return leaf, Opening(leaf=leaf, salt=salt, event=event)


def _entry(ticket: Ticket, seq: int, line: Line, leaf: Leaf) -> Entry:
    said = line.said
    return Entry(
        ticket=ticket,
        seq=seq,
        kind=said.kind,
        code=said.code,
        agent=said.by if isinstance(said.by, Agent) else None,
        customer=said.by if isinstance(said.by, Customer) else None,
        address=said.address,
        channel=said.channel,
        language=said.language,
        at=line.at,
        leaf=leaf,
    )


def _index(entries: list[Entry], texts: list[str]) -> None:
    column, words = ("entry_id", "to_tsvector('simple', %s)") if _is_postgresql() else ("rowid", "%s")
    statement = f"INSERT INTO tickets_search ({column}, ticket_id, words) VALUES (%s, %s, {words})"
    with connection.cursor() as cursor:
        cursor.executemany(statement, list(_search_rows(entries, texts)))


def _search_rows(entries: list[Entry], texts: list[str]) -> Iterator[tuple[int, int, str]]:
    for entry, text in zip(entries, texts, strict=True):
        if entry.kind != Kind.EVENT:
            subject = entry.ticket.subject if entry.seq == 1 else ""
            yield entry.pk, entry.ticket_id, fold(f"{subject} {text}")


def _promise(ticket: Ticket) -> Promise:
    assert ticket.due is not None
    return Promise(
        ticket=ticket,
        step_code=ticket.step_code,
        owner_agent=ticket.assignee,
        owner_team=ticket.team,
        due=ticket.due,
        made=ticket.opened,
    )


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def _move_sequence() -> None:
    # The leaves carried their keys along, so PostgreSQL's own counter has to follow.
    if _is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('ledger_leaf', 'id'), (SELECT max(id) FROM ledger_leaf))"
            )
