"""Whether everything holds, as an administrator sees it: audits, keys, witnesses, back-ups."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ahadi.desk.views.access import AgentRequest, for_admins
from ahadi.ledger import keys, log
from ahadi.ledger.models import Backup, Night, Watched, Witness


@require_safe
@for_admins
def proof(request: AgentRequest) -> HttpResponse:
    """The newest of everything that proves something."""
    newest, seen = log.last(), keys.seen()
    context = {
        "nights": Night.objects.all()[:14],
        "newest": newest,
        "is_older": bool(seen and seen.size > (newest.size if newest else 0)),
        "keys": log.vkeys(),
        "witnesses": Witness.objects.order_by("pk"),
        "watched": Watched.objects.order_by("pk"),
        "backup": Backup.objects.first(),
        "verified": Backup.objects.exclude(verified=None).order_by("-verified").first(),
    }
    return render(request, "desk/settings/proof_state.html", context)
