"""The agent says "if I understood you correctly …", and the customer confirms it or puts it right.

And where the solution was none, it goes to somebody else the second time, not round in circles.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from django.test import Client

from ahadi.lib import clock
from ahadi.testing import make
from ahadi.tickets.models import Statement, Ticket
from tests.stories import mailbox

pytestmark = pytest.mark.django_db

WEDNESDAY = datetime(2026, 12, 2, 10, tzinfo=UTC)
ANNA = "anna@post.example"
TOLD = (
    "Hello, my Rondo grinder from October stops after two seconds. I cleaned it and tried another socket."
    " I would like it to work before Saturday."
)


@pytest.fixture(autouse=True)
def company():
    make.company()
    make.inbox(mailbox.HELP)


@pytest.fixture
def mara():
    """The agent who takes it."""
    return make.agent("Mara Lind")


@pytest.fixture
def desk(mara):
    """Her browser."""
    browser = Client()
    browser.force_login(mara)
    return browser


def write_in():
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = f"Anna Kern <{ANNA}>", mailbox.HELP, "My grinder"
    mail["Message-ID"] = "<first@post.example>"
    mail.set_content(TOLD)
    return mailbox.post(mail, ANNA, WEDNESDAY).ticket


def do(browser, path, minutes, **data):
    with clock.at(WEDNESDAY + timedelta(minutes=minutes)):
        return browser.post(path, data)


def look(browser, path, minutes):
    with clock.at(WEDNESDAY + timedelta(minutes=minutes)):
        return browser.get(path).content.decode()


def summary_mail(minutes):
    with clock.at(WEDNESDAY + timedelta(minutes=minutes)):
        return next(mail for mail in mailbox.received(ANNA) if "If I understood you" in mailbox.text_of(mail))


def test_a_summary_that_was_wrong_is_put_right_and_counts_from_then_on(client, desk):
    ticket = write_in()
    parts = {"situation": "A Rondo grinder.", "problem": "It stops.", "wish": "The money back."}
    do(desk, f"/desk/open/{ticket.number}/statement/", 20, **parts, problem_from="1", ask="1")
    due = Ticket.objects.get().due

    mail = summary_mail(21)
    link = mailbox.link_in(mail)
    # A scanner of mails opens every link and says nothing by it.
    for url in re.findall(r"https?://[^/\s]+(/\S+)", mailbox.text_of(mail)):
        client.get(url)
    before = Ticket.objects.get().last_seq
    do(client, link, 30)
    page = look(client, f"/r/{ticket.number}/", 31)
    wish = "A working grinder before Saturday."
    do(client, f"/r/{ticket.number}/correction/", 35, **parts | {"wish": wish})
    at_the_desk = look(desk, f"/desk/open/{ticket.number}/", 40)

    assert "The money back." in mailbox.text_of(mail)
    assert before == Ticket.objects.get().last_seq - 1
    assert "Is it right?" in page
    assert "Waiting for your yes" in page
    assert Statement.objects.get().wish == wish
    assert wish in at_the_desk
    assert "In the customer" in at_the_desk
    assert Ticket.objects.get().due <= due


def test_still_not_solved_twice_comes_to_somebody_else_and_to_the_lead(client, desk, mara):
    tom, jonas = make.agent("Tom Bay"), make.lead("Jonas Berg")
    ticket = write_in()
    with clock.at(WEDNESDAY + timedelta(minutes=20)):
        Ticket.objects.get().reply("It is mended.", by=mara, solve=True)
        mail = mailbox.received(ANNA)[-1]
    do(client, mailbox.link_in(mail), 30)
    do(client, f"/r/{ticket.number}/solution/", 31, text="It stops again.")
    first = Ticket.objects.get()
    with clock.at(WEDNESDAY + timedelta(minutes=50)):
        Ticket.objects.get().reply("Now it is.", by=mara, solve=True)
    do(client, f"/r/{ticket.number}/solution/", 55, text="Still the same.")

    second = Ticket.objects.get()
    page = look(client, f"/r/{ticket.number}/", 56)
    told = second.entries.get(code="returned").words.data
    assert "Still not solved" in mailbox.text_of(mail)
    assert (first.status, first.assignee) == ("open", mara)
    assert second.assignee in (tom, jonas)
    assert told["agent"] == jonas.pk
    assert f"{second.assignee.first_name} takes care of it" in page
    assert second.due is not None


@pytest.mark.parametrize("text", ["Thank you so much!", "תודה רבה", "Mulțumesc!"])
def test_a_thank_you_by_mail_leaves_it_solved(text, mara):
    write_in()
    with clock.at(WEDNESDAY + timedelta(minutes=20)):
        Ticket.objects.get().reply("It is mended.", by=mara, solve=True)
        mail = mailbox.received(ANNA)[-1]

    mailbox.answer(mail, text, ANNA, WEDNESDAY + timedelta(hours=2))

    ticket = Ticket.objects.get()
    assert ticket.status == "solved"
    assert ticket.entries.filter(kind="message").count() == 2
