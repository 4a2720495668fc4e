"""What the panel is told, in the visitor's words, calendar and zone: the house, the talk, its lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ahadi.automation import speaking
from ahadi.channels.chat import availability, here, lines, talks
from ahadi.channels.chat.availability import Availability
from ahadi.channels.documents import PICTURES
from ahadi.channels.models import Line, Talk, Visitor
from ahadi.lib.html import clean
from ahadi.lib.markup import to_html, without_pictures
from ahadi.people.models import Address, Team
from ahadi.reports import usual
from ahadi.tickets import pictures
from ahadi.tickets.models import Attachment, Entry, Ticket
from ahadi.ui import filters

Shown = dict[str, Any]
MINUTE = 60


def state(visitor: Visitor, after: int = 0, *, has_entries: bool = True, talk: Talk | None = None) -> Shown:
    """Everything that the panel draws; `talk` where it is at hand."""
    talk = talk or talks.current(visitor)
    found: Shown = {
        "availability": house_of(visitor, talk),
        "talk": of_talk(talk, writers()) if talk else None,
        "automatic": {"offer": offer()},
    }
    if has_entries:
        behind = lines.since([talk.pk], after)[: lines.MOST] if talk else ()
        found["entries"] = [line(each) for each in behind]
    return found


def who(visitor: Visitor) -> Shown:
    """What the panel knows of its visitor."""
    return {"id": visitor.external_id or None, "name": visitor.name, "is_proven": visitor.is_proven}


def offer() -> str:
    """What every automatic text offers."""
    return _("Talk to a person")


def writers() -> dict[str, str]:
    """Who of ours writes in which talk."""
    return here.told().writers


# ── the house ───────────────────────────────────────────────────────────────


def house(team: Team, ticket: int | None = None, lines: availability.Lines | None = None) -> Shown:
    """The one true thing in the head of the panel, for who waits in this talk or would begin one."""
    known = availability.of(team, ticket, lines)
    sentence, detail = _said(known)
    return {
        "state": known.state,
        "sentence": sentence,
        "detail": detail,
        "wait_minutes": -(-int(known.wait.total_seconds()) // MINUTE) if known.wait else None,
        "place": known.place,
        "opens": known.opens.isoformat() if known.opens else None,
    }


def house_of(visitor: Visitor, talk: Talk | None) -> Shown:
    """The same for somebody with this talk, or with none."""
    return house(talk.ticket.team, talk.pk) if talk is not None else house(visitor.site.team)


def _said(known: Availability) -> tuple[str, str]:
    wait = usual.length(known.wait) if known.wait else ""
    if known.state == availability.CLOSED:
        return _closed(known)
    if known.place is not None:
        given = {"place": filters.number(known.place), "wait": wait}
        if wait:
            return _("Busy · you are number %(place)s, about %(wait)s") % given, ""
        return _("Busy · you are number %(place)s in line") % given, ""
    if wait:
        return _("Open now · usually answers in %(wait)s") % {"wait": wait}, ""
    return _("Open now · a person answers"), ""


def _closed(known: Availability) -> tuple[str, str]:
    if known.opens is None or known.answer_by is None:
        return _("Closed"), _("Write now: a person reads it and answers.")
    sentence = _("Closed · opens %(time)s") % {"time": filters.short_due(known.opens)}
    detail = _("Write now: we answer by %(time)s. All times are yours.")
    return sentence, detail % {"time": filters.short_due(known.answer_by)}


# ── the talk ────────────────────────────────────────────────────────────────


def of_talk(talk: Talk, writing: dict[str, str]) -> Shown:
    """Where the talk stands: its code, what comes next, who has it, what was seen."""
    ticket = talk.ticket
    owner = ticket.assignee
    return {
        "code": ticket.number,
        "status": ticket.status,
        "is_over": ticket.is_solved or (talk.ended is not None and not talk.is_away),
        "seq": talk.last_line,
        "next": _next(ticket),
        "owner": {"name": owner.first_name, "photo": owner.photo or None} if owner else None,
        "seen": talk.our_seen_line,
        "seen_text": _seen(talk),
        "typing": writing.get(ticket.number),
        "follow_url": f"{settings.AHADI_URL}/r/{ticket.number}/",
        "way": _way(ticket.address),
        "way_wanted": ticket.address is None,
        "person_offered": not ticket.is_solved and (talk.ended is None or talk.is_away),
    }


def _next(ticket: Ticket) -> Shown | None:
    if ticket.is_solved or ticket.due is None:
        return None
    return {
        "step": _step(ticket),
        "who": ticket.assignee.first_name if ticket.assignee else ticket.team.name,
        "due": ticket.due.isoformat(),
        "due_text": filters.short_due(ticket.due),
    }


def _step(ticket: Ticket) -> str:
    if ticket.step_text:
        return ticket.step_text
    match ticket.step_code:
        case Ticket.Step.FIRST_ANSWER:
            return _("Next a person reads what you wrote and tells you what can be done.")
        case Ticket.Step.ANSWER:
            return _("Next a person reads your latest message and answers it.")
        case Ticket.Step.NEWS:
            return _("Next a person writes to you with news.")
        case Ticket.Step.CUSTOMER:
            return _("We are waiting for your answer; then it goes on.")
        case Ticket.Step.DELIVERY:
            return _("Our answer did not reach you. We are looking for another way.")
    return str(ticket.get_step_code_display())


def _seen(talk: Talk) -> str:
    if talk.our_seen is None or not talk.our_seen_by:
        return ""
    given = {"name": talk.our_seen_by, "time": filters.clock_time(talk.our_seen)}
    return _("Seen by %(name)s %(time)s") % given


def _way(address: Address | None) -> Shown | None:
    """Where answers go, as far as somebody who looks over a shoulder may read it."""
    if address is None:
        return None
    shown = address.shown
    if address.kind == Address.Kind.PHONE:
        return {"kind": address.kind, "shown": f"…{shown[-3:]}"}
    local, _at, host = shown.rpartition("@")
    hidden = f"{local[:1]}…{local[-1:]}" if len(local) > 2 else f"{local[:1]}…"
    return {"kind": address.kind, "shown": f"{hidden}@{host}"}


# ── its lines ───────────────────────────────────────────────────────────────


def line(each: Line, attachments: Iterable[Attachment] | None = None) -> Shown:
    """One line of the talk; `attachments` where they are known."""
    entry = each.entry
    data = entry.words.data
    by, alts = _by(entry), data.get("alts", {})
    text = _event(entry) if by == "event" else entry.words.shown_text
    if by == "person" and "![" in text:
        # Every picture is shown below the words here.
        attachments = list(entry.attachments.all() if attachments is None else attachments)
        text = without_pictures(text, {each.name for each in pictures.shown(text, attachments)})
    return {
        "id": str(each.pk),
        "seq": each.seq,
        "client_id": str(each.client_id) if each.client_id else None,
        "by": by,
        "name": _name(entry, by),
        "photo": (entry.agent.photo or None) if entry.agent and by == "person" else None,
        "text": text,
        "html": clean(to_html(text)) if by in ("person", "automatic") else "",
        "at": entry.at.isoformat(),
        "at_text": filters.short_when(entry.at),
        "files": list(_files(entry.attachments.all() if attachments is None else attachments, alts)),
    }


def file(name: str, pk: object, size: int, content_type: str, alt: str = "") -> Shown:
    """A file as the panel shows it."""
    return {
        "id": str(pk),
        "name": name,
        "size": size,
        "type": content_type,
        "is_picture": content_type.lower() in PICTURES,
        "alt": alt,
    }


def _files(attachments: Iterable[Attachment], alts: dict[str, str]) -> Iterable[Shown]:
    for each in attachments:
        yield file(each.name, each.pk, each.size, each.content_type, alts.get(each.name, ""))


def _by(entry: Entry) -> str:
    if entry.kind == Entry.Kind.EVENT:
        return "event"
    if entry.kind == Entry.Kind.MESSAGE:
        return "visitor"
    return "automatic" if entry.automatic else "person"


def _name(entry: Entry, by: str) -> str:
    if by == "automatic":
        return pgettext("label of a text by a machine", "Automatic")
    if entry.agent is not None:
        return entry.agent.first_name
    return entry.customer.name if entry.customer and by == "visitor" else ""


def _event(entry: Entry) -> str:
    data = entry.words.data
    given = {"name": data.get("owner") or str(data.get("name", "")).split(" ")[0]}
    given["time"] = filters.clock_time(entry.at)
    if entry.code == "assigned":
        return _("%(name)s joined at %(time)s. No more automatic text.") % given
    if entry.code == speaking.HANDED_BACK:
        return _("Automatic texts may answer again. You can talk to a person at any time.")
    if entry.code == speaking.WANTED:
        return _("You asked for a person. A person comes.")
    if entry.code == speaking.ENDED and data.get("by") == "gone":
        return _("You had left. Write here or answer our mail: both go on with this talk.")
    if entry.code == speaking.ENDED:
        return _("The talk is over. Your request stays open under its code until it is solved.")
    return _("Solved. If it is not, just write again.")
