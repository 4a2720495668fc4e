"""Messages as they came, their files, and the mails that wait for a mail server."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ahadi.channels import documents
from ahadi.channels.models import Letterhead, OutgoingMail, RawMessage
from ahadi.lib import store
from ahadi.lib.hosts import is_here
from ahadi.people.models import Agent
from ahadi.tickets.models import Attachment, Entry, Ticket

PER_PAGE = 50


@require_safe
@login_required
def raw(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A raw message for agents who may see its ticket; one without a ticket for those who see everything."""
    message = get_object_or_404(RawMessage.objects.select_related("entry"), pk=pk)
    agent = cast(Agent, request.user)
    if message.entry is None:
        is_allowed = agent.sees_everything
    else:
        is_allowed = Ticket.objects.visible_to(agent).filter(pk=message.entry.ticket_id).exists()
    if not is_allowed:
        raise Http404
    try:
        return documents.raw_response(message)
    except FileNotFoundError:
        # Past its term, or erased: the words stand in the request.
        raise Http404 from None


@require_safe
@login_required
def attachment(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A file of a ticket that this agent may see."""
    seen = Ticket.objects.visible_to(cast(Agent, request.user))
    return documents.attachment_response(get_object_or_404(Attachment, seen.named_by("entry__ticket"), pk=pk))


@require_safe
@login_required
def html(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail of an entry as it looked, for a sandboxed frame."""
    seen = Ticket.objects.visible_to(cast(Agent, request.user))
    return documents.html_response(get_object_or_404(Entry, seen.named_by("ticket"), pk=pk))


@require_safe
def logo(request: HttpRequest, name: str) -> HttpResponseBase:
    """The company's logo, which stands in every mail, for everybody."""
    head = Letterhead.current()
    if not head.logo or head.logo[:16] != name:
        raise Http404
    response = documents.locked(FileResponse(store.open_file(head.logo), content_type=head.logo_type))
    # The name changes with the picture, and mail programs show it on pages of their own.
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@never_cache
@require_safe
def outgoing_mails(request: HttpRequest) -> HttpResponse:
    """The mails that would have been sent if there were a mail server, newest first."""
    _require_access(request)
    mails = OutgoingMail.objects.defer("raw").order_by("-pk")
    before = request.GET.get("before", "")
    if before.isdecimal():
        mails = mails.filter(pk__lt=int(before[:18]))
    page = list(mails[: PER_PAGE + 1])
    more = page[PER_PAGE - 1].pk if len(page) > PER_PAGE else None
    return render(request, "channels/outgoing_mails.html", {"mails": page[:PER_PAGE], "more": more})


@never_cache
@require_safe
def outgoing_mail(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail with its headers, its text and, in a frame, its HTML."""
    _require_access(request)
    kept = get_object_or_404(OutgoingMail, pk=pk)
    mail = _read(kept)
    context = {"kept": kept, "headers": list(mail.items()), "text": _part(mail, "plain"), "mail": mail}
    return render(request, "channels/outgoing_mail.html", context)


@never_cache
@require_safe
def outgoing_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML of one mail exactly as it would have been sent."""
    _require_access(request)
    response = HttpResponse(_part(_read(get_object_or_404(OutgoingMail, pk=pk)), "html"))
    response["X-Frame-Options"] = "SAMEORIGIN"
    return documents.locked(response, documents.LOCKED_HTML)


def _require_access(request: HttpRequest) -> None:
    # Sign-in codes stand in these mails: only on the machine itself, or for administrators.
    is_admin = request.user.is_authenticated and request.user.is_admin
    is_local = is_here(request.get_host().rpartition(":")[0] or request.get_host()) and _is_near(request)
    if settings.AHADI_SMTP_OUT or not (is_admin or is_local):
        raise Http404


def _is_near(request: HttpRequest) -> bool:
    # A proxy on this machine also calls from here, and names the caller in a header.
    return is_here(request.META.get("REMOTE_ADDR", "")) and "X-Forwarded-For" not in request.headers


def _read(kept: OutgoingMail) -> EmailMessage:
    return message_from_bytes(bytes(kept.raw), policy=default)


def _part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    return str(body.get_content()) if body is not None else ""
