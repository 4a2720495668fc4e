"""What the visitor of a talk sees, numbered without gaps: written in the transaction of each entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import QuerySet

from ahadi.automation import speaking
from ahadi.automation.speaking import Turn
from ahadi.channels.models import Line, Talk
from ahadi.lib.fresh import make
from ahadi.lib.question import Question
from ahadi.lib.statement import Change, insert, update, write_together
from ahadi.tickets.models import Entry

# Events that are told to the visitor, beside somebody who comes.
TOLD = (speaking.ENDED, speaking.HANDED_BACK, speaking.WANTED, "solved")
MOST = 500


def follow(entry: Entry) -> None:
    """Give an entry of a talk its line, if the visitor sees it."""
    if entry.ticket.channel != speaking.CHANNEL:
        return
    talk = _talk_of(entry)
    if talk is None:
        return
    is_visitors = entry.kind == Entry.Kind.MESSAGE and entry.channel == speaking.CHANNEL
    if entry.code == speaking.ENDED and entry.kind == Entry.Kind.EVENT:
        talk.ended, talk.is_away = entry.at, entry.words.data.get("by") == "gone"
    elif is_visitors and not entry.automatic:
        talk.ended, talk.is_away = None, False
    line: list[Line] = []
    if is_shown(entry):
        talk.last_line += 1
        line = [_line(talk, entry)]
    write_together(Change(talk, ("ended", "is_away", "last_line")), *line)


def fill(talk: Talk) -> None:
    """Number what people said in a request that came by another way, behind what is numbered."""
    last = Line.objects.filter(talk=talk).order_by("-seq").values_list("entry", flat=True).first()
    entries = Entry.objects.select_related("words").filter(ticket=talk.ticket_id, pk__gt=last or 0)
    # What a machine wrote there is a mail, and says what the panel says by itself.
    for entry in entries.filter(automatic=False).order_by("seq"):
        if is_shown(entry):
            talk.last_line += 1
            insert(_line(talk, entry))
    update(talk, "last_line")


def is_shown(entry: Entry) -> bool:
    """Words of both sides, and the few events that concern the visitor; never a note."""
    data = entry.words.data
    if entry.kind in (Entry.Kind.MESSAGE, Entry.Kind.REPLY):
        return "code_mail" not in data
    if entry.kind != Entry.Kind.EVENT:
        return False
    turn = Turn(entry.kind, entry.code, entry.automatic, entry.agent_id, entry.channel, data)
    return entry.code in TOLD or speaking.joins(turn)


def since(tickets: Iterable[int], after: int = 0) -> QuerySet[Line]:
    """The lines of talks behind a number, with all that is shown of them."""
    return _whole(Line.objects.filter(talk__in=tickets, seq__gt=after).order_by("talk", "seq"))


def of_entries(entries: Sequence[int]) -> QuerySet[Line]:
    """The lines of these entries, in their order."""
    return _whole(Line.objects.filter(entry__in=entries).order_by("entry_id"))


def _whole(found: QuerySet[Line]) -> QuerySet[Line]:
    wanted = ("entry__words", "entry__agent", "entry__customer", "entry__ticket")
    return found.select_related(*wanted).prefetch_related("entry__attachments")


def hold(talk: Talk) -> None:
    """This talk was read in the transaction that holds its ticket: nobody need read it again."""
    talk.ticket.__dict__["held_talk"] = talk


def _talk_of(entry: Entry) -> Talk | None:
    if held := entry.ticket.__dict__.get("held_talk"):
        return held  # type: ignore[no-any-return]
    if entry.seq > 1:
        found: list[Talk] = _TALK.objects(entry.ticket_id)
        return found[0] if found else None
    visitor = entry.words.data.get("visitor")
    if visitor is None:
        return None
    return insert(Talk(ticket=entry.ticket, visitor_id=visitor, begun=entry.at))


_TALK = Question(lambda ticket: Talk.objects.filter(pk=ticket))


def _line(talk: Talk, entry: Entry) -> Line:
    data = entry.words.data
    client_id = data.get("client_id")
    return make(
        Line,
        talk=talk,
        seq=talk.last_line,
        entry=entry,
        visitor_id=data.get("visitor") if client_id else None,
        client_id=UUID(client_id) if client_id else None,
    )
