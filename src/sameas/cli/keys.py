"""``sameas keys``: API keys of a service."""

from __future__ import annotations

from pathlib import Path

import click

from sameas.cli._options import Command, common_options
from sameas.cli._types import NearestChoice

__all__ = ["command"]


@click.command("keys", cls=Command, short_help="Make, list and revoke API keys of a service.")
@click.argument("action", type=NearestChoice(["add", "list", "revoke"]))
@click.argument("name", required=False)
@click.option("--keys", "file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              required=True, help="Where the keys are kept, as hashes.")  # fmt: skip
@click.option("--role", type=NearestChoice(["read", "write", "admin"]), default="read",
              show_default=True, help="What the key allows; each role may more.")  # fmt: skip
@click.option("--note", default="", help="Whose it is.")
@common_options
def command(action: str, name: str | None, file: Path, role: str, note: str) -> None:
    """Make a key (it is shown once), list keys, or revoke one by its name.

        sameas keys add --keys keys.json --role write --note crawler
        sameas keys list --keys keys.json
        sameas keys revoke 1f0a23b4 --keys keys.json

    A service that is running obeys at once.
    """
    from sameas.cli._logs import say
    from sameas.service import KeyFile

    keys = KeyFile(file)
    if (action == "revoke") != (name is not None):
        raise click.UsageError("revoke needs the NAME of a key; add and list take none.")
    if action == "add":
        say(keys.add(role, note=note))
    elif name is not None:
        say(f"revoked: {keys.revoke(name).name}")
    else:
        for key in keys.all():
            state = f"revoked {key.revoked}" if key.revoked else f"since {key.created}"
            say(f"{key.name}  {key.role:<5}  {state}  {key.note}".rstrip())
