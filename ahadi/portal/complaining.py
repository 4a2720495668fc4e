"""The door for formal complaints: handed in without an account, numbered and stamped at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from ahadi.channels import chronology
from ahadi.complaints import handling, letters, papers
from ahadi.complaints.handling import Handed
from ahadi.complaints.models import Complaint
from ahadi.lib.folding import fold
from ahadi.people import identify
from ahadi.people.models import Address, Agent
from ahadi.portal import access, pages, taking
from ahadi.portal.following import find_ticket
from ahadi.portal.forms import PHONE, AskForm
from ahadi.tickets.models import Entry
from ahadi.tickets.number import read_number


class ComplaintForm(AskForm):
    """What happened, what is wrong, what is asked for; and whom it is about."""

    against = forms.CharField(
        label=_("Is it about a person?"),
        help_text=_("Whoever you name takes no part in handling the complaint."),
        max_length=120,
        required=False,
    )
    field_order = [
        "about",
        "situation",
        "problem",
        "wish",
        "against",
        "files",
        "way",
        "email",
        "phone",
        "name",
    ]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        del self.fields["tried"]
        self._say("situation", __("What happened"), __("In order, with dates where you know them."))
        self._say("problem", __("Your complaint"), __("What was wrong? This is what we decide about."))
        self._say("wish", __("What you ask for"), __("A repair, your money, an apology, or something else."))
        self.fields["name"].label = __("Your name")
        if "about" in self.fields:
            self.fields["about"].label = __("Which request is it about?")
            self.fields["about"].help_text = ""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        # Whoever names a request of theirs is known by it.
        if self.ticket is None and not self.cleaned_data.get("name", "").strip():
            self.add_error("name", __("A formal complaint needs a name."))
        return cleaned

    def _say(self, name: str, label: str, hint: str) -> None:
        self.fields[name].label, self.fields[name].help_text = label, hint

    @property
    def statement(self) -> dict[str, str]:
        """The parts that were filled in, as the customer wrote them."""
        parts = {part: self.cleaned_data[part].strip() for part in ("situation", "problem", "wish")}
        return {part: words for part, words in parts.items() if words}


@require_http_methods(["GET", "HEAD", "POST"])
def complain(request: HttpRequest) -> HttpResponse:
    """One page to management; whatever was typed or attached stays until it is sent."""
    known = access.proven(request)
    if request.method != "POST":
        first = {"language": translation.get_language(), "about": read_number(request.GET.get("about", ""))}
        return _page(request, ComplaintForm(initial=first, known=known))
    entry = taking.take(
        request,
        partial(ComplaintForm, known=known),
        partial(_take_in, request),
        lambda form, status: _page(request, form, status),
    )
    if isinstance(entry, HttpResponse):
        return entry
    return redirect("portal:complaint", entry.ticket.number)


@require_safe
def complaint(request: HttpRequest, number: str) -> HttpResponse:
    """The complaint with its incoming number: who handles it, by when what happens, the copy to keep."""
    code = read_number(number)
    found, guest = _own(request, code)
    if found is None or guest is None:
        return pages.private(redirect("portal:follow", code or number))
    context = {
        "complaint": found,
        "ticket": found.ticket,
        "guest": guest,
        "key": access.key_of(request, found.ticket),
        "deadlines": [one for one in found.deadlines.all() if one.is_binding],
        "letters": [(letters.title_of(letter), letter) for letter in letters.sent(found)],
    }
    return pages.private(pages.show(request, "complaint", context))


@require_safe
def copy(request: HttpRequest, number: str) -> HttpResponse:
    """The customer's stamped copy, the same file that the company keeps."""
    found, _guest = _own(request, read_number(number))
    if found is None:
        raise Http404
    return _paper(request, found, papers.copy(found), found.number.replace("/", "-"))


@require_safe
def history(request: HttpRequest, number: str) -> HttpResponse:
    """Everything that happened in this matter, in order, as one file to print."""
    found, guest = _own(request, read_number(number))
    if found is None or guest is None:
        raise Http404
    content = chronology.paper(found, guest, translation.get_language() or found.ticket.language)
    return _paper(request, found, content, f"{found.number.replace('/', '-')}-chronology")


def _own(request: HttpRequest, number: str | None) -> tuple[Complaint | None, Address | None]:
    ticket = find_ticket(number)
    guest = access.guest_of(request, ticket) if ticket else None
    if ticket is None or guest is None or not access.owns(ticket, guest):
        return None, None
    wanted = Complaint.objects.select_related("ticket__requester", "handler", "about")
    return wanted.prefetch_related("deadlines").filter(pk=ticket.pk).first(), guest


def _take_in(request: HttpRequest, form: ComplaintForm) -> Entry:
    said, about = form.cleaned_data, form.ticket
    address = access.guest_of(request, about) if about is not None else None
    handed = Handed(
        address=address or _address(said),
        text="\n\n".join(form.statement.values()),
        subject=_subject(form.statement["problem"]),
        statement=form.statement,
        language=said["language"],
        about=about,
        against=_named(said["against"]),
        files=[kept.file for kept in form.kept],
    )
    return handling.take_in(handed).ticket.entries.get(seq=1)


def _address(said: Mapping[str, str]) -> Address:
    kind = Address.Kind.PHONE if said["way"] == PHONE else Address.Kind.EMAIL
    value = said["phone"] if said["way"] == PHONE else said["email"]
    return identify.find_or_create(kind, value, said["name"].strip(), said["language"])


def _named(words: str) -> Sequence[Agent]:
    """Agents whose first or whole name the customer wrote; the words themselves stand in the complaint."""
    spoken = fold(words).split()
    active = Agent.objects.filter(is_active=True)
    return [agent for agent in active if set(fold(agent.first_name).split()) <= set(spoken)] if spoken else []


def _subject(problem: str) -> str:
    line = problem.splitlines()[0].strip()
    return line if len(line) <= 80 else line[:79].rstrip() + "…"


def _paper(request: HttpRequest, found: Complaint, content: bytes | None, name: str) -> HttpResponse:
    if content is None:
        late = pages.show(request, "receipt_late", {"number": found.ticket.number}, 503)
        late["Retry-After"] = "5"
        return pages.private(late)
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return pages.private(HttpResponse(content, "application/pdf", headers=headers))


def _page(request: HttpRequest, form: ComplaintForm, status: int = 200) -> HttpResponse:
    response = pages.show(request, "complain", {"form": form}, status)
    response["Cache-Control"] = "no-store, private"
    return response
