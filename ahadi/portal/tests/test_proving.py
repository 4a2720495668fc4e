"""How somebody shows that a request is theirs: a link from a mail, or a code sent by mail."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from ahadi.channels import links
from ahadi.channels.models import OutgoingMail
from ahadi.lib import clock
from ahadi.portal import quota
from ahadi.portal.tests.visits import WEDNESDAY
from ahadi.testing import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket():
    with clock.at(WEDNESDAY):
        return make.ticket("Very private.", by=make.address("anna@post.example"))


def mailed_code():
    mail = message_from_bytes(bytes(OutgoingMail.objects.latest("pk").raw), policy=default)
    return re.search(r"\b\d{8}\b", mail.get_body(("plain",)).get_content())[0]


def see(client, ticket):
    return client.get(f"/r/{ticket.number}/").content.decode()


def test_a_link_from_a_mail_shows_a_button_and_the_button_shows_the_request(client, ticket):
    with clock.at(WEDNESDAY):
        path = links.make_link(ticket, ticket.address).partition("/r/")[2]

        looked = client.get(f"/r/{path}")
        before = see(client, ticket)
        pressed = client.post(f"/r/{path}")
        after = see(client, ticket)

    assert looked.status_code == 200
    assert "anna@post.example" not in looked.content.decode()
    assert "Very private." not in before
    assert pressed["Location"] == f"/r/{ticket.number}/"
    assert "Very private." in after


def test_a_mail_scanner_that_opens_every_link_proves_nothing(client, ticket):
    ticket.address.proven = None
    ticket.address.save()
    with clock.at(WEDNESDAY):
        path = links.make_link(ticket, ticket.address).partition("/r/")[2]
        client.get(f"/r/{path}")

    ticket.address.refresh_from_db()
    assert ticket.address.proven is None


@pytest.mark.parametrize("days", [31, 400])
def test_an_old_link_is_worth_nothing_and_says_what_to_do(client, ticket, days):
    with clock.at(WEDNESDAY):
        path = links.make_link(ticket, ticket.address).partition("/r/")[2]

    with clock.at(WEDNESDAY + timedelta(days=days)):
        looked, pressed = client.get(f"/r/{path}"), client.post(f"/r/{path}")
        after = see(client, ticket)

    assert (looked.status_code, pressed.status_code) == (404, 404)
    assert "code by mail" in looked.content.decode()
    assert "Very private." not in after


def test_a_link_of_another_request_opens_nothing(client, ticket):
    other = make.ticket()
    token = links.make_link(other, other.address).rstrip("/").rpartition("/")[2]

    assert client.post(f"/r/{ticket.number}/{token}/").status_code == 404


def test_a_revoked_link_also_ends_what_it_opened(client, ticket):
    helper = make.address("helper@post.example")
    with clock.at(WEDNESDAY):
        path = links.make_link(ticket, helper).partition("/r/")[2]
        client.post(f"/r/{path}")

        shown = see(client, ticket)

    # The helper never was part of the request.
    assert "Very private." not in shown


def test_a_code_by_mail_shows_the_request_in_the_browser_that_asked(client, client_of_somebody_else, ticket):
    with clock.at(WEDNESDAY):
        asked = client.post(f"/r/{ticket.number}/codes/", {"email": " ANNA@post.example "})
        code = mailed_code()
        elsewhere = client_of_somebody_else.post(f"/r/{ticket.number}/proof/", {"code": code})
        page = client.get(asked["Location"])
        given = client.post(asked["Location"], {"code": f" {code[:3]} {code[3:]}"})
        shown = see(client, ticket)

    assert asked["Location"] == f"/r/{ticket.number}/proof/"
    assert "If <bdi>" in page.content.decode()
    assert elsewhere.status_code == 302
    assert "Very private." not in see(client_of_somebody_else, ticket)
    assert given.status_code == 302
    assert "Very private." in shown


def test_for_a_foreign_address_everything_looks_the_same_and_nothing_is_sent(client, ticket):
    own = client.post(f"/r/{ticket.number}/codes/", {"email": "anna@post.example"})
    own_page = client.get(own["Location"]).content.decode()
    sent = OutgoingMail.objects.count()

    foreign = client.post(f"/r/{ticket.number}/codes/", {"email": "eve@evil.example"})
    foreign_page = client.get(foreign["Location"]).content.decode()

    def neutral(page):
        return re.sub(
            r'(?:value="[^"]{64}"|nonce="[^"]*")', "", page.replace("eve@evil.example", "anna@post.example")
        )

    assert foreign["Location"] == own["Location"]
    assert neutral(own_page) == neutral(foreign_page)
    assert OutgoingMail.objects.count() == sent


def test_a_wrong_code_is_told_and_the_sixth_try_is_one_too_many(client, ticket):
    with clock.at(WEDNESDAY):
        client.post(f"/r/{ticket.number}/codes/", {"email": "anna@post.example"})
        code = mailed_code()
        wrong = f"{(int(code) + 1) % 10**links.CODE_DIGITS:0{links.CODE_DIGITS}}"
        tries = [client.post(f"/r/{ticket.number}/proof/", {"code": wrong}) for _ in range(links.MAX_TRIES)]
        right = client.post(f"/r/{ticket.number}/proof/", {"code": code})

    assert {page.status_code for page in tries} == {422}
    assert "This code does not fit" in tries[0].content.decode()
    assert right.status_code == 422


def test_a_code_is_good_for_ten_minutes(client, ticket):
    with clock.at(WEDNESDAY):
        client.post(f"/r/{ticket.number}/codes/", {"email": "anna@post.example"})

    with clock.at(WEDNESDAY + timedelta(minutes=10, seconds=1)):
        page = client.post(f"/r/{ticket.number}/proof/", {"code": mailed_code()})

    assert page.status_code == 422


def test_an_empty_address_is_told_beside_the_field(client, ticket):
    page = client.post(f"/r/{ticket.number}/codes/", {"email": ""})

    assert page.status_code == 422
    assert "id_email-error" in page.content.decode()


def test_nobody_fills_a_mailbox_with_codes(client, ticket):
    for _ in range(quota.PROOFS.amount):
        client.post(f"/r/{ticket.number}/codes/", {"email": "anna@post.example"})

    assert client.post(f"/r/{ticket.number}/codes/", {"email": "anna@post.example"}).status_code == 429
    assert OutgoingMail.objects.count() <= links.MAX_CODES
