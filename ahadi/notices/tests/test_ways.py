from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import mail

from ahadi.lib import clock
from ahadi.notices import mails, push, telling, wishes
from ahadi.notices.models import Browser, Notice
from ahadi.people.models import Agent
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def mara(settings) -> Agent:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    make.company()
    telling.tell()
    return make.agent("Mara Lind")


def assigned(agent: Agent) -> Notice:
    make.ticket(subject="Late parcel").assign(agent, by=None)
    telling.tell()
    return Notice.objects.latest("pk")


def later(minutes: int) -> Any:
    return clock.at(clock.now() + timedelta(minutes=minutes))


def keys() -> dict[str, str]:
    point = (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    )
    return {"p256dh": urlsafe_b64encode(point).decode(), "auth": urlsafe_b64encode(os.urandom(16)).decode()}


class Service:
    """Stands where the push service of a browser is."""

    def __init__(self, status: int) -> None:
        self.status, self.asked = status, []

    def post(self, url: str, **more: Any) -> Any:
        self.asked.append((url, more))
        return type(
            "Answer",
            (),
            {"status_code": self.status, "headers": {}, "text": "", "reason": "", "json": lambda _: {}},
        )()


def browser(agent: Agent) -> Browser:
    kept = push.keep(agent, {"endpoint": "https://fcm.googleapis.com/fcm/send/x", "keys": keys()})
    assert kept is not None
    return kept


def test_a_mail_gathers_what_nobody_has_looked_at(mara: Agent):
    assigned(mara)
    assigned(mara)

    assert mails.gather() == 0
    with later(11):
        assert mails.gather() == 1
        assert mails.gather() == 0

    (sent,) = mail.outbox
    assert sent.subject == "2 tickets wait for you"
    assert sent.to == [mara.email]
    assert "You get this because the ticket was given to you." in sent.body


def test_a_promise_in_danger_is_mailed_at_once_and_again_when_it_breaks(mara: Agent):
    ticket = make.ticket(subject="Late parcel", assignee=mara)
    told = {"agent": mara.pk, "name": mara.name}

    for code in ("warned", "broken", "returned"):
        ticket.change(code, told, None)
        telling.tell()
        assert mails.gather() == 1
    assert mails.gather() == 0

    warned, broken, returned = (sent.body for sent in mail.outbox)
    assert "Keep it, or move it with a reason." in warned
    assert "and did not." in broken
    assert "still not solved" in returned


def test_what_was_read_is_not_mailed(mara: Agent):
    telling.read(mara, assigned(mara).ticket)

    with later(11):
        assert mails.gather() == 0


def test_a_mail_waits_for_the_working_time(mara: Agent):
    assigned(mara)

    with later(12 * 60):
        assert mails.gather() == 0
    with later(23 * 60 + 5):
        assert mails.gather() == 1


def test_a_push_is_encrypted_and_says_no_word_of_a_customer(mara: Agent):
    browser(mara)
    notice, service = assigned(mara), Service(201)

    push.deliver(notice.pk, service)
    push.deliver(notice.pk, service)

    (asked,) = service.asked
    assert asked[0] == "https://fcm.googleapis.com/fcm/send/x"
    assert b"Late parcel" not in asked[1]["data"]
    assert asked[1]["headers"]["authorization"].startswith("vapid t=")


def test_a_browser_that_is_gone_is_forgotten(mara: Agent):
    browser(mara)

    push.deliver(assigned(mara).pk, Service(410))

    assert not Browser.objects.exists()


def test_no_push_disturbs_the_evening(mara: Agent):
    browser(mara)
    notice, service = assigned(mara), Service(201)

    with later(12 * 60):
        push.deliver(notice.pk, service)

    assert service.asked == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://evil.example/fcm.googleapis.com",
        "https://127.0.0.1/",
        "https://xfcm.googleapis.com.evil.example/",
        "",
    ],
)
def test_our_server_calls_no_address_that_a_page_names(mara: Agent, endpoint: str):
    assert push.keep(mara, {"endpoint": endpoint, "keys": keys()}) is None


def test_the_key_of_pushes_is_made_once_and_lies_outside_the_database(mara: Agent, settings):
    assert push.public_key() == push.public_key()
    assert (settings.AHADI_DATA / "push.pem").stat().st_mode & 0o077 == 0
    assert wishes.ways(mara, Notice.Reason.PROMISE) == ["desk", "desktop", "push", "mail"]
