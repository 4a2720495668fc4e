"""A search as it was typed, made into one condition that gives the list, its count and its pages alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from django.db.models import Q
from django.utils.translation import gettext as _

from ahadi.lib.phrases import Phrase
from ahadi.people.models import Agent
from ahadi.tickets import operators, search
from ahadi.tickets.grammar import Term, plain, read

# What each operator takes, for the sentence about a value that it does not know.
EXAMPLES = {
    "is": "open, waiting, solved, unsolved, mine, unassigned, broken, unanswered, snoozed, merged, followed,"
    " mentioned",
    "has": "attachment, note, reply, tag",
    "priority": "low, normal, high, urgent",
    "before": "2026-12-31, today, yesterday",
    "after": "2026-12-31, today, yesterday",
    "due": "today, tomorrow, week, 2026-12-31",
    "in": "note, reply, message",
    "lang": "en, fa, he, ro, sw",
    "code": "K7QF-9T2M-XR4D, K7QF",
    "field": "order=M-2041",
    "channel": "email, form, phone, chat",
    "from": "ruth, ruth@post.example, @post.example",
}
# Of these every ticket has a due time, so their lists begin with the next one.
_UNSOLVED = {"open", "waiting", "unsolved", "mine", "unassigned", "broken", "unanswered", "snoozed"}


@dataclass(frozen=True)
class Asked:
    """A condition on tickets, what was looked for in their words, and what could not be understood."""

    where: Q = field(default_factory=Q)
    phrases: tuple[Phrase, ...] = ()
    wrong: tuple[str, ...] = ()


NOTHING = Asked(Q(pk__in=[]))


@lru_cache(maxsize=1_024)
def is_by_due(text: str) -> bool:
    """Everything that is found has a due time, so the list begins with the next one."""
    terms = read(text, operators.operators())
    return any(term.operator == "due" or _is_unsolved(term) for term in terms if not term.is_not)


def ask(text: str, agent: Agent, at: datetime) -> Asked:
    """What somebody wants to see; with something that cannot be understood nothing is shown but that."""
    terms = read(text, operators.operators())
    wrong: list[str] = []
    where = Q()
    for term in terms:
        # Where words stand is said about the words, not about the ticket.
        if term.operator and not (_is_place(term) and _phrases(terms)):
            where &= _condition(term, agent, at, wrong)
    if wrong:
        return Asked(Q(pk__in=[]), wrong=tuple(wrong))
    where &= _words(terms)
    return Asked(where, tuple(_phrases(terms)))


def _condition(term: Term, agent: Agent, at: datetime, wrong: list[str]) -> Q:
    found = operators.operators()[term.operator](term.value, agent, at)
    if found is None:
        wrong.append(_sentence(term))
        return Q()
    return ~found if term.is_not else found


def _words(terms: list[Term]) -> Q:
    where, phrases = Q(), _phrases(terms)
    if phrases:
        places = [plain(term.value).removesuffix("s") for term in terms if _is_place(term)]
        where &= search.where(phrases, places[0] if places else "")
    for term in terms:
        phrase = None if term.operator or not term.is_not else Phrase.of(term.value, term.is_exact)
        if phrase:
            where &= ~search.where([phrase])
    # Signs alone find nothing, which is not the same as everything.
    return where if where or all(term.operator for term in terms) else Q(pk__in=[])


def _phrases(terms: list[Term]) -> list[Phrase]:
    return list(_positive(terms))[:12]


def _positive(terms: list[Term]) -> Iterator[Phrase]:
    for term in terms:
        phrase = None if term.operator or term.is_not else Phrase.of(term.value, term.is_exact)
        if phrase:
            yield phrase


def _is_place(term: Term) -> bool:
    return term.operator == "in" and not term.is_not and operators.has_place(term.value)


def _is_unsolved(term: Term) -> bool:
    return term.operator == "is" and plain(term.value) in _UNSOLVED


def _sentence(term: Term) -> str:
    given = {
        "operator": f"{term.operator}:",
        "value": term.value,
        "examples": EXAMPLES.get(term.operator, ""),
    }
    if not given["examples"]:
        return _("%(operator)s does not know “%(value)s”.") % given
    return _("%(operator)s does not know “%(value)s”. It takes, for example: %(examples)s.") % given
