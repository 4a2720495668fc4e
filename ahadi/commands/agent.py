"""Invite agents: `create` makes one, `link` prints a new one-time sign-in link for one."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ahadi.commands import Refused

if TYPE_CHECKING:
    from ahadi.people.models import Agent


def add_arguments(parser: ArgumentParser) -> None:
    """Two verbs, each with the mail address of the agent."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="create|link")
    create = verbs.add_parser("create", help="make an agent and print a one-time sign-in link")
    create.add_argument("email", metavar="EMAIL")
    create.add_argument("--name", required=True, metavar="NAME")
    create.add_argument("--admin", action="store_true", help="an administrator")
    link = verbs.add_parser("link", help="print a new one-time sign-in link of an agent")
    link.add_argument("email", metavar="EMAIL")


def run(arguments: Namespace) -> int:
    """Print the one-time link."""
    from ahadi.people import signin

    agent = _create(arguments) if arguments.verb == "create" else find(arguments.email)
    print(signin.invite(agent))
    return 0


def find(email: str) -> Agent:
    """The active agent with this mail address; refuses when there is none."""
    from ahadi.people.models import Agent

    agent = Agent.objects.filter(email__iexact=email, is_active=True).first()
    if agent is None:
        raise Refused(f"No active agent has the address {email}; see `ahadi agent create --help`.", 2)
    return agent


def _create(arguments: Namespace) -> Agent:
    from django.core.exceptions import ValidationError

    from ahadi.people.models import Agent, Company, Team

    company = Company.current()
    agent = Agent(
        email=arguments.email.strip().lower(),
        name=arguments.name.strip(),
        role=Agent.Role.ADMIN if arguments.admin else Agent.Role.AGENT,
        language=company.language,
        time_zone=company.time_zone,
    )
    agent.set_unusable_password()
    try:
        agent.full_clean()
    except ValidationError as error:
        field, texts = next(iter(error.message_dict.items()))
        raise Refused(f"{field}: {texts[0]}", 2) from None
    agent.save()
    agent.teams.add(Team.first())
    return agent
