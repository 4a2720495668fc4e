from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.core import mail

from ahadi.lib import clock, vault
from ahadi.people import devices, signin
from ahadi.people.entrance import Entrance
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def enter(client, agent) -> None:
    client.post("/" + signin.invite(agent).split("/", 3)[3])


def require(*roles: str) -> None:
    Entrance.objects.update_or_create(pk=1, defaults={"required": list(roles)})


def test_who_needs_a_second_factor_and_has_none_chooses_one_first(client):
    require("admin")
    enter(client, make.admin())

    assert client.get("/desk/settings/")["Location"] == "/accounts/2fa/"
    assert "Your company asks for a second factor" in client.get("/accounts/2fa/", follow=True).text


def test_with_the_factor_chosen_the_desk_opens(client):
    require("admin")
    admin = make.admin()
    enter(client, admin)
    Authenticator.objects.create(user=admin, type="totp", data={"secret": "x"})

    assert client.get("/desk/settings/").status_code == 200
    assert client.get("/desk/settings/").status_code == 200


def test_recovery_codes_alone_are_no_factor(client):
    require("admin")
    admin = make.admin()
    Authenticator.objects.create(user=admin, type="recovery_codes", data={})
    enter(client, admin)

    assert client.get("/desk/settings/").status_code == 302


def test_other_roles_are_not_asked(client):
    require("admin", "lead")
    enter(client, make.agent())

    assert client.get("/desk/settings/").status_code == 200


def test_whoever_is_at_work_goes_on_until_they_sign_in_next(client):
    enter(client, make.admin())
    require("admin")

    assert client.get("/desk/settings/").status_code == 200


def test_one_device_is_signed_out(client):
    agent = make.agent()
    enter(client, agent)
    other = type(client)(headers={"User-Agent": FIREFOX})
    enter(other, agent)
    theirs = UserSession.objects.latest("pk")

    page = client.get("/accounts/sessions/").text
    client.post(f"/accounts/sessions/{theirs.pk}/ending/")

    assert "Firefox, Linux" in page
    assert other.get("/desk/settings/").status_code == 302
    assert client.get("/desk/settings/").status_code == 200


def test_nobody_ends_a_foreign_session(client):
    enter(client, make.agent())
    theirs = UserSession.objects.get()
    thief = type(client)()
    enter(thief, make.agent())

    assert thief.post(f"/accounts/sessions/{theirs.pk}/ending/").status_code == 404


def test_when_a_device_was_seen_last_is_known_to_the_quarter_of_an_hour(client, frozen):
    enter(client, make.agent())

    with clock.at(frozen + timedelta(hours=1)):
        client.get("/desk/settings/")

    assert UserSession.objects.get().last_seen_at == frozen + timedelta(hours=1)


def test_an_invitation_by_mail_holds_a_link_for_three_days(client, settings, frozen):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    agent = make.agent(language="fa")

    signin.send(agent)

    (sent,) = mail.outbox
    link = next(line for line in sent.body.splitlines() if "/accounts/link/" in line)
    with clock.at(frozen + timedelta(hours=71)):
        assert signin.find(link.rstrip("/").rpartition("/")[2]) is not None
    with clock.at(frozen + timedelta(hours=73)):
        assert signin.find(link.rstrip("/").rpartition("/")[2]) is None


def test_devices_are_named_in_few_words():
    assert devices.describe(FIREFOX) == "Firefox, Linux"
    assert devices.describe("curl/8") == "curl/8"


def test_the_secret_of_the_provider_is_sealed():
    entrance = Entrance.current()
    entrance.keep_secret("hush")
    entrance.save()

    kept = Entrance.objects.get()
    assert "hush" not in kept.secret
    assert kept.read_secret() == "hush"
    with pytest.raises(vault.Unsealable):
        vault.unseal(kept.secret, "elsewhere")


def test_without_a_sign_in_there_is_nothing_to_end(client):
    assert client.post("/accounts/sessions/1/ending/").status_code == 302
    assert SESSION_KEY not in client.session
