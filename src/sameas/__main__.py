"""``python -m sameas`` is the command line."""

from __future__ import annotations

from sameas.cli import main

if __name__ == "__main__":
    main()
