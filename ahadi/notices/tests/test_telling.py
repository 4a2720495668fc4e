from __future__ import annotations

import pytest

from ahadi.lib import clock
from ahadi.notices import telling, wishes
from ahadi.notices.models import Notice
from ahadi.outbox.models import Job
from ahadi.people.models import Agent
from ahadi.testing import make
from ahadi.tickets import followers, intake
from ahadi.tickets.models import Mention, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen", "company", "begun")]
Reason = Notice.Reason


@pytest.fixture
def company():
    return make.company()


@pytest.fixture
def begun(company) -> None:
    """Whatever was before the first round is not told."""
    telling.tell()


def answered(ticket: Ticket) -> None:
    intake.receive(intake.Inbound(channel="email", address=ticket.address, text="And now?", ticket=ticket))


def told(agent: Agent) -> list[tuple[str, int]]:
    telling.tell()
    return list(Notice.objects.filter(agent=agent).values_list("reason", "count"))


def test_whoever_is_given_a_ticket_is_told_and_whoever_takes_it_is_not():
    mara, ada = make.agent(), make.agent("Ada Stone")
    make.ticket().assign(mara, by=ada)
    make.ticket().assign(ada, by=ada)

    assert told(mara) == [(Reason.ASSIGNED, 1)]
    assert told(ada) == []


def test_answers_on_my_ticket_are_one_notice_with_a_number():
    mara = make.agent()
    ticket = make.ticket()
    ticket.assign(mara, by=mara)
    answered(ticket)
    answered(ticket)

    assert told(mara) == [(Reason.ANSWERED, 2)]


def test_what_was_read_is_told_anew():
    mara = make.agent()
    ticket = make.ticket()
    ticket.assign(mara, by=mara)
    answered(ticket)
    telling.tell()

    assert telling.read(mara, ticket) == 1
    answered(ticket)

    assert told(mara) == [(Reason.ANSWERED, 1), (Reason.ANSWERED, 1)]
    assert Notice.objects.unread().count() == 1


def test_who_is_called_by_name_is_told_that_and_nothing_weaker():
    mara, ada = make.agent(), make.agent("Ada Stone")
    ticket = make.ticket()
    followers.follow(ticket, mara)
    followers.mention(ticket.note("@Mara Lind look", by=ada), [mara])

    assert told(mara) == [(Reason.MENTIONED, 1)]
    assert told(ada) == []


def test_those_who_follow_hear_what_is_said():
    mara, ada = make.agent(), make.agent("Ada Stone")
    ticket = make.ticket()
    followers.follow(ticket, mara)
    ticket.reply("We look.", by=ada)

    assert told(mara) == [(Reason.FOLLOWED, 1)]


@pytest.mark.parametrize("code", ["warned", "broken", "escalated", "returned"])
def test_a_promise_in_danger_is_told_to_whom_the_chain_names(code: str):
    mara = make.agent()
    make.ticket().change(code, {"agent": mara.pk, "name": mara.name}, None)

    assert told(mara) == [(Reason.PROMISE, 1)]


def test_a_promise_that_nobody_owns_in_person_is_told_to_the_team():
    mara, other = make.agent(), make.agent("Wim", teams=[make.team("Workshop")])
    make.ticket().change("broken", {"agent": None, "name": ""}, None)

    assert told(mara) == [(Reason.PROMISE, 1)]
    assert told(other) == []


def test_nobody_is_told_of_a_ticket_they_may_not_see():
    mara = make.agent()
    ticket = make.ticket(team=make.team("Workshop"))
    followers.follow(ticket, mara)
    ticket.note("A secret", by=make.lead())

    assert told(mara) == []


def test_nobody_is_told_what_they_do_not_want_to_hear():
    mara = make.agent()
    wishes.choose(mara, {**wishes.USUAL, Reason.ASSIGNED: []}, quiet=True)
    make.ticket().assign(mara, by=None)

    assert told(mara) == []


def test_a_round_without_news_costs_little(django_assert_max_num_queries):
    telling.tell()

    # The place and the newest entry; PostgreSQL is asked for those who still write as well.
    with django_assert_max_num_queries(3):
        assert telling.tell() == 0


def test_a_push_waits_in_the_outbox():
    mara = make.agent()
    make.ticket().change("broken", {"agent": mara.pk}, None)

    telling.tell()

    assert Job.objects.filter(name="notices.push").count() == 1


def test_working_time_decides_when_somebody_is_left_in_peace():
    mara = make.agent()
    now = clock.now()

    assert not wishes.is_quiet(mara, now)
    assert wishes.is_quiet(mara, now.replace(hour=22))
    wishes.choose(mara, {}, quiet=False)
    assert not wishes.is_quiet(mara, now.replace(hour=22))


def test_a_call_is_read_when_the_ticket_is(frozen):
    ada, ticket = make.agent("Ada Stone"), make.ticket()
    entry = ticket.note("@Ada Stone, please look", by=make.lead())
    followers.mention(entry, [ada])

    telling.read(ada, ticket)

    assert not Mention.objects.filter(seen=None).exists()
