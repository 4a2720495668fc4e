"""Raw messages, files and mails of strangers, and who may have them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from ahadi.channels import intake
from ahadi.channels.models import OutgoingMail
from ahadi.channels.retention import Raw
from ahadi.lib import clock
from ahadi.outbox import jobs
from ahadi.testing import make
from ahadi.tickets.said import File

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


def signed_in(agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def stranger():
    """An agent of another team."""
    return make.agent("Noor Aziz", teams=[make.team("Parts")])


@pytest.fixture
def entry():
    """A mail with a picture of its own, one from elsewhere, and a script."""
    html = '<p>Look: <img src="cid:one"><img src="https://evil.example/x.png"><script>alert(1)</script></p>'
    files = [
        File("one.png", "image/png", PICTURE, "one", True),
        File("page.svg", "image/svg+xml", b"<svg onload='alert(1)'/>"),
        File("نامه.html", "text/html", b"<script>alert(1)</script>"),
    ]
    return make.ticket(html=html, files=files, team=make.team()).entries.get(seq=1)


def test_a_file_is_for_keeping_and_a_picture_may_be_looked_at(entry):
    client = signed_in(make.agent())

    answers = [
        client.get(reverse("channels:attachment", args=[file.pk]))
        for file in entry.attachments.order_by("pk")
    ]

    assert [answer["Content-Type"] for answer in answers] == [
        "image/png",
        "application/octet-stream",
        "application/octet-stream",
    ]
    assert [answer["Content-Disposition"].split(";")[0] for answer in answers] == [
        "inline",
        "attachment",
        "attachment",
    ]
    assert all("sandbox" in answer["Content-Security-Policy"] for answer in answers)
    assert all(answer["X-Content-Type-Options"] == "nosniff" for answer in answers)
    assert b"".join(answers[0].streaming_content) == PICTURE


def test_the_mail_in_its_frame_is_locked_and_loads_nothing_from_elsewhere(entry):
    answer = signed_in(make.agent()).get(reverse("channels:html", args=[entry.pk]))

    page = answer.content.decode()
    policy = answer["Content-Security-Policy"]
    assert 'src="data:image/png;base64,' in page
    assert "<script" not in page
    assert ' src="https://evil.example' not in page
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_other_teams_and_visitors_get_nothing(entry):
    file = entry.attachments.first()
    paths = [reverse("channels:attachment", args=[file.pk]), reverse("channels:html", args=[entry.pk])]

    assert [signed_in(stranger()).get(path).status_code for path in paths] == [404, 404]
    assert [Client().get(path).status_code for path in paths] == [302, 302]


def test_a_raw_message_is_given_byte_for_byte_to_those_who_may_see_its_ticket():
    raw = b"From: a@post.example\r\nSubject: x\r\n\r\nHello\x00\xff\r\n"
    message = intake.accept(raw, "a@post.example", ["help@marlo.example"])
    path = reverse("channels:raw", args=[message.pk])
    assert signed_in(make.agent()).get(path).status_code == 404
    jobs.run_due()

    answer = signed_in(make.agent()).get(path)

    assert b"".join(answer.streaming_content) == raw
    assert answer["Content-Disposition"].startswith("attachment")
    assert signed_in(stranger()).get(path).status_code == 404


def test_a_message_in_quarantine_is_for_leads():
    message = intake.accept(b"From: a@post.example\r\n\r\n", "a@post.example", ["help@marlo.example"])
    jobs.run_due()
    path = reverse("channels:raw", args=[message.pk])

    assert signed_in(make.agent()).get(path).status_code == 404
    assert signed_in(make.lead()).get(path).status_code == 200


@pytest.fixture
def kept() -> OutgoingMail:
    """An acknowledgement that waits for a mail server."""
    intake.accept(
        b"From: a@post.example\r\nSubject: x\r\n\r\nHello\r\n", "a@post.example", ["h@marlo.example"]
    )
    jobs.run_due()
    return OutgoingMail.objects.get()


def test_without_a_mail_server_everything_sent_is_shown(kept):
    client = Client(headers={"host": "localhost"})

    listed = client.get("/dev/outbox/").content.decode()
    shown = client.get(f"/dev/outbox/{kept.pk}/").content.decode()
    framed = client.get(f"/dev/outbox/{kept.pk}/html/")

    assert kept.subject in listed
    assert "Auto-Submitted: auto-replied" in shown
    assert "sandbox" in framed["Content-Security-Policy"]
    assert "Your tracking code" in framed.content.decode()


def test_the_outbox_is_closed_to_the_world_and_where_a_mail_server_is_set(kept, settings):
    settings.ALLOWED_HOSTS = ["help.marlo.example", "localhost"]
    far = Client(headers={"host": "help.marlo.example"})
    by_proxy = Client(headers={"host": "localhost", "x-forwarded-for": "203.0.113.9"})

    assert [client.get("/dev/outbox/").status_code for client in (far, by_proxy)] == [404, 404]
    far.force_login(make.agent())
    assert far.get("/dev/outbox/").status_code == 404
    far.force_login(make.admin())
    assert far.get("/dev/outbox/").status_code == 200
    settings.AHADI_SMTP_OUT = "smtp://127.0.0.1:25"
    assert far.get("/dev/outbox/").status_code == 404


def test_an_original_mail_past_its_term_is_not_found(entry):
    raw = intake.accept(b"From: a@post.example\r\n\r\nHello", "a@post.example", ["help@marlo.example"])
    jobs.run_due()
    client, place = signed_in(make.admin()), reverse("channels:raw", args=[raw.pk])
    assert client.get(place).status_code == 200

    Raw().destroy(clock.now() + timedelta(days=1))

    assert client.get(place).status_code == 404
