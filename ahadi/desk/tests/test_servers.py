"""Mailboxes in the browser: entered, tried out, paused, and never telling a password again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from ahadi.channels.email import oauth, trials, webhook
from ahadi.channels.models import Grant, MailServer, OAuthClient, Webhook
from ahadi.lib import clock
from ahadi.outbox import jobs
from ahadi.outbox.models import Job
from ahadi.testing import make, wires

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
TYPED = {
    "host": "imap.marlo.example",
    "port": "993",
    "security": "tls",
    "sign_in": "password",
    "user": "help@marlo.example",
    "password": " hidden words ",
    "folders": "INBOX\n\nSales\nINBOX",
    "begin": "all",
}


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def inbox():
    return make.inbox()


def at(name: str, inbox, *more: str) -> str:
    return reverse(f"desk:{name}", args=[inbox.pk, *more])


def stored(inbox, way: str = "in", **fields) -> MailServer:
    made = MailServer.objects.create(
        inbox=inbox, way=way, host="imap.marlo.example", port=993, user="help", **fields
    )
    made.keep_password("hidden words")
    return made


def test_a_mailbox_is_entered_and_waits_for_the_test(client, admin, inbox):
    answer = client.post(at("server", inbox, "in"), TYPED)

    server = MailServer.objects.get()
    assert answer["Location"] == at("server_trial", inbox, "in")
    assert (server.host, server.port, server.folders) == ("imap.marlo.example", 993, ["INBOX", "Sales"])
    assert server.password == " hidden words "
    assert "hidden" not in server.sealed_password
    assert server.is_paused
    assert Job.objects.get().name == trials.JOB


def test_the_password_is_never_shown_again(client, admin, inbox):
    client.post(at("server", inbox, "in"), TYPED)

    for path in (at("inbox", inbox), at("server", inbox, "in"), at("server_trial", inbox, "in")):
        assert b"hidden words" not in client.get(path).content
    wrong = client.post(at("server", inbox, "in"), {**TYPED, "port": "0"})
    assert wrong.status_code == 422
    assert b"hidden words" not in wrong.content


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("host", "https://imap.marlo.example/", "Write the name of the server alone"),
        ("host", "imap marlo", "Write the name of the server alone"),
        ("port", "65536", "Write a number from 1 to 65535"),
        ("port", "x", "Enter a whole number"),
        ("security", "none", "Without encryption only this machine itself can be used."),
        ("security", "ssl", "Select a valid choice"),
        ("user", "", "Whose mailbox is it?"),
        ("password", "", "Write the password of the mailbox."),
        ("folders", "", "This field is required."),
        ("folders", "\n".join(map(str, range(11))), "Name up to ten folders"),
        ("folders", "IN\x00BOX", ""),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(client, admin, inbox, field, value, said):
    page = client.post(at("server", inbox, "in"), {**TYPED, field: value})

    assert page.status_code == 422
    assert said in page.content.decode()
    assert not MailServer.objects.exists()


def test_a_stored_password_stays_but_never_goes_to_another_server(client, admin, inbox):
    stored(inbox)
    typed = {**TYPED, "password": "", "user": "help"}

    kept = client.post(at("server", inbox, "in"), typed)
    moved = client.post(at("server", inbox, "in"), {**typed, "host": "evil.example"})

    server = MailServer.objects.get()
    assert kept.status_code == 302
    assert moved.status_code == 422
    assert (server.host, server.password) == ("imap.marlo.example", "hidden words")


def test_a_change_makes_the_fetching_begin_afresh(client, admin, inbox):
    server = stored(inbox)
    before = server.changed

    client.post(at("server", inbox, "in"), {**TYPED, "port": "1993"})

    server.refresh_from_db()
    assert server.changed > before
    assert not server.is_paused


@pytest.mark.parametrize(
    ("address", "provider", "host", "sign_in"),
    [
        ("help@gmail.com", "", "imap.gmail.com", "google"),
        ("help@outlook.com", "", "outlook.office365.com", "microsoft"),
        ("help@marlo.example", "", "imap.marlo.example", "password"),
        ("help@marlo.example", "google", "imap.gmail.com", "google"),
        ("help@marlo.example", "nonsense", "imap.marlo.example", "password"),
    ],
)
def test_the_form_knows_where_well_known_addresses_live(client, admin, address, provider, host, sign_in):
    page = client.get(at("server", make.inbox(address), "in"), {"provider": provider}).content.decode()

    assert f'value="{host}"' in page
    assert f'<option value="{sign_in}" selected' in page


def test_a_test_is_watched_until_its_end(client, admin, inbox):
    port = wires.imap().port
    server = stored(inbox, security="none", is_paused=True)
    MailServer.objects.update(host="127.0.0.1", port=port)

    client.post(at("server_trial", inbox, "in"))
    waiting = client.get(at("server_trial", inbox, "in"))
    jobs.run_due()
    done = client.get(at("server_trial", inbox, "in"))

    assert waiting["Refresh"] == "2"
    assert "Waiting for the server" in waiting.content.decode()
    assert "Refresh" not in done
    assert "Everything works." in done.content.decode()
    assert "Begin to fetch" in done.content.decode()
    client.post(at("server_pause", inbox), {"off": ""})
    server.refresh_from_db()
    assert not server.is_paused


def test_a_failed_test_says_what_to_do(client, admin, inbox):
    server = stored(inbox)
    server.note_trial(
        asked=clock.now().isoformat(), done=True, steps=[], trouble="closed", said="<script>alert(1)</script>"
    )

    page = client.get(at("server_trial", inbox, "in")).content.decode()

    assert "nothing answers at this port" in page
    assert "993 is usual for TLS" in page
    assert "<script>alert" not in page


def test_fetching_is_paused_and_forgotten(client, admin, inbox):
    server = stored(inbox)

    client.post(at("server_pause", inbox), {"on": ""})
    server.refresh_from_db()
    assert server.is_paused
    client.post(at("server_removal", inbox, "in"))

    assert not MailServer.objects.exists()


def test_a_server_of_its_own_for_sending(client, admin, inbox):
    typed = {"host": "127.0.0.1", "port": "25", "security": "none", "sign_in": "password", "user": ""}

    answer = client.post(at("server", inbox, "out"), typed)

    assert answer.status_code == 302
    assert inbox.outgoing.host == "127.0.0.1"
    assert not inbox.outgoing.is_paused


@pytest.mark.parametrize("path", ["up", "in out"])
def test_there_are_two_ways_only(client, admin, inbox, path):
    assert client.get(f"/desk/settings/inboxes/{inbox.pk}/{path}/").status_code == 404


def pages(inbox) -> list[str]:
    return [
        at("server", inbox, "in"),
        at("server_trial", inbox, "in"),
        at("server_pause", inbox),
        at("server_removal", inbox, "in"),
        at("consent", inbox),
        reverse("desk:consent_answer"),
        reverse("desk:webhooks"),
    ]


def test_nobody_else_opens_or_changes_them(client, inbox):
    make.company()
    stored(inbox)
    for agent, codes in ((None, {302, 405}), (make.agent(), {403, 405}), (make.lead(), {403, 405})):
        if agent:
            client.force_login(agent, backend=BACKEND)
        for path in pages(inbox):
            assert client.get(path).status_code in codes, path
            assert client.post(path, TYPED).status_code in codes, path
    assert MailServer.objects.get().changed < clock.now()
    assert not Job.objects.exists()


@pytest.mark.parametrize("language", ["en", "fa"])
def test_every_page_opens_in_both_directions(client, admin, inbox, language):
    admin.language = language
    admin.save()
    server = stored(inbox, sign_in="google", trouble="full")
    stored(inbox, "out")
    server.succeed("full", "said")
    webhook.open_door("amazon")
    shown = [
        at("inbox", inbox),
        reverse("desk:inboxes"),
        reverse("desk:webhooks"),
        at("server", inbox, "out"),
    ]

    for path in [*shown, at("server", inbox, "in"), at("server_trial", inbox, "in"), at("consent", inbox)]:
        page = client.get(path)
        assert page.status_code == 200, path
        assert f'dir="{"rtl" if language == "fa" else "ltr"}"' in page.content.decode()


def test_the_list_says_how_each_inbox_does(client, admin, inbox):
    server = stored(inbox)
    server.fail("password", "NO")

    page = client.get(reverse("desk:inboxes")).content.decode()

    assert "The server does not accept this user name and password." in page


def test_a_silent_inbox_stands_at_the_head_of_every_page_of_administrators(client, admin, inbox):
    server = stored(inbox)
    server.succeed()
    with clock.at(clock.now() + timedelta(minutes=11)):
        cache.clear()
        there = client.get(reverse("desk:profile")).content.decode()
        client.force_login(make.lead(), backend=BACKEND)
        not_there = client.get(reverse("desk:profile")).content.decode()

    assert "No mail can be fetched for" in there
    assert "No mail can be fetched for" not in not_there


# ── signing in at Google ─────────────────────────────────────────────────────


@pytest.fixture
def asked(client, admin, inbox, monkeypatch):
    stored(inbox, sign_in="google")
    client.post(at("consent", inbox), {"client_id": "ahadi", "secret": "client-secret"})
    taken = []

    def take(*given):
        taken.append(given)
        return Grant.objects.create(inbox=inbox, provider="google")

    monkeypatch.setattr(oauth, "take", take)
    return taken


def test_registering_leads_to_the_provider_by_a_link(client, admin, inbox):
    stored(inbox, sign_in="google")

    page = client.post(
        at("consent", inbox), {"client_id": "ahadi", "secret": "client-secret"}
    ).content.decode()

    assert 'href="https://accounts.google.com/o/oauth2/v2/auth?' in page
    assert "client-secret" not in page
    assert OAuthClient.objects.get().secret == "client-secret"


def test_the_answer_is_used_by_a_post_alone(client, asked, inbox):
    state = client.session["consent"]["state"]
    path = reverse("desk:consent_answer")

    shown = client.get(path, {"state": state, "code": "the-code"})
    assert shown.status_code == 200
    assert asked == []
    answer = client.post(path, {"state": state, "code": "the-code"})

    assert answer["Location"] == at("server_trial", inbox, "in")
    assert asked[0][2] == "the-code"
    # The same answer is good once.
    assert client.post(path, {"state": state, "code": "the-code"})["Location"] == reverse("desk:inboxes")
    assert len(asked) == 1


@pytest.mark.parametrize("state", ["", "other", "é"])
def test_an_answer_to_no_question_is_not_used(client, asked, state):
    answer = client.post(reverse("desk:consent_answer"), {"state": state, "code": "the-code"})

    assert answer["Location"] == reverse("desk:inboxes")
    assert asked == []


def test_a_refusal_changes_nothing(client, asked, inbox):
    state = client.session["consent"]["state"]

    answer = client.get(reverse("desk:consent_answer"), {"state": state, "error": "access_denied"})

    assert answer["Location"] == at("consent", inbox)
    assert asked == []


def test_an_inbox_with_a_password_has_nothing_to_ask_there(client, admin, inbox):
    stored(inbox)

    assert client.get(at("consent", inbox)).status_code == 404


def test_another_client_needs_its_own_secret(client, admin, inbox):
    stored(inbox, sign_in="microsoft")
    client.post(at("consent", inbox), {"client_id": "ahadi", "secret": "s", "tenant": "common"})

    again = client.post(at("consent", inbox), {"client_id": "ahadi", "secret": "", "tenant": "common"})
    other = client.post(at("consent", inbox), {"client_id": "other", "secret": "", "tenant": "common"})
    wrong = client.post(at("consent", inbox), {"client_id": "ahadi", "secret": "s", "tenant": "a/b"})

    assert (again.status_code, other.status_code, wrong.status_code) == (200, 422, 422)


# ── mail brought by HTTP ─────────────────────────────────────────────────────


def test_a_door_is_made_and_shown(client, admin):
    answer = client.post(reverse("desk:webhooks"), {"provider": "postmark", "key": ""})

    hook = Webhook.objects.get()
    assert answer.status_code == 302
    assert webhook.address_of(hook) in client.get(reverse("desk:webhooks")).content.decode()


def test_a_provider_that_signs_needs_its_key(client, admin):
    answer = client.post(reverse("desk:webhooks"), {"provider": "mailgun", "key": ""})

    assert answer.status_code == 422
    assert "This provider signs what it brings" in answer.content.decode()
    assert not Webhook.objects.exists()
