"""Mail that a provider brings by HTTP: proven by secret and signature, stored as it is, then answered 200."""

from __future__ import annotations

import json
import logging
import secrets
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from datetime import timedelta
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from anymail.webhooks.base import AnymailBaseWebhookView  # type: ignore[import-untyped]
from anymail.webhooks.mailgun import MailgunInboundWebhookView  # type: ignore[import-untyped]
from anymail.webhooks.mandrill import MandrillCombinedWebhookView  # type: ignore[import-untyped]
from anymail.webhooks.postal import PostalInboundWebhookView  # type: ignore[import-untyped]
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ahadi.channels import intake
from ahadi.channels.email import amazon
from ahadi.channels.email.quarantine import LARGEST
from ahadi.channels.models import Webhook
from ahadi.lib import clock

log = logging.getLogger("ahadi.channels.email")

USER = "ahadi"
# The largest mail in base64, and what stands around it.
LONGEST_BODY = LARGEST * 3 // 2
# Where to say that a new topic of Amazon's belongs to us; other addresses are not shown to anybody.
AMAZON = ".amazonaws.com"
NOTE = timedelta(minutes=1)


class Mail(NamedTuple):
    """One mail as the provider brought it."""

    raw: bytes
    sender: str
    recipients: list[str]


Fields = dict[str, bytes]
Taker = Callable[[Fields, bytes], list[Mail]]


class NotRaw(SuspiciousOperation):
    """The provider sends something else than whole mails; a setting on its side."""


def _from_mailgun(fields: Fields, body: bytes) -> list[Mail]:
    return [Mail(fields["body-mime"], _text(fields["sender"]), [_text(fields["recipient"])])]


def _from_sendgrid(fields: Fields, body: bytes) -> list[Mail]:
    envelope = json.loads(fields["envelope"])
    return [Mail(fields["email"], str(envelope.get("from", "")), _addresses(envelope["to"]))]


def _from_postmark(fields: Fields, body: bytes) -> list[Mail]:
    event = json.loads(body)
    first: dict[str, str] = next(iter(event.get("Headers", [])), {})
    sender = first.get("Value", "") if first.get("Name", "").lower() == "return-path" else ""
    return [Mail(_bytes(event["RawEmail"]), sender.strip("<>"), _addresses(event["OriginalRecipient"]))]


def _from_mandrill(fields: Fields, body: bytes) -> list[Mail]:
    events = [event for event in json.loads(fields["mandrill_events"]) if event.get("event") == "inbound"]
    return [Mail(_bytes(event["msg"]["raw_msg"]), "", _addresses(event["msg"]["email"])) for event in events]


def _from_sparkpost(fields: Fields, body: bytes) -> list[Mail]:
    return [_of_sparkpost(event["msys"]["relay_message"]) for event in json.loads(body) if event.get("msys")]


def _of_sparkpost(event: dict[str, Any]) -> Mail:
    raw = _bytes(event["content"]["email_rfc822"])
    if event["content"].get("email_rfc822_is_base64"):
        raw = b64decode(raw)
    return Mail(raw, str(event.get("msg_from", "")), _addresses(event["rcpt_to"]))


def _from_postal(fields: Fields, body: bytes) -> list[Mail]:
    event = json.loads(body)
    raw = _bytes(event["message"])
    sender = str(event.get("mail_from") or "")
    return [Mail(b64decode(raw) if event.get("base64") else raw, sender, _addresses(event["rcpt_to"]))]


def _from_amazon(fields: Fields, body: bytes) -> list[Mail]:
    event = json.loads(body)
    amazon.check(event)
    if event.get("Type") == "SubscriptionConfirmation":
        return _ask_to_confirm(str(event.get("SubscribeURL", "")))
    if event.get("Type") != "Notification" or not str(event.get("Message", "")).startswith("{"):
        return []
    told = json.loads(event["Message"])
    raw, receipt = _bytes(told["content"]), told["receipt"]
    if receipt["action"].get("encoding") == "BASE64":
        raw = b64decode(raw)
    return [Mail(raw, str(told["mail"].get("source", "")), _addresses(receipt["recipients"]))]


def _ask_to_confirm(url: str) -> list[Mail]:
    # An administrator opens it: this machine calls no address that it was told from outside.
    parts = urlsplit(url)
    if parts.scheme == "https" and (parts.hostname or "").endswith(AMAZON) and len(url) <= 2000:
        Webhook.objects.filter(provider="amazon").update(confirmation=url)
    return []


class Provider(NamedTuple):
    """One mail provider: who checks its calls, with which key, and where the mail is in them."""

    name: str
    view: Any
    take: Taker
    # The name of anymail's setting for the key with which the provider signs.
    key: str = ""


PROVIDERS = {
    "amazon": Provider("Amazon SES", AnymailBaseWebhookView, _from_amazon),
    "mailgun": Provider("Mailgun", MailgunInboundWebhookView, _from_mailgun, "webhook_signing_key"),
    "mandrill": Provider("Mandrill", MandrillCombinedWebhookView, _from_mandrill, "webhook_key"),
    "postal": Provider("Postal", PostalInboundWebhookView, _from_postal, "webhook_key"),
    "postmark": Provider("Postmark", AnymailBaseWebhookView, _from_postmark),
    "sendgrid": Provider("SendGrid", AnymailBaseWebhookView, _from_sendgrid),
    "sparkpost": Provider("SparkPost", AnymailBaseWebhookView, _from_sparkpost),
}


@csrf_exempt
@never_cache
@require_http_methods(["POST", "HEAD"])
def bring(request: HttpRequest, provider: str) -> HttpResponse:
    """Take in what a provider brings; 200 only when it is stored, so that it comes again otherwise."""
    known = PROVIDERS.get(provider)
    hook = Webhook.objects.filter(provider=provider).first() if known else None
    if known is None or hook is None:
        raise Http404
    if request.method == "HEAD":
        return HttpResponse()
    if not _has_secret(request, hook):
        # Amazon shows its password only to those who ask.
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Basic realm="mail"'})
    if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST_BODY:
        return HttpResponse(status=413)
    body, fields = _read(request)
    _check_signature(known, hook, request)
    try:
        mails = _mails(known, fields, body)
    except amazon.Unreachable as error:
        log.error("The certificate of %s was not fetched, so the mail must come again: %s", known.name, error)
        return HttpResponse(status=503)
    for mail in mails:
        intake.accept(mail.raw, mail.sender[:320], mail.recipients)
    _note(hook)
    return HttpResponse()


def address_of(hook: Webhook) -> str:
    """What an administrator enters at the provider; whoever knows it may bring mail."""
    scheme, _separator, host = str(settings.AHADI_URL).partition("://")
    return f"{scheme}://{USER}:{hook.secret}@{host}{reverse('channels:webhook', args=[hook.provider])}"


def open_door(provider: str, key: str = "") -> Webhook:
    """Make the door for a provider, or another secret for one that is there; a key given before stays."""
    hook, _is_new = Webhook.objects.get_or_create(provider=provider)
    hook.keep(secret=secrets.token_urlsafe(32), key=key)
    return hook


def _has_secret(request: HttpRequest, hook: Webhook) -> bool:
    try:
        kind, _space, given = request.headers.get("Authorization", "").partition(" ")
        shown = b64decode(given) if kind.lower() == "basic" else b""
    except (NotBase64, ValueError):
        return False
    return constant_time_compare(shown, f"{USER}:{hook.secret}".encode())


def _read(request: HttpRequest) -> tuple[bytes, Fields]:
    """The whole body, and its fields as bytes: Django's limit for forms is far below a mail with files."""
    body = request.read()
    kind = request.content_type or ""
    fields: Fields = {}
    if kind == "application/x-www-form-urlencoded":
        text = body.decode("ascii", "replace")
        pairs = parse_qsl(text, True, max_num_fields=1000, errors="surrogateescape")
        fields = {name: _bytes(value) for name, value in pairs}
    elif kind == "multipart/form-data":
        fields = _parts(request.headers["Content-Type"], body)
    form = QueryDict(mutable=True)
    for name, value in fields.items():
        form[name] = _text(value)
    # Anymail's checks read the request as Django would have filled it in.
    request._body, request._post, request._files = body, form, QueryDict()  # type: ignore[attr-defined]
    return body, fields


def _parts(kind: str, body: bytes) -> Fields:
    head = f"Content-Type: {kind}\r\n\r\n".encode("latin-1", "replace")
    form = BytesParser(policy=HTTP).parsebytes(head + body)
    fields = {}
    for part in form.iter_parts() if form.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            fields[name] = content
    return fields


def _check_signature(provider: Provider, hook: Webhook, request: HttpRequest) -> None:
    """Anymail's checks for this provider; raises a SuspiciousOperation, which is answered 400."""
    given: dict[str, Any] = {"webhook_secret": f"{USER}:{hook.secret}"}
    if provider.key:
        given[provider.key] = hook.key
    if provider.view is MandrillCombinedWebhookView:
        # It signs the address with the password in it.
        given["webhook_url"] = address_of(hook)
    provider.view(**given).run_validators(request)


def _mails(provider: Provider, fields: Fields, body: bytes) -> list[Mail]:
    try:
        return provider.take(fields, body)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        log.error("%s does not bring whole mails: %s", provider.name, type(error).__name__)
        raise NotRaw(f"{provider.name} must be set to send the raw MIME message.") from None


def _note(hook: Webhook) -> None:
    now = clock.now()
    if hook.last is None or now - hook.last > NOTE:
        Webhook.objects.filter(pk=hook.pk).update(last=now)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _addresses(given: Any) -> list[str]:
    return [str(one)[:320] for one in ([given] if isinstance(given, str) else given)]
