"""The look of the mails, shown as they will be in each language."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings as django_settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ahadi.channels import documents
from ahadi.channels.email import samples
from ahadi.channels.models import Letterhead
from ahadi.desk.forms.letterhead import LetterheadForm
from ahadi.desk.views.access import AgentRequest, for_admins
from ahadi.lib import clock


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def letterhead(request: AgentRequest) -> HttpResponse:
    """Colour, logo and foot of every mail, with what they look like."""
    form = LetterheadForm(Letterhead.current(), request.POST or None, request.FILES or None)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("The look of the mails was saved."))
        return redirect("desk:letterhead")
    shown = request.GET.get("language", "")
    codes = [code for code, _name in django_settings.LANGUAGES]
    context = {
        "form": form,
        "head": Letterhead.current(),
        "shown": shown if shown in codes else request.company.language,
        "kinds": [("acknowledgement", _("Confirmation")), ("answer", _("Answer"))],
    }
    return render(request, "desk/settings/letterhead.html", context, status=422 if form.errors else 200)


@require_safe
@for_admins
def letter_sample(request: AgentRequest, kind: str, code: str) -> HttpResponse:
    """A mail as a customer of this language would get it; nothing is sent."""
    if code not in dict(django_settings.LANGUAGES) or kind not in samples.KINDS:
        raise Http404
    written = samples.write(kind, code, clock.now() + timedelta(days=1))
    response = HttpResponse(written.html)
    response["X-Frame-Options"] = "SAMEORIGIN"
    return documents.locked(response, documents.LOCKED_HTML)
