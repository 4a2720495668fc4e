from __future__ import annotations

from datetime import timedelta

import pytest

from ahadi.desk import events
from ahadi.lib import clock
from ahadi.people.models import Session, Team
from ahadi.promises.models import Promise
from ahadi.routing import rounds
from ahadi.routing.models import Absence
from ahadi.testing import make
from ahadi.tickets.models import Entry, Tag, Ticket
from ahadi.tickets.said import Kind, Said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

DAY = timedelta(days=1)


@pytest.fixture
def team():
    make.company()
    found = make.team()
    found.routing = Team.Routing.TURNS
    found.save()
    return found


def away(agent, substitute=None, days=7):
    return Absence.objects.create(
        agent=agent, begins=clock.now(), ends=clock.now() + days * DAY, substitute=substitute
    )


def reason(ticket):
    return (
        Entry.objects.filter(ticket=ticket, agent=None, code__in=["assigned", "unrouted"])
        .latest("seq")
        .words.data
    )


def owner(ticket):
    ticket.refresh_from_db()
    return ticket.assignee.name if ticket.assignee else ""


def test_everybody_gets_one_in_turn(team):
    for name in ("Mara Lind", "Noa Levi", "Ioana Pop"):
        make.agent(name)

    owners = [owner(make.ticket()) for _each in range(6)]

    assert owners == ["Mara Lind", "Noa Levi", "Ioana Pop"] * 2


def test_whoever_has_least_to_do_gets_the_next_one(team):
    busy, idle = make.agent("Mara Lind"), make.agent("Noa Levi")
    make.ticket(team=make.team("Other"), assignee=busy)
    Team.objects.filter(pk=team.pk).update(routing=Team.Routing.LOAD)

    ticket = make.ticket()

    assert owner(ticket) == idle.name
    assert (reason(ticket)["why"], reason(ticket)["open"]) == ("load", 0)


def test_the_acknowledgement_names_the_person(team):
    make.agent("Noa Levi")

    make.ticket()

    said = Entry.objects.get(code="acknowledgement").words.text
    assert "Noa\u2069 reads your request" in said


def test_the_first_promise_is_the_persons(team):
    agent = make.agent("Noa Levi")

    ticket = make.ticket()

    (promise,) = Promise.objects.filter(ticket=ticket)
    assert promise.owner_agent == agent


def test_somebody_who_speaks_the_language_is_chosen(team):
    make.agent("Mara Lind")
    make.agent("Parisa Azad", languages=["fa"])

    ticket = make.ticket(language="fa", text="آسیاب کار نمی‌کند و صدا می‌دهد")

    assert (owner(ticket), reason(ticket)["why"]) == ("Parisa Azad", "language")


def test_that_nobody_speaks_the_language_is_said_and_not_hidden(team):
    make.agent("Mara Lind")

    ticket = make.ticket(language="fa", text="آسیاب کار نمی‌کند و صدا می‌دهد")

    assert owner(ticket) == ""
    assert events.read("unrouted", reason(ticket), "").text.startswith("Nobody in Support speaks")


def test_nobody_gets_more_than_they_can_do(team):
    make.agent("Mara Lind", capacity=1)

    first, second = make.ticket(), make.ticket()

    assert (owner(first), owner(second)) == ("Mara Lind", "")
    assert "has as much as they can do" in events.read("unrouted", reason(second), "").text


def test_who_is_away_gets_nothing(team):
    away(make.agent("Mara Lind"))
    make.agent("Noa Levi")

    assert [owner(make.ticket()), owner(make.ticket())] == ["Noa Levi", "Noa Levi"]


def test_that_nobody_is_there_is_said(team):
    away(make.agent("Mara Lind"))

    assert reason(make.ticket())["why"] == "absent"


def test_somebody_at_the_desk_is_chosen_before_others(team):
    make.agent("Mara Lind")
    here = make.agent("Noa Levi")
    Session.objects.create(session_key="here", expire_date=clock.now() + DAY, agent=here)

    assert owner(make.ticket()) == "Noa Levi"


def test_whoever_knows_about_it_is_chosen(team):
    make.agent("Mara Lind")
    make.agent("Ben Okoro", skills=["grinder"])
    ticket = make.ticket(team=make.team("Other"))
    ticket.retag([Tag.objects.create(name="grinder")], by=make.lead())

    ticket.hand_to(Team.objects.get(pk=team.pk), by=make.lead("Ruth"))

    assert (owner(ticket), reason(ticket)["why"]) == ("Ben Okoro", "skill")


def test_a_barred_person_gets_nothing_by_itself(team):
    barred = make.agent("Mara Lind")
    ticket = make.ticket(team=make.team("Other"))
    ticket.barred.add(barred)

    ticket.hand_to(Team.objects.get(pk=team.pk), by=make.lead(teams=[]))

    assert owner(ticket) == ""


def test_a_team_without_routing_keeps_its_tickets_together():
    make.agent()

    ticket = make.ticket()

    assert owner(ticket) == ""
    assert not Entry.objects.filter(code__in=["assigned", "unrouted"]).exists()


def test_an_owner_who_leaves_on_holiday_hands_over_with_promise_and_name(team, frozen):
    agent, other = make.agent("Mara Lind"), make.agent("Noa Levi")
    with clock.at(frozen - 2 * timedelta(minutes=50)):
        ticket = make.ticket()
    assert owner(ticket) == "Mara Lind"
    due = ticket.due
    away(agent, other)

    assert rounds.hand_over() == 1
    assert rounds.hand_over() == 0

    assert owner(ticket) == "Noa Levi"
    promise = Promise.objects.get(ticket=ticket)
    assert (promise.owner_agent, promise.due) == (other, due)
    assert "Noa\u2069 looks after your request" in Entry.objects.get(kind="reply", code="handed").words.text
    assert (
        events.read("assigned", reason(ticket), "").text == "Given to Noa Levi, who stands in for Mara Lind"
    )


def test_a_substitute_who_is_away_has_a_substitute(team):
    mara, noa, ben = (make.agent(name) for name in ("Mara Lind", "Noa Levi", "Ben Okoro"))
    ticket = make.ticket()
    away(noa, ben)
    away(mara, noa)

    rounds.hand_over()

    assert owner(ticket) == "Ben Okoro"


def test_without_a_substitute_the_team_has_it_again(team):
    mara = make.agent("Mara Lind")
    ticket = make.ticket()
    away(mara)

    rounds.hand_over()

    assert owner(ticket) == ""
    assert Ticket.objects.get(pk=ticket.pk).team == team


def test_a_message_to_somebody_away_reaches_whoever_stands_in(team):
    mara, noa = make.agent("Mara Lind"), make.agent("Noa Levi")
    ticket = make.ticket()
    ticket.solve(by=mara)
    away(mara, noa)
    rounds.hand_over()

    ticket.receive(Said(kind=Kind.MESSAGE, text="Again!", by=ticket.requester, address=ticket.address))

    assert owner(ticket) == "Noa Levi"


def test_an_absence_that_is_over_changes_nothing(team):
    mara = make.agent("Mara Lind")
    away(mara, days=1)

    with clock.at(clock.now() + 2 * DAY):
        assert owner(make.ticket()) == "Mara Lind"
