"""Pages on which two administrators forget a person."""

from __future__ import annotations

import io
import json
import time
import zipfile
from datetime import timedelta

import pytest

from ahadi.ledger import log, verify
from ahadi.ledger.models import Night
from ahadi.lib import clock
from ahadi.testing import make
from ahadi.tickets.models import Erasure, Hold, Retention, Words
from ahadi.tickets.said import File

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.AHADI_FILES = tmp_path


def enter(client, agent, *, just_now: bool = True):
    """Sign in; `just_now` as whoever has shown a moment ago who they are."""
    client.force_login(agent)
    session = client.session
    at = time.time() - (0 if just_now else 3_600)
    session["account_authentication_methods"] = [{"method": "password", "at": at}]
    session.save()
    return agent


def asked(customer) -> Erasure:
    return Erasure.objects.create(customer=customer, reason="duty", asked_by=make.admin("Ada Stone"))


def test_two_administrators_forget_a_person(client):
    ticket = make.ticket("My zirkonquitte broke.")
    person = f"/desk/settings/forgetting/people/{ticket.requester_id}/"
    enter(client, make.admin("Ada Stone"))

    found = client.get("/desk/settings/forgetting/", {"q": ticket.address.value}).content.decode()
    page = client.get(person).content.decode()
    client.post(person, {"reason": "withdrawn", "note": "Letter 17"})

    assert person in found
    assert ticket.number in page
    wanted = Erasure.objects.get()
    confirm = f"/desk/settings/forgetting/{wanted.pk}/confirmation/"
    assert client.post(confirm).status_code == 403
    assert Words.objects.filter(text__contains="zirkonquitte").exists()

    enter(client, make.admin("Jon Hall"))
    assert "Destroy it now" in client.get(confirm).content.decode()
    assert client.post(confirm).status_code == 302
    assert not Words.objects.filter(text__contains="zirkonquitte").exists()
    assert "Letter 17" in client.get("/desk/settings/forgetting/").content.decode()
    shown = client.get(f"/desk/tickets/{ticket.number}/")
    assert shown.status_code == 200
    assert "erased as the law asks" in shown.content.decode()


def test_who_did_not_just_show_who_they_are_is_asked_again(client):
    ticket = make.ticket()
    wanted = Erasure.objects.create(
        customer=ticket.requester, reason="duty", asked_by=make.admin("Ada Stone")
    )
    enter(client, make.admin("Jon Hall", password="a long password"), just_now=False)

    answer = client.post(f"/desk/settings/forgetting/{wanted.pk}/confirmation/")

    assert "reauthenticate" in answer["Location"]
    assert Erasure.objects.get().is_waiting


def test_a_hold_is_told_on_every_request_and_stops_the_forgetting(client):
    ticket = make.ticket()
    wanted = Erasure.objects.create(
        customer=ticket.requester, reason="duty", asked_by=make.admin("Ada Stone")
    )
    enter(client, make.admin("Jon Hall"))
    person = f"/desk/settings/forgetting/people/{ticket.requester_id}/"

    client.post(f"{person}hold/", {"reason": "A court asks for it."})
    client.post(f"/desk/settings/forgetting/{wanted.pk}/confirmation/")

    assert Hold.objects.get().lifted is None
    assert Erasure.objects.get().is_waiting
    assert "A court asks for it." in client.get(person).content.decode()
    assert list(ticket.entries.filter(code="hold").values_list("words__data__reason", flat=True)) == [
        "A court asks for it."
    ]

    client.post(f"{person}release/")
    assert Hold.objects.get().lifted is not None
    assert ticket.entries.filter(code="hold_lifted").exists()


def test_somebody_thinks_better_of_it(client):
    ticket = make.ticket()
    wanted = Erasure.objects.create(
        customer=ticket.requester, reason="duty", asked_by=make.admin("Ada Stone")
    )
    enter(client, make.admin("Jon Hall"))

    client.post(f"/desk/settings/forgetting/{wanted.pk}/withdrawal/")
    client.post(f"/desk/settings/forgetting/{wanted.pk}/confirmation/")

    wanted.refresh_from_db()
    assert wanted.withdrawn
    assert wanted.confirmed is None


def test_a_person_takes_everything_home_in_an_open_format(client):
    file = File("map.txt", "text/plain", b"a map")
    ticket = make.ticket("My zirkonquitte broke.", files=[file])
    enter(client, make.admin())

    answer = client.post(f"/desk/settings/forgetting/people/{ticket.requester_id}/file/")

    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        entries = [json.loads(line) for line in archive.read("entries.ndjson").splitlines()]
        assert entries[0]["text"] == "My zirkonquitte broke."
        (name,) = (name for name in archive.namelist() if name.startswith("files/"))
        assert archive.read(name) == b"a map"
        receipt = archive.read(f"receipts/{ticket.number}.tlog-proof").decode()
        assert verify.receipt(receipt, log.vkeys()).events
        assert not any(b"token_hash" in archive.read(name) for name in archive.namelist())


def test_terms_are_shown_before_they_count(client):
    enter(client, make.admin())
    with clock.at(clock.now() - timedelta(days=90)):
        make.ticket().solve(by=make.agent())

    shown = client.post("/desk/settings/terms/", {"solved": "60"})
    assert shown.status_code == 200
    assert "would go tonight" in shown.content.decode()
    assert not Retention.objects.exists()

    client.post("/desk/settings/terms/", {"solved": "60", "keep": "1"})
    assert Retention.objects.get().days == 60
    assert client.post("/desk/settings/terms/", {"solved": "3"}).status_code == 422
    client.post("/desk/settings/terms/", {"solved": "", "keep": "1"})
    assert not Retention.objects.exists()


def test_an_administrator_sees_whether_everything_holds(client):
    enter(client, make.admin())
    assert "Not yet" in client.get("/desk/settings/proof/").content.decode()
    faults = [["changed_entry", "K7QF/1", "Entry 1 was changed."]]
    Night.objects.create(day=clock.now().date(), ended=clock.now(), count=1, faults=faults)

    page = client.get("/desk/settings/proof/").content.decode()

    assert "Entry 1 was changed." in page


@pytest.mark.parametrize("page", ["forgetting/", "terms/", "proof/"])
def test_only_administrators_come_here(client, page):
    client.force_login(make.lead())

    assert client.get(f"/desk/settings/{page}").status_code == 403
