"""Fields of one's own, checklists, time and who is called in a note."""

from __future__ import annotations

import pytest

from ahadi.testing import make
from ahadi.tickets import chores, fields, followers
from ahadi.tickets.models import Field, Mention, Reading

pytestmark = pytest.mark.django_db


def field(kind="text", **more):
    return Field.objects.create(name=kind.title(), code=kind, kind=kind, **more)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("text", "  two   words ", "two words"),
        ("number", "۱۲٫۵۰", "12.5"),
        ("number", "1,5", "1.5"),
        ("number", "1,234.50", "1234.5"),
        ("number", "100", "100"),
        ("date", "2026-12-02", "2026-12-02"),
        ("choice", "Blue", "Blue"),
    ],
)
def test_values_are_kept_in_one_way(kind, typed, kept):
    assert fields.read(field(kind, choices=["Blue"]), typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed"),
    [("number", "many"), ("number", "NaN"), ("number", "1e99"), ("date", "tomorrow"), ("choice", "Red"),
     ("text", "x" * 501)],
)  # fmt: skip
def test_what_cannot_be_a_value_is_refused(kind, typed):
    with pytest.raises(fields.Wrong):
        fields.read(field(kind, choices=["Blue"]), typed)


def test_each_value_is_an_entry_and_the_newest_one_counts(frozen):
    agent, ticket, order = make.agent(), make.ticket(), field("text")

    fields.fill(ticket, order, "M-20418", by=agent)
    again = fields.fill(ticket, order, "M-20418", by=agent)
    fields.fill(ticket, order, "", by=agent)

    assert again is None
    assert fields.values(ticket) == {}
    kept = [entry.words.data["value"] for entry in ticket.entries.filter(code="field").order_by("seq")]
    assert kept == ["M-20418", ""]


def test_a_team_has_its_own_fields_and_those_for_all(frozen):
    ticket, billing = make.ticket(), make.team("Billing")
    field("text")
    field("number", team=billing)
    field("date", team=ticket.team, is_active=False)

    assert [each.code for each in fields.of(ticket)] == ["text"]


def test_a_note_calls_people_by_name_or_address(frozen):
    mara, mark = make.agent("Mara Lind"), make.agent("Mara Lindqvist")
    ada = make.agent("Ada Stone", email="ada@marlo.example")

    found = followers.called("@Mara Lindqvist, @ADA please; not x@Mara Lind", [mara, mark, ada])

    assert found == [mark, ada]


def test_who_is_called_follows_and_the_caller_is_not_told(frozen):
    mara, ada, ticket = make.agent("Mara Lind"), make.agent("Ada Stone"), make.ticket()
    entry = ticket.note("@Ada Stone @Mara Lind look", by=mara)

    followers.mention(entry, [mara, ada])

    assert followers.of(ticket) == [ada]
    assert followers.see(ticket, ada) == 1
    assert followers.see(ticket, ada) == 0
    assert Mention.objects.get().seen == frozen


def test_who_may_not_see_a_ticket_hears_nothing_though_they_follow(frozen):
    ticket, far = make.ticket(), make.agent("Far Away", teams=[make.team("Billing")])
    followers.follow(ticket, far)

    assert followers.of(ticket) == []


def test_a_line_of_a_checklist_is_ticked_by_somebody_once(frozen):
    agent, ticket = make.agent(), make.ticket()
    task = chores.add(ticket, "Call the courier", by=agent)

    chores.tick(task, True, by=agent)
    again = chores.tick(task, True, by=agent)

    assert again is None
    assert (chores.tasks(ticket)[0].done, chores.tasks(ticket)[0].done_by) == (frozen, agent)
    chores.drop(task, by=agent)
    assert chores.tasks(ticket) == []


def test_minutes_are_summed_by_person(frozen):
    mara, ada, ticket = make.agent("Mara Lind"), make.agent("Ada Stone"), make.ticket()
    for minutes, agent in ((5, mara), (20, ada), (10, mara)):
        chores.spend(ticket, minutes, by=agent)

    assert chores.spent(ticket) == [("Ada Stone", 20), ("Mara Lind", 15)]


def test_reading_is_remembered_once_a_day(frozen):
    agent, ticket = make.agent(), make.ticket()

    chores.note_reading(ticket, agent)
    chores.note_reading(ticket, agent)

    assert Reading.objects.count() == 1
    assert chores.readings(ticket) == [(agent.name, frozen.date())]
