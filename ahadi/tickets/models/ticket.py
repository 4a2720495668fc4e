from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ahadi.ledger.models import Leaf, seal
from ahadi.lib import clock, store
from ahadi.lib.fresh import Quick, make
from ahadi.lib.question import Question
from ahadi.lib.statement import Change
from ahadi.people.models import Address, Agent, Customer, Team
from ahadi.tickets import ending, merging, order, proof, targets
from ahadi.tickets.models.sight import TicketQuerySet
from ahadi.tickets.models.tag import Tag
from ahadi.tickets.number import new_number
from ahadi.tickets.said import File, Kind, Said

if TYPE_CHECKING:
    from ahadi.tickets.models.entry import Entry


class Ticket(Quick):
    """What a customer asked, all that was said about it, and who owes the next step."""

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("status", "Open")
        WAITING = "waiting", pgettext_lazy("status", "Waiting for customer")
        SOLVED = "solved", pgettext_lazy("status", "Solved")

    class Priority(models.IntegerChoices):
        LOW = 1, _("Low")
        NORMAL = 2, _("Normal")
        HIGH = 3, _("High")
        URGENT = 4, _("Urgent")

    class Step(models.TextChoices):
        FIRST_ANSWER = "first_answer", _("A person reads the request and answers")
        ANSWER = "answer", _("A person answers the latest message")
        NEWS = "news", _("A person writes with news")
        CUSTOMER = "customer", _("The customer answers; then it goes on")
        DELIVERY = "delivery", _("The answer did not arrive; another way is found")
        CALL = "call", _("A person calls")
        OWN = "own", _("In the person's own words")
        ENDED = ending.STEP, _("The talk was ended; what comes now is kept")

    number = models.CharField(max_length=16, unique=True, default=new_number, editable=False)
    subject = models.CharField(_("subject"), max_length=250)
    requester = models.ForeignKey(Customer, models.PROTECT, related_name="tickets")
    address = models.ForeignKey(Address, models.PROTECT, null=True, related_name="tickets")
    channel = models.CharField(max_length=16)
    language = models.CharField(max_length=8, choices=settings.LANGUAGES)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    team = models.ForeignKey(Team, models.PROTECT, related_name="tickets")
    # Other teams that the same message was sent to: they see it, the one above owns it.
    also = models.ManyToManyField(Team, blank=True, related_name="+")
    assignee = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="tickets")
    # Kept out whatever their role: nobody judges a matter that is about themselves.
    barred = models.ManyToManyField(Agent, blank=True, related_name="+")
    # What the customer came back to after it had been solved for long.
    follows = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followed_by")
    tags = models.ManyToManyField(Tag, blank=True, related_name="tickets")
    # It goes on in another ticket; what is sent to this one arrives there.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", db_index=False
    )
    # Out of the lists until then, or until what is named happens; never past the promise.
    snoozed_until = models.DateTimeField(null=True)
    snoozed_for = models.CharField(max_length=8, blank=True)
    # The promise in its newest state; promises.Promise keeps the history.
    step_code = models.CharField(max_length=16, choices=Step.choices)
    step_text = models.CharField(max_length=250, blank=True)
    due = models.DateTimeField(null=True)
    opened = models.DateTimeField()
    updated = models.DateTimeField()
    solved = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)
    last_seq = models.PositiveIntegerField(default=0)
    # What the next entry is chained to: the newest leaf, and the newest that both sides read.
    last_leaf = models.BinaryField(max_length=32, default=b"")
    last_public = models.BinaryField(max_length=32, default=b"")

    # Locked by a change that is under way: what follows from it need not lock again.
    _is_held = False

    objects = TicketQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status="solved") | (Q(due__isnull=False) & ~Q(step_code="")),
                name="open_ticket_has_promise",
            ),
            models.CheckConstraint(
                condition=~Q(step_code="own") | ~Q(step_text=""), name="own_step_has_words"
            ),
            models.CheckConstraint(condition=Q(merged_into=None) | Q(status="solved"), name="merged_is_over"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due", "id"], name="ticket_due", condition=~Q(status="solved")),
            models.Index(fields=["assignee", "due", "id"], name="ticket_mine", condition=~Q(status="solved")),
            models.Index(fields=["team", "due", "id"], name="ticket_team", condition=~Q(status="solved")),
            models.Index(fields=["requester", "-opened"], name="ticket_requester"),
            models.Index(fields=["-updated", "-id"], name="ticket_updated"),
            # Of the merged ones alone: for "not merged" SQLite would look through all tickets by it.
            models.Index(
                fields=["merged_into"], name="ticket_merged", condition=Q(merged_into__isnull=False)
            ),
            models.Index(
                fields=["snoozed_until"], name="ticket_snoozed", condition=Q(snoozed_until__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_solved(self) -> bool:
        return self.status == self.Status.SOLVED

    @property
    def living(self) -> Ticket:
        """The ticket in which this one goes on: itself, unless it was merged."""
        return self.merged_into.living if self.merged_into else self

    @property
    def way_out(self) -> str:
        """How answers leave: by mail where there is an address, whatever the request came by."""
        by_mail = self.address is not None and self.address.kind == Address.Kind.EMAIL
        return "email" if by_mail else self.channel

    @classmethod
    def begin(
        cls,
        said: Said,
        *,
        subject: str,
        requester: Customer,
        address: Address | None,
        language: str,
        team: Team,
        follows: Ticket | None = None,
    ) -> Entry:
        """Open a ticket with its first entry; it is born with next step, owner and due time."""
        at = said.at or clock.now()
        ticket = make(
            cls,
            subject=subject[:250],
            requester=requester,
            address=address,
            channel=said.channel,
            language=language,
            team=team,
            follows=follows,
            step_code=cls.Step.FIRST_ANSWER,
            due=targets.answer_due(team, at),
            opened=at,
            updated=at,
            waiting_since=at,
        )
        return ticket.append(said)

    @transaction.atomic(savepoint=False)
    def append(self, said: Said, **changes: Any) -> Entry:
        """The only door through which anything about a ticket changes.

        Adds one entry with its ledger leaf, brings the fields in `changes` up to date and lets
        everything in settings.REACTIONS follow, all in one transaction.
        """
        if self.pk is not None:
            # Nobody else knows a ticket before its first entry.
            self.lock()
        return self._add(said, changes)

    def _add(self, said: Said, changes: dict[str, Any]) -> Entry:
        """Append to a ticket that is locked or new; its row is written once, as it is after the entry."""
        ending.guard(self, said, changes)
        at = said.at or clock.now()
        files = [(file, store.put(file.content)) for file in said.files]
        order.mark()
        seq = self.last_seq + 1
        before = proof.Before(self.last_leaf, self.last_public)
        leaf, opening = seal(proof.event(self.number, before, said, seq, at, [name for _file, name in files]))
        now = before.after(leaf.hash, said.kind)
        changes |= {"last_leaf": now.entry, "last_public": now.public, "last_seq": seq, "updated": at}
        for name, value in changes.items():
            setattr(self, name, value)
        entry = self._entry(said, at, leaf)
        entry.moved = frozenset(name.removesuffix("_id") for name in changes)
        entry.keep(said, files, [self if self.pk is None else Change(self, tuple(changes)), leaf, opening])
        self._follow(entry)
        return entry

    def _follow(self, entry: Entry) -> None:
        was_held, self._is_held = self._is_held, True
        try:
            for react in reactions():
                react(entry)
        finally:
            self._is_held = was_held

    def lock(self) -> None:
        """Hold the ticket until the transaction ends, as its last writer left it."""
        if self._is_held:
            return
        # One writer at a time gives every entry its own number; SQLite has one writer anyway.
        (row,) = _LOCK.rows(self.pk)
        for name, value in zip(_NEWEST, row, strict=True):
            setattr(self, name, value)

    def _entry(self, said: Said, at: datetime, leaf: Leaf) -> Entry:
        kind: type[Entry] = Ticket.entries.rel.related_model  # type: ignore[assignment]
        return make(
            kind,
            ticket=self,
            seq=self.last_seq,
            kind=said.kind,
            code=said.code,
            agent=said.by if isinstance(said.by, Agent) else None,
            customer=said.by if isinstance(said.by, Customer) else None,
            address=said.address,
            automatic=said.automatic,
            channel=said.channel,
            language=said.language,
            at=at,
            leaf=leaf,
        )

    @transaction.atomic(savepoint=False)
    def receive(self, said: Said, **more: Any) -> Entry:
        """A message from the customer: it opens the ticket again and starts the clock of an answer."""
        if said.automatic:
            return self.append(said)
        self.lock()
        if self.merged_into is not None:
            return merging.pass_on(self.living, said)
        if self.step_code == self.Step.ENDED:
            return ending.keep(self, said)
        at = said.at or clock.now()
        changes: dict[str, Any] = {"waiting_since": self.waiting_since or at, **more}
        is_open = self.status == self.Status.OPEN
        if not is_open or self.due is None or targets.is_beyond_answer(self.due, self.team, at):
            changes |= {"status": self.Status.OPEN, "solved": None, "step_code": self.Step.ANSWER}
            changes |= {"step_text": "", "due": targets.answer_due(self.team, at)}
        return self._add(said, changes)

    @transaction.atomic(savepoint=False)
    def reply(
        self,
        text: str,
        *,
        by: Agent,
        step: str = "",
        due: datetime | None = None,
        solve: bool = False,
        wait: bool = False,
        files: Sequence[File] = (),
        html: str = "",
    ) -> Entry:
        """An answer of ours; where the ticket stays open it says what comes next and by when."""
        self.lock()
        at = clock.now()
        changes: dict[str, Any] = {"waiting_since": None, "assignee": self.assignee or by}
        if solve:
            changes |= {"status": self.Status.SOLVED, "solved": at, "due": None}
        else:
            changes |= {"status": self.Status.WAITING if wait else self.Status.OPEN, "solved": None}
            changes |= self._next(step, due, at, wait)
        said = Said(
            kind=Kind.REPLY,
            code="solution" if solve else "",
            text=text,
            html=html,
            by=by,
            channel=self.way_out,
            language=self.language,
            at=at,
            files=files,
        )
        return self._add(said, changes)

    def _next(self, step: str, due: datetime | None, at: datetime, wait: bool) -> dict[str, Any]:
        code = self.Step.OWN if step else self.Step.CUSTOMER if wait else self.Step.NEWS
        return {"step_code": code, "step_text": step, "due": due or targets.news_due(self.team, at)}

    def note(self, text: str, *, by: Agent, files: Sequence[File] = ()) -> Entry:
        """Words for colleagues only; no way leads from a note to the customer."""
        return self.append(Said(kind=Kind.NOTE, text=text, by=by, files=files))

    def promise(self, step: str, due: datetime, *, by: Agent, reason: str = "") -> Entry:
        """Give the customer a next step and a time, or move the one they have with a reason."""
        data = {"step": step, "due": due.isoformat(), "reason": reason}
        words = {"step_code": self.Step.OWN, "step_text": step} if step else {}
        return self.change("promised", data, by, due=due, **words)

    def assign(self, agent: Agent | None, *, by: Agent | None) -> Entry:
        """Give the ticket to a person, or back to its team."""
        data = {"agent": agent.pk if agent else None, "name": agent.name if agent else ""}
        return self.change("assigned", data, by, assignee=agent)

    def hand_to(self, team: Team, *, by: Agent | None) -> Entry:
        """Move the ticket to another team; its person goes along only when they belong there."""
        stays = self.assignee is not None and self.assignee.teams.filter(pk=team.pk).exists()
        data = {"team": team.pk, "name": team.name, "was": self.team_id}
        return self.change("team", data, by, team=team, assignee=self.assignee if stays else None)

    def show_to(self, team: Team) -> Entry | None:
        """Let another team that was asked the same see it; None where it sees it already."""
        with transaction.atomic(savepoint=False):
            if team.pk == self.team_id or self.also.filter(pk=team.pk).exists():
                return None
            self.also.add(team)
            return self.change("shown", {"team": team.pk, "name": team.name}, None)

    def solve(self, *, by: Agent) -> Entry:
        """Close the ticket without another word."""
        return self.change(
            "solved", {}, by, status=self.Status.SOLVED, solved=clock.now(), due=None, waiting_since=None
        )

    def reopen(self, *, by: Agent | None, step_code: str = Step.NEWS, reason: str = "") -> Entry:
        """Open a solved or waiting ticket again, with a next step and a time."""
        if self.merged_into is not None:
            return self.living.reopen(by=by, step_code=step_code, reason=reason)
        due = targets.answer_due(self.team, clock.now())
        data = {"reason": reason} if reason else {}
        return self.change(
            "reopened",
            data,
            by,
            status=self.Status.OPEN,
            solved=None,
            step_code=step_code,
            step_text="",
            due=due,
        )

    def wait(self, *, by: Agent) -> Entry:
        """It is the customer's turn; the ticket comes back by itself when they answer or the time is over."""
        due = targets.news_due(self.team, clock.now())
        changes = {"step_code": self.Step.CUSTOMER, "step_text": "", "due": due, "solved": None}
        return self.change("waiting", {}, by, status=self.Status.WAITING, **changes)

    def retag(self, tags: Sequence[Tag], *, by: Agent) -> Entry:
        """Replace the tags."""
        with transaction.atomic(savepoint=False):
            self.tags.set(tags)
            return self.change("tags", {"tags": [tag.name for tag in tags]}, by)

    def prioritise(self, priority: int, *, by: Agent) -> Entry:
        """Say how urgent it is."""
        return self.change("priority", {"priority": int(priority)}, by, priority=priority)

    def rename(self, subject: str, *, by: Agent) -> Entry:
        """Give the ticket a better subject."""
        return self.change("subject", {"was": self.subject, "subject": subject}, by, subject=subject[:250])

    def change(self, code: str, data: dict[str, Any], by: Agent | None, **changes: Any) -> Entry:
        """Add an event and bring the fields it speaks of up to date: what every verb is made of."""
        return self.append(Said(kind=Kind.EVENT, code=code, data=data, by=by), **changes)


# What another writer may have changed since this ticket was read.
_NEWEST = (
    "last_seq",
    "last_leaf",
    "last_public",
    "status",
    "step_code",
    "step_text",
    "due",
    "waiting_since",
    "solved",
    "team_id",
    "assignee_id",
    "merged_into_id",
    "snoozed_until",
    "snoozed_for",
)
_LOCK = Question(lambda pk: Ticket.objects.select_for_update().filter(pk=pk).values_list(*_NEWEST))

Reaction = Callable[["Entry"], None]


@cache
def reactions() -> tuple[Reaction, ...]:
    """What follows an entry, in the order of settings.REACTIONS."""
    return tuple(import_string(path) for path in settings.REACTIONS)
