"""Mail by Amazon's notification service: believed only with Amazon's own signature."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.core.cache import cache

from ahadi.channels.email import amazon, webhook
from ahadi.channels.models import RawMessage
from ahadi.lib import clock, fetch
from ahadi.testing import make

pytestmark = pytest.mark.django_db

RAW = b"From: Anna <anna@post.example>\r\nTo: help@marlo.example\r\nSubject: caf\xe9\r\n\r\nIt stops.\r\n"
URL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem"
TODAY = datetime(2026, 11, 30, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def certificate(key):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(TODAY - timedelta(days=1))
    made = made.not_valid_after(TODAY + timedelta(days=30))
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def amazons(monkeypatch, certificate):
    """Amazon's machine: what was asked of it, and what it says."""
    asked = []

    def get(url, limits):
        asked.append(url)
        return fetch.Fetched(200, certificate, url)

    cache.clear()
    monkeypatch.setattr(fetch, "get", get)
    with clock.at(TODAY):
        yield asked
    cache.clear()


@pytest.fixture
def call(client):
    make.inbox()
    hook = webhook.open_door("amazon")

    def post(event):
        shown = b64encode(f"ahadi:{hook.secret}".encode()).decode()
        headers = {"Authorization": f"Basic {shown}"}
        return client.post("/hooks/amazon/mime", json.dumps(event), "application/json", headers=headers)

    post.hook = hook
    return post


def notification(**more):
    told = {
        "content": b64encode(RAW).decode(),
        "mail": {"source": "anna@post.example"},
        "receipt": {"action": {"type": "SNS", "encoding": "BASE64"}, "recipients": ["help@marlo.example"]},
    }
    event = {"Type": "Notification", "Message": json.dumps(told), "MessageId": "1", "Subject": "Mail"}
    return {**event, "TopicArn": "arn:aws:sns:x", "Timestamp": "2026-11-30T10:00Z", **more}


def confirmation(url):
    event = {"Type": "SubscriptionConfirmation", "Message": "Open it.", "MessageId": "2", "Token": "t"}
    return {
        **event,
        "SubscribeURL": url,
        "TopicArn": "arn:aws:sns:x",
        "Timestamp": "2026-11-30T10:00Z",
    }


def signed(event, key, version="2", url=URL):
    event = {**event, "SignatureVersion": version, "SigningCertURL": url}
    way = {"1": hashes.SHA1(), "2": hashes.SHA256()}[version]  # noqa: S303 - Amazon's first version
    signature = key.sign(amazon.signed_text(event).encode(), padding.PKCS1v15(), way)
    return {**event, "Signature": b64encode(signature).decode()}


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_signed_mail_comes_in_and_the_certificate_is_asked_for_once(call, amazons, key, version):
    answers = [call(signed(notification(MessageId=number), key, version)) for number in ("1", "2")]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert RawMessage.objects.get().read() == RAW
    assert amazons == [URL]


def test_the_fields_are_signed_in_amazons_order():
    event = {"Type": "Notification", "Message": "m", "MessageId": "i", "TopicArn": "a", "Timestamp": "t"}

    assert (
        amazon.signed_text(event)
        == "Message\nm\nMessageId\ni\nTimestamp\nt\nTopicArn\na\nType\nNotification\n"
    )


def test_an_administrator_confirms_a_topic_at_amazons_address_only(call, amazons, key):
    wrong = ("https://evil.example/", "http://sns.amazonaws.com/", "https://amazonaws.com.evil.example/")

    for url in wrong:
        call(signed(confirmation(url), key))
        call.hook.refresh_from_db()
        assert call.hook.confirmation == ""
    right = "https://sns.eu-west-1.amazonaws.com/?x=1"
    call(signed(confirmation(right), key))

    call.hook.refresh_from_db()
    assert call.hook.confirmation == right


def test_nothing_comes_in_that_amazon_did_not_sign(call, amazons, key):
    good = signed(notification(), key)
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = [
        notification(),
        {**good, "Message": good["Message"].replace("anna", "anne")},
        {**good, "Subject": "Other"},
        {**good, "Signature": "no base64"},
        {**good, "SignatureVersion": "3"},
        signed(notification(), stranger),
    ]

    assert [call(event).status_code for event in forged] == [400] * len(forged)
    with clock.at(TODAY + timedelta(days=31)):
        assert call(good).status_code == 400
    assert not RawMessage.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/a.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/a.pem",
        "https://bucket.s3.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com/a.pem?x=1",
        "https://sns.eu-west-1.amazonaws.com/../a.pem",
    ],
)
def test_a_certificate_from_anywhere_else_is_never_fetched(call, amazons, key, url):
    assert call(signed(notification(), key, url=url)).status_code == 400
    assert amazons == []


@pytest.mark.parametrize("trouble", ["refused", "missing", "elsewhere", "nonsense"])
def test_where_the_certificate_cannot_be_had_the_mail_must_come_again(
    call, amazons, key, certificate, monkeypatch, trouble
):
    def get(url, limits):
        if trouble == "refused":
            raise fetch.Refused("no connection")
        status, content = (404, b"") if trouble == "missing" else (200, certificate)
        content = b"nonsense" if trouble == "nonsense" else content
        return fetch.Fetched(status, content, "https://evil.example/" if trouble == "elsewhere" else url)

    with monkeypatch.context() as patch:
        patch.setattr(fetch, "get", get)
        assert call(signed(notification(), key)).status_code == 503

    assert call(signed(notification(), key)).status_code == 200
    assert RawMessage.objects.count() == 1
