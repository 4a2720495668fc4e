"""Lists and the ticket beside them."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from markupsafe import Markup

from ahadi.desk import chats, drafts, listing, searches, thread, work
from ahadi.desk.forms.ticket import LOCAL, ReplyForm
from ahadi.desk.keyboard import FIXED, keys_of, told
from ahadi.desk.views.access import AgentRequest, for_agents, ticket_or_404
from ahadi.people.models import Agent, Team
from ahadi.tickets import chores, targets
from ahadi.tickets.grammar import LONGEST
from ahadi.tickets.models import Ticket
from ahadi.tickets.number import find_number
from ahadi.ui import drawn

# Nothing typed yet; drawn often, filled never.
EMPTY = ReplyForm()


@require_safe
@for_agents
def home(request: AgentRequest) -> HttpResponse:
    """The desk opens with what is mine; with nothing of mine, with all that is open."""
    code = "mine" if searches.counts(request.user)["mine"] else "open"
    return redirect("desk:list", code)


@require_safe
@for_agents
def tickets(request: AgentRequest, search: str) -> HttpResponse:
    """A search with its list; a tracking code typed into the search leads to its ticket."""
    if searches.find(request.user, search) is None:
        raise Http404
    number = find_number(request.GET.get("q", "")) if search == "search" else None
    if number and Ticket.objects.visible_to(request.user).filter(number=number).exists():
        return redirect("desk:ticket", "open", number)
    return drawn.page(request, "desk/list.html", frame(request, search))


@require_safe
@for_agents
def ticket(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """A ticket beside the list it was opened from."""
    if searches.find(request.user, search) is None:
        # A search that was shared and taken away again: the ticket is still there.
        return redirect("desk:ticket", "open", number)
    found = ticket_or_404(request, number)
    # What a page fetches by itself, perhaps ahead, nobody has read; when it is shown it says so itself.
    if request.method == "GET" and "X-Live" not in request.headers:
        chores.note_reading(found, request.user)
    return show(request, search, found)


def show(request: AgentRequest, search: str, found: Ticket, status: int = 200, **more: Any) -> HttpResponse:
    """The ticket's page; after a wrong input with the form that was typed and status 422."""
    everything = "all" in request.GET
    context = (
        frame(request, search, found.number)
        | {
            "view": thread.view(request.user, found, everything),
            "ticket": found,
            "reply": EMPTY,
            "suggested": _suggested(request, found),
            "local_time": thread.local_time(found),
            "owners": _owners(),
            "priorities": Ticket.Priority.choices,
            "mode": "reply",
            "chat": chats.of(found),
            "newer": [],
            "snoozes": work.snoozes(found),
        }
        | drafts.context(request.user, found, more.get("reply"))
    )
    return drawn.page(request, "desk/ticket.html", context | more, status)


def back(request: AgentRequest, search: str, number: str, anchor: str = "") -> HttpResponseRedirect:
    """To the ticket, with the place in its list kept."""
    return HttpResponseRedirect(
        reverse("desk:ticket", args=[search, number]) + _place(request) + (f"#{anchor}" if anchor else "")
    )


def to_list(request: AgentRequest, search: str) -> HttpResponseRedirect:
    """To the list, at the place where it was left."""
    return HttpResponseRedirect(reverse("desk:list", args=[search]) + _place(request))


def frame(request: AgentRequest, search: str, number: str = "") -> dict[str, Any]:
    """What stands around every ticket: the searches with their numbers and the page of the list."""
    words = request.GET.get("q", "").strip()[:LONGEST] if search == searches.FOUND.code else ""
    state = searches.state(request.user)
    found = searches.find(request.user, search, words, state) or searches.SEARCHES["open"]
    counts = searches.counts(request.user, state)
    return {
        "search": found,
        "counts": counts,
        "views": _views(request, found, words, state, counts),
        "rows": _rows(request, found, words, state.mark, number),
        "words": words,
        "place": _place(request),
        "zone_name": timezone.get_current_timezone_name(),
        "keys": told(request.user),
        "keys_help": _keys_help(request),
        "density": "compact" if request.user.preferences.get("density") == "compact" else "",
    }


def _views(
    request: AgentRequest, search: searches.Search, words: str, state: searches.State, counts: dict[str, int]
) -> Markup:
    def draw() -> str:
        context = {
            "search": search,
            "searches": list(searches.SEARCHES.values()),
            "saved": searches.saved(request.user, state),
            "counts": counts,
            "words": words,
            "now": searches.minute(),
            "zone": timezone.get_current_timezone_name().rpartition("/")[2].replace("_", " "),
        }
        return str(render_to_string("desk/_views.html", context, request))

    key = ("views", request.user.pk, search.code, get_language())
    # The mark tells what is counted, the numbers what was: slow ones are counted later.
    drawn_now = draw() if words else drawn.kept.keep(key, (state, tuple(counts.items())), draw)
    return Markup(drawn_now)  # noqa: S704 - a template drew it and escaped every word


def _keys_help(request: AgentRequest) -> Markup:
    def draw() -> str:
        context = {"key_list": keys_of(request.user), "key_ways": FIXED}
        return str(render_to_string("desk/_keys.html", context, request))

    return Markup(drawn.kept.keep(("keys", told(request.user), get_language()), "", draw))  # noqa: S704


def _rows(request: AgentRequest, search: searches.Search, words: str, mark: str, number: str) -> Markup:
    place = _place(request)
    draw = partial(_draw, request, search, words, place, bool(number))
    # What is searched for once is seldom searched for again: it would take the room of lists.
    key = ("rows", request.user.pk, search.code, place, get_language(), bool(number))
    rows = draw() if words else drawn.kept.keep(key, mark, draw)
    here = f'data-row="{number}"'
    # Quotes in what people wrote are escaped, so only a row's own attribute reads like this.
    marked = rows.replace(here, f'{here} aria-current="true"') if number else rows
    return Markup(marked)  # noqa: S704 - a template drew it and escaped every word


def _draw(request: AgentRequest, search: searches.Search, words: str, place: str, is_beside: bool) -> str:
    after = request.GET.get("after", "")[:40]
    context = {
        "search": search,
        "listing": listing.page(request.user, search.code, after, words),
        "words": words,
        "place": place,
        "is_behind": bool(after),
        "is_beside": is_beside,
    }
    return str(render_to_string("desk/_rows.html", context, request))


def _place(request: AgentRequest) -> str:
    kept = {name: request.GET[name][:LONGEST] for name in ("after", "q") if request.GET.get(name)}
    return f"?{urlencode(kept)}" if kept else ""


def _suggested(request: AgentRequest, found: Ticket) -> str:
    # The company is at hand already: asking targets.news_due would read it once more.
    calendar = (found.team.working_hours or request.company.working_hours).calendar
    now, zone = searches.minute(), timezone.get_current_timezone()
    rhythm = targets.rhythm_of(found.team, request.company)
    add = partial(calendar.add, now, int(rhythm.total_seconds()))
    # Working hours that say the same have the same calendar.
    due: datetime = drawn.kept.keep(("suggested", calendar, rhythm), now, add)
    return due.astimezone(zone).strftime(LOCAL)


def _owners() -> dict[str, list[tuple[int, str]]]:
    # A minute old is new enough to choose from: the choice itself is checked against the database.
    known: dict[str, list[tuple[int, str]]] = drawn.kept.keep("owners", searches.minute(), _read_owners)
    return known


def _read_owners() -> dict[str, list[tuple[int, str]]]:
    return {
        "agents": list(Agent.objects.filter(is_active=True).values_list("pk", "name")),
        "teams": list(Team.objects.values_list("pk", "name")),
    }
