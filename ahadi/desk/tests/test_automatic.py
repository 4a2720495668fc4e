"""Automatic mail in the settings, and what an agent sees where mail does not get through."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from ahadi.channels import absences, restraint, suppressions
from ahadi.channels.models import Delivery, OutgoingMail, Pause, Suppression, Withheld
from ahadi.lib import clock
from ahadi.outbox import jobs
from ahadi.people.models import Address, Customer
from ahadi.testing import make
from ahadi.tickets.models import Entry, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PAGE = "/desk/settings/automatic/"
POSTS = ["/desk/settings/automatic/continuation/", "/desk/settings/automatic/suppressions/1/lifting/"]


@pytest.fixture
def anna() -> Address:
    return make.address("anna@post.example", name="Anna Kern")


@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_page_opens_in_both_directions_with_everything_on_it(client, admin, anna, language):
    admin.language = language
    admin.save()
    Pause.objects.create()
    suppressions.begin(anna, Suppression.Reason.MAILBOX, "550 5.1.1 <b>No such user</b>")
    ticket = make.ticket(by=anna, channel="form")

    page = client.get(PAGE)

    shown = page.content.decode()
    assert page.status_code == 200
    assert f'dir="{"rtl" if language == "fa" else "ltr"}"' in shown
    assert "anna@post.example" in shown
    assert "&lt;b&gt;No such user" in shown
    assert Withheld.objects.get(ticket=ticket).reason == "paused"


def test_the_page_is_empty_in_peace(client, admin):
    shown = client.get(PAGE).content.decode()

    assert "Going on" in shown
    assert "No address is suppressed" in shown


def test_an_administrator_lets_automatic_mail_go_on(client, admin):
    Pause.objects.create()

    answer = client.post(POSTS[0], follow=True)

    assert "Automatic mail goes on" in answer.content.decode()
    assert Pause.objects.get().ended_by == admin
    assert restraint.objection(make.ticket(), make.address(), "reminder") == ""


def test_a_pause_stands_above_every_page_of_an_administrator_until_it_ends(client, admin):
    Pause.objects.create()

    assert PAGE in client.get("/desk/open/").content.decode()
    client.post(POSTS[0])
    assert PAGE not in client.get("/desk/open/").content.decode()


def test_agents_are_not_troubled_with_a_pause(client):
    Pause.objects.create()
    client.force_login(make.agent(), backend=BACKEND)

    assert PAGE not in client.get("/desk/open/").content.decode()


def test_an_administrator_lifts_a_suppression(client, admin, anna):
    suppression = suppressions.begin(anna, Suppression.Reason.COMPLAINT)

    said = client.post(reverse("desk:lifting", args=[suppression.pk]), follow=True)

    assert "again" in said.content.decode()
    suppression.refresh_from_db()
    assert suppression.lifted_by == admin
    assert "anna@post.example" not in client.get(PAGE).content.decode()


def test_an_address_is_found_among_many(client, admin, anna):
    suppressions.begin(anna, Suppression.Reason.MAILBOX)
    suppressions.begin(make.address("ben@post.example"), Suppression.Reason.MAILBOX)

    assert "ben@post.example" not in client.get(PAGE, {"q": "anna"}).content.decode()
    assert "This address is not suppressed" in client.get(PAGE, {"q": "nobody%"}).content.decode()


@pytest.mark.parametrize("role", ["agent", "lead"])
def test_only_administrators_see_it_and_change_it(client, anna, role):
    suppressions.begin(anna, Suppression.Reason.MAILBOX)
    Pause.objects.create()
    client.force_login(make.agent(role=role), backend=BACKEND)

    answers = [client.get(PAGE), *(client.post(path) for path in POSTS)]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert Pause.now() is not None
    assert Suppression.objects.standing().exists()


@pytest.mark.parametrize("path", [PAGE, *POSTS])
def test_nobody_gets_in_without_a_sign_in(client, path):
    answer = client.post(path) if path in POSTS else client.get(path)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("path", POSTS)
def test_a_visit_changes_nothing(client, admin, path):
    assert client.get(path).status_code == 405


def test_the_outbox_says_that_automatic_mail_is_paused_and_why_a_mail_failed(client, admin, anna):
    Pause.objects.create()
    delivery = failed(anna)

    shown = client.get("/desk/settings/outbox/").content.decode()

    assert PAGE in shown
    assert delivery.entry.ticket.number in shown
    assert "There is no such mailbox at the other side." in shown


# ── at the ticket ────────────────────────────────────────────────────────────


def failed(address: Address) -> Delivery:
    ticket = make.ticket(by=address, data={"no_acknowledgement": True})
    entry = ticket.reply("Which light blinks?", by=make.agent("Mara Lind"))
    delivery = Delivery.objects.get(entry=entry)
    jobs.run_due()
    delivery.fail("5.1.1 550 No such user")
    return delivery


def other(customer: Customer, kind: str = "email", value: str = "anna@home.example") -> Address:
    return Address.objects.create(customer=customer, kind=kind, value=value, shown=value)


def test_a_failed_answer_offers_the_other_ways_to_its_reader(client, admin, anna):
    delivery = failed(anna)
    home, phone = other(anna.customer), other(anna.customer, "phone", "+49301234567")
    place = f"/desk/open/{delivery.entry.ticket.number}/"

    shown = client.get(place).content.decode()
    client.post(f"{place}deliveries/{delivery.pk}/ways/", {"address": home.pk})
    jobs.run_due()
    after = client.get(place).content.decode()

    assert f'name="address" value="{home.pk}"' in shown
    assert f'href="tel:{phone.value}"' in shown
    assert OutgoingMail.objects.latest("pk").recipients == ["anna@home.example"]
    assert "the next ones go there too" in after
    assert f'name="address" value="{home.pk}"' not in after


def test_nothing_goes_to_an_address_of_somebody_else_or_to_none(client, admin, anna):
    delivery = failed(anna)
    eve = make.address("eve@else.example", name="Eve")
    place = f"/desk/open/{delivery.entry.ticket.number}/deliveries/{delivery.pk}/ways/"

    answers = [client.post(place, {"address": given}) for given in (eve.pk, "", "x", "9" * 30, "²")]

    assert {answer.status_code for answer in answers} == {404}
    assert Delivery.objects.filter(address=eve).count() == 0


def test_a_writer_is_warned_that_nobody_reads_at_an_address_and_may_write_all_the_same(client, admin, anna):
    ticket = make.ticket(by=anna)
    suppressions.begin(anna, Suppression.Reason.MAILBOX)
    place = f"/desk/open/{ticket.number}/"

    shown = client.get(place).content.decode()
    ticket.reply("Please call us.", by=admin)

    assert "another way may be better" in shown
    assert "There is no such mailbox" in shown
    assert Delivery.objects.filter(automatic=False, address=anna).exists()


def test_who_is_away_until_when_stands_on_the_ticket_until_that_day(client, admin, anna):
    ticket = make.ticket(by=anna)
    note = ticket.entries.get(kind=Entry.Kind.MESSAGE)
    absences.begin(anna, note, date(2026, 12, 14))
    place = f"/desk/open/{ticket.number}/"

    assert client.get(place).content.decode().count("Away until Mon 14 Dec") == 2
    with clock.at(clock.now() + timedelta(days=12)):
        assert "Away until" not in client.get(place).content.decode()


def test_a_report_is_said_in_words_with_its_text_folded_away(client, admin, anna):
    from ahadi.tickets.said import Said

    ticket: Ticket = make.ticket(by=anna)
    bounce = {
        "recipient": "anna@post.example", "permanent": True, "status": "5.2.2",
        "diagnostic": "552 5.2.2 Mailbox full", "reason": "mailboxfull",
    }  # fmt: skip
    data = {"bounces": [bounce, {**bounce, "permanent": False, "recipient": "ben@post.example"}]}
    ticket.append(Said(kind="note", code="bounce", text="This is the mail system", automatic=True, data=data))

    shown = client.get(f"/desk/open/{ticket.number}/").content.decode()

    assert "Not delivered: The mailbox is full." in shown
    assert "Not delivered yet" in shown
    assert shown.index("<details", shown.index("Not delivered yet")) < shown.index("This is the mail system")
