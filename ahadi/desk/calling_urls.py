"""The doors of rings and calls."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from ahadi.desk.views import calls, ringing

of_ticket: list[URLPattern | URLResolver] = [
    path("call-codes/", calls.codes, name="call_codes"),
    path("call/", calls.call, name="call"),
]
of_desk: list[URLPattern | URLResolver] = [
    path("calls/", calls.calls, name="calls"),
    path("calls/new/", calls.new, name="new_call"),
    path("rings/", ringing.rings, name="rings"),
    path("rings/quiet/", ringing.quiet, name="ring_quiet"),
    path("rings/<int:pk>/acceptance/", ringing.acceptance, name="ring_acceptance"),
    path("rings/<int:pk>/refusal/", ringing.refusal, name="ring_refusal"),
]
