"""Everything that can be gone to: what the command palette offers for some letters, best first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ahadi.desk import searches
from ahadi.lib.folding import fold
from ahadi.people.models import Address, Agent, Customer
from ahadi.tickets.models import Ticket
from ahadi.tickets.number import LENGTH, read_signs

MOST = 7

# Name of the page, what it is called, and who may open it: everybody, leads, administrators.
PAGES: tuple[tuple[str, str | Promise, str], ...] = (
    ("new_call", gettext_lazy("Write down a call"), "agent"),
    ("calls", gettext_lazy("Calls"), "agent"),
    ("profile", gettext_lazy("Your profile"), "agent"),
    ("keys", gettext_lazy("Rows and keys"), "agent"),
    ("searches", gettext_lazy("Saved searches"), "agent"),
    ("quarantine", gettext_lazy("Quarantine"), "lead"),
    ("company", gettext_lazy("Company"), "admin"),
    ("hours", gettext_lazy("Working hours"), "admin"),
    ("teams", gettext_lazy("Teams"), "admin"),
    ("agents", gettext_lazy("Agents"), "admin"),
    ("inboxes", gettext_lazy("Inboxes"), "admin"),
    ("letterhead", gettext_lazy("Look of the mails"), "admin"),
    ("mail_checks", gettext_lazy("Mail check"), "admin"),
    ("trust", gettext_lazy("Who is believed"), "admin"),
    ("automatic", gettext_lazy("Automatic mail"), "admin"),
    ("outbox", gettext_lazy("Outbox"), "admin"),
)


class Place(NamedTuple):
    """One line of the palette."""

    url: str
    icon: str
    name: str
    # Beside the name: a code, an address, a state.
    note: str = ""


class Part(NamedTuple):
    """Lines of one kind under a heading."""

    name: str
    places: list[Place]


def parts(agent: Agent, typed: str) -> list[Part]:
    """What fits the letters, in parts; without letters the searches and the newest tickets."""
    typed = typed.strip()[:100]
    named = (
        Part(_("Tickets"), _tickets(agent, typed)),
        Part(_("Searches"), _fitting(typed, _searches(agent))),
        Part(_("People"), _people(agent, typed) if len(typed) > 1 else []),
        Part(_("Settings"), _fitting(typed, _pages(agent)) if typed else []),
    )
    found = [part for part in named if part.places]
    if typed:
        text = _("Search all tickets for “%(words)s”") % {"words": typed}
        found.append(Part(_("Search"), [Place(_searching(typed), "search", text)]))
    return found


def closeness(typed: str, name: str) -> int:
    """How well letters fit a name: its beginning, a word's, within it, in order; 0 is not at all."""
    wanted, folded = fold(typed), fold(name)
    if not wanted:
        return 1
    if folded.startswith(wanted):
        return 4
    if f" {wanted}" in folded:
        return 3
    if wanted in folded:
        return 2
    rest = iter(folded)
    return int(all(letter in rest for letter in wanted if letter != " "))


def _fitting(typed: str, places: Iterable[Place]) -> list[Place]:
    ranked = [(closeness(typed, place.name), place) for place in places]
    best = sorted((each for each in ranked if each[0]), key=lambda each: -each[0])
    return [place for _rank, place in best][:MOST]


def _searches(agent: Agent) -> Iterator[Place]:
    for search in searches.offered(agent, searches.state(agent)):
        yield Place(reverse("desk:list", args=[search.code]), search.icon, str(search.name))


def _pages(agent: Agent) -> Iterator[Place]:
    may = {"agent": True, "lead": agent.sees_everything, "admin": agent.is_admin}
    for name, text, role in PAGES:
        if may[role]:
            yield Place(reverse(f"desk:{name}"), "settings", str(text))


def _tickets(agent: Agent, typed: str) -> list[Place]:
    seen = Ticket.objects.visible_to(agent)
    if typed:
        signs = read_signs(typed)
        code = "-".join(signs[at : at + 4] for at in range(0, min(len(signs), LENGTH), 4))
        by_code = _named(seen.filter(number__startswith=code)) if len(signs) > 3 else []
        # The last word is still being typed, so operators and quotes have no meaning yet.
        by_words = searches.tickets(agent, "search", typed.replace(":", " ").replace('"', " ").strip("- "))
        rows = list(dict.fromkeys([*by_code, *_named(by_words)]))[:MOST]
    else:
        rows = _named(seen.order_by("-updated", "-pk"))
    return [
        Place(reverse("desk:ticket", args=["open", number]), "message-square", subject, number)
        for number, subject in rows
    ]


def _named(tickets: QuerySet[Ticket]) -> list[tuple[str, str]]:
    return list(tickets.values_list("number", "subject")[:MOST])


def _searching(words: str) -> str:
    return f"{reverse('desk:list', args=['search'])}?{urlencode({'q': words})}"


def _people(agent: Agent, typed: str) -> list[Place]:
    known = Address.objects.filter(value__startswith=typed.lower()).values("customer")
    asked = Exists(Ticket.objects.visible_to(agent).filter(requester=OuterRef("pk")))
    named = Q(name__istartswith=typed) | Q(name__icontains=f" {typed}")
    found = Customer.objects.filter(named | Q(pk__in=known))
    rows = found.filter(asked).values_list("name", "addresses__shown")[:MOST]
    return [
        Place(_searching(f"from:{shown}"), "user", name or shown, shown if name else "")
        for name, shown in dict(rows).items()
        if shown
    ]
