"""The demo company: Marlo sells coffee grinders, and its customers write in five languages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from ahadi.channels.models import Inbox
from ahadi.lib import clock
from ahadi.people.models import Agent
from ahadi.testing import make
from ahadi.tickets.intake import Inbound, receive
from ahadi.tickets.models import Tag, Ticket

# No mail leaves for these: the domain is reserved for examples (RFC 2606).
INBOX = "help@marlo.example"


@dataclass(frozen=True)
class Case:
    """One request of the demo company, told in hours before now."""

    name: str
    language: str
    subject: str
    text: str
    hours_ago: float
    channel: str = "email"
    statement: tuple[str, str, str, str] | None = None
    answer: str = ""
    step: str = ""
    due_in: float = 0
    note: str = ""
    tags: tuple[str, ...] = ()
    priority: int = 2
    ends: str = ""


CASES = [
    Case(
        "Ioana Munteanu",
        "en",
        "Parcel lost, then three days of silence",
        "This is the third time I write! Somebody said “I will find out”, then NOTHING for three days. "
        "It is for my mother, her birthday is on Friday. Does a human read this at all?",
        hours_ago=15,
        channel="form",
        statement=(
            "Order 20418, a gift, sent to Cluj on 9 November.",
            "No scan since 11 November, three messages ignored.",
            "The parcel by Friday, or the coat sent again.",
            "Checked the tracking page daily. Asked both neighbours. Called the depot twice.",
        ),
        answer="You are right, Ioana, and I am sorry. Your request is with me now. I am calling the depot, "
        "and you hear from me today, even if I have nothing yet.",
        step="Call the depot, then write to Ioana",
        due_in=1.2,
        note="Turda has one parcel with a torn label, they open it at 14:00. No voucher now please, she is too angry.",
        tags=("lost parcel",),
        priority=3,
    ),
    Case(
        "נועה לוי",
        "he",
        "ההחזר עדיין לא הגיע אליי",
        "שלום, החזרתי את המטחנה לפני שבועיים וההחזר הכספי עדיין לא נכנס לחשבון. מתי זה יגיע?",
        hours_ago=30,
        answer="שלום נועה, אני בודקת מול הנהלת החשבונות ומעדכנת אותך.",
        step="לבדוק את ההחזר מול הנהלת החשבונות",
        due_in=-0.4,
        tags=("refund",),
    ),
    Case(
        "پریسا کریمی",
        "fa",
        "فاکتور به نام اشتباه صادر شده است",
        "سلام، فاکتور سفارش ۲۰۳۷۷ به نام شرکت قبلی ما صادر شده است. لطفاً فاکتور اصلاح‌شده را بفرستید.",
        hours_ago=3,
        channel="form",
        statement=(
            "سفارش ۲۰۳۷۷، خریداری‌شده برای شرکت.",
            "نام شرکت روی فاکتور اشتباه است.",
            "فاکتور اصلاح‌شده تا آخر هفته.",
            "در حساب کاربری نام شرکت را درست کرده‌ام.",
        ),
        tags=("invoice",),
    ),
    Case(
        "Amina Hassan",
        "en",
        "Can I still change the delivery day?",
        "Hello, order 20433 is to come on Thursday, but nobody is at home then. Is Friday possible?",
        hours_ago=5,
        answer="Hello Amina, Friday is possible. Shall it come before noon or after?",
        ends="waiting",
        tags=("delivery",),
    ),
    Case(
        "Daniel Weiss",
        "en",
        "The second box arrived empty",
        "Two boxes came today. In one is the grinder, the other is empty. It should have held the filter set.",
        hours_ago=4,
        channel="form",
        statement=(
            "Order 20440, two boxes, delivered today.",
            "The second box is empty.",
            "Please send the filter set.",
            "",
        ),
    ),
    Case(
        "Andreea Pop",
        "ro",
        "Nu pot să mă conectez la contul meu",
        "Bună ziua, de ieri nu mai pot intra în cont. Am încercat deja să schimb parola de două ori.",
        hours_ago=20,
        answer="Bună ziua, Andreea. Am verificat contul; vă scriu mâine dimineață, după ce răspund colegii de la IT.",
        step="De întrebat la IT și de scris Andreei",
        due_in=19,
    ),
    Case(
        "Zawadi Njoroge",
        "sw",
        "Mzigo umefika ukiwa umevunjika",
        "Habari, kinu changu kimefika leo lakini mpini umevunjika. Naomba msaada wenu.",
        hours_ago=8,
        answer="Pole sana Zawadi. Nimeomba kinu kipya ghalani; nitakuandikia kesho kutwa kabla ya saa nne.",
        step="Kutuma kinu kipya na kumwandikia Zawadi",
        due_in=44,
    ),
    Case(
        "Kwame Mensah",
        "en",
        "Invoice for the October order",
        "Could you send me the invoice for October again? Our bookkeeper lost it.",
        hours_ago=26,
        answer="Of course, Kwame. It is on its way to you.",
        ends="solved",
        tags=("invoice",),
    ),
    Case(
        "Reza Sadeghi",
        "fa",
        "برچسب بازگشت برای دو محصول",
        "سلام، می‌خواهم دو محصول را پس بفرستم. چطور برچسب ارسال بگیرم؟",
        hours_ago=50,
        answer="سلام رضا، برچسب‌ها را امروز برایتان آماده می‌کنم.",
        step="فرستادن برچسب بازگشت",
        due_in=70,
    ),
]


def fill() -> bool:
    """Make the company, its people and its requests; False when they are already there."""
    with transaction.atomic():
        if Inbox.objects.filter(address=INBOX).exists():
            return False
        _found()
        agents = _hire()
        for number, case in enumerate(CASES):
            _play(case, agents[number % 2])
    return True


def _found() -> None:
    week = {day: [["08:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    week["sat"] = [["08:00", "13:00"]]
    year = clock.now().year
    make.company(
        name="Marlo",
        time_zone="Europe/Berlin",
        hours=week,
        holidays={f"{year}-12-25": "Christmas Day", f"{year}-12-26": "St Stephen's Day"},
        phone="+49 30 1234567",
    )
    make.inbox(INBOX, "Marlo", make.team("Support"))
    make.team("Workshop")


def _hire() -> list[Agent]:
    support, workshop = make.team("Support"), make.team("Workshop")
    people = [
        ("Grace Wanjiru", "agent", [support], "en", ["en", "sw"]),
        ("Mara Lind", "agent", [support, workshop], "en", ["en", "ro", "he"]),
        ("Jonas Berg", "lead", [support, workshop], "en", ["en"]),
        ("نگار احمدی", "agent", [support], "fa", ["fa", "en"]),
    ]
    emails = ("grace", "mara", "jonas", "negar")
    return [
        make.agent(
            name,
            role,
            teams,
            email=f"{email}@marlo.example",
            language=language,
            languages=languages,
            time_zone="Europe/Berlin",
        )
        for (name, role, teams, language, languages), email in zip(people, emails, strict=True)
    ]


def _play(case: Case, agent: Agent) -> None:
    asked = clock.now() - timedelta(hours=case.hours_ago)
    with clock.at(asked):
        ticket = receive(_inbound(case)).ticket
        if case.tags:
            ticket.retag([Tag.objects.get_or_create(name=tag)[0] for tag in case.tags], by=agent)
        if case.priority != Ticket.Priority.NORMAL:
            ticket.prioritise(case.priority, by=agent)
    if case.answer:
        _answer(case, ticket, agent, asked + timedelta(minutes=40))


def _inbound(case: Case) -> Inbound:
    names = ("situation", "problem", "wish", "tried")
    address = f"{'.'.join(case.name.lower().split())}@post.example" if case.name.isascii() else ""
    return Inbound(
        channel=case.channel,
        address=make.address(address or _latin(case.name), case.name, case.language),
        subject=case.subject,
        text=case.text,
        language=case.language,
        statement=dict(zip(names, case.statement, strict=True)) if case.statement else {},
    )


def _latin(name: str) -> str:
    return {"נועה לוי": "noa.levi", "پریسا کریمی": "parisa.karimi"}[name] + "@post.example"


def _answer(case: Case, ticket: Ticket, agent: Agent, at: datetime) -> None:
    due = clock.now() + timedelta(hours=case.due_in) if case.step else None
    with clock.at(at):
        ticket.assign(agent, by=agent)
        ticket.reply(
            case.answer,
            by=agent,
            step=case.step,
            due=due,
            wait=case.ends == "waiting",
            solve=case.ends == "solved",
        )
    if case.note:
        with clock.at(at + timedelta(minutes=20)):
            ticket.note(case.note, by=agent)
