"""How long requests usually take: learned from our own history every hour, told in two numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import translation
from django.utils.translation import gettext as _

from ahadi.calendars.wording import Unit, wording
from ahadi.lib import clock, piece
from ahadi.lib.question import Question
from ahadi.reports.calibration import Kind
from ahadi.reports.forecasts import Case, Forecast, Forecaster
from ahadi.reports.models import Usual
from ahadi.tickets.models import Entry, Tag, Ticket

EVERY = timedelta(hours=1)
# Requests that began within this time, and the most of them; older ones say little about today.
WINDOW, MOST = timedelta(days=365), 2_000
# Team, topic, priority.
DEPTH = 3
MINUTE, HOUR, DAY = 60, 3_600, 86_400

_ANSWERED = Entry.objects.filter(ticket=OuterRef("pk"), kind=Entry.Kind.REPLY, automatic=False)
_SOLVED = Ticket.objects.filter(pk=OuterRef("pk"), status=Ticket.Status.SOLVED)
_TOPIC = Tag.objects.filter(tickets=OuterRef("pk"))
_ENDS = {
    Usual.Measure.ANSWER: Subquery(_ANSWERED.order_by("seq").values("at")[:1]),
    Usual.Measure.SOLUTION: Subquery(_SOLVED.values("solved")),
}

_KNOWN = Question(
    lambda measure, whole, team, topic, priority: Usual.objects.filter(
        measure=measure, kind__in=[whole, team, topic, priority]
    )
)


def learn() -> bool:
    """Write down anew how long requests take; False while what is known is new enough."""
    now = clock.now()
    newest = Usual.objects.order_by("-at").values_list("at", flat=True).first()
    if newest is not None and now - newest < EVERY:
        return False
    learned = [usual for measure in Usual.Measure for usual in _learn(measure, now)]
    with transaction.atomic():
        Usual.objects.all().delete()
        Usual.objects.bulk_create(learned)
    return bool(learned)


def of(ticket: Ticket, measure: str = Usual.Measure.SOLUTION) -> Usual | None:
    """How long requests like this one usually take; None where too few have come to an end."""
    topic = min((tag.pk for tag in ticket.tags.all()), default=None)
    return find(_kind(ticket.team_id, topic, ticket.priority), measure)


def of_new(ticket: Ticket) -> Usual | None:
    """How long a request that nobody has sorted yet waits for a person's answer."""
    return find(_kind(ticket.team_id, None, ticket.priority), Usual.Measure.ANSWER)


def find(kind: Kind, measure: str) -> Usual | None:
    """What is known of the narrowest kind that has cases enough."""
    # Learned anew every hour, and told in every confirmation.
    return piece.once((find, kind, measure), lambda: _find(kind, measure))


def _find(kind: Kind, measure: str) -> Usual | None:
    # One of each depth; a kind that is less deep is asked for twice.
    names = [_name(kind[:depth]) for depth in range(DEPTH + 1)]
    found: list[Usual] = _KNOWN.objects(measure, *names)
    return max(found, key=lambda usual: len(usual.kind), default=None)


def tell(usual: Usual) -> str:
    """The two numbers in the reader's words."""
    given = {"half": length(usual.half), "most": length(usual.most)}
    if given["half"] == given["most"]:
        return _("Nine of ten such requests end within %(most)s.") % given
    return _("Half of such requests end within %(half)s, nine of ten within %(most)s.") % given


def tell_answer(usual: Usual) -> str:
    """The two numbers of the first answer in the reader's words."""
    given = {"half": length(usual.half), "most": length(usual.most)}
    if given["half"] == given["most"]:
        return _("Nine of ten such requests have a person's answer within %(most)s.") % given
    return (
        _("Half of such requests have a person's answer within %(half)s, nine of ten within %(most)s.")
        % given
    )


def length(duration: timedelta) -> str:
    """A duration in the reader's language, rounded up: "40 minutes", "5 hours", "3 days"."""
    amount, unit = _rounded(duration.total_seconds())
    return wording(translation.get_language() or "en").length(amount, unit)


def _rounded(seconds: float) -> tuple[int, Unit]:
    if seconds <= 55 * MINUTE:
        step = 5 * MINUTE if seconds > 10 * MINUTE else MINUTE
        return max(1, -int(-seconds // step) * step // MINUTE), "minute"
    elif seconds <= 36 * HOUR:
        return -int(-seconds // HOUR), "hour"
    else:
        return -int(-seconds // DAY), "day"


def _learn(measure: Usual.Measure, now: datetime) -> Iterator[Usual]:
    cases = _cases(measure, now)
    forecaster = Forecaster()
    for case in cases:
        forecaster.add(case)
    kinds = {case.kind[:depth] for case in cases for depth in range(len(case.kind) + 1)}
    for kind in sorted(kinds):
        said = forecaster.usual(kind, now.timestamp())
        # A broader kind speaks for itself.
        if said is not None and said.kind == kind:
            yield _usual(measure, said, now)


def _usual(measure: str, said: Forecast, now: datetime) -> Usual:
    half, most, low, high = (
        timedelta(seconds=round(seconds)) for seconds in (said.half, said.most, said.low, said.high)
    )
    name = _name(said.kind)
    return Usual(
        measure=measure, kind=name, count=said.cases, half=half, most=most, low=low, high=high, at=now
    )


def _cases(measure: Usual.Measure, now: datetime) -> Sequence[Case]:
    """The newest requests in the order in which they began; open ones count as open."""
    topic = Subquery(_TOPIC.order_by("pk").values("pk")[:1])
    recent = Ticket.objects.filter(Q(merged_into=None), opened__gt=now - WINDOW).order_by("-pk")
    rows = recent.annotate(ends=_ENDS[measure], topic=topic).values_list(
        "opened", "ends", "team_id", "topic", "priority"
    )[:MOST]
    cases = [
        Case(opened.timestamp(), ends.timestamp() if ends else None, _kind(team, topic, priority))
        for opened, ends, team, topic, priority in rows
    ]
    return sorted(cases, key=lambda case: case.opened)


def _kind(team: int, topic: int | None, priority: int) -> Kind:
    return (str(team), str(topic or 0), str(priority))


def _name(kind: Kind) -> str:
    return "/".join(kind)
