"""Complaints, their incoming numbers and their deadlines; talks that were ended."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ahadi.complaints.profiles import DEFAULT, PROFILES, Profile, Stage
from ahadi.lib import clock
from ahadi.people.models import Agent, Team
from ahadi.tickets.models import Ticket


class Rules(models.Model):
    """How this company handles formal complaints; one row."""

    class Years(models.TextChoices):
        GREGORIAN = "gregorian", _("Gregorian: 2026/000123")
        JALALI = "jalali", _("Solar Hijri: 1405/000123")

    profile = models.CharField(
        _("deadlines"),
        max_length=24,
        default=DEFAULT,
        choices=[(code, found.name) for code, found in PROFILES.items()],
    )
    years = models.CharField(
        _("years of the register"), max_length=9, choices=Years.choices, default=Years.GREGORIAN
    )
    # Who is management here: a private team.
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+", verbose_name=_("management"))
    elsewhere = models.TextField(_("where customers may turn when they disagree"), blank=True)
    letterhead = models.TextField(_("postal address"), blank=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="one_set_of_rules")]

    def __str__(self) -> str:
        return self.profile

    @classmethod
    def current(cls) -> Rules:
        """The rules; what holds without a choice where nobody has made one."""
        return cls.objects.select_related("team").filter(pk=1).first() or cls(pk=1)

    @classmethod
    def founded(cls) -> Rules:
        """The rules with a management: made of the administrators where nobody has said who it is."""
        found = cls.current()
        if found.team is None:
            found.team = _management()
            found.save()
        return found


def _management() -> Team:
    """A private team of those who run the house, until somebody says who they are."""
    name = str(_("Management"))
    found = Team.objects.filter(name=name).first()
    if found is None:
        found = Team.objects.create(name=name, is_private=True)
        found.agents.set(Agent.objects.filter(role=Agent.Role.ADMIN, is_active=True))
    return found


class Register(models.Model):
    """The last incoming number of a year, given in the transaction of what it numbers: none is missing."""

    year = models.PositiveSmallIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}/{self.last:06}"


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    """Questions about complaints."""

    def visible_to(self, agent: Agent) -> ComplaintQuerySet:
        """Those whose ticket this agent may see: management, without whom the complaint is about."""
        return self.filter(Ticket.objects.visible_to(agent).named_by("ticket"))

    def standing(self) -> ComplaintQuerySet:
        """Not decided yet."""
        return self.filter(decided=None)


class Complaint(models.Model):
    """A formal complaint: a ticket of its own, addressed to management."""

    class Outcome(models.TextChoices):
        UPHELD = "upheld", pgettext_lazy("complaint", "Upheld")
        PARTLY = "partly", pgettext_lazy("complaint", "Upheld in part")
        REJECTED = "rejected", pgettext_lazy("complaint", "Not upheld")
        FORWARDED = "forwarded", pgettext_lazy("complaint", "Passed on to whoever is in charge")
        WITHDRAWN = "withdrawn", pgettext_lazy("complaint", "Withdrawn by the customer")

    ticket = models.OneToOneField(Ticket, models.PROTECT, primary_key=True, related_name="complaint")
    about = models.ForeignKey(Ticket, models.PROTECT, null=True, related_name="complaints")
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    profile = models.CharField(max_length=24)
    # When the customer handed it in, and when it got its number.
    received = models.DateTimeField()
    registered = models.DateTimeField(default=clock.now)
    # SHA-256 of what the customer wrote (UTF-8), as it stands on both copies.
    text_sha256 = models.CharField(max_length=64)
    # The two copies are one file in the store; empty until it is drawn.
    copy_sha256 = models.CharField(max_length=64, blank=True)
    handler = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="complaints")
    # The letter that says why it takes longer.
    held = models.DateTimeField(null=True)
    decided = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["year", "serial"], name="incoming_number_once"),
            models.CheckConstraint(
                condition=models.Q(decided=None, outcome="")
                | (models.Q(decided__isnull=False) & ~models.Q(outcome="")),
                name="decision_has_outcome",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The incoming number as it is stamped: 2026/000123."""
        return f"{self.year}/{self.serial:06}"

    @property
    def law(self) -> Profile:
        """The deadline profile it was taken in under, which later settings do not change."""
        return PROFILES[self.profile]

    @property
    def attention(self) -> str:
        """How pressing it is, "late", "red" or "yellow": by the profile's days, else by the last quarter."""
        due = next(one.due for one in self.deadlines.all() if one.stage == Stage.DECISION)
        now, marks = clock.now(), self.law.attention
        if now > due:
            return "late"
        gone = (now - self.received) / (due - self.received)
        if marks is None:
            return "red" if gone > 0.9 else "yellow" if gone > 0.75 else ""
        days = (now - self.received).days
        return "red" if days >= marks[1] else "yellow" if days >= marks[0] else ""

    @property
    def elsewhere(self) -> str | LazyText:
        """Where the customer may turn when they disagree."""
        return Rules.current().elsewhere or self.law.elsewhere


class Deadline(models.Model):
    """One stage of a complaint and its last moment; nobody pauses it (rule P-30)."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="deadlines")
    stage = models.CharField(max_length=16, choices=Stage.choices)
    due = models.DateTimeField()
    is_binding = models.BooleanField(default=True)
    met = models.DateTimeField(null=True)
    # What it was before a letter gained more time.
    was = models.DateTimeField(null=True)
    # Management was told that it passed.
    escalated = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["due", "pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["complaint", "stage"], name="stage_once")]
        indexes: ClassVar = [
            models.Index(
                fields=["due"], name="deadline_standing", condition=models.Q(met=None, escalated=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id}: {self.stage} by {self.due:%Y-%m-%d}"

    @property
    def is_late(self) -> bool:
        """Past its last moment, or met after it."""
        return self.is_binding and (self.met or clock.now()) > self.due


class Ending(models.Model):
    """A talk that hurts people: a warning, then its end, then a lead who had no part in it looks again."""

    class Reason(models.TextChoices):
        INSULTS = "insults", pgettext_lazy("why a talk is ended", "Insults")
        THREATS = "threats", pgettext_lazy("why a talk is ended", "Threats")
        HARASSMENT = "harassment", pgettext_lazy("why a talk is ended", "Harassment")
        HATRED = "hatred", pgettext_lazy("why a talk is ended", "Hatred of a group of people")

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="endings")
    reason = models.CharField(max_length=12, choices=Reason.choices)
    # For the lead who looks again: what happened, as whoever warned saw it.
    account = models.TextField()
    warned = models.DateTimeField(default=clock.now)
    warned_by = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    # Only what is said after this entry can end the talk.
    warned_at = models.PositiveIntegerField()
    ended = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    review_by = models.DateTimeField(null=True)
    reviewed = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    finding = models.TextField(blank=True)
    # The talk is open again, or a newer warning took its place.
    lifted = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["ticket"], condition=models.Q(lifted=None), name="one_ending_stands"
            ),
            models.CheckConstraint(
                condition=models.Q(ended=None, ended_by=None, review_by=None, reviewed=None)
                | models.Q(ended__isnull=False, ended_by__isnull=False, review_by__isnull=False),
                name="ending_is_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(reviewed_by=None)
                | (
                    ~models.Q(reviewed_by=models.F("ended_by")) & ~models.Q(reviewed_by=models.F("warned_by"))
                ),
                name="reviewed_by_another",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["review_by"],
                name="ending_to_review",
                condition=models.Q(reviewed=None, lifted=None, ended__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.reason}"

    @property
    def state(self) -> str:
        """Where it stands: "warned", "ended", "kept" by a lead, or "lifted"."""
        if self.lifted is not None:
            return "lifted"
        return "kept" if self.reviewed else "ended" if self.ended else "warned"
