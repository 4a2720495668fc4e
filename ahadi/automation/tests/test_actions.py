from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ahadi.automation import actions
from ahadi.automation.models import Macro
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def test_a_macro_does_everything_it_says_through_the_one_door():
    make.company()
    ticket, agent = make.ticket(), make.agent()
    workshop = make.team("Workshop")
    agent.teams.add(workshop)
    macro = Macro.objects.create(
        name="Repair",
        actions=[
            ["team", workshop.pk],
            ["assign", "me"],
            ["tags", ["repair"]],
            ["priority", 3],
            ["promise", {"step": "The workshop calls", "minutes": 120}],
        ],
    )

    actions.run(macro, ticket, by=agent)

    ticket.refresh_from_db()
    macro.refresh_from_db()
    assert (ticket.team, ticket.assignee, ticket.priority) == (workshop, agent, 3)
    assert [tag.name for tag in ticket.tags.all()] == ["repair"]
    assert (ticket.step_text, ticket.due) == ("The workshop calls", datetime(2026, 12, 2, 12, tzinfo=UTC))
    codes = list(ticket.entries.filter(kind="event", agent=agent).values_list("code", flat=True))
    assert codes == ["team", "assigned", "tags", "priority", "promised"]
    assert macro.uses == 1


def test_whoever_gets_a_ticket_by_a_macro_reads_which_one_it_was():
    ticket = make.ticket(assignee=make.agent())
    macro = Macro.objects.create(name="Warranty case", actions=[["assign", make.agent("Theo Brandt").pk]])

    actions.run(macro, ticket, by=make.lead())

    entry = ticket.entries.filter(code="assigned").latest("seq")
    assert (entry.words.data["sentence"], entry.words.data["handed"]) == ("Warranty case", True)


def test_every_step_is_a_sentence_before_it_is_done():
    macro = Macro(actions=[["assign", "nobody"], ["tags", ["a", "b"]], ["status", "solved"]])

    assert actions.describe(macro) == ["Give it back to its team", "Add the tags a, b", "Solve it"]


def test_what_has_become_impossible_is_left_out():
    ticket, agent = make.ticket(), make.agent()
    macro = Macro.objects.create(name="Old", actions=[["team", 999], ["assign", 999], ["never", 1]])

    assert actions.describe(macro) == []
    assert actions.run(macro, ticket, by=agent) == []


def test_what_is_so_already_is_not_done_again():
    agent = make.agent()
    ticket = make.ticket(assignee=agent)
    before = ticket.entries.count()
    macro = Macro.objects.create(name="Mine", actions=[["assign", "me"], ["priority", 2]])

    actions.run(macro, ticket, by=agent)

    assert ticket.entries.count() == before
