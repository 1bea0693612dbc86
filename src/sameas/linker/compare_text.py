"""What changed between two runs, laid out for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sameas.linker.compare import RunComparison

__all__ = ["comparison_lines"]


def comparison_lines(found: RunComparison) -> Iterator[str]:
    """Give a table of figures, then what was gained, lost, split and merged."""
    yield from _figure_lines(found.figures)
    records, links, clusters = found.records, found.links, found.clusters
    yield (
        f"records: {records['both']:,} in both, {records['only_first']:,} only in the first, "
        f"{records['only_second']:,} only in the second"
    )
    if not records["both"]:
        yield (
            "No record is in both: records are known by source and id, so both runs have to name "
            "their tables alike (--source NAME, or a mapping of names to tables in Python)."
        )
    yield f"links: {links['kept']:,} kept, {links['gained']:,} gained, {links['lost']:,} lost"
    for sign, name in (("+", "gained"), ("-", "lost")):
        for link in links[f"{name}_samples"]:
            yield f"  {sign} {link['left']} and {link['right']}  {link['score']:.4f}"
    yield (
        f"entities: {clusters['unchanged']:,} unchanged, {clusters['split']:,} split, "
        f"{clusters['merged']:,} merged, {clusters['rearranged']:,} rearranged"
    )
    for name in ("split", "merged"):
        for sample in clusters[f"{name}_samples"]:
            parts = " + ".join(map(str, sample["parts"][:12]))
            yield f"  {name}: {sample['entity']}, {sample['records']} records = {parts}"
    if found.labelled is not None:
        yield from _labelled_lines(found.labelled)


def _figure_lines(figures: dict[str, tuple[Any, Any]]) -> Iterator[str]:
    rows = [["", "first", "second", "change"]]
    for name, (before, after) in figures.items():
        if before is None and after is None:
            continue
        numbers = all(isinstance(value, int | float) for value in (before, after))
        change = _show(after - before, sign=True) if numbers else "" if before == after else "other"
        rows.append([name, _show(before), _show(after), change])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            text.rjust(width) if place else text.ljust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


def _labelled_lines(found: dict[str, Any]) -> Iterator[str]:
    yield f"on {found['pairs']:,} labelled pairs, {found['matches']:,} of them matches:"
    for name in ("first", "second"):
        figures = ", ".join(f"{key} {value:.4f}" for key, value in found[name].items())
        yield f"  {name}: {figures}"
    yield f"  {found['mended']:,} pairs mended, {found['broken']:,} broken"


def _show(value: Any, *, sign: bool = False) -> str:
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    plus = "+" if sign else ""
    return f"{value:{plus},}" if isinstance(value, int) else f"{value:{plus}.4f}"
