"""What a mail brought besides words and files, as the desk tells it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone, translation

from ahadi.desk import remarks
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

EVENT = {
    "summary": "Visit <b>",
    "start": "2026-12-02T11:00:00+03:30",
    "end": "2026-12-02T12:00:00+03:30",
    "zone": "Asia/Tehran",
    "place": "Workshop",
    "organiser": "Dana Levi",
    "organiser_email": "dana@example.org",
}


def page(data: dict, html: str = "", language: str = "en") -> str:
    agent = make.agent(language=language)
    ticket = make.ticket(html=html, data=data, team=make.team())
    client = Client()
    client.force_login(agent)
    return client.get(f"/desk/tickets/{ticket.number}/").content.decode()


def test_a_mail_that_brought_nothing_has_nothing_to_say():
    assert remarks.read({"from": "a@example.org"}) is None


def test_an_appointment_is_told_in_the_readers_zone_and_in_that_of_the_writer():
    with translation.override("en"), timezone.override("Europe/Berlin"):
        card = remarks.read({"invitation": EVENT}).card

    assert card.when == "Wednesday 2 December, 08:30 to 09:30"
    assert card.also == ("11:00 in \u2068Tehran\u2069",)


def test_a_persian_reader_sees_both_calendars():
    with translation.override("fa"), timezone.override("Asia/Tehran"):
        card = remarks.read({"invitation": EVENT}).card

    assert "آذر" in card.when
    assert "۱۱:۰۰" in card.when
    assert card.also == ("2 Dec",)


def test_a_whole_day_is_a_day_in_every_zone():
    with translation.override("en"), timezone.override("America/New_York"):
        card = remarks.read({"invitation": {"start": "2026-12-02", "is_all_day": True}}).card

    assert (card.when, card.also) == ("Wednesday 2 December", ())
    assert card.title


@pytest.mark.parametrize("start", ["", "nonsense", "2026-99-99", "2026-12-02T11:00"])
def test_an_odd_moment_breaks_nothing(start):
    assert remarks.read({"invitation": {"start": start, "summary": "x"}}).card.title == "x"


def test_the_desk_shows_the_card_and_accepts_nothing():
    shown = page({"invitation": EVENT})

    assert "Visit &lt;b&gt;" in shown
    assert "Workshop" in shown
    assert "Nothing was accepted." in shown


def test_a_cancelled_appointment_says_so():
    shown = page({"invitation": {**EVENT, "is_cancelled": True}})

    assert "invitation--off" in shown
    assert "The sender called this appointment off." in shown


def test_an_encrypted_mail_is_told_with_a_way_on():
    shown = page({"seal": "encrypted pgp"})

    assert "no key of ours opens it" in shown
    assert "secure form" in shown


def test_a_signature_is_told_as_not_verified():
    assert "The signature was not verified." in page({"seal": "signed smime"})


def test_pictures_from_elsewhere_wait_for_a_click():
    shown = page({"pictures": True}, html='<img src="https://a.example/x.png">')

    assert "Show pictures from elsewhere" in shown
    assert 'target="looked-' in shown
    assert "a.example/x.png" not in shown


def test_there_is_no_button_without_pictures():
    assert "Show pictures from elsewhere" not in page({}, html="<p>x</p>")
