from __future__ import annotations

import hmac
import json
from base64 import b64encode
from hashlib import sha1, sha256
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from ahadi.channels.email import webhook
from ahadi.channels.models import RawMessage, Webhook
from ahadi.outbox.models import Job
from ahadi.testing import make

pytestmark = pytest.mark.django_db

# Bytes that are no text in any charset, and the ends of lines as they came.
RAW = (
    b"From: Anna <anna@post.example>\r\nTo: help@marlo.example\r\nSubject: caf\xe9\r\n"
    b"Message-ID: <1@post.example>\r\n\r\nThe grinder stops.\r\n--\r\nAnna\r\n\r\n"
)
TEXT = RAW.replace(b"\xe9", "é".encode())


@pytest.fixture(autouse=True)
def inbox():
    return make.inbox()


@pytest.fixture
def call(client):
    def post(hook, body, kind="application/json", secret=None, **headers):
        shown = f"ahadi:{hook.secret if secret is None else secret}"
        return client.post(
            f"/hooks/{hook.provider}/mime",
            body,
            content_type=kind,
            headers={"Authorization": "Basic " + b64encode(shown.encode()).decode(), **headers},
        )

    return post


def multipart(**fields: bytes) -> tuple[bytes, str]:
    parts = [
        b'--edge\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
        for name, value in fields.items()
    ]
    return b"".join(parts) + b"--edge--\r\n", "multipart/form-data; boundary=edge"


def test_postmark_brings_a_mail(call, inbox):
    hook = webhook.open_door("postmark")
    event = {
        "Headers": [{"Name": "Return-Path", "Value": "<bounce@post.example>"}],
        "OriginalRecipient": "help@marlo.example",
        "RawEmail": TEXT.decode(),
    }

    answer = call(hook, json.dumps(event))

    raw = RawMessage.objects.get()
    assert answer.status_code == 200
    assert raw.read() == TEXT
    assert (raw.sender, raw.inbox) == ("bounce@post.example", inbox)
    assert Job.objects.count() == 1
    hook.refresh_from_db()
    assert hook.last is not None


def test_sendgrid_brings_a_mail_byte_for_byte(call):
    hook = webhook.open_door("sendgrid")
    envelope = json.dumps({"from": "anna@post.example", "to": ["help@marlo.example"]}).encode()

    answer = call(hook, *multipart(email=RAW, envelope=envelope))

    assert answer.status_code == 200
    assert RawMessage.objects.get().read() == RAW


@pytest.mark.parametrize("form", ["urlencoded", "multipart"])
def test_mailgun_brings_a_mail_with_its_signature(call, form):
    hook = webhook.open_door("mailgun", key="signing")
    fields = {
        "timestamp": b"1764669600",
        "token": b"abc",
        "signature": hmac.new(b"signing", b"1764669600abc", sha256).hexdigest().encode(),
        "sender": b"anna@post.example",
        "recipient": b"help@marlo.example",
        "body-mime": RAW,
    }
    body = (urlencode(fields), "application/x-www-form-urlencoded")

    answer = call(hook, *(body if form == "urlencoded" else multipart(**fields)))

    assert answer.status_code == 200
    assert RawMessage.objects.get().read() == RAW


def test_a_wrong_signature_brings_nothing(call):
    hook = webhook.open_door("mailgun", key="signing")
    fields = {"timestamp": "1", "token": "a", "signature": "0" * 64, "body-mime": "x"}

    answer = call(hook, urlencode(fields), "application/x-www-form-urlencoded")

    assert answer.status_code == 400
    assert not RawMessage.objects.exists()


def test_mandrill_brings_several_mails_at_once(call):
    hook = webhook.open_door("mandrill", key="signing")
    events = [
        {"event": "inbound", "msg": {"raw_msg": TEXT.decode() + str(number), "email": "help@marlo.example"}}
        for number in range(2)
    ]
    value = json.dumps(events)
    signed = f"{webhook.address_of(hook)}mandrill_events{value}".encode()
    signature = b64encode(hmac.new(b"signing", signed, sha1).digest()).decode()
    body = urlencode({"mandrill_events": value})

    answer = call(hook, body, "application/x-www-form-urlencoded", **{"X-Mandrill-Signature": signature})

    assert answer.status_code == 200
    assert RawMessage.objects.count() == 2


def test_postal_brings_a_mail_with_its_signature(call):
    private = rsa.generate_private_key(65537, 2048)
    pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    hook = webhook.open_door("postal", key="".join(pem.decode().splitlines()[1:-1]))
    body = json.dumps(
        {
            "message": b64encode(RAW).decode(),
            "base64": True,
            "mail_from": "anna@post.example",
            "rcpt_to": "help@marlo.example",
        }
    )
    signature = b64encode(private.sign(body.encode(), padding.PKCS1v15(), hashes.SHA1())).decode()

    answer = call(hook, body, **{"X-Postal-Signature": signature})

    assert answer.status_code == 200
    assert RawMessage.objects.get().read() == RAW
    assert call(hook, body + " ", **{"X-Postal-Signature": signature}).status_code == 400


def test_sparkpost_brings_a_mail(call):
    hook = webhook.open_door("sparkpost")
    content = {"email_rfc822": b64encode(RAW).decode(), "email_rfc822_is_base64": True}
    event = {"content": content, "msg_from": "anna@post.example", "rcpt_to": "help@marlo.example"}

    answer = call(hook, json.dumps([{"msys": {"relay_message": event}}, {"msys": None}]))

    assert answer.status_code == 200
    assert RawMessage.objects.get().read() == RAW


@pytest.mark.parametrize("secret", ["", "wrong", "é"])
def test_without_the_secret_nothing_is_read(call, secret):
    hook = webhook.open_door("postmark")

    answer = call(hook, "{}", secret=secret)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Basic")


def test_a_provider_that_nobody_asked_for_has_no_door(client):
    assert client.post("/hooks/postmark/mime").status_code == 404
    assert client.post("/hooks/nobody/mime").status_code == 404


def test_the_door_answers_when_a_provider_looks_whether_it_is_there(client):
    webhook.open_door("mandrill")

    assert client.head("/hooks/mandrill/mime").status_code == 200
    assert client.get("/hooks/mandrill/mime").status_code == 405


@pytest.mark.parametrize("body", ["{}", "[]", "nonsense", '{"RawEmail": 7}', "null"])
def test_what_is_no_whole_mail_is_refused_so_that_it_is_seen(call, body):
    hook = webhook.open_door("postmark")

    assert call(hook, body).status_code == 400
    assert not RawMessage.objects.exists()


def test_a_mail_that_cannot_be_stored_comes_again(call, monkeypatch, client):
    hook = webhook.open_door("postmark")
    event = {"OriginalRecipient": "help@marlo.example", "RawEmail": "Subject: x\n\nx"}

    def full(*_args, **_words):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(webhook.intake, "accept", full)
    client.raise_request_exception = False

    assert call(hook, json.dumps(event)).status_code == 500


def test_a_body_larger_than_any_mail_is_not_read(call, monkeypatch):
    hook = webhook.open_door("postmark")
    monkeypatch.setattr(webhook, "LONGEST_BODY", 10)

    assert call(hook, json.dumps({"RawEmail": "x" * 20})).status_code == 413


def test_a_mail_larger_than_the_limit_of_forms_comes_in(call):
    hook = webhook.open_door("sendgrid")
    large = RAW + b"x" * (3 * 1024 * 1024)

    answer = call(hook, *multipart(email=large, envelope=b'{"from": "", "to": ["help@marlo.example"]}'))

    assert answer.status_code == 200
    assert RawMessage.objects.get().read() == large


def test_another_secret_closes_the_door_for_the_old_one(call):
    old = webhook.open_door("postmark").secret

    hook = webhook.open_door("postmark")

    assert call(hook, "{}", secret=old).status_code == 401
    assert old not in Webhook.objects.get().sealed_secret
