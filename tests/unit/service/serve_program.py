"""Serve a store on a free port, and print which."""

import argparse
import json
import logging
import socket
import sys
from pathlib import Path

import uvicorn

from sameas.service import Settings, serve


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("linker", type=Path)
    parser.add_argument("store")
    parser.add_argument("--keys", type=Path)
    for name, kind in (("rate", float), ("body", int), ("patience", float), ("answer", float)):
        parser.add_argument(f"--{name}", type=kind)
    given = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    linker, store = given.pop("linker"), given.pop("store")
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    plain = uvicorn.Server.startup

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await plain(self, sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        sys.stdout.write(json.dumps({"port": port}) + "\n")
        sys.stdout.flush()

    uvicorn.Server.startup = startup
    serve(linker, store, Settings(port=0, **given))


if __name__ == "__main__":
    main()
