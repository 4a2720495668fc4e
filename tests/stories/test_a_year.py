"""A year of a company in three time zones: promises stand, breaks are announced, figures come out again.

The clock is given. Tickets come, are answered, moved, handed over or forgotten; people go on holiday; the
worker is away for days at a time. After every step the rules hold. With YEAR=busy in the environment five
times as much happens.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Case, F, Q, When

from ahadi.lib import clock
from ahadi.people.models import Agent, Team, WorkingHours
from ahadi.promises import audit, counting, rounds
from ahadi.promises.models import Alarm, Policy, Promise, Target
from ahadi.routing import rounds as routing
from ahadi.routing.models import Absence
from ahadi.testing import make
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import Kind, Said

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 1, 6, tzinfo=UTC)
DAYS = 365
# The share of days on which something happens, and how much of each kind of end has to come of it.
BUSY, LEAST = (1, 60) if os.environ.get("YEAR") == "busy" else (0.2, 12)
HOUR = timedelta(hours=1)
OFFICE = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), [["09:00", "13:00"], ["14:00", "18:00"]])
PLACES = {
    "Bucharest": ("Europe/Bucharest", OFFICE, {"2026-12-01": "Ziua Națională", "2026-12-25": "Crăciunul"}),
    "Tehran": (
        "Asia/Tehran",
        dict.fromkeys(("sat", "sun", "mon", "tue", "wed"), [["08:00", "16:00"]])
        | {"thu": [["08:00", "12:00"]]},
        {f"2026-03-{day}": "نوروز" for day in range(21, 25)},
    ),
    "Nairobi": (
        "Africa/Nairobi",
        dict.fromkeys(("mon", "tue", "wed", "thu"), [["22:00", "06:00"]]),
        {"2026-12-12": {"name": "Jamhuri", "open": [["09:00", "12:00"]]}},
    ),
}


class Year:
    """The company, its people and what happens to them, by chance that is the same each time."""

    def __init__(self) -> None:
        self.chance = random.Random(20260301)
        make.company()
        make.admin()
        self.teams = [self.team(name) for name in PLACES]
        Policy.objects.create(name="All", first=4 * HOUR, next=6 * HOUR, solution=40 * HOUR)
        self.seen: Counter[str] = Counter()
        self.now = START

    def team(self, name: str) -> Team:
        zone, hours, holidays = PLACES[name]
        team = make.team(name)
        team.working_hours = WorkingHours.objects.create(
            name=name, time_zone=zone, hours=hours, holidays=holidays
        )
        team.routing = Team.Routing.TURNS
        team.lead = make.lead(f"Lead {name}", teams=[team])
        team.save()
        for number in range(2):
            make.agent(f"{name} {number}", teams=[team])
        return team

    def day(self, morning: datetime) -> None:
        """One day: somebody asks, somebody answers or forgets; now and then the worker is away."""
        is_working = self.chance.random() > 0.15
        if self.chance.random() < 0.05:
            self.go_away(morning)
        # Two things on a busy day, none on the others: what matters is what comes due by itself.
        for hour in sorted(self.chance.sample(range(24), 2 * (self.chance.random() < BUSY))):
            if is_working:
                self.live_until(morning + hour * HOUR)
            with clock.at(morning + hour * HOUR):
                self.happen()
                check()
        if is_working:
            self.live_until(morning + 24 * HOUR)

    def live_until(self, end: datetime) -> None:
        """A worker that takes every step when it is due, and is started again at each."""
        while True:
            due = Promise.objects.open().filter(look__lte=end).order_by("look").values_list("look", flat=True)
            moment = max(due[0], self.now) if due else end
            self.now = moment
            with clock.at(moment):
                # A promise that is moved is looked at anew; nothing goes on for ever.
                assert any(rounds.attend() == 0 for _each in range(4))
            if moment >= end:
                break
        with clock.at(end):
            routing.hand_over()
            counting.follow()

    def happen(self) -> None:
        """One thing that a customer or an agent does."""
        open_ones = list(Ticket.objects.open().order_by("pk"))
        if not open_ones or self.chance.random() < 0.25:
            make.ticket(team=self.chance.choice(self.teams))
            return
        ticket = self.chance.choice(open_ones)
        agent = ticket.assignee or self.chance.choice(list(Agent.objects.filter(teams=ticket.team)))
        verb = self.chance.choice(
            ["reply", "reply", "ask", "solve", "solve", "customer", "move", "hand", "note"]
        )
        self.seen[verb] += 1
        self.act(ticket, agent, verb)

    def act(self, ticket: Ticket, agent: Agent, verb: str) -> None:
        words = Said(kind=Kind.MESSAGE, text="And?", by=ticket.requester, address=ticket.address)
        verbs = {
            "reply": lambda: ticket.reply("We look into it.", by=agent),
            "ask": lambda: ticket.reply("Which colour is it?", by=agent, wait=True),
            "solve": lambda: ticket.reply("Solved.", by=agent, solve=True),
            "customer": lambda: ticket.receive(words),
            "move": lambda: ticket.promise("", clock.now() + 3 * HOUR, by=agent, reason="It takes longer"),
            "hand": lambda: ticket.hand_to(self.chance.choice(self.teams), by=agent),
            "note": lambda: ticket.note("Careful.", by=agent),
        }
        verbs[verb]()

    def go_away(self, morning: datetime) -> None:
        agents = list(Agent.objects.filter(role=Agent.Role.AGENT).order_by("pk"))
        one, other = self.chance.sample(agents, 2)
        days = self.chance.randint(1, 14)
        Absence.objects.create(
            agent=one, substitute=other, begins=morning, ends=morning + timedelta(days=days)
        )


def check() -> None:
    """No open ticket is without next step, owner and due, and its promise says the same."""
    open_ones = Ticket.objects.open()
    bare = open_ones.filter(Q(due=None) | Q(step_code="") | Q(team=None))
    assert not bare.exists()
    standing = Promise.objects.open()
    assert open_ones.count() == standing.count()
    other = standing.exclude(
        due=F("ticket__due"), step_code=F("ticket__step_code"), owner_team=F("ticket__team")
    )
    assert not other.exists()


def figures() -> list[tuple[object, ...]]:
    """Every clock as it stands in the table; one that runs may be missed any moment, so it is not asked."""
    found = Target.objects.order_by("ticket", "metric", "place")
    ended = Case(When(ended__isnull=False, then="missed"))
    return list(found.annotate(late=ended).values_list("due", "ended", "segments", "late"))


def told(promise: Promise) -> bool:
    """The customer was told that this promise would break, or why it did, when it was noticed."""
    about = Entry.objects.filter(
        ticket=promise.ticket, kind="event", code__in=["announced", "explained", "broken"]
    )
    return any(
        promise.due.isoformat() in (data.get("was"), data.get("due"))
        for data in about.values_list("words__data", flat=True)
    )


def test_a_year_in_three_time_zones_keeps_every_rule():
    with clock.at(START):
        year = Year()
    for number in range(DAYS):
        year.day(START + timedelta(days=number))
    end = START + timedelta(days=DAYS)
    year.live_until(end)
    with clock.at(end):
        check()

        # Every break was noticed: announced before, or explained by somebody or something after it.
        broken = Promise.objects.filter(broken__isnull=False).select_related("ticket")
        silent = [
            promise
            for promise in broken
            if promise.kept is None and promise.moved is None and not told(promise)
        ]
        assert broken.count() > LEAST
        assert silent == []
        assert Promise.objects.filter(announced__isnull=False, broken=None).count() > LEAST
        # Nobody was told twice of the same thing.
        alarms = Counter(Alarm.objects.values_list("ticket", "promised", "level"))
        assert max(alarms.values()) == 1
        events = Counter(
            (entry.ticket_id, entry.code, entry.words.data["due"], entry.words.data["level"])
            for entry in Entry.objects.filter(
                kind="event", code__in=["warned", "broken", "escalated"]
            ).select_related("words")
        )
        assert max(events.values()) == 1
        # No alarm came before its time.
        assert not Alarm.objects.filter(at__lt=F("due")).exists()
        # The figures come out of the entries again.
        assert Target.objects.count() > 4 * LEAST
        before = figures()
        counting.count_again(list(Ticket.objects.select_related("requester__organization")))
        assert figures() == before
        assert list(audit.audit()) == []
    assert set(year.seen) == {"reply", "ask", "solve", "customer", "move", "hand", "note"}
