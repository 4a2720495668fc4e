"""The form: nothing that was typed or attached is lost, and pressed twice it is one request."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ahadi.lib import clock
from ahadi.portal import quota
from ahadi.portal.tests.visits import WEDNESDAY, ask, fill, key_in
from ahadi.testing import make
from ahadi.tickets.models import Attachment, Entry, Ticket

pytestmark = pytest.mark.django_db


def test_a_filled_in_form_becomes_a_request_with_a_promise(client):
    number = ask(client, situation="Bought in May.", wish="A working one.", tried="Cleaned it.", name="Anna")

    ticket = Ticket.objects.get(number=number)
    assert ticket.channel == "form"
    assert ticket.due == WEDNESDAY + timedelta(hours=2)
    assert ticket.requester.name == "Anna"
    assert ticket.statement.tried == "Cleaned it."


def test_the_confirmation_tells_code_time_and_who(client):
    number = ask(client)

    with clock.at(WEDNESDAY):
        page = client.get(f"/r/{number}/asked/")
        persian = client.get(f"/r/{number}/asked/", headers={"accept-language": "fa"}).content.decode()

    shown = page.content.decode()
    assert number in shown
    assert "2 December, 12:00" in shown
    assert "team <bdi>Support</bdi>" in shown
    assert "anna@post.example" in shown
    assert page["Cache-Control"] == "no-store, private"
    assert persian.count('<bdi dir="ltr">2 Dec</bdi>') == 2


def test_the_confirmation_of_somebody_else_leads_to_the_plain_page(client):
    ticket = make.ticket()

    answer = client.get(f"/r/{ticket.number}/asked/")

    assert answer.status_code == 302
    assert answer["Location"] == f"/r/{ticket.number}/"


def test_a_form_without_a_problem_keeps_everything_else(client):
    page = fill(client, problem="", situation="Bought in May.", name="Anna")

    shown = page.content.decode()
    assert page.status_code == 422
    assert "Tell us in a sentence or two what is wrong." in shown
    assert 'href="#id_problem"' in shown
    assert "Bought in May." in shown
    assert 'value="anna@post.example"' in shown
    assert Ticket.objects.count() == 0


def test_a_slip_in_the_address_is_mended_by_asking(client):
    page = fill(client, email="anna@gmial.com")

    assert page.status_code == 422
    assert "anna@gmail.com" in page.content.decode()

    assert fill(client, email="anna@gmial.com", sure="anna@gmial.com").status_code == 302


@pytest.mark.parametrize("email", ["anna", "anna@", "@post.example", "anna @post.example", "a@b\nBcc: c@d.e"])
def test_what_is_no_address_is_told_beside_the_field(client, email):
    page = fill(client, email=email)

    assert page.status_code == 422
    assert "id_email-error" in page.content.decode()


def test_a_phone_number_is_enough(client):
    make.company(phone="+44 20 7946 0182")

    number = ask(client, email="", way="phone", phone="020 7946 0999")

    assert Ticket.objects.get(number=number).address.value == "+442079460999"


def test_a_phone_number_that_cannot_be_dialled_is_told(client):
    page = fill(client, email="", way="phone", phone="12")

    assert page.status_code == 422
    assert "country code" in page.content.decode()


def test_neither_mail_nor_phone_is_told(client):
    page = fill(client, email="")

    assert page.status_code == 422
    assert "We need a mail address or a phone number" in page.content.decode()


def test_a_file_outlives_an_error_in_the_form(client):
    photo = SimpleUploadedFile("grinder.png", b"\x89PNG and more", "image/png")

    page = fill(client, problem="", files=[photo])
    kept = re.search(r'name="kept" value="([^"]+)"', page.content.decode())[1]
    number = ask(client, kept=[kept])

    attachment = Attachment.objects.get(entry__ticket__number=number)
    assert "grinder.png" in page.content.decode()
    assert (attachment.name, attachment.size) == ("grinder.png", 13)


def test_a_reference_to_a_file_that_was_not_given_here_is_worth_nothing(client):
    number = ask(client, kept=["../../etc/passwd", "WyJhIl0:1:forged"])

    assert Attachment.objects.filter(entry__ticket__number=number).count() == 0


def test_pressed_twice_it_is_one_request(client):
    with clock.at(WEDNESDAY - timedelta(minutes=1)):
        key = key_in(client.get("/ask/"))
    given = {"key": key, "problem": "It stops.", "email": "anna@post.example"}

    with clock.at(WEDNESDAY):
        first, second = client.post("/ask/", given), client.post("/ask/", given)

    assert first["Location"] == second["Location"]
    assert Ticket.objects.count() == 1


def test_a_machine_that_fills_in_everything_or_at_once_is_asked_again(client):
    everything = fill(client, website="https://spam.example")
    with clock.at(WEDNESDAY):
        key = key_in(client.get("/ask/"))
        at_once = client.post("/ask/", {"key": key, "problem": "It stops.", "email": "anna@post.example"})
    with clock.at(WEDNESDAY + timedelta(seconds=30)):
        later = client.post("/ask/", {"key": key, "problem": "It stops.", "email": "anna@post.example"})

    assert (everything.status_code, at_once.status_code, later.status_code) == (422, 422, 302)


def test_a_page_without_a_key_of_ours_is_asked_again(client):
    page = client.post("/ask/", {"key": "forged", "problem": "It stops.", "email": "anna@post.example"})

    assert page.status_code == 422
    assert key_in(page) != "forged"
    assert "It stops." in page.content.decode()


def test_twenty_requests_an_hour_are_enough(client):
    for _ in range(quota.REQUESTS.amount):
        ask(client)

    page = fill(client, problem="One more.")

    assert page.status_code == 429
    assert "One more." in page.content.decode()


def test_words_of_every_kind_come_back_unchanged_and_harmless(client):
    words = "<script>alert(1)</script> \u202eright to left\u202c {{ 7*7 }} %(name)s"

    number = ask(client, problem=words)
    with clock.at(WEDNESDAY):
        page = client.get(f"/r/{number}/").content.decode()

    assert Entry.objects.get(ticket__number=number, seq=1).words.text == words
    assert "<script>alert" not in page


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("fa", "rtl"), ("he", "rtl")])
def test_the_form_speaks_the_language_of_the_browser(client, language, direction):
    page = client.get("/ask/", headers={"accept-language": language})

    assert f'lang="{language}" dir="{direction}"' in page.content.decode()


def test_the_form_names_whose_clock_it_tells_and_the_day_in_both_calendars(client):
    make.company(time_zone="Europe/Berlin")

    with clock.at(WEDNESDAY):
        english = client.get("/ask/").content.decode()
        persian = client.get("/ask/", headers={"accept-language": "fa"}).content.decode()

    assert "Berlin time" in english
    assert "۱۱ آذر" in persian
    assert '<bdi dir="ltr">2 Dec</bdi>' in persian


def test_the_form_costs_few_queries(client, django_assert_max_num_queries):
    client.get("/ask/")

    with django_assert_max_num_queries(6):
        client.get("/ask/")
