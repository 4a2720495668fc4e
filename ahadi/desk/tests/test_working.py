"""Work on a ticket at the desk: merged, split, linked, put away, filled in, ticked, called."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from ahadi.lib import clock
from ahadi.outbox import jobs
from ahadi.promises import returning
from ahadi.testing import make
from ahadi.tickets import chores, linking
from ahadi.tickets.models import Field, Follower, Link, Mention, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company(frozen):
    make.company()


def door(name, ticket, *more):
    return reverse(f"desk:{name}", args=["open", ticket.number, *more])


def send(desk, name, ticket, *more, **fields):
    answer = desk.post(door(name, ticket, *more), fields)
    ticket.refresh_from_db()
    return answer


def panel(desk, ticket):
    return desk.get(door("work", ticket)).content.decode()


def test_two_tickets_of_one_customer_become_one_and_two_again(desk):
    anna = make.address()
    first, second = make.ticket(by=anna), make.ticket(by=anna, subject="The same again")

    answer = send(desk, "merging", first, number=second.number.lower().replace("-", " "))

    assert answer["Location"] == door("ticket", second)
    assert first.merged_into == second
    page = desk.get(door("ticket", first)).content.decode()
    assert "This ticket goes on in another one." in page
    assert 'class="composer"' not in page
    assert first.number in panel(desk, second)
    send(desk, "unmerging", first)
    assert (first.merged_into, first.status) == (None, "open")


def test_nothing_is_said_in_a_ticket_that_goes_on_elsewhere(desk):
    anna = make.address()
    first, second = make.ticket(by=anna), make.ticket(by=anna)
    send(desk, "merging", first, number=second.number)
    seq = first.last_seq

    for name, fields in (
        ("replies", {"text": "Hello"}), ("solution", {"status": "open"}), ("snooze", {"awaits": "reply"}),
        ("tasks", {"text": "x"}), ("assignment", {"owner": "nobody"}),
    ):  # fmt: skip
        answer = send(desk, name, first, **fields)
        assert answer.status_code == 302
    assert first.last_seq == seq


def test_a_ticket_of_another_customer_is_merged_only_with_a_word_about_its_people(desk):
    first, second = make.ticket(by=make.address("reza@post.example")), make.ticket()

    refused = send(desk, "merging", first, number=second.number)
    assert refused.status_code == 422
    assert "of another customer" in refused.content.decode()
    assert first.merged_into is None
    send(desk, "merging", first, number=second.number, let_in="1")

    assert first.merged_into == second
    assert second.participants.get(removed=None).address.value == "reza@post.example"


@pytest.mark.parametrize("name", ["merging", "links"])
def test_a_ticket_that_one_may_not_see_is_not_found_by_its_code(desk, name):
    mine, foreign = make.ticket(), make.ticket(team=make.team("Billing"))

    answer = send(desk, name, mine, number=foreign.number, kind="related")

    assert answer.status_code == 422
    assert foreign.subject not in answer.content.decode().replace(mine.subject, "")
    assert not Link.objects.exists()


def test_messages_are_split_off_into_a_ticket_of_their_own(desk):
    ticket = make.ticket(text="The invoice is wrong.")

    answer = send(desk, "splits", ticket, seq=["1"], subject="Invoice")

    made = Ticket.objects.exclude(pk=ticket.pk).get()
    assert answer["Location"] == door("ticket", made)
    assert (made.subject, made.entries.get(seq=1).words.text) == ("Invoice", "The invoice is wrong.")
    assert made.number in panel(desk, ticket)


def test_nothing_chosen_is_nothing_split(desk):
    ticket = make.ticket()

    answer = send(desk, "splits", ticket)

    assert answer.status_code == 422
    assert Ticket.objects.count() == 1


def test_links_are_made_seen_and_untied(desk, agent):
    ticket, other = make.ticket(), make.ticket(subject="The cause of it")

    send(desk, "links", ticket, number=f"#{other.number}", kind="child")

    assert "The cause of it" in panel(desk, ticket)
    made = linking.links_of(ticket, agent)[0]
    assert made.role == "parent"
    send(desk, "link_removal", ticket, made.pk)
    assert linking.links_of(ticket, agent) == []


def test_all_open_parts_of_one_cause_are_answered_at_once(desk, agent):
    cause, part, done = make.ticket(), make.ticket(), make.ticket()
    foreign = make.ticket(team=make.team("Billing"))
    for ticket in (part, done, foreign):
        linking.link(ticket, cause, Link.Kind.CHILD, by=make.lead())
    done.solve(by=agent)

    assert "Answer 1 open part" in panel(desk, cause)
    send(desk, "part_answers", cause, text="The line is repaired.", solve="1")
    with clock.at(clock.now() + timedelta(seconds=30)):
        jobs.run_due()

    part.refresh_from_db()
    assert part.status == "solved"
    assert part.entries.filter(kind="reply", words__text="The line is repaired.").count() == 1
    for ticket in (done, foreign):
        assert not ticket.entries.filter(kind="reply", words__text="The line is repaired.").exists()


def test_a_ticket_is_put_away_and_brought_back(desk, frozen):
    ticket = make.ticket()

    refused = send(desk, "snooze", ticket, until="2026-12-09T09:00")
    send(desk, "snooze", ticket, until="2026-12-02T11:30")

    assert refused.status_code == 422
    assert "The promise is due before that" in refused.content.decode()
    assert ticket.snoozed_until == frozen + timedelta(minutes=90)
    assert "Wake up now" in desk.get(door("ticket", ticket)).content.decode()
    send(desk, "waking", ticket)
    assert ticket.snoozed_until is None


def test_a_time_of_ones_own_and_a_chosen_one_do_not_hinder_each_other(desk, frozen):
    chosen, typed, nothing = make.ticket(), make.ticket(), make.ticket()

    send(desk, "snooze", chosen, until="2026-12-02T11:30", own="")
    send(desk, "snooze", typed, own="2026-12-02T11:00")
    refused = send(desk, "snooze", nothing, own="")

    assert chosen.snoozed_until == frozen + timedelta(minutes=90)
    assert typed.snoozed_until == frozen + timedelta(minutes=60)
    assert refused.status_code == 422


def test_fields_are_filled_in_and_a_wrong_value_changes_nothing(desk):
    ticket = make.ticket()
    Field.objects.create(name="Order", code="order", is_required=True)
    Field.objects.create(name="Pieces", code="pieces", kind="number")

    wrong = send(desk, "values", ticket, **{"field-order": "M-1", "field-pieces": "many"})
    refused = send(desk, "solution", ticket, status="solved")
    assert (wrong.status_code, ticket.values.count()) == (422, 0)
    assert "Pieces: write a number" in wrong.content.decode()
    assert "fill in this field: Order" in refused.content.decode()
    send(desk, "values", ticket, **{"field-order": "M-1"})
    send(desk, "solution", ticket, status="solved")

    assert (ticket.status, ticket.values.get().value) == ("solved", "M-1")


def test_an_answer_does_not_solve_what_lacks_a_field(desk):
    ticket = make.ticket()
    Field.objects.create(name="Order", code="order", is_required=True)

    answer = send(desk, "replies", ticket, text="Done.", then="solve", seq=ticket.last_seq)

    assert answer.status_code == 422
    assert "Done." in answer.content.decode()


def test_the_checklist_is_written_and_ticked(desk, agent):
    ticket = make.ticket()

    send(desk, "tasks", ticket, text="Call the courier")
    task = chores.tasks(ticket)[0]
    send(desk, "tick", ticket, task.pk, done="1")

    assert chores.tasks(ticket)[0].done_by == agent
    assert "Call the courier" in panel(desk, ticket)
    send(desk, "task_removal", ticket, task.pk)
    assert chores.tasks(ticket) == []


def test_a_line_of_another_ticket_is_not_reached_through_this_one(desk, agent):
    ticket, other = make.ticket(), make.ticket(team=make.team("Billing"))
    task = chores.add(other, "Secret", by=agent)

    answer = send(desk, "tick", ticket, task.pk, done="1")

    assert answer.status_code == 404
    assert chores.tasks(other)[0].done is None


def test_time_is_added_up(desk):
    ticket = make.ticket()

    send(desk, "time", ticket, minutes="20")
    send(desk, "time", ticket, minutes="5")
    refused = send(desk, "time", ticket, minutes="-5")

    assert refused.status_code == 422
    assert "25 minutes" in panel(desk, ticket)


def test_one_follows_and_follows_no_more(desk, agent):
    ticket = make.ticket()

    send(desk, "following", ticket, follow="1")
    assert Follower.objects.get().agent == agent
    send(desk, "following", ticket)

    assert not Follower.objects.exists()


def test_calling_somebody_who_may_not_see_the_ticket_asks_first(desk):
    far = make.agent("Far Away", teams=[make.team("Billing")])
    ticket = make.ticket()
    seq = ticket.last_seq

    asked = send(desk, "notes", ticket, text="@Far Away, please look")
    assert (asked.status_code, ticket.last_seq) == (422, seq)
    assert "Nothing was saved yet" in asked.content.decode()
    send(desk, "notes", ticket, text="@Far Away, please look", called="silent")
    assert not Mention.objects.exists()
    send(desk, "notes", ticket, text="@Far Away, please look", called="show")

    assert Mention.objects.get().agent == far
    assert Ticket.objects.visible_to(far).filter(pk=ticket.pk).exists()


def test_a_code_in_a_note_leads_to_its_ticket_and_nothing_else_becomes_a_link(desk):
    ticket, other = make.ticket(), make.ticket()
    ticket.note(f"See #{other.number} & <b>this</b> https://x.example/{other.number}", by=make.lead())

    page = desk.get(door("ticket", ticket)).content.decode()

    assert f'<a href="/desk/tickets/{other.number}/" dir="ltr">#{other.number}</a>' in page
    assert "&lt;b&gt;this&lt;/b&gt;" in page
    assert page.count(f"/desk/tickets/{other.number}/") == 1


def test_every_event_of_work_is_a_sentence(desk, agent):
    anna = make.address()
    ticket, other = make.ticket(by=anna), make.ticket(by=anna)
    send(desk, "links", ticket, number=other.number, kind="related")
    send(desk, "tasks", ticket, text="Call")
    send(desk, "time", ticket, minutes="1")
    send(desk, "snooze", ticket, awaits="reply")
    send(desk, "waking", ticket)
    send(desk, "merging", ticket, number=other.number)

    page = desk.get(door("ticket", ticket)).content.decode()

    for code in ("linked", "task_added", "time", "snoozed", "woken", "merged"):
        assert f": {code}<" not in page
    assert "Mara Lind worked 1 minute" in page
    assert "until the customer answers" in page


def test_the_panel_costs_as_many_queries_for_much_as_for_little(desk, agent, django_assert_max_num_queries):
    anna = make.address()
    ticket = make.ticket(by=anna)
    for number in range(5):
        other = make.ticket(by=anna)
        linking.link(ticket, other, Link.Kind.RELATED, by=agent)
        chores.add(ticket, f"Task {number}", by=agent)
        chores.spend(ticket, 5, by=agent)
        Field.objects.create(name=f"F{number}", code=f"f{number}")
    desk.get(door("work", ticket))

    # One of them asks what the customer said of solutions.
    with django_assert_max_num_queries(18):
        desk.get(door("work", ticket))


def test_what_the_customer_said_of_solutions_stands_beside_every_request_of_theirs(desk, agent):
    anna = make.address()
    earlier, now = make.ticket(by=anna, subject="The grinder"), make.ticket(by=anna)
    assert "What they said of solutions" not in panel(desk, now)

    earlier.reply("Turn it.", by=agent, solve=True)
    returning.say_not_solved(earlier, anna)
    earlier.refresh_from_db()
    earlier.reply("Here is a new one.", by=agent, solve=True)
    returning.say_works(earlier, anna)

    said = panel(desk, now).partition("What they said of solutions")[2].partition("</section>")[0]
    assert said.count("The grinder") == 2
    assert said.index("It works") < said.index("Still not solved")


def test_a_snoozed_ticket_keeps_its_promise_in_sight(desk, frozen):
    ticket = make.ticket()
    send(desk, "snooze", ticket, awaits="reply")

    with clock.at(ticket.due - timedelta(minutes=1)):
        page = desk.get(door("ticket", ticket)).content.decode()

    assert "promise" in page
    assert ticket.due.isoformat() in page
