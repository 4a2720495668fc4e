"""Inviting agents, letting them go, and what they say about themselves."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ahadi.lib import store
from ahadi.people.models import Agent, SignInLink
from ahadi.testing import make

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture
def admin(client):
    """An administrator who is signed in."""
    make.company(time_zone="Europe/Bucharest")
    agent = make.admin()
    client.force_login(agent, backend=BACKEND)
    return agent


def invitation(**fields):
    return {
        "name": "Ioana Pop", "email": "Ioana@marlo.example", "role": "agent", "language": "ro",
        "teams": [make.team().pk], **fields,
    }  # fmt: skip


def test_an_invitation_shows_a_link_that_signs_in_once(client, admin):
    page = client.post(reverse("desk:agents"), invitation())

    link = re.search(r'value="(http[^"]+)"', page.content.decode())[1]
    agent = Agent.objects.get(email="ioana@marlo.example")
    theirs = Client()
    assert theirs.post(urlsplit(link).path)["Location"] == "/desk/"
    assert theirs.session["_auth_user_id"] == str(agent.pk)
    assert (agent.language, agent.time_zone, agent.role) == ("ro", "Europe/Bucharest", "agent")
    assert [team.name for team in agent.teams.all()] == ["Support"]
    assert not agent.has_usable_password()
    assert "no-store" in page["Cache-Control"]


def test_the_link_is_stored_nowhere_as_it_is(client, admin):
    page = client.post(reverse("desk:agents"), invitation())

    token = re.search(r"/accounts/link/([^/\"]+)/", page.content.decode())[1]
    assert not SignInLink.objects.filter(token_hash__contains=token).exists()
    assert token not in str(dict(client.session))
    assert token not in client.get(reverse("desk:agents")).content.decode()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("email", "nobody", "Enter a valid email address."),
        ("email", "MARA@marlo.example", "Somebody with this address is an agent already."),
        ("name", "", "This field is required."),
        ("role", "owner", "owner is not one of the available choices"),
    ],
)
def test_a_wrong_invitation_is_refused_and_kept_in_the_form(client, admin, field, value, said):
    make.agent(email="mara@marlo.example")
    before = Agent.objects.count()

    page = client.post(reverse("desk:agents"), invitation(**{field: value}))

    shown = page.content.decode()
    assert page.status_code == 422
    assert said in shown
    assert ("Ioana Pop" if field != "name" else "Ioana@marlo.example") in shown
    assert Agent.objects.count() == before
    assert not SignInLink.objects.exists()


def test_a_new_link_is_made_by_pressing_a_button_only(client, admin):
    mara = make.agent()
    path = reverse("desk:agent_link", args=[mara.pk])

    looked, pressed = client.get(path), client.post(path)

    assert looked.status_code == 405
    assert "/accounts/link/" in pressed.content.decode()
    assert SignInLink.objects.get().agent == mara


@pytest.mark.parametrize("role", ["agent", "lead"])
def test_nobody_but_administrators_makes_links(client, role):
    client.force_login(make.agent(role=role), backend=BACKEND)

    answer = client.post(reverse("desk:agent_link", args=[make.admin().pk]))

    assert answer.status_code == 403
    assert not SignInLink.objects.exists()


def test_who_leaves_is_signed_out_and_their_tickets_return_to_the_team(client, admin):
    mara = make.agent("Mara Lind")
    ticket = make.ticket(assignee=mara)
    theirs = Client()
    theirs.force_login(mara, backend=BACKEND)

    client.post(
        reverse("desk:agent", args=[mara.pk]),
        {"name": "Mara Lind", "email": mara.email, "role": "agent", "teams": [make.team().pk]},
    )

    ticket.refresh_from_db()
    assert ticket.assignee is None
    assert ticket.team is not None
    assert theirs.get(reverse("desk:profile")).status_code == 302


def test_the_last_administrator_stays_one(client, admin):
    page = client.post(
        reverse("desk:agent", args=[admin.pk]),
        {"name": "Ada", "email": admin.email, "role": "agent", "is_active": "on"},
    )

    admin.refresh_from_db()
    assert page.status_code == 422
    assert "make somebody else one first" in page.content.decode()
    assert admin.is_admin


def profile(**fields):
    return {
        "name": "Mara Lind",
        "language": "he",
        "time_zone": "Asia/Jerusalem",
        "languages": ["he", "en"],
        **fields,
    }


def test_agents_describe_themselves(client):
    mara = make.agent()
    client.force_login(mara, backend=BACKEND)

    answer = client.post(reverse("desk:profile"), profile(picture=SimpleUploadedFile("me.png", PNG)))

    mara.refresh_from_db()
    picture = Client().get(reverse("people:photo", args=[mara.pk]))
    assert answer.status_code == 302
    assert (mara.language, mara.time_zone, mara.languages) == ("he", "Asia/Jerusalem", ["he", "en"])
    assert store.read(mara.photo) == PNG
    assert picture["Content-Type"] == "image/png"
    assert picture["X-Content-Type-Options"] == "nosniff"
    assert 'dir="rtl"' in client.get(reverse("desk:profile")).content.decode()


def test_a_picture_can_be_taken_away(client):
    mara = make.agent(photo=store.put(PNG))
    client.force_login(mara, backend=BACKEND)

    client.post(reverse("desk:profile"), profile(without_picture="on"))

    mara.refresh_from_db()
    assert mara.photo == ""
    assert client.get(reverse("people:photo", args=[mara.pk])).status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"picture": SimpleUploadedFile("me.png", b"<svg onload=alert(1)>")}, "Choose a PNG or JPEG picture"),
        (
            {"picture": SimpleUploadedFile("me.jpg", PNG + bytes(2 * 1024 * 1024))},
            "Choose a PNG or JPEG picture",
        ),
        ({"picture": SimpleUploadedFile("me.png", b"")}, "This file is empty"),
        ({"time_zone": "Mars/Olympus"}, "There is no time zone of that name."),
        ({"languages": ["tlh"]}, "tlh is not one of the available choices"),
    ],
)
def test_a_wrong_profile_is_refused_and_kept_in_the_form(client, fields, said):
    mara = make.agent("Mara Lind")
    client.force_login(mara, backend=BACKEND)

    page = client.post(reverse("desk:profile"), profile(name="Mara Typed", **fields))

    mara.refresh_from_db()
    assert page.status_code == 422
    assert said in page.content.decode()
    assert 'value="Mara Typed"' in page.content.decode()
    assert (mara.name, mara.photo) == ("Mara Lind", "")


def test_nobody_gives_themselves_another_role_by_their_profile(client):
    mara = make.agent()
    client.force_login(mara, backend=BACKEND)

    client.post(reverse("desk:profile"), profile(role="admin", email="other@marlo.example", is_active=""))

    after = Agent.objects.get(pk=mara.pk)
    assert (after.role, after.email, after.is_active) == ("agent", mara.email, True)


def test_the_settings_lead_everybody_where_they_may_go(client, admin):
    assert reverse("desk:company") in client.get(reverse("desk:settings")).text

    client.force_login(make.agent(), backend=BACKEND)
    assert reverse("desk:company") not in client.get(reverse("desk:settings")).text
    assert reverse("desk:profile") in client.get(reverse("desk:settings")).text
