"""Things to test and to show with: every argument has a default, every result is real."""

from __future__ import annotations

from itertools import count
from typing import Any

from ahadi.channels.models import Inbox, Site
from ahadi.people import identify
from ahadi.people.models import Address, Agent, Company, Customer, Team, WorkingHours
from ahadi.tickets.intake import Inbound, receive
from ahadi.tickets.models import Ticket

_numbers = count(1)


def company(name: str = "Marlo", time_zone: str = "UTC", **fields: Any) -> Company:
    """The company, open Monday to Friday from nine to five unless told otherwise."""
    current = Company.current()
    hours = current.working_hours
    hours.time_zone = time_zone
    for field in ("hours", "holidays"):
        if field in fields:
            setattr(hours, field, fields.pop(field))
    hours.__dict__.pop("calendar", None)
    hours.save()
    for field, value in {"name": name, "time_zone": time_zone, **fields}.items():
        setattr(current, field, value)
    current.save()
    return current


def working_hours(name: str = "Hours", **fields: Any) -> WorkingHours:
    """Working hours of their own."""
    return WorkingHours.objects.create(name=name, **fields)


def team(name: str = "Support") -> Team:
    """A team, found again by its name."""
    found, _created = Team.objects.get_or_create(name=name)
    return found


def agent(
    name: str = "Mara Lind",
    role: str = Agent.Role.AGENT,
    teams: list[Team] | None = None,
    password: str = "",
    **fields: Any,
) -> Agent:
    """Somebody who answers; a member of the Support team unless told otherwise."""
    email = fields.pop("email", f"{name.split()[0].lower()}{next(_numbers)}@marlo.example")
    made = Agent(email=email, name=name, role=role, **fields)
    if password:
        made.set_password(password)
    else:
        made.set_unusable_password()
    made.save()
    made.teams.set([team()] if teams is None else teams)
    return made


def admin(name: str = "Ada Stone", **fields: Any) -> Agent:
    """An administrator."""
    return agent(name, role=Agent.Role.ADMIN, **fields)


def lead(name: str = "Jonas Berg", **fields: Any) -> Agent:
    """A team lead."""
    return agent(name, role=Agent.Role.LEAD, **fields)


def address(value: str = "", name: str = "Anna Kern", language: str = "en", proven: bool = True) -> Address:
    """A customer's mail address, proven unless told otherwise."""
    found = identify.find_or_create(
        Address.Kind.EMAIL, value or f"anna{next(_numbers)}@post.example", name, language
    )
    if proven:
        found.prove()
    return found


def customer(name: str = "Anna Kern", language: str = "en") -> Customer:
    """A customer with one proven mail address."""
    return address(name=name, language=language).customer


def ticket(
    text: str = "The grinder stops after two seconds.",
    subject: str = "The grinder stops after two seconds",
    channel: str = "email",
    by: Address | None = None,
    language: str = "en",
    team: Team | None = None,
    assignee: Agent | None = None,
    **fields: Any,
) -> Ticket:
    """A ticket as intake opens it, through the one door."""
    inbound = Inbound(
        channel=channel,
        address=by or address(language=language),
        subject=subject,
        text=text,
        language=language,
        team=team,
        **fields,
    )
    made = receive(inbound).ticket
    if assignee is not None:
        made.assign(assignee, by=None)
    return made


def site(name: str = "Shop", origins: list[str] | None = None, **fields: Any) -> Site:
    """A website from which people may write to us."""
    return Site.objects.create(
        name=name,
        origins=origins or ["https://shop.example"],
        team=fields.pop("team", None) or team(),
        **fields,
    )


def inbox(address: str = "help@marlo.example", name: str = "Marlo", team: Team | None = None) -> Inbox:
    """An inbox of ours."""
    found, _created = Inbox.objects.get_or_create(
        address=address, defaults={"name": name, "team": team or Team.first()}
    )
    return found
