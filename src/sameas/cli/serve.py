"""``sameas serve``: a store over HTTP."""

from __future__ import annotations

from pathlib import Path

import click

from sameas.cli._options import Command, common_options
from sameas.cli._stores import store_option

__all__ = ["command"]


@click.command("serve", cls=Command, short_help="Serve a store over HTTP.")
@click.option("--linker", type=click.Path(file_okay=False, exists=True, path_type=Path),
              metavar="FOLDER", required=True,
              help="The linker that the store was loaded with.")  # fmt: skip
@store_option
@click.option("--host", default="127.0.0.1", show_default=True,
              help="Address to listen at; any that others can reach needs --keys.")  # fmt: skip
@click.option("--port", default=8080, show_default=True, help="Port to listen at.")
@click.option("--keys", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="API keys, made by `sameas keys add`. Without them everybody on this machine "
                   "may do everything.")  # fmt: skip
@click.option("--rate", default=0.0, metavar="NUMBER",
              help="Requests a second of one key. [default: no limit]")  # fmt: skip
@click.option("--log-paths", is_flag=True,
              help="Write whole paths to the log, with the ids of records.")  # fmt: skip
@click.option("--paper-limits", is_flag=True,
              help="Candidates within 250 m, the 150 nearest (Cousseau & Barbosa); answers then "
                   "depend on the order of inserts.")  # fmt: skip
@common_options
def command(
    linker: Path,
    store: str,
    host: str,
    port: int,
    keys: Path | None,
    rate: float,
    log_paths: bool,
    paper_limits: bool,
) -> None:
    """Serve a store over HTTP until interrupted.

        sameas serve --linker model/ --store places.db --port 8080
        curl -XPOST localhost:8080/v1/match -H 'content-type: application/json' -d '{"name": ...}'

    The OpenAPI document is at /openapi.json.
    """
    from sameas.cli._logs import say
    from sameas.cli._stores import check_existing
    from sameas.resolver import Limits
    from sameas.service import Settings, serve

    check_existing(store)
    settings = Settings(host=host, port=port, keys=keys, rate=rate, log_paths=log_paths)
    say(f"opening {store}; a first start compiles its kernels")
    serve(
        linker,
        store,
        settings,
        limits=Limits.paper() if paper_limits else None,
        ready=lambda port: say(
            f"serving {store} at http://{host}:{port}, described at /openapi.json"
        ),
    )
