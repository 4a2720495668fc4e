"""The rules of signing in: second factors by role, and the company's own account."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ahadi.desk.forms.entrance import EntranceForm
from ahadi.desk.views.access import AgentRequest, for_admins, once_more
from ahadi.people.company_sign_in import COMPANY
from ahadi.people.entrance import Entrance


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
@once_more
def rules(request: AgentRequest) -> HttpResponse:
    """Who needs a second factor, and signing in with the company's own account."""
    form = EntranceForm(request.POST or None, instance=Entrance.current())
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("The rules of signing in were saved."))
        return redirect("desk:sign_in_rules")
    answer = settings.AHADI_URL + reverse("openid_connect_callback", args=[COMPANY])
    context = {"form": form, "answer": answer, "known": Entrance.current()}
    return render(request, "desk/settings/entrance.html", context, status=422 if form.errors else 200)
