"""`milkrun user add`, `list`, `disable` and `password`: who may sign in."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from api import db_commands, faults
from api.faults import BadInput
from routing.faults import Fault

if TYPE_CHECKING:
    from dispatch.store.database import Database

app = typer.Typer(help="Add, list and disable users.", no_args_is_help=True)

_ACTOR = "command line"

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the user signs in with.")]
Stdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


@app.command("add")
def add(
    name: Name,
    role: Annotated[
        list[str],
        typer.Option(
            "--role",
            help="admin, dispatcher, warehouse, counter, driver or customer; may be repeated.",
        ),
    ],
    full_name: Annotated[str, typer.Option("--full-name", help="Default: the name.")] = "",
    depot: Annotated[
        list[str] | None,
        typer.Option("--depot", help="Name of a depot to be bound to; may be repeated."),
    ] = None,
    customer: Annotated[
        str | None, typer.Option("--customer", help="Number of the customer, for that role.")
    ] = None,
    password_stdin: Stdin = False,
) -> None:
    """Add a user, who then signs in with the password that is asked for."""
    from dispatch.catalogue import customers, depots
    from dispatch.people import passwords, users
    from dispatch.people.users import NewUser
    from dispatch.store import database

    kept = passwords.hashed(_password(from_stdin=password_stdin))
    with _opened() as base, database.transaction(base, actor=_ACTOR) as session:
        new = NewUser(
            name=name,
            full_name=full_name or name,
            roles=role,
            depot_ids=[depots.named(session, each).id for each in depot] if depot else None,
            customer_id=customers.numbered(session, customer).id if customer else None,
        )
        user = users.add(session, new, password_hash=kept)
    typer.echo(f"added {user.name}: {', '.join(user.roles)}")


@app.command("list")
def list_users() -> None:
    """List users with their roles and depots."""
    from dispatch.people import users
    from dispatch.store import database, pages

    with _opened() as base, database.reading(base) as session:
        found = pages.every(lambda cursor: users.page(session, cursor=cursor, limit=200))
    rows = [
        (
            user.name,
            user.full_name,
            ", ".join(user.roles),
            "all depots" if user.depot_ids is None else f"{len(user.depot_ids)} depots",
            "disabled" if user.disabled_at else "",
        )
        for user in sorted(found, key=lambda user: user.name)
    ]
    faults.show(("name", "full name", "roles", "depots", ""), rows)


@app.command("disable")
def disable(name: Name) -> None:
    """Let a user in no more; all its sessions end."""
    from dispatch.people import users
    from dispatch.store import database

    with _opened() as base, database.transaction(base, actor=_ACTOR) as session:
        users.disable(session, users.named(session, name))
    typer.echo(f"disabled {name}")


@app.command("password")
def password(name: Name, password_stdin: Stdin = False) -> None:
    """Give a user another password; all its sessions end."""
    from dispatch.people import passwords, users
    from dispatch.store import database

    with _opened() as base:
        with database.reading(base) as session:
            users.named(session, name)
        kept = passwords.hashed(_password(from_stdin=password_stdin))
        with database.transaction(base, actor=_ACTOR) as session:
            users.set_password(session, users.named(session, name), kept)
    typer.echo(f"{name} has another password")


@contextmanager
def _opened() -> Iterator[Database]:
    """Open the database of this installation; an embedded one is made if it is not there."""
    from dispatch.store import database, upkeep

    url = db_commands.url()
    base = database.open_database(url)
    try:
        upkeep.bring_up_to_date(url, base)
        yield base
    finally:
        base.close()


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        cause = "there is no terminal to ask for a password"
        raise BadInput(Fault("--password-stdin", "no_terminal", cause, "give --password-stdin"))
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Once more: "):
        cause = "the two are not the same"
        raise BadInput(Fault("password", "passwords_differ", cause, "run the command again"))
    return first
