"""What watchers of the product are told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError

from ahadi.api import health, tokens
from ahadi.channels.models import Pause
from ahadi.lib import clock
from ahadi.outbox.models import Job
from ahadi.testing import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_door(settings):
    settings.AHADI_SMTP_IN = None
    settings.AHADI_FILES.mkdir(parents=True, exist_ok=True)


def test_a_product_that_can_serve_says_ok(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok")


def test_without_a_database_it_cannot_serve(client, monkeypatch):
    def fail():
        raise DatabaseError("host db.internal is away")

    monkeypatch.setattr(health, "database", fail)

    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert b"db.internal" not in answer.content


def test_each_part_is_told(client):
    answer = client.get("/healthz?full").json()

    assert answer["status"] == "ok"
    assert set(answer["parts"]) == {
        "database",
        "disk",
        "files",
        "outbox",
        "smtp_out",
        "smtp_in",
        "redis",
        "inboxes",
        "automatic_mail",
    }


def test_a_pause_of_automatic_mail_is_told_and_pages_are_served(client):
    Pause.objects.create()

    answer = client.get("/healthz?full")

    assert answer.status_code == 200
    assert answer.json()["failing"] == ["automatic_mail"]


def test_a_full_disk_is_told_and_pages_are_still_served(client, monkeypatch):
    monkeypatch.setattr(health, "LITTLE_SPACE", 2**80)

    answer = client.get("/healthz?full")

    assert answer.status_code == 200
    assert answer.json()["failing"] == ["disk"]


def test_a_folder_that_cannot_be_written_is_told(client, settings, tmp_path):
    settings.AHADI_FILES = tmp_path / "absent"

    assert client.get("/healthz?full").json()["failing"] == ["files"]


def test_a_closed_smtp_door_is_told_when_it_should_be_open(client, settings):
    settings.AHADI_SMTP_IN = ("127.0.0.1", 1)

    assert client.get("/healthz?full").json()["failing"] == ["smtp_in"]


@pytest.mark.parametrize(
    "fields", [{"state": "failed"}, {"state": "waiting", "next_try": clock.now() - timedelta(hours=1)}]
)
def test_work_that_is_not_done_is_told(client, fields):
    Job.objects.create(name="channels.send", **fields)

    assert client.get("/healthz?full").json()["failing"] == ["outbox"]


def test_the_numbers_are_for_the_administrators_token(client):
    reading = tokens.issue(make.agent(), ["tickets:read"])
    ruling = tokens.issue(make.admin(), ["admin:read"])

    def ask(token):
        return client.get("/metrics", headers={"Authorization": f"Bearer {token}"})

    assert client.get("/metrics").status_code == 401
    assert ask(ruling[:-1] + "x").status_code == 401
    assert ask(reading).status_code == 403
    assert ask(ruling).status_code == 200


def test_the_numbers_can_be_read_by_prometheus(client):
    make.ticket()
    token = tokens.issue(make.admin(), ["admin:read"])

    text = client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).text

    assert "ahadi_tickets_unsolved 1\n" in text
    assert 'ahadi_part_ok{part="database"} 1\n' in text
    assert all(line.startswith("# ") or len(line.rsplit(" ", 1)) == 2 for line in text.splitlines())


def test_a_token_ends_after_its_time(frozen):
    text = tokens.issue(make.agent(), ["tickets:read"], lifetime=timedelta(days=1))

    assert tokens.find(text) is not None
    with clock.at(frozen + timedelta(days=2)):
        assert tokens.find(text) is None


@pytest.mark.parametrize("text", ["", "ahadi_pat_", "x" * 60, "ahadi_pat_" + "x" * 51])
def test_what_is_no_token_is_nobody(text):
    assert tokens.find(text) is None
