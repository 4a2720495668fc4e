"""Very many tickets, fast: the same rows as the one door writes, in bulk, for measuring.

They are what a house has in which people and workers have lived all the time: every line is in the log, every
promise was looked at, everybody was told, so that a worker that starts finds nothing to catch up with.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, NamedTuple

from django.db import connection, transaction

from ahadi.channels import asking_after
from ahadi.channels.models import Withheld
from ahadi.ledger import commitment, tree
from ahadi.ledger.models import Leaf, Opening
from ahadi.lib import clock
from ahadi.lib.folding import fold
from ahadi.lib.phrases import words_of
from ahadi.notices.models import Place
from ahadi.people.models import Address, Agent, Customer, Team
from ahadi.promises import times
from ahadi.promises.counting import NEWS
from ahadi.promises.models import Alarm, Progress, Promise
from ahadi.testing.bulk import Sheet, in_haste, is_postgresql, put, without_indexes
from ahadi.testing.texts import VOICES, Voice
from ahadi.tickets import feed, proof, targets
from ahadi.tickets.models import Entry, Ticket, Words
from ahadi.tickets.number import ALPHABET
from ahadi.tickets.said import Kind, Said
from ahadi.tickets.sequencing import sequence

# Tickets that are made at once, and that are written in one transaction.
BATCH, AT_ONCE = 1_000, 20_000
# Of a hundred tickets eight are open, as in a healthy company.
OPEN = 0.08
# From how many tickets on it is quicker to build the indexes at the end.
MANY = 20_000
YEAR = timedelta(days=365)
# Open tickets are young: so much of the time holds so many of them.
YOUNG, YOUNG_SHARE = 0.1, 0.8


class Cast(NamedTuple):
    """Who writes in the generated tickets."""

    addresses: dict[str, list[Address]]
    agents: list[Agent]
    teams: list[Team]


class Line(NamedTuple):
    """One entry before it is written."""

    said: Said
    at: datetime


class Sheets:
    """The tables of a ticket, each with its next key."""

    def __init__(self) -> None:
        self.ticket = Sheet(
            Ticket, "id", "number", "subject", "requester_id", "address_id", "channel", "language", "status",
            "priority", "team_id", "assignee_id", "step_code", "due", "opened", "updated", "solved",
            "waiting_since", "last_seq", "last_leaf", "last_public",
        )  # fmt: skip
        self.leaf = Sheet(Leaf, "id", "hash")
        self.opening = Sheet(Opening, "leaf_id", "salt", "event")
        self.entry = Sheet(
            Entry, "id", "ticket_id", "seq", "kind", "code", "agent_id", "customer_id", "address_id", "channel",
            "language", "at", "leaf_id",
        )  # fmt: skip
        self.words = Sheet(Words, "entry_id", "text", "data")
        self.promise = Sheet(
            Promise, "id", "ticket_id", "step_code", "owner_agent_id", "owner_team_id", "due", "made", "kept",
            "ended", "broken", "warned", "again", "heard", "look",
        )  # fmt: skip
        self.alarm = Sheet(Alarm, "promise_id", "ticket_id", "promised", "level", "agent_id", "due", "at")
        self.withheld = Sheet(Withheld, "ticket_id", "address_id", "code", "reason", "at")
        self.next = {sheet: sheet.next_key() for sheet in (self.ticket, self.leaf, self.entry, self.promise)}

    @property
    def all(self) -> list[Sheet]:
        """Each of them, in the order in which their rows name each other."""
        return [
            self.ticket, self.leaf, self.opening, self.entry, self.words, self.promise, self.alarm,
            self.withheld,
        ]  # fmt: skip

    def take(self, sheet: Sheet) -> int:
        """The key of the next row."""
        self.next[sheet] += 1
        return self.next[sheet] - 1


def fill(number: int, seed: int = 1, are_open: int | None = None) -> None:
    """Add this many tickets of four entries each, the same ones for the same seed and data."""
    chance = random.Random(seed)
    share = OPEN if are_open is None else are_open / number
    tables = [*(sheet.table for sheet in Sheets().all), "tickets_search"] if number >= MANY else []
    with in_haste(), without_indexes(tables):
        filling = Filling(chance, _gather(chance, number), number, share)
        for start in range(0, number, AT_ONCE):
            with transaction.atomic():
                for place in range(start, min(start + AT_ONCE, number), BATCH):
                    filling.write(place, min(BATCH, number - place))
        for sheet in filling.sheets.next:
            sheet.follow()
    sequence()
    _catch_up()
    with connection.cursor() as cursor:
        is_free = is_postgresql() and not connection.in_atomic_block
        cursor.execute("VACUUM (ANALYZE)" if is_free else "ANALYZE")


def _catch_up() -> None:
    """Whatever follows the entries of all tickets has read these."""
    Place.objects.update(entry=feed.end())
    newest = Entry.objects.order_by("-pk").values_list("pk", flat=True)[:1]
    Progress.objects.filter(name=NEWS).update(reached=newest[0])


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
    teams = list(Team.objects.select_related("working_hours"))
    return Cast(by_language, list(Agent.objects.filter(is_active=True)[:20]), teams)


class Filling:
    """Tickets of one run, in the order in which they were opened."""

    def __init__(self, chance: random.Random, cast: Cast, number: int, share: float) -> None:
        self.chance, self.cast, self.number = chance, cast, number
        self.now, self.sheets = clock.now(), Sheets()
        self.share = share
        self.calendar = cache(lambda team: targets.hours_of(team))
        self.rows: dict[Sheet, list[tuple[Any, ...]]] = {}
        self.found: list[tuple[int, int, str]] = []

    def write(self, start: int, size: int) -> None:
        """Add some of the tickets with everything that belongs to them."""
        self.rows, self.found = {sheet: [] for sheet in self.sheets.all}, []
        for place in range(start, start + size):
            ticket = self._ticket(place)
            self._add_entries(ticket)
            self._add_ticket(ticket)
            self._add_promises(ticket)
        for sheet, rows in self.rows.items():
            sheet.write(rows)
        _index(self.found)

    def _ticket(self, place: int) -> Ticket:
        chance = self.chance
        language = chance.choice(_LANGUAGES)
        voice, address = VOICES[language], chance.choice(self.cast.addresses[language])
        opened = self.now - timedelta(hours=1) - YEAR * (1 - (place + chance.random()) / self.number)
        is_solved = chance.random() > self._is_open(place)
        waits = not is_solved and chance.random() < 0.3
        ticket = Ticket(
            id=self.sheets.take(self.sheets.ticket),
            number="-".join("".join(chance.choices(ALPHABET, k=4)) for _ in range(3)),
            subject=_fill(chance, voice, chance.choice(voice.subjects)),
            requester=address.customer,
            address=address,
            channel=chance.choice(("email", "email", "form")),
            language=language,
            status="solved" if is_solved else "waiting" if waits else "open",
            priority=chance.choice((1, 2, 2, 2, 3, 4)),
            team=chance.choice(self.cast.teams),
            assignee=chance.choice([*self.cast.agents, None]),
            step_code=Ticket.Step.CUSTOMER if waits else Ticket.Step.NEWS,
            opened=opened,
            updated=opened + timedelta(minutes=50),
            solved=opened + timedelta(minutes=50) if is_solved else None,
        )
        if not is_solved:
            # Whoever we wait for would have been asked again when their time was over.
            first = 60 if waits or opened > self.now - timedelta(hours=12) else -600
            ticket.due = self.now + timedelta(minutes=chance.randrange(first, 6_000))
        if ticket.status == "open" and chance.random() < 0.5:
            ticket.waiting_since = opened + timedelta(minutes=30)
        return ticket

    def _is_open(self, place: int) -> float:
        """How probable it is that the ticket of this place is still open."""
        if place >= self.number * (1 - YOUNG):
            return self.share * YOUNG_SHARE / YOUNG
        return self.share * (1 - YOUNG_SHARE) / (1 - YOUNG)

    def _add_entries(self, ticket: Ticket) -> None:
        rows, sheets, first = self.rows, self.sheets, True
        for seq, line in enumerate(_history(self.chance, ticket, self.cast), start=1):
            said, leaf, key = line.said, sheets.take(sheets.leaf), sheets.take(sheets.entry)
            before = proof.Before(ticket.last_leaf, ticket.last_public)
            event = commitment.canonical(proof.event(ticket.number, before, said, seq, line.at, []))
            salt = commitment.new_salt()
            hash_ = tree.leaf_hash(commitment.leaf_data(salt, event))
            ticket.last_seq, (ticket.last_leaf, ticket.last_public) = seq, before.after(hash_, said.kind)
            rows[sheets.leaf].append((leaf, hash_))
            rows[sheets.opening].append((leaf, salt, event))
            agent = said.by.pk if isinstance(said.by, Agent) else None
            customer = said.by.pk if isinstance(said.by, Customer) else None
            address = said.address.pk if said.address else None
            rows[sheets.entry].append(
                (key, ticket.pk, seq, said.kind, said.code, agent, customer, address, said.channel,
                 said.language, line.at, leaf)
            )  # fmt: skip
            rows[sheets.words].append((key, said.text, json.dumps(dict(said.data))))
            if said.kind != Kind.EVENT:
                self.found.append((key, ticket.pk, fold(f"{ticket.subject if first else ''} {said.text}")))
            first = False

    def _add_ticket(self, ticket: Ticket) -> None:
        self.rows[self.sheets.ticket].append(
            (ticket.pk, ticket.number, ticket.subject, ticket.requester_id, ticket.address_id, ticket.channel,
             ticket.language, str(ticket.status), ticket.priority, ticket.team_id, ticket.assignee_id,
             str(ticket.step_code), ticket.due, ticket.opened, ticket.updated, ticket.solved,
             ticket.waiting_since, ticket.last_seq, ticket.last_leaf, ticket.last_public)
        )  # fmt: skip
        if ticket.solved and ticket.solved > self.now - asking_after.UNTIL:
            # Nobody is asked now whether it still works: they were, or did not want to be.
            self.rows[self.sheets.withheld].append(
                (ticket.pk, ticket.address_id, asking_after.CODE, "paused", ticket.solved)
            )

    def _add_promises(self, ticket: Ticket) -> None:
        owner = (ticket.assignee_id, ticket.team_id)
        first, answered = ticket.opened + timedelta(hours=8), ticket.opened + timedelta(minutes=15)
        key = self.sheets.take(self.sheets.promise)
        self.rows[self.sheets.promise].append(
            (key, ticket.pk, str(Ticket.Step.FIRST_ANSWER), *owner, first, ticket.opened, answered, answered,
             None, None, False, ticket.opened, None)
        )  # fmt: skip
        if ticket.due is None:
            return
        key, due = self.sheets.take(self.sheets.promise), ticket.due
        warned, again, look, told = self._looked_at(ticket, answered, due)
        broken = due if due <= self.now else None
        self.rows[self.sheets.promise].append(
            (key, ticket.pk, str(ticket.step_code), *owner, due, answered, None, None, broken, warned, again,
             answered, look)
        )  # fmt: skip
        self.rows[self.sheets.alarm] += [
            (key, ticket.pk, due, level, ticket.assignee_id, at, at) for level, at in told
        ]

    def _looked_at(
        self, ticket: Ticket, made: datetime, due: datetime
    ) -> tuple[datetime | None, bool, datetime | None, list[tuple[int, datetime]]]:
        """When its owner was warned, whether a machine has moved it, when to look again, and who was told."""
        if ticket.step_code == Ticket.Step.CUSTOMER:
            return None, False, due, []
        calendar = self.calendar(ticket.team)
        warning = times.warning(calendar, made, due)
        announcement = times.announcement(calendar, made, due)
        again = announcement <= self.now
        steps = [(level, times.escalation(calendar, due, level)) for level in times.CHAIN]
        told = [(int(level), at) for level, at in [(Alarm.Level.WARNING, warning), *steps] if at <= self.now]
        moments = [warning, due, *(at for _level, at in steps)] + ([] if again else [announcement])
        look = min((moment for moment in moments if moment > self.now), default=None)
        return (warning if warning <= self.now else None), again, look, told


_LANGUAGES = list(VOICES)


def _history(chance: random.Random, ticket: Ticket, cast: Cast) -> list[Line]:
    voice = VOICES[ticket.language]
    by = ticket.assignee or chance.choice(cast.agents)
    speak: Callable[..., Said] = partial(Said, channel=ticket.channel, language=ticket.language)
    asked = _fill(chance, voice, chance.choice(voice.messages))
    answer = _fill(chance, voice, chance.choice(voice.replies))
    end = "solved" if ticket.solved else "waiting"
    said = [
        speak(kind=Kind.MESSAGE.value, text=asked, by=ticket.requester, address=ticket.address),
        speak(kind=Kind.REPLY.value, text=answer, by=by),
        speak(kind=Kind.MESSAGE.value, text=chance.choice(voice.thanks), by=ticket.requester),
        Said(kind=Kind.EVENT.value, code=end, by=by),
    ]
    return [Line(one, ticket.opened + timedelta(minutes=15 * n)) for n, one in enumerate(said)]


def _fill(chance: random.Random, voice: Voice, sentence: str) -> str:
    return sentence.format(thing=chance.choice(voice.things), order=f"M-{chance.randrange(10_000, 99_999)}")


def _index(found: Sequence[tuple[int, int, str]]) -> None:
    if not is_postgresql():
        put("tickets_search (rowid, ticket_id, words)", 3, found)
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE found (entry_id bigint, ticket_id bigint, words text) ON COMMIT DROP"
        )
        words = ((entry, ticket, " ".join(words_of(text))) for entry, ticket, text in found)
        put("found (entry_id, ticket_id, words)", 3, words)
        cursor.execute(
            "INSERT INTO tickets_search SELECT entry_id, ticket_id, to_tsvector('simple', words) FROM found"
        )
        cursor.execute("DROP TABLE found")
