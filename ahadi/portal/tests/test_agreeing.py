"""To be heard: the summary and the customer's yes, the solution and the customer's no."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ahadi.channels import links
from ahadi.lib import clock
from ahadi.portal.tests.visits import WEDNESDAY, ask
from ahadi.testing import make
from ahadi.tickets import hearing
from ahadi.tickets.models import Entry, Statement, Ticket

pytestmark = pytest.mark.django_db

TOLD = {"situation": "A Rondo grinder.", "problem": "It stops.", "wish": "A working grinder."}


def told_back(client):
    """A request whose agent has told back what they understood."""
    number = ask(client)
    ticket, mara = Ticket.objects.get(number=number), make.agent("Mara Lind")
    with clock.at(WEDNESDAY + timedelta(minutes=5)):
        hearing.write_down(ticket, TOLD, by=mara)
        hearing.tell_back(ticket, by=mara)
    return ticket


def solved(client, mara, number=""):
    """A request that an agent holds for solved."""
    ticket = Ticket.objects.get(number=number or ask(client))
    with clock.at(WEDNESDAY + timedelta(minutes=10)):
        ticket.reply("It is mended.", by=mara, solve=True)
    return ticket


def visit(client, path, after=20, **data):
    with clock.at(WEDNESDAY + timedelta(minutes=after)):
        return client.post(path, data)


def page(client, ticket, after=20):
    with clock.at(WEDNESDAY + timedelta(minutes=after)):
        return client.get(f"/r/{ticket.number}/").content.decode()


def test_the_customer_says_yes_to_what_was_understood(client):
    ticket = told_back(client)

    before = page(client, ticket)
    visit(client, f"/r/{ticket.number}/understanding/")
    visit(client, f"/r/{ticket.number}/understanding/")
    after = page(client, ticket, 30)

    assert "If I understood you correctly" in before
    assert "Waiting for your yes" in before
    assert "Confirmed by you" in after
    assert Entry.objects.filter(ticket=ticket, code="understood").count() == 1


def test_a_summary_leaves_the_promise_as_it_is(client):
    number = ask(client)
    ticket, mara = Ticket.objects.get(number=number), make.agent("Mara Lind")
    due = ticket.due

    with clock.at(WEDNESDAY + timedelta(minutes=5)):
        hearing.write_down(ticket, TOLD, by=mara)
        hearing.tell_back(ticket, by=mara)

    ticket.refresh_from_db()
    assert (ticket.due, ticket.status, ticket.assignee) == (due, "open", mara)


def test_a_correction_is_a_message_and_counts_from_then_on(client):
    ticket = told_back(client)

    form = client.get(f"/r/{ticket.number}/correction/")
    visit(client, f"/r/{ticket.number}/correction/", **TOLD | {"problem": "It does not even start."})
    shown = page(client, ticket, 30)

    statement = Statement.objects.get(ticket=ticket)
    said = Entry.objects.get(ticket=ticket, code="correction")
    assert "A Rondo grinder." in form.content.decode()
    assert statement.problem == "It does not even start."
    assert said.kind == "message"
    assert "In your own words" in shown


def test_nothing_at_all_is_no_correction(client):
    ticket = told_back(client)

    answer = visit(client, f"/r/{ticket.number}/correction/", situation=" ")

    assert answer.status_code == 422
    assert Statement.objects.get(ticket=ticket).problem == "It stops."


@pytest.mark.parametrize("path", ["understanding", "solution"])
def test_a_look_at_a_link_says_nothing(client, path):
    ticket = told_back(client)

    assert client.get(f"/r/{ticket.number}/{path}/").status_code in (404, 405)
    assert not Entry.objects.filter(code__in=("understood", "works", "not_solved")).exists()


@pytest.mark.parametrize("path", ["understanding", "correction", "solution", "preferences"])
def test_nobody_else_agrees_or_corrects(client, client_of_somebody_else, path):
    ticket = told_back(client)

    answer = visit(client_of_somebody_else, f"/r/{ticket.number}/{path}/", **TOLD, works="1")

    assert answer.status_code == 302
    assert ticket.entries.filter(code__in=("understood", "correction", "works", "not_solved")).count() == 0


def test_still_not_solved_goes_back_to_its_owner_the_first_time(client):
    mara = make.agent("Mara Lind")
    make.agent("Tom Bay")
    ticket = solved(client, mara)

    visit(client, f"/r/{ticket.number}/solution/", text="It stops again.")

    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee) == ("open", mara)
    assert ticket.due is not None
    assert ticket.entries.get(code="not_solved").words.text == "It stops again."


def test_the_second_time_somebody_else_takes_it_and_the_lead_is_told(client):
    mara, tom, jonas = make.agent("Mara Lind"), make.agent("Tom Bay"), make.lead("Jonas Berg")
    ticket = solved(client, mara)
    visit(client, f"/r/{ticket.number}/solution/")
    solved(client, mara, ticket.number)

    said = page(client, ticket, 15)
    visit(client, f"/r/{ticket.number}/solution/", 25)

    ticket.refresh_from_db()
    told = ticket.entries.get(code="returned").words.data
    assert "It goes to another person this time" in said
    assert ticket.assignee in (tom, jonas)
    assert (told["agent"], told["times"]) == (jonas.pk, 2)


def test_pressed_twice_it_is_said_once(client):
    ticket = solved(client, make.agent())

    visit(client, f"/r/{ticket.number}/solution/")
    visit(client, f"/r/{ticket.number}/solution/")

    assert ticket.entries.filter(code="not_solved").count() == 1


def test_a_yes_closes_the_way_of_the_request(client):
    ticket = solved(client, make.agent())

    visit(client, f"/r/{ticket.number}/solution/", works="1")
    shown = page(client, ticket, 30)

    ticket.refresh_from_db()
    assert ticket.status == "solved"
    assert "that it works. Thank you!" in shown
    assert "You say it works" in shown


def test_what_was_typed_outlives_a_proof_that_ran_out(client):
    ticket = solved(client, make.agent())

    with clock.at(WEDNESDAY + timedelta(days=3)):
        client.post(f"/r/{ticket.number}/solution/", {"text": "It stops again."})
        client.post(links.make_link(ticket, ticket.address))
        shown = client.get(f"/r/{ticket.number}/").content.decode()

    assert "It stops again." in shown


def test_wishes_are_kept_and_written_down(client):
    ticket = told_back(client)
    wished = {"language": "en", "preferred_channel": "email", "never_phone": "on", "days": ["mon", "tue"]}

    visit(client, f"/r/{ticket.number}/preferences/", **wished, begin="10:00", end="12:30", only_late="on")

    customer = ticket.requester
    customer.refresh_from_db()
    assert (customer.preferred_channel, customer.avoided) == ("email", ["phone"])
    assert customer.reach_hours == {"mon": [["10:00", "12:30"]], "tue": [["10:00", "12:30"]]}
    assert ticket.entries.get(code="wishes").words.data["only_late"]


def test_hours_that_end_before_they_begin_are_told_beside_the_field(client):
    ticket = told_back(client)

    answer = visit(client, f"/r/{ticket.number}/preferences/", language="en", begin="12:00", end="10:00")

    assert answer.status_code == 422
    assert "This lies before the beginning." in answer.content.decode()
