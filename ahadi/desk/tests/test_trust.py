"""Who is believed about incoming mail is for administrators to say."""

from __future__ import annotations

import pytest

from ahadi.channels.models import Trust
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
PLACE = "/desk/settings/trust/"


@pytest.fixture
def admin(client):
    client.force_login(make.admin())
    return client


def test_a_server_is_believed_until_it_is_not(admin):
    admin.post(PLACE, {"kind": "server", "value": " MX.Marlo.example ", "inbox": ""})
    believed = Trust.objects.get()

    assert (believed.value, believed.inbox) == ("mx.marlo.example", None)
    assert "mx.marlo.example" in admin.get(PLACE).content.decode()
    admin.post(f"{PLACE}{believed.pk}/doubt/")
    assert not Trust.objects.exists()


def test_a_belief_may_hold_for_one_inbox(admin):
    inbox = make.inbox()

    admin.post(PLACE, {"kind": "direct", "value": "anything", "inbox": inbox.pk})

    assert [(one.value, one.inbox) for one in Trust.objects.all()] == [("", inbox)]


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        ("server", "", "without spaces"),
        ("server", "mx one", "without spaces"),
        ("sealer", "<script>", "without spaces"),
        ("form", "shop.example", "not a mail address"),
        ("nonsense", "x", "not one of the available choices"),
    ],
)
def test_what_makes_no_sense_is_not_believed(admin, kind, value, sentence):
    answer = admin.post(PLACE, {"kind": kind, "value": value})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Trust.objects.exists()


def test_the_same_twice_is_said(admin):
    for _ in range(2):
        answer = admin.post(PLACE, {"kind": "form", "value": "form@shop.example"})

    assert answer.status_code == 422
    assert Trust.objects.count() == 1


@pytest.mark.parametrize("role", ["agent", "lead"])
def test_only_administrators_say_who_is_believed(client, role):
    client.force_login(make.agent(role=role))

    assert client.get(PLACE).status_code == 403
    assert client.post(PLACE, {"kind": "server", "value": "evil.example"}).status_code == 403
    assert not Trust.objects.exists()
