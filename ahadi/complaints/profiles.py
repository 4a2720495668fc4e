"""Deadline profiles: what laws and standards ask of an answer to a complaint, as data.

The numbers are those of the sources named with them, read in 2026; whoever uses a profile checks the law in
force. A company chooses one; what it promises beyond that is its own affair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from ahadi.complaints.terms import FRIDAY, FRIDAY_SATURDAY, SATURDAY_SUNDAY, Term, Unit


class Stage(models.TextChoices):
    """What has to happen by when."""

    HUMAN = "human", _("A person answers")
    CALL_BACK = "call_back", _("We call back")
    ACKNOWLEDGEMENT = "acknowledgement", _("We confirm it and name who handles it")
    FORWARD = "forward", _("Passed on, where somebody else is in charge")
    EARLY = "early", _("Settled at once, where that is possible")
    DECISION = "decision", _("Our decision")


class Since(StrEnum):
    """What a term runs from."""

    RECEIPT = "receipt"
    REGISTRATION = "registration"


@dataclass(frozen=True)
class Step:
    """One stage of a profile and its term; what is not binding is a chance, not a duty."""

    stage: Stage
    term: Term
    since: Since = Since.RECEIPT
    is_binding: bool = True


@dataclass(frozen=True)
class Profile:
    """How one law or standard counts."""

    code: str
    name: str | LazyText
    source: str | LazyText
    steps: Sequence[Step]
    weekend: frozenset[int] = SATURDAY_SUNDAY
    # The longest a decision may take, from the same start, with a reason given in a letter before.
    longest: Term | None = None
    # Where the customer may go when they disagree, and within which time from our decision.
    elsewhere: str | LazyText = ""
    elsewhere_within: Term | None = None
    # Days untouched after which a complaint is shown in yellow and in red.
    attention: tuple[int, int] | None = None

    def step(self, stage: Stage) -> Step | None:
        """The step of a stage, where this profile has one."""
        return next((step for step in self.steps if step.stage is stage), None)


def _days(amount: int) -> Term:
    return Term(amount, Unit.DAYS)


def _working_days(amount: int) -> Term:
    return Term(amount, Unit.WORKING_DAYS)


# "Immediately" and "promptly" name no number: it goes out by itself, and the day it came is its limit.
AT_ONCE = Step(Stage.ACKNOWLEDGEMENT, _days(0))

PROFILES: dict[str, Profile] = {
    profile.code: profile
    for profile in (
        Profile(
            "iso_10002",
            _("ISO 10002, with a month for our decision"),
            _("ISO 10002:2018, clauses 7 and 8; the standard names no days, the month is ours"),
            (AT_ONCE, Step(Stage.DECISION, Term(1, Unit.MONTHS))),
        ),
        Profile(
            "uk_fca",
            _("United Kingdom, financial services"),
            _("FCA Handbook, DISP 1.6"),
            (
                AT_ONCE,
                Step(Stage.EARLY, _working_days(3), is_binding=False),
                Step(Stage.DECISION, Term(8, Unit.WEEKS)),
            ),
            elsewhere=_(
                "If you disagree, you may ask the Financial Ombudsman Service, free of charge, within six"
                " months of our decision."
            ),
            elsewhere_within=Term(6, Unit.MONTHS),
        ),
        Profile(
            "uk_fca_payments",
            _("United Kingdom, payments and electronic money"),
            _("FCA Handbook, DISP 1.6.2A"),
            (
                AT_ONCE,
                Step(Stage.EARLY, _working_days(3), is_binding=False),
                Step(Stage.DECISION, _working_days(15)),
            ),
            longest=_working_days(35),
            elsewhere=_(
                "If you disagree, you may ask the Financial Ombudsman Service, free of charge, within six"
                " months of our decision."
            ),
            elsewhere_within=Term(6, Unit.MONTHS),
        ),
        Profile(
            "eu_psd2",
            _("European Union, payment services"),
            _("Directive (EU) 2015/2366, article 101"),
            (AT_ONCE, Step(Stage.DECISION, _working_days(15))),
            longest=_working_days(35),
            elsewhere=_(
                "If you disagree, you may turn to the body for out-of-court settlement of your country or to"
                " its financial supervision."
            ),
        ),
        Profile(
            "ro_og_27_2002",
            _("Romania, petitions"),
            _("O.G. 27/2002, articles 6, 8, 9 and 10"),
            (
                AT_ONCE,
                Step(Stage.FORWARD, _days(5), Since.REGISTRATION, is_binding=False),
                Step(Stage.DECISION, _days(30), Since.REGISTRATION),
            ),
            longest=_days(45),
            elsewhere=_(
                "If you disagree, you may turn to the National Authority for Consumer Protection"
                " or to a court."
            ),
        ),
        Profile(
            "ro_544_2001",
            _("Romania, requests for public information"),
            _("L. 544/2001, article 7"),
            (
                AT_ONCE,
                Step(Stage.FORWARD, _days(5), Since.REGISTRATION, is_binding=False),
                Step(Stage.DECISION, _days(10), Since.REGISTRATION),
            ),
            longest=_days(30),
            elsewhere=_("If you disagree, you may complain to the head of the institution or go to court."),
        ),
        Profile(
            "es_10_2025",
            _("Spain, customer services"),
            _("Ley 10/2025"),
            (AT_ONCE, Step(Stage.DECISION, _working_days(15))),
            elsewhere=_("If you disagree, you may turn to the consumer arbitration board or to a court."),
        ),
        Profile(
            "il_57",
            _("Israel, calls to listed businesses"),
            _("Consumer Protection Law, amendment 57"),
            (
                Step(Stage.HUMAN, Term(6, Unit.MINUTES)),
                Step(Stage.CALL_BACK, Term(3, Unit.HOURS)),
                AT_ONCE,
                # The amendment counts calls; the month for the decision is ours.
                Step(Stage.DECISION, Term(1, Unit.MONTHS)),
            ),
            weekend=FRIDAY_SATURDAY,
            elsewhere=_("If you disagree, you may turn to the Consumer Protection Authority or to a court."),
        ),
        Profile(
            "ir_agency",
            _("Iran, sales agencies"),
            _("By-law of article 6 of the Consumer Protection Act"),
            (AT_ONCE, Step(Stage.DECISION, _days(10))),
            weekend=FRIDAY,
            elsewhere=_(
                "If you disagree, you may turn to the Consumers and Producers Protection Organization."
            ),
        ),
        Profile(
            "ir_standard",
            _("Iran, standard of goods"),
            _("Iranian National Standards Organization, rules for complaints"),
            (AT_ONCE, Step(Stage.DECISION, _days(20))),
            weekend=FRIDAY,
            attention=(10, 15),
            elsewhere=_("If you disagree, you may turn to the National Standards Organization."),
        ),
        Profile(
            "ir_shops",
            _("Iran, shops on the internet"),
            _("Rules for complaints about electronic shops (e-namad)"),
            (AT_ONCE, Step(Stage.DECISION, Term(1, Unit.WEEKS))),
            weekend=FRIDAY,
            elsewhere=_("If you disagree, you may turn to the Center for the Development of E-Commerce."),
        ),
        Profile(
            "tz_tcra",
            _("Tanzania, communications"),
            _("TCRA, consumer protection regulations"),
            (AT_ONCE, Step(Stage.DECISION, _days(30))),
            elsewhere=_("If you disagree, you may turn to the Tanzania Communications Regulatory Authority."),
            elsewhere_within=_days(60),
        ),
        Profile(
            "ke_ca",
            _("Kenya, communications"),
            _("Communications Authority of Kenya, consumer protection"),
            # The provider says at once what it will do and by when; the month is ours.
            (AT_ONCE, Step(Stage.DECISION, Term(1, Unit.MONTHS))),
            elsewhere=_("If you disagree, you may turn to the Communications Authority of Kenya."),
        ),
        Profile(
            "gdpr",
            _("Requests about personal data"),
            _("Regulation (EU) 2016/679, article 12(3)"),
            (AT_ONCE, Step(Stage.DECISION, Term(1, Unit.MONTHS))),
            longest=Term(3, Unit.MONTHS),
            elsewhere=_("If you disagree, you may turn to a data protection authority or to a court."),
        ),
    )
}
DEFAULT = "iso_10002"
