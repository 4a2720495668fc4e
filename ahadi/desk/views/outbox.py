"""The outbox: work that waits, work that fails, and answers that did not arrive."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ahadi.channels.email import failures
from ahadi.channels.models import Delivery
from ahadi.desk.views.access import AgentRequest, for_admins
from ahadi.outbox import jobs
from ahadi.outbox.models import Job

SHOWN = 50
NAMES = {
    "channels.take_in": gettext_lazy("Read a mail that came in"),
    "channels.send": gettext_lazy("Send an answer"),
    "channels.post": gettext_lazy("Send a mail about signing in"),
    "channels.try_server": gettext_lazy("Try out a mail server"),
}


@require_safe
@for_admins
def outbox(request: AgentRequest) -> HttpResponse:
    """How much waits, what fails and with which error, and what could not be delivered."""
    failing = Job.objects.exclude(last_error="").order_by("pk")[:SHOWN]
    counts = dict(Job.objects.values_list("state").annotate(Count("pk")))
    context = {
        "failing": [(job, failures.trouble_in(job.last_error)) for job in failing],
        "waiting": counts.get(Job.State.WAITING, 0),
        "running": counts.get(Job.State.RUNNING, 0),
        "failed": counts.get(Job.State.FAILED, 0),
        "oldest": Job.objects.exclude(state=Job.State.FAILED).order_by("pk").first(),
        "lost": _undelivered(),
        "names": NAMES,
    }
    return render(request, "desk/settings/outbox.html", context)


@require_POST
@for_admins
def attempt(request: AgentRequest, pk: int) -> HttpResponse:
    """Try one job again now."""
    jobs.try_again(get_object_or_404(Job, pk=pk))
    messages.success(request, _("It is tried again now. When it has worked, it is gone from this page."))
    return redirect("desk:outbox")


def _undelivered() -> list[tuple[Delivery, failures.Failure]]:
    # Written out as in the index: SQLite finds no partial index by the value of a parameter.
    found = Delivery.objects.extra(where=["channels_delivery.state IN ('failed', 'unknown')"])
    newest = found.select_related("entry__ticket", "address").order_by("-created", "-pk")[:SHOWN]
    return [(lost, _why(lost)) for lost in newest]


def _why(lost: Delivery) -> failures.Failure:
    return (
        failures.TABLE["broken"] if lost.state == Delivery.State.UNKNOWN else failures.read(lost.last_error)
    )
