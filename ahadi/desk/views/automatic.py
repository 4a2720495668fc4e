"""Automatic mail: whether it goes on, what was withheld, and the addresses it leaves in peace."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ahadi.channels import restraint, suppressions
from ahadi.channels.models import Delivery, Pause, Suppression, Withheld
from ahadi.desk.views.access import AgentRequest, for_admins
from ahadi.lib import clock

PER_PAGE = 50
LATELY = timedelta(hours=24)
# More than this is only said to be more: counting on would take longer than looking.
MOST = 10_000


@require_safe
@for_admins
def automatic(request: AgentRequest) -> HttpResponse:
    """The state of the breaker, the counts of a day, and every suppressed address."""
    asked = request.GET.get("q", "").strip()
    since = clock.now() - LATELY
    context = {
        "pause": Pause.now(),
        "sent": Delivery.objects.filter(automatic=True, created__gt=since)[:MOST].count(),
        "most": MOST,
        "withheld": _withheld(),
        "page": Paginator(_suppressions(asked), PER_PAGE).get_page(request.GET.get("page")),
        "asked": asked,
        "limits": (restraint.MOST_TO_STRANGERS, restraint.STRANGERS_WITHIN // timedelta(minutes=1)),
    }
    return render(request, "desk/settings/automatic.html", context)


@require_POST
@for_admins
def continuation(request: AgentRequest) -> HttpResponse:
    """Let automatic mail go on after a pause."""
    restraint.go_on(request.user)
    messages.success(
        request, _("Automatic mail goes on. What was not confirmed meanwhile is not made up for.")
    )
    return redirect("desk:automatic")


@require_POST
@for_admins
def lifting(request: AgentRequest, pk: int) -> HttpResponse:
    """Let automatic mail go to an address again."""
    suppression = get_object_or_404(Suppression.objects.select_related("address"), pk=pk)
    suppressions.lift(suppression.address, by=request.user)
    said = _("Automatic mail goes to %(address)s again.")
    messages.success(request, said % {"address": f"\u2066{suppression.address.shown}\u2069"})
    return redirect("desk:automatic")


def _suppressions(asked: str) -> QuerySet[Suppression]:
    found = Suppression.objects.standing().select_related("address").order_by("-since", "-pk")
    return found.filter(address__value__icontains=asked) if asked else found


def _withheld() -> list[tuple[str, int]]:
    lately = Withheld.objects.filter(at__gt=clock.now() - LATELY)
    counts = lately.values_list("reason").annotate(times=Count("pk")).order_by("-times", "reason")
    return [(str(Withheld.Reason(reason).label), count) for reason, count in counts]
