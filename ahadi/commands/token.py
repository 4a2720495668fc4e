"""Make tokens for the API: `create` prints one, once."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from datetime import timedelta

from ahadi.commands import Refused, agent


def add_arguments(parser: ArgumentParser) -> None:
    """One verb, whose token belongs to an agent and may do what its scopes say."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="create")
    create = verbs.add_parser("create", help="make a token and print it once")
    create.add_argument("--agent", required=True, metavar="EMAIL", help="for whom the program acts")
    create.add_argument("--scopes", required=True, metavar="a,b", help="what it may do")
    create.add_argument("--name", default="", metavar="NAME", help="what it is for")
    create.add_argument("--days", type=_days, default=90, metavar="N", help="how long it holds (90)")


def run(arguments: Namespace) -> int:
    """Print the token."""
    from ahadi.api import tokens

    scopes = _scopes(arguments.scopes, tokens.SCOPES)
    owner = agent.find(arguments.agent)
    if any(scope.startswith("admin:") for scope in scopes) and not owner.is_admin:
        raise Refused(f"{owner.email} is not an administrator and cannot have admin scopes.", 2)
    print(tokens.issue(owner, scopes, arguments.name, timedelta(days=arguments.days)))
    return 0


def _scopes(text: str, known: tuple[str, ...]) -> list[str]:
    scopes = [scope.strip() for scope in text.split(",") if scope.strip()]
    unknown = [scope for scope in scopes if scope not in known]
    if unknown or not scopes:
        raise Refused(
            f"{unknown[0] if unknown else 'nothing'} is not a scope; give some of {','.join(known)}.", 2
        )
    return list(dict.fromkeys(scopes))


def _days(text: str) -> int:
    days = int(text)
    if not 0 < days <= 3650:
        raise ValueError(text)
    return days
