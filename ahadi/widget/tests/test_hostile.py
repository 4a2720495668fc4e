"""What strangers send is refused with a reason, and nobody else notices."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ahadi.channels.chat import sites
from ahadi.testing import make
from ahadi.testing.panel import Panel
from ahadi.tickets.models import Entry, Ticket
from ahadi.widget import quota

pytestmark = pytest.mark.django_db


def test_only_the_sites_own_pages_may_show_the_panel(client, site):
    shown = client.get(f"/widget/frame/?site={site.key}&origin=https://shop.example")
    policy = shown["Content-Security-Policy"]
    assert shown.status_code == 200
    assert "frame-ancestors https://shop.example" in policy
    assert "script-src 'self'" in policy
    assert "X-Frame-Options" not in shown
    assert not shown.cookies
    refused = client.get(f"/widget/frame/?site={site.key}&origin=https://evil.example")
    assert refused.status_code == 403
    assert "frame-ancestors https://evil.example" in refused["Content-Security-Policy"]
    assert client.get("/widget/frame/?site=x&origin=https://shop.example").status_code == 403
    began = Panel(client, site, origin="https://shop.example.evil.example").began
    assert (began["status"], began["code"]) == (403, "site-refused")


def test_an_origin_is_matched_whole(site):
    site.origins = ["https://*.shop.example", "http://localhost:8000"]
    allowed = ["https://www.shop.example", "https://a.b.shop.example", "http://localhost:8000"]
    refused = ["https://shop.example", "http://www.shop.example", "https://evilshop.example", "null", ""]
    refused += ["https://www.shop.example.evil.example", "http://localhost:80000", "https://.shop.example"]
    assert all(sites.allows(site, origin) for origin in allowed)
    assert not any(sites.allows(site, origin) for origin in refused)
    assert sites.normalise(" https://Shop.example/ ") == "https://shop.example"
    for wrong in (
        "shop.example",
        "javascript:alert(1)",
        "https://a/b",
        "https://*",
        "https://a'b",
        "https://*.*.x",
    ):
        with pytest.raises(ValueError, match=".*"):
            sites.normalise(wrong)


def test_a_call_from_another_origin_is_refused(client, site):
    panel = Panel(client, site)
    for headers in ({"HTTP_ORIGIN": "https://shop.example"}, {"HTTP_SEC_FETCH_SITE": "cross-site"}):
        refused = panel.call("POST", "messages", {"client_id": str(uuid4()), "text": "Hi"}, **headers)
        assert (refused["status"], refused["code"]) == (403, "other-origin")
    assert panel.call("POST", "typing", {}, HTTP_ORIGIN="http://testserver") == {}
    assert not Ticket.objects.exists()


def test_no_token_and_a_wrong_token_are_nobody(client, site):
    panel = Panel(client, site)
    panel.say("Mine")
    for token in ("", "x" * 43, panel.token + "x"):
        headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
        for method, name in (
            ("GET", "events"),
            ("POST", "messages"),
            ("POST", "end"),
            ("DELETE", "sessions"),
        ):
            answer = panel.call(method, name, {}, **headers)
            assert (answer["status"], answer["code"]) == (401, "session-unknown")
    # Signed out, the token is dead.
    panel.call("DELETE", "sessions")
    assert panel.state()["code"] == "session-unknown"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"x" * 70_000, 413),
        (b"{", 400),
        (b"[]", 400),
        (b'{"text":"\\ud800"}', 400),
        (b'{"text":"a\\u0000"}', 400),
        (b"[" * 60_000, 400),
        (b"\xff\xfe", 400),
        (b'{"client_id":"x","text":"a"}', 422),
        (b'{"client_id":"00000000-0000-7000-8000-000000000001","text":7}', 422),
        (b'{"client_id":"00000000-0000-7000-8000-000000000001","text":" "}', 422),
        (b'{"client_id":"00000000-0000-7000-8000-000000000001","text":"' + b"x" * 20_001 + b'"}', 413),
        (b'{"client_id":"00000000-0000-7000-8000-000000000001","text":"a","files":{"a":1}}', 422),
        (b'{"client_id":"00000000-0000-7000-8000-000000000001","text":"a","files":["x"]}', 404),
    ],
)
def test_what_cannot_be_a_message_is_refused(client, site, content, status):
    panel = Panel(client, site)
    answer = panel.send("POST", "messages", content)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert not Ticket.objects.exists()


def test_a_flood_stops_the_flooder_alone(client, site, monkeypatch):
    monkeypatch.setattr(quota, "MESSAGES", quota.RateLimitItemPerMinute(3, namespace="few"))
    flooder, other = Panel(client, site), Panel(client, site)
    answers = [flooder.say(f"Spam {number}") for number in range(5)]
    assert ["status" in answer for answer in answers] == [False] * 3 + [True] * 2
    answer = flooder.send("POST", "messages", json.dumps({"client_id": str(uuid4()), "text": "More"}))
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 60
    assert "talk" in other.say("I have a question")


@pytest.mark.parametrize(
    ("quota_name", "what"), [("SESSIONS", "begin"), ("TALKS", "talk"), ("TYPING", "type")]
)
def test_every_flood_is_refused_with_the_time_to_wait(client, site, monkeypatch, quota_name, what):
    panel = Panel(client, site)
    panel.say("Before it was too many")
    limit = quota.RateLimitItemPerHour(1, namespace=f"one.{what}")
    monkeypatch.setattr(quota, quota_name, limit)

    def once() -> object:
        if what == "type":
            return panel.send("POST", "typing").status_code
        other = Panel(client, site)
        return other.began.get("status", 201) if what == "begin" else other.say("Hi").get("status", 201)

    # The first passes, the second is too many, and who was there goes on.
    assert [once(), once()][1] == 429
    assert panel.say("Still here")["entry"]["by"] == "visitor"


def test_nobody_reads_the_talk_or_the_files_of_another(client, site):
    mine, theirs = Panel(client, site), Panel(client, site)
    sent = client.post(
        "/widget/files/",
        {"file": SimpleUploadedFile("a\u202egpj.exe.png", b"\x89PNG", "image/png"), "alt": "The grinder"},
        HTTP_AUTHORIZATION=f"Bearer {mine.token}",
    ).json()
    assert sent["name"] == "agpj.exe.png"
    # Not even before it is sent.
    assert theirs.say("Look", files=[{"id": sent["id"]}])["status"] == 422
    name, files = str(uuid4()), [{"id": sent["id"], "alt": "My grinder"}]
    said = mine.say("", name, files=files)
    # Sent again because the answer was lost, it is the same line with its file.
    assert mine.say("", name, files=files)["entry"] == said["entry"]
    (file,) = said["entry"]["files"]
    assert (file["alt"], file["is_picture"]) == ("My grinder", True)
    assert mine.send("GET", f"files/{file['id']}/").status_code == 200
    theirs.say("Hello")
    assert theirs.send("GET", f"files/{file['id']}/").status_code == 404
    assert theirs.call("POST", "open", {"code": said["talk"]["code"]})["status"] == 404


def test_dangerous_and_large_files_stay_outside(client, site, monkeypatch):
    panel = Panel(client, site)
    head = {"HTTP_AUTHORIZATION": f"Bearer {panel.token}"}
    for name, kind in (
        ("a.svg", "image/svg+xml"),
        ("a.html", "text/html"),
        ("a.exe", "application/x-msdownload"),
    ):
        answer = client.post("/widget/files/", {"file": SimpleUploadedFile(name, b"<x>", kind)}, **head)
        assert (answer.status_code, answer.json()["code"]) == (415, "file-type")
    monkeypatch.setattr("ahadi.widget.views.LARGEST_FILE", 10)
    answer = client.post(
        "/widget/files/", {"file": SimpleUploadedFile("a.txt", b"x" * 11, "text/plain")}, **head
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_html_in_a_message_is_text(client, site):
    panel = Panel(client, site)
    line = panel.say("<img src=x onerror=alert(1)>")["entry"]
    assert (line["html"], line["text"]) == ("", "<img src=x onerror=alert(1)>")
    Ticket.objects.get().reply("<script>alert(1)</script> **so**", by=make.agent())
    assert "<script" not in panel.state()["entries"][-1]["html"]


def test_the_panel_sets_no_cookie_and_needs_none(site):
    browser = Client(enforce_csrf_checks=True)
    panel = Panel(browser, site)
    panel.say("Hello")
    assert not browser.cookies
    assert Entry.objects.filter(kind=Entry.Kind.MESSAGE).count() == 1
