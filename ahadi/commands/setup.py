"""Prepare database, key, texts and files; safe to repeat."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from ahadi.commands import Refused
from ahadi.lib.environment import ROOT

MAKES_DATA = True


def add_arguments(parser: ArgumentParser) -> None:
    """Nothing to choose."""


def run(arguments: Namespace) -> int:
    """Prepare everything and print the first administrator's link when there is none yet."""
    prepare()
    if link := first_link():
        print(f"Sign in once as the administrator: {link}")
    print(f"Ready in {settings.AHADI_DATA}.")
    return 0


def prepare() -> None:
    """Bring the database, the compiled texts and the static files up to date."""
    compile_messages()
    migrate()
    from ahadi.ui import assets

    assets.collect()


def migrate() -> None:
    """Apply the migrations that are missing."""
    from django.core.management import call_command

    if missing_migrations():
        call_command("migrate", verbosity=0, interactive=False)


def missing_migrations() -> int:
    """How many migrations the database lacks; refuses when it cannot be reached."""
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as error:
        raise Refused(f"The database cannot be reached: {error}") from None


def require_setup() -> None:
    """Refuse to run on a database that another version of the product left."""
    if missing_migrations():
        raise Refused("The database is not up to date; run `ahadi setup` first.")


def compile_messages() -> None:
    """Compile the translations that changed since they were last compiled."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as lines:
            catalog = read_po(lines, locale=source.parts[-3])
        # Another process may be at it as well.
        beside = target.with_suffix(f".{os.getpid()}")
        with beside.open("wb") as compiled:
            write_mo(compiled, catalog)
        beside.replace(target)


def first_link() -> str | None:
    """Make the first administrator and return the one-time link; None when there is one already."""
    from ahadi.people import signin
    from ahadi.people.models import Agent, Company, Team

    if Agent.objects.filter(role=Agent.Role.ADMIN, is_active=True).exists():
        return None
    company = Company.current()
    admin = Agent(
        email="admin@localhost",
        name="Administrator",
        role=Agent.Role.ADMIN,
        language=company.language,
        time_zone=company.time_zone,
    )
    admin.set_unusable_password()
    admin.save()
    admin.teams.add(Team.first())
    return signin.invite(admin)
