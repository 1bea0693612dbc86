"""Labelled sets as two lists of texts with the pairs that mean the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

__all__ = ["SHOWN", "TUNED", "Joined", "best_cut", "f1_at", "in_parts", "load", "texts_of"]

_COLUMNS = {
    "magellan/abt_buy": ("name", "description", "price"),
    "magellan/amazon_google": ("title", "manufacturer", "price"),
    "magellan/walmart_amazon": ("title", "category", "brand", "model_no", "price"),
    "magellan/dblp_acm": ("title", "authors", "venue", "year"),
    "magellan/dblp_google_scholar": ("title", "authors", "venue", "year"),
    "magellan/beer": ("beer_name", "brew_factory_name", "style", "abv"),
    "magellan/fodors_zagats": ("name", "address", "city", "phone", "type"),
    "magellan/itunes_amazon": ("song_name", "artist_name", "album_name", "genre", "price"),
    "products/japanese_firms": ("firm_title", "address", "product"),
    "products/mexican_tariff_rows": ("description",),
    "febrl/febrl4": ("name",),
}
#: Sets whose train and valid pairs choose the defaults.
TUNED = tuple(name for name in _COLUMNS if name.startswith("magellan/"))
#: Sets of the first table.
SHOWN = (*TUNED[:4], "products/mexican_tariff_rows", "products/japanese_firms", "febrl/febrl4")


@dataclass(frozen=True)
class Joined:
    """Two tables and labelled pairs of their rows.

    Attributes
    ----------
    left, right : pyarrow.Table
        Texts only; the first column names the thing.
    one, other : int64[p]
        Rows of each labelled pair.
    label : bool[p]
    split : str[p]
        "train", "valid", "test", or "all" where there are no splits.
    """

    left: pa.Table
    right: pa.Table
    one: npt.NDArray[np.int64]
    other: npt.NDArray[np.int64]
    label: npt.NDArray[np.bool_]
    split: npt.NDArray[np.str_]

    def queries(self, *splits: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the matches of some splits: rows on the left, rows on the right."""
        chosen = self.label & np.isin(self.split, splits)
        return self.one[chosen], self.other[chosen]


def load(folder: Path, name: str) -> Joined:
    """Read a set."""
    if name.startswith("magellan/"):
        return _magellan(folder / name, _COLUMNS[name])
    if name.startswith("febrl/"):
        return _febrl(folder / name)
    if name.endswith("japanese_firms"):
        return _firms(folder / name)
    return _tariffs(folder / f"{name}.parquet")


def in_parts(data: Joined) -> Joined:
    """Give every set the splits train, valid and test, by left rows where it has none.

    A set without any: three fifths, one fifth, one fifth. A set whose test is withheld: its valid
    pairs are the test, and a fifth of its train pairs is valid.
    """
    splits = set(data.split)
    fold = _scattered(data.one)
    if splits == {"all"}:
        split = np.array(["train", "train", "train", "valid", "test"])[fold]
    elif "test" not in splits:
        inner = np.where(fold == 3, "valid", "train")
        split = np.where(data.split == "valid", "test", inner)
    else:
        return data
    return replace(data, split=split)


def _scattered(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return one of five parts for each row number, neighbours apart."""
    return np.random.default_rng(0).permutation(int(rows.max(initial=0)) + 1)[rows] % 5


def texts_of(table: pa.Table) -> pa.Array:
    """Join the columns of each row by spaces, nulls left out."""
    parts = [table[name].cast(pa.large_string()) for name in table.column_names]
    space = pa.scalar(" ", pa.large_string())
    joined = parts[0]
    for part in parts[1:]:
        joined = pc.coalesce(pc.binary_join_element_wise(joined, part, space), joined, part)
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined


def best_cut(score: npt.NDArray[np.float64], label: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Return the threshold of the best F1 and that F1; NaN scores are never kept."""
    known = np.flatnonzero(~np.isnan(score))
    order = known[np.argsort(-score[known], kind="stable")]
    if not len(order) or not label.any():
        return np.inf, 0.0
    hits = np.cumsum(label[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + label.sum())
    last = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)
    best = last[np.argmax(f1[last])]
    return float(score[order[best]]), float(f1[best])


def f1_at(score: npt.NDArray[np.float64], label: npt.NDArray[np.bool_], cut: float) -> float:
    """Return the F1 of the pairs from a score on."""
    kept = score >= cut
    return float(2 * (kept & label).sum() / max(kept.sum() + label.sum(), 1))


def _magellan(folder: Path, columns: tuple[str, ...]) -> Joined:
    left, right, pairs = (pq.read_table(folder / f"{one}.parquet") for one in
                          ("left", "right", "pairs"))  # fmt: skip
    one, other = (
        pc.index_in(pairs[f"{side}_id"], value_set=table["id"].combine_chunks()).to_numpy()
        for side, table in (("left", left), ("right", right))
    )
    label = pairs["label"].to_numpy().astype(bool)
    split = np.array(pairs["split"].to_pylist())
    return Joined(_strings(left, columns), _strings(right, columns), one, other, label, split)


def _strings(table: pa.Table, columns: tuple[str, ...]) -> pa.Table:
    return pa.table({name: table[name].cast(pa.large_string()) for name in columns})


def _febrl(folder: Path) -> Joined:
    """Take names alone."""
    left, right, links = (pq.read_table(folder / f"{one}.parquet") for one in
                          ("left", "right", "true_links"))  # fmt: skip
    one, other = (
        pc.index_in(links[f"{side}_id"], value_set=table["id"].combine_chunks()).to_numpy()
        for side, table in (("left", left), ("right", right))
    )
    names = [pa.table({"name": texts_of(table.select(["given_name", "surname"]))})
             for table in (left, right)]  # fmt: skip
    return _unsplit(names[0], names[1], one, other)


def _tariffs(file: Path) -> Joined:
    """Take the items of 1947 whose text was changed in 1948, among all items of 1948."""
    rows = pq.read_table(file)
    both = pc.and_(pc.is_valid(rows["description_1947"]), pc.is_valid(rows["description_1948"]))
    right = rows.filter(pc.is_valid(rows["description_1948"]))["description_1948"]
    right = pc.unique(pc.utf8_trim_whitespace(right))
    changed = rows.filter(pc.and_(both, pc.equal(rows["positive"], 1)))
    other = pc.index_in(pc.utf8_trim_whitespace(changed["description_1948"]), value_set=right)
    left = pa.table({"description": changed["description_1947"]})
    one = np.arange(len(left))
    return _unsplit(left, pa.table({"description": right}), one, other.to_numpy())


def _firms(folder: Path) -> Joined:
    columns = _COLUMNS["products/japanese_firms"]
    left, right, pairs = (pq.read_table(folder / f"{one}.parquet") for one in
                          ("left", "right", "pairs"))  # fmt: skip
    pairs = pairs.filter(pc.is_valid(pairs["label"]))
    one, other = (
        pc.index_in(pairs[f"{side}_id"], value_set=table["id"].combine_chunks()).to_numpy()
        for side, table in (("left", left), ("right", right))
    )
    label = pairs["label"].to_numpy().astype(bool)
    split = np.full(len(label), "all")
    return Joined(_strings(left, columns), _strings(right, columns), one, other, label, split)


def _unsplit(
    left: pa.Table, right: pa.Table, one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]
) -> Joined:
    label = np.ones(len(one), bool)
    return Joined(left, right, one, other, label, np.full(len(one), "all"))
