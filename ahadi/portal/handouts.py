"""Files that were too large for a mail, for readers who have shown who they are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from ahadi.channels import documents, handouts
from ahadi.portal import access, pages
from ahadi.tickets.models import Attachment


@require_safe
def handout(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file for its reader; whoever has not proven to be that reader is led to where they can."""
    found = handouts.read(token)
    file = Attachment.objects.select_related("entry__ticket").filter(pk=found[0]).first() if found else None
    if found is None or file is None:
        return pages.private(pages.show(request, "link_over", {"number": ""}, 404))
    ticket = file.entry.ticket
    guest = access.guest_of(request, ticket)
    is_reader = guest is not None and guest.pk == found[1]
    if guest is None or not is_reader or not access.files_of(ticket, guest).filter(pk=file.pk).exists():
        return pages.private(redirect("portal:follow", ticket.number))
    response = documents.attachment_response(file)
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex"
    return response
