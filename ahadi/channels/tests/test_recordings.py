"""Recordings of calls: only with consent, heard at the desk, sealed in the ledger, gone in time."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from ahadi.channels.models import PhoneEvent, Recording
from ahadi.channels.phone import recordings
from ahadi.channels.tests import lines
from ahadi.channels.tests.lines import NUMBER, fake
from ahadi.ledger.models import Leaf, Opening
from ahadi.lib import clock
from ahadi.lib.fetch import Refused
from ahadi.people.models import Address
from ahadi.testing import make
from ahadi.tickets import audit, erasure
from ahadi.tickets.models import Attachment, Erasure

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

accepted, board, line = lines.accepted, lines.board, lines.line

SOUND = b"RIFF\x24\0\0\0WAVEfmt " + bytes(40)


def test_a_recording_without_consent_is_refused_and_says_so(accepted, line):
    accepted.line = line
    accepted.save()
    payload = {
        "call": accepted.pk,
        "url": "http://127.0.0.1:1/x",
        "seconds": 9,
        "at": clock.now().isoformat(),
    }

    recordings.fetch_one(payload)

    assert not Attachment.objects.exists()
    assert accepted.ticket.entries.filter(code="recording_refused").exists()
    with pytest.raises(PermissionError):
        recordings.keep(accepted, SOUND, "", 9, clock.now())


@pytest.fixture
def recorded(accepted, line):
    """A call with a recording that was announced."""
    line.announces_recording = True
    with fake((200, SOUND)) as (url, asked):
        line.url = url
        line.save()
        accepted.line = line
        accepted.save()
        payload = {"call": accepted.pk, "url": "/r/1.wav", "seconds": 9, "at": clock.now().isoformat()}
        recordings.fetch_one(payload)
        assert asked[0][0].path == "/r/1.wav"
    return Recording.objects.get()


def test_a_recording_is_heard_at_the_desk_only_and_its_hash_is_in_the_ledger(recorded, client):
    ticket, file = recorded.call.ticket, recorded.attachment
    client.force_login(recorded.call.agent)
    page = client.get(f"/desk/open/{ticket.number}/").content.decode()
    heard = client.get(f"/desk/attachments/{file.pk}/")
    client.force_login(make.agent("Ben Other", teams=[make.team("Billing")]))

    assert "<audio" in page
    assert b"".join(heard.streaming_content) == SOUND
    assert client.get(f"/desk/attachments/{file.pk}/").status_code == 404
    assert recorded.consent == "announced"
    event = Opening.objects.get(leaf=recorded.entry.leaf_id).event
    assert file.sha256 in json.dumps(event, default=str)
    assert recorded.entry.kind == "note"


def test_a_recording_goes_at_the_end_of_its_term_and_its_leaf_stays(recorded):
    kind, leaf = recordings.Recordings(), bytes(recorded.entry.leaf.hash)
    later = clock.now() + timedelta(days=91)

    before = kind.count(clock.now() - timedelta(days=1)), kind.count(later)
    with clock.at(later):
        assert kind.destroy(later) == 1
        assert kind.destroy(later) == 0

    recorded.refresh_from_db()
    assert before == (0, 1)
    assert (recorded.attachment, recorded.destroyed) == (None, later)
    assert not Attachment.objects.exists()
    assert bytes(Leaf.objects.get(pk=recorded.entry.leaf_id).hash) == leaf
    assert recorded.call.ticket.entries.filter(code="erased").count() == 1
    assert list(audit.audit()) == []


def test_whoever_is_forgotten_takes_recordings_and_events_along(recorded, line):
    customer = recorded.call.ticket.requester
    PhoneEvent.objects.create(line=line, call=recorded.call, name="e", body={"from": NUMBER})
    asked = Erasure.objects.create(customer=customer, asked_by=make.admin(), reason="asked")

    erasure.confirm(asked, make.admin("Bea Two"))

    recorded.refresh_from_db()
    assert recorded.attachment is None
    assert not Attachment.objects.exists()
    assert not PhoneEvent.objects.exists()
    assert NUMBER not in str(list(Address.objects.values_list("value", "shown")))


def test_a_recording_comes_only_from_the_line_or_from_public_machines(accepted, line):
    line.announces_recording, line.url = True, "http://127.0.0.1:9"
    line.save()
    accepted.line = line
    accepted.save()
    payload = {"call": accepted.pk, "seconds": 1, "at": clock.now().isoformat()}

    for url in ("http://127.0.0.1:10/secret", "file:///etc/passwd", "http://169.254.169.254/"):
        with pytest.raises(Refused):
            recordings.fetch_one({**payload, "url": url})
