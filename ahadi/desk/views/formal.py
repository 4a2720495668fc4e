"""A formal complaint that an agent writes down for somebody, with the same number, stamp and copies."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from ahadi.complaints import handling
from ahadi.complaints.handling import Handed
from ahadi.complaints.models import Complaint
from ahadi.desk.views.access import AgentRequest, for_agents, ticket_or_404
from ahadi.desk.views.tickets import back
from ahadi.tickets.models import Ticket

LONGEST = 20_000


class FormalForm(forms.Form):
    """The customer's words, as they said them."""

    situation = forms.CharField(
        label=gettext_lazy("What happened"),
        help_text=gettext_lazy("In order, with dates where you know them."),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    problem = forms.CharField(
        label=gettext_lazy("The complaint"),
        help_text=gettext_lazy("In the customer's words: this is what management decides about."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    wish = forms.CharField(
        label=gettext_lazy("What they ask for"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    is_read = forms.BooleanField(
        label=gettext_lazy("I read it out, and the customer said yes to every word"),
        error_messages={"required": gettext_lazy("Read it out to them first.")},
    )

    @property
    def statement(self) -> dict[str, str]:
        """The parts that were filled in."""
        parts = {name: self.cleaned_data[name].strip() for name in ("situation", "problem", "wish")}
        return {name: words for name, words in parts.items() if words}


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def complaint(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Hand a complaint in for the customer of a ticket; management gets it, not whoever wrote it down."""
    ticket = ticket_or_404(request, number)
    if ticket.address is None or Complaint.objects.filter(pk=ticket.pk).exists():
        raise Http404
    form = FormalForm(request.POST or None)
    if form.is_bound and form.is_valid():
        made = _hand_in(request, ticket, form)
        said = _("The complaint has the number %(number)s. Tell the customer; their copy is on its way.")
        messages.success(request, said % {"number": f"\u2066{made.number}\u2069"})
        return back(request, search, ticket.number)
    context = {"form": form, "ticket": ticket, "search_code": search}
    return render(request, "desk/formal.html", context, status=422 if form.errors else 200)


def _hand_in(request: AgentRequest, ticket: Ticket, form: FormalForm) -> Complaint:
    if ticket.address is None:
        raise Http404
    line = form.statement["problem"].splitlines()[0].strip()
    return handling.take_in(
        Handed(
            address=ticket.address,
            text="\n\n".join(form.statement.values()),
            subject=line if len(line) <= 80 else line[:79].rstrip() + "…",
            statement=form.statement,
            language=ticket.language,
            channel="phone",
            about=ticket,
            by=request.user,
        )
    )
