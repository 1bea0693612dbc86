"""Figures of a fit or a run as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

__all__ = ["fit_lines", "run_lines", "table_lines"]

_FIGURES = ("f1", "precision", "recall", "average_precision")
_MOST_REASONS = 8
_MOST_SIZES = 8
_MOST_RULES = 3
_FILES = ("links.parquet", "clusters.parquet", "entities.parquet", "quarantine.parquet", "run.json",
          "report.html", "linker/")  # fmt: skip


def table_lines(rows: Sequence[Sequence[str]], *, indent: str = "  ") -> Iterator[str]:
    """Lay out rows as columns: the first to the left, the others to the right.

    Examples
    --------
    >>> list(table_lines([["rule", "pairs"], ["radius", "12"]]))
    ['  rule    pairs', '  radius     12']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            text.rjust(width) if place else text.ljust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield f"{indent}{'  '.join(cells)}".rstrip()


def fit_lines(
    report: dict[str, Any], threshold: float, version: str, *, notes: bool = True
) -> Iterator[str]:
    """Say what a linker learned; without `notes` where those of a run say the same."""
    silver = str(report["labels"]).startswith("silver labels")
    yield f"labels: {report['labels']}"
    if "split" not in report:
        yield from _notes(report) if notes else ()
        yield from _unlabelled_lines(report, threshold, version)
        return
    yield f"split: {report['split']}"
    yield from _notes(report)
    rows = [["", "pairs", "matches"]]
    for part, pairs in report["pairs"].items():
        if pairs:
            rows.append([part, f"{pairs:,}", f"{report['matches'][part]:,}"])
    yield from table_lines(rows)
    if silver:
        yield "pairs completeness: unknown (silver labels exist for candidate pairs only)"
    else:
        yield f"pairs completeness: {report['pairs_completeness']:.2%} of the matches above "\
            "are met by the blocking"  # fmt: skip
    yield "matcher:"
    yield from (f"  {line}" for line in str(report["matcher"]).splitlines())
    yield f"threshold: {threshold:.6g} ({report['threshold_note']})"
    for column, words in report.get("words", {}).items():
        if words["against"] or words["for"]:
            yield f"{column}: against a match {', '.join(words['against']) or 'nothing'}; for it "\
                f"{', '.join(words['for']) or 'nothing'}"  # fmt: skip
    if "cascade" in report:
        valid = report["cascade"]["valid"]
        yield f"cascade: cheap columns decide {valid['below']:.1%} of the valid pairs and lose "\
            f"{valid['lost']:,} of the {valid['matches']:,} matches among them"  # fmt: skip
    for part in ("valid", "test"):
        if part in report:
            named = (f"{name.replace('_', ' ')} {_figure(report[part].get(name))}"
                     for name in _FIGURES)  # fmt: skip
            yield f"{part}: {', '.join(named)}"
    yield f"version: {version}"


def _unlabelled_lines(report: dict[str, Any], threshold: float, version: str) -> Iterator[str]:
    """Say what a linker learned without labels; its figures are the model's own."""
    yield f"candidate pairs: {report['pairs']['candidates']:,}, {report['pairs']['used']:,} of "\
        "them used"  # fmt: skip
    yield "matcher:"
    told = report.get("brief", report["matcher"])
    yield from (f"  {line}" for line in str(told).splitlines())
    yield f"threshold: {threshold:.6g} ({report['threshold_note']})"
    if "expected" not in report:  # rules as they were given
        yield f"version: {version}"
        return
    expected = report["expected"]
    yield f"links by the model's own estimate: {expected['links']:,.0f}, no labels were used"
    for source, share in report.get("exclusivity", {}).items():
        yield f"each record of {source} has at most one partner: {share:.2f} (0: any number, 1: "\
            "always)"  # fmt: skip
    shares = ", ".join(f"{name} {expected[name]:.4f}" for name in ("f1", "precision", "recall"))
    yield f"expected by the model itself, not measured: {shares}"
    yield f"version: {version}"


def run_lines(report: dict[str, Any], out: Path) -> Iterator[str]:
    """Say what a run found, and where it is."""
    parts = ", ".join(f"{name} {count:,}" for name, count in report["sources"].items())
    yield f"records: {report['records']:,} ({parts}); mode {report['mode']}"
    yield from _quarantine(report["quarantine"])
    yield from _blocking(report["blocking"])
    yield f"candidate pairs: {report['candidates']:,}"
    version, threshold = report["linker_version"], report["threshold"]
    yield f"links: {report['links']:,} at threshold {threshold:.6g} (linker version {version})"
    clusters = report["clusters"]
    yield f"entities: {clusters['clusters']:,}"
    yield f"  records an entity: {_sizes(clusters['sizes'])}"
    if clusters["dropped"]:
        yield f"  {clusters['dropped']:,} links were dropped by the clustering, "\
            f"{clusters['tied']:,} of them on a tie"  # fmt: skip
    if clusters["oversized"]:
        yield f"  {clusters['oversized']:,} entities were oversized; they stand in run.json"
    if str(report.get("labels", "")).startswith("none"):
        yield "assumed, for nobody labelled pairs:"
        yield from (f"  {line}" for line in report["assumptions"])
    files: tuple[str, ...] = _FILES
    if "review" in report:
        band = report["review"]
        yield f"to be looked at: {band['pairs']:,} pairs with scores from {band['lower']:.4f} to "\
            f"{band['upper']:.4f}"  # fmt: skip
        files = ("review.parquet", *_FILES)
    yield f"written: {', '.join(name for name in files if (out / name).exists())} in {out}"


def _notes(report: dict[str, Any]) -> Iterator[str]:
    yield from (f"note: {note}" for note in report["notes"])


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _quarantine(reasons: list[dict[str, Any]]) -> Iterator[str]:
    if not reasons:
        yield "quarantine: nothing"
        return
    yield f"quarantine: {sum(row['count_all'] for row in reasons):,} rows and values set aside"
    for row in reasons[:_MOST_REASONS]:
        where = "" if row["field"] is None else f"{row['field']}: "
        yield f"  {row['count_all']:,} × {where}{row['reason']}"
    if len(reasons) > _MOST_REASONS:
        yield f"  and {len(reasons) - _MOST_REASONS:,} more reasons in run.json"


def _blocking(rules: list[dict[str, Any]]) -> Iterator[str]:
    yield "blocking:"
    rows = [["rule", "rows", "blocks", "largest", "pairs", "in reach", "kept", "unreachable"]]
    names = ("rows", "blocks", "largest_block", "enumerated", "met", "kept", "unreachable")
    rows += [[rule["rule"], *(f"{rule[name]:,}" for name in names)] for rule in rules]
    yield from table_lines(rows)
    frequent = [rule for rule in rules if rule.get("frequent")]
    for rule in frequent[:_MOST_RULES]:
        yield f"  {rule['rule']}: {rule['frequent']:,} records bear a key that too many share; "\
            "other rules have to find their matches"  # fmt: skip
    if len(frequent) > _MOST_RULES:
        yield f"  and {len(frequent) - _MOST_RULES:,} more rules with such keys in run.json"
    for rule in rules:
        if rule["refused"]:
            pairs = sum(block["pairs"] for block in rule["refused"])
            yield f"  {rule['rule']}: {len(rule['refused']):,} blocks refused, above the budget "\
                f"({pairs:,} pairs)"  # fmt: skip


def _sizes(sizes: dict[str, int]) -> str:
    items = [(int(size), count) for size, count in sizes.items()]
    parts = [f"{size}: {count:,}" for size, count in items[:_MOST_SIZES]]
    rest = items[_MOST_SIZES:]
    if len(rest) == 1:
        parts.append(f"{rest[0][0]}: {rest[0][1]:,}")
    elif rest:
        parts.append(f"{rest[0][0]} to {rest[-1][0]}: {sum(count for _, count in rest):,}")
    return ", ".join(parts) or "none"
