from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ahadi.lib import clock
from ahadi.promises import rounds
from ahadi.promises.models import Alarm, Promise
from ahadi.testing import make
from ahadi.tickets.models import Entry

pytestmark = pytest.mark.django_db

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def events(ticket):
    """The codes of what happened by itself."""
    return list(
        Entry.objects.filter(ticket=ticket, kind="event", agent=None)
        .exclude(code="assigned")
        .order_by("seq")
        .values_list("code", flat=True)
    )


def attend(at):
    with clock.at(at):
        return rounds.attend()


@pytest.fixture
def owned(frozen):
    """A ticket of Mara's, promised for noon: it is ten o'clock."""
    make.company()
    make.lead()
    make.admin()
    return make.ticket(assignee=make.agent())


def test_the_owner_is_warned_when_a_quarter_of_the_time_is_left(owned, frozen):
    attend(frozen + HOUR)
    assert events(owned) == []

    attend(frozen + timedelta(minutes=91))

    alarm = Alarm.objects.get()
    assert (alarm.level, alarm.agent, alarm.due) == (0, owned.assignee, frozen + 90 * MINUTE)
    assert events(owned) == ["warned"]
    assert Promise.objects.in_danger(frozen + timedelta(minutes=91)).exists()


def test_a_warning_comes_at_least_a_quarter_of_an_hour_before(owned, frozen):
    owned.promise("A call", frozen + 40 * MINUTE, by=owned.assignee, reason="Sooner is possible")

    attend(frozen + 24 * MINUTE)
    assert events(owned) == []
    attend(frozen + 25 * MINUTE)
    assert events(owned) == ["warned"]


def test_a_warning_is_counted_in_business_time():
    make.company()
    friday = datetime(2026, 12, 4, 16, tzinfo=UTC)
    with clock.at(friday):
        ticket = make.ticket()
    assert ticket.due == datetime(2026, 12, 7, 10, tzinfo=UTC)

    attend(datetime(2026, 12, 6, 12, tzinfo=UTC))
    assert events(ticket) == []
    attend(datetime(2026, 12, 7, 9, 30, tzinfo=UTC))
    assert events(ticket) == ["warned"]


def test_the_customer_is_told_before_the_promise_breaks(owned, frozen):
    due = owned.due

    attend(due - 12 * MINUTE)

    owned.refresh_from_db()
    first, second = Promise.objects.order_by("pk")
    assert (first.announced, first.moved, first.broken) == (due - 12 * MINUTE, due - 12 * MINUTE, None)
    assert (second.due, second.again, second.made_by) == (owned.due, True, None)
    assert owned.due == due + 2 * HOUR
    assert events(owned)[-1] == "announced"
    said = Entry.objects.get(kind="reply", code="announced")
    assert said.automatic
    assert "It is not ready" in said.words.text
    assert "Mara\u2069 looks after your request" in said.words.text


def test_what_a_machine_says_is_no_news(owned, frozen):
    attend(owned.due - 12 * MINUTE)

    assert Promise.objects.get(ended=None).heard == frozen
    assert not Promise.objects.filter(kept__isnull=False).exists()


def test_a_promise_that_was_moved_by_a_machine_breaks_and_goes_up_the_chain_once_each(owned, frozen):
    attend(owned.due - 12 * MINUTE)
    owned.refresh_from_db()
    due = owned.due

    for minutes in range(-30, 180, 5):
        attend(due + minutes * MINUTE)
        attend(due + minutes * MINUTE)

    owned.refresh_from_db()
    assert owned.due == due
    levels = Alarm.objects.filter(promised=due).order_by("level").values_list("level", "due")
    assert list(levels)[1:] == [(1, due), (2, due + 30 * MINUTE), (3, due + 2 * HOUR)]
    names = [alarm.agent.name for alarm in Alarm.objects.filter(promised=due, level__gt=0).order_by("level")]
    assert names == ["Mara Lind", "Jonas Berg", "Ada Stone"]
    assert Promise.objects.get(ended=None).broken == due
    assert events(owned).count("announced") == 1
    assert Entry.objects.filter(kind="reply", code="broken").count() == 1


def test_what_was_missed_while_no_worker_lived_happens_at_the_start_with_its_true_time(owned, frozen):
    due = owned.due

    attend(due + 3 * HOUR)

    first = Promise.objects.order_by("pk")[0]
    assert first.broken == due
    assert events(owned) == ["broken", "escalated", "escalated", "explained"]
    since = [entry.words.data["since"] for entry in Entry.objects.filter(code__in=["broken", "escalated"])]
    assert since[0] == due.isoformat()
    owned.refresh_from_db()
    assert owned.due > due + 3 * HOUR


def test_nothing_happens_after_a_person_acted(owned, frozen):
    with clock.at(frozen + HOUR):
        owned.reply("It leaves tomorrow.", by=owned.assignee)

    attend(frozen + 2 * HOUR)

    assert events(owned) == []


def test_an_owner_who_moves_with_a_reason_tells_the_customer(owned, frozen):
    attend(frozen + timedelta(minutes=91))

    with clock.at(frozen + timedelta(minutes=95)):
        owned.refresh_from_db()
        owned.promise("", frozen + 5 * HOUR, by=owned.assignee, reason="The part comes this afternoon")
    attend(frozen + timedelta(minutes=100))

    assert events(owned) == ["warned"]
    said = Entry.objects.get(kind="reply", code="promised")
    assert "The part comes this afternoon" in said.words.text
    assert Promise.objects.get(ended=None).heard == frozen + timedelta(minutes=95)


def test_a_new_owner_takes_the_promise_along_and_is_not_escalated_again(owned, frozen):
    attend(owned.due + 3 * HOUR)
    owned.refresh_from_db()
    attend(owned.due + 4 * HOUR)
    before = Alarm.objects.count()

    with clock.at(owned.due + 4 * HOUR):
        owned.assign(make.agent("Noa Levi"), by=None)
    attend(owned.due + 5 * HOUR)

    assert Alarm.objects.count() == before
    assert Promise.objects.get(ended=None).owner_agent.name == "Noa Levi"


def test_a_customer_who_does_not_answer_is_asked_once_and_then_we_decide(owned, frozen):
    with clock.at(frozen + HOUR):
        owned.reply("Which colour is it?", by=owned.assignee, wait=True)
    due = owned.due

    attend(due)
    owned.refresh_from_db()
    assert events(owned) == ["nudged"]
    assert owned.status == "waiting"
    attend(owned.due)

    owned.refresh_from_db()
    assert events(owned) == ["nudged", "decision"]
    assert (owned.status, owned.step_code) == ("open", "news")
    assert not Promise.objects.filter(broken__isnull=False).exists()


def test_a_promise_that_fails_holds_nobody_else_up(owned, frozen, monkeypatch):
    other = make.ticket()
    one = Promise.objects.get(ticket=owned).pk
    whole = rounds.look_after
    monkeypatch.setattr(rounds, "look_after", lambda key: 1 / 0 if key == one else whole(key))

    attend(frozen + timedelta(minutes=91))

    assert events(other) == ["warned"]
    assert events(owned) == []


def test_nobody_is_told_of_a_ticket_they_may_not_see(owned, frozen):
    closed = make.team("Union")
    closed.is_private = True
    closed.save()
    member = make.lead("Lena Lead", teams=[closed])
    owned.hand_to(closed, by=owned.assignee)

    attend(frozen + 24 * HOUR)

    told = {alarm.agent for alarm in Alarm.objects.filter(level__gt=1)}
    assert told == {member}


def test_many_new_promises_are_put_off_together(owned, frozen, django_assert_num_queries):
    owned.reply("We look.", by=owned.assignee, wait=True)
    new = [make.ticket(assignee=owned.assignee) for _ in range(3)]
    times = {frozen + 90 * MINUTE, Promise.objects.open().get(ticket=owned).due}

    # One look for all, one transaction for what it found.
    with django_assert_num_queries(5):
        assert attend(frozen) == len(new) + 1

    assert set(Promise.objects.open().values_list("look", flat=True)) == times
    assert attend(frozen + HOUR) == 0


def test_a_promise_that_somebody_moved_meanwhile_is_not_put_off(owned, frozen):
    found = list(Promise.objects.asking(frozen))
    Promise.objects.update(look=frozen + MINUTE)

    rounds._put_off(dict.fromkeys(found, frozen + HOUR))

    assert Promise.objects.get().look == frozen + MINUTE
