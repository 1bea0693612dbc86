"""Serve a store on a free port, and print which."""

import argparse
import json
import logging
import sys
from pathlib import Path

from sameas.service import Settings, serve


def said(port: int) -> None:
    sys.stdout.write(json.dumps({"port": port}) + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("linker", type=Path)
    parser.add_argument("store")
    parser.add_argument("--keys", type=Path)
    parser.add_argument("--port", type=int, default=0)
    for name, kind in (("rate", float), ("body", int), ("patience", float), ("answer", float)):
        parser.add_argument(f"--{name}", type=kind)
    given = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    linker, store = given.pop("linker"), given.pop("store")
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    serve(linker, store, Settings(**given), ready=said)


if __name__ == "__main__":
    main()
