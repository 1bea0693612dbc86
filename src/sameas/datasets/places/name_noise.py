"""How the name of a duplicate differs from the name of its master record."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.datasets.places.names import Surroundings, draw_categories
from sameas.datasets.places.phrases import WIDTH, Phrases, join
from sameas.datasets.places.vocabulary import INVENTED, PEOPLE, vocabulary

__all__ = ["vary_names"]

IntArray = npt.NDArray[np.int64]

_UNCHANGED, _LENGTH, _REPLACED, _MARKS, _TYPO, _ORDER, _ALIAS = range(7)


def vary_names(
    names: Phrases,
    around: Surroundings,
    category: IntArray,
    shares: tuple[float, ...],
    rng: np.random.Generator,
) -> tuple[Phrases, IntArray]:
    """Vary the names of duplicates.

    Parameters
    ----------
    names : Phrases
        The master's name for each duplicate.
    around : Surroundings
    category : int64[n]
    shares : tuple of float
        Of the seven kinds of noise, see `PlaceSettings`.

    Returns
    -------
    names : Phrases
    typos : int64[...]
        Rows whose text still needs a typing error.
    """
    count = len(category)
    names = names.take(np.arange(count))
    kind = rng.choice(len(shares), count, p=np.array(shares) / sum(shares))
    single = names.length == 1
    kind[single & (kind == _REPLACED)] = _LENGTH
    kind[single & (kind == _ORDER)] = _MARKS
    rows = np.flatnonzero(kind == _LENGTH)
    drop = (rng.random(len(rows)) < 0.5) & ~single[rows]
    _drop(names, rows[drop], rng)
    _add(names, rows[~drop], around, category, rng)
    _replace(names, np.flatnonzero(kind == _REPLACED), category, rng)
    _mark(names, np.flatnonzero(kind == _MARKS), rng)
    _reorder(names, np.flatnonzero(kind == _ORDER))
    typos = np.flatnonzero(kind == _TYPO)
    joined = typos[(rng.random(len(typos)) < 0.4) & ~single[typos]]
    names.joins[joined, 0] = join("")
    aliases = np.flatnonzero(kind == _ALIAS)
    alias = Phrases.empty(len(aliases))
    every = np.arange(len(aliases))
    alias.append(every, _invented(len(aliases), rng))
    alias.append(every, vocabulary().pick_category(rng, category[aliases]))
    names.put(aliases, alias)
    return names, np.setdiff1d(typos, joined)


def _invented(count: int, rng: np.random.Generator) -> npt.NDArray[np.int32]:
    first = vocabulary().start["invented"]
    return (first + rng.integers(0, INVENTED, count)).astype(np.int32)


def _drop(names: Phrases, rows: IntArray, rng: np.random.Generator) -> None:
    """Drop the last word, or the first of three and more."""
    length = names.length[rows]
    front = (length > 2) & (rng.random(len(rows)) < 0.25)
    last = rows[~front]
    names.words[last, length[~front] - 1] = -1
    names.joins[last, length[~front] - 2] = 0
    first = rows[front]
    names.words[first, :-1] = names.words[first, 1:]
    names.words[first, -1] = -1
    names.joins[first, :-1] = names.joins[first, 1:]


def _add(
    names: Phrases,
    rows: IntArray,
    around: Surroundings,
    category: IntArray,
    rng: np.random.Generator,
) -> None:
    """Add a category word, a company form, the city, the district or street, or "The"."""
    known = vocabulary()
    rows = rows[names.length[rows] < WIDTH]
    kind = rng.choice(6, len(rows), p=(0.27, 0.25, 0.2, 0.1, 0.1, 0.08))
    chosen = [rows[kind == number] for number in range(6)]
    names.append(chosen[0], known.pick_category(rng, category[chosen[0]]))
    names.append(chosen[1], known.pick(rng, "COMPANY_FORMS", len(chosen[1])))
    names.append(chosen[2], around.city[chosen[2]])
    names.append(chosen[3], around.district[chosen[3]], " - ")
    names.append(chosen[4], around.street[chosen[4]], " - ")
    names.prepend(chosen[5], known.start["The"])


def _replace(names: Phrases, rows: IntArray, category: IntArray, rng: np.random.Generator) -> None:
    """Replace the last word, sometimes the first, or one in the middle."""
    known = vocabulary()
    length = names.length[rows]
    draw = rng.random(len(rows))
    spot = np.where(draw < 0.82, length - 1, np.where((draw < 0.9) | (length < 3), 0, 1))
    last = spot == length - 1
    # A category word is replaced by another of the same or of any category.
    same = rng.random(len(rows)) < 0.6
    other = np.where(same, category[rows], draw_categories(len(rows), rng))
    word = known.pick_category(rng, other)
    fresh = _invented(len(rows), rng)
    names.words[rows, spot] = np.where(last & (rng.random(len(rows)) < 0.8), word, fresh)


def _mark(names: Phrases, rows: IntArray, rng: np.random.Generator) -> None:
    """Change an apostrophe, an ampersand, a space or a mark at the end."""
    first = names.words[rows, 0]
    owner = (first >= PEOPLE) & (first < 2 * PEOPLE)
    shift = np.where(rng.random(len(rows)) < 0.7, PEOPLE, -PEOPLE)
    names.words[rows, 0] = np.where(owner, first + shift, first).astype(np.int32)
    rest = rows[~owner]
    length = names.length[rest]
    gap = np.maximum(length - 2, 0)
    old = names.joins[rest, gap]
    choice = np.array([join("-"), join(""), join(", "), join(" - ")])
    new = choice[rng.choice(4, len(rest), p=(0.4, 0.25, 0.2, 0.15))]
    ampersand = np.array([join(" and "), join("&"), join(" ")])
    new = np.where(old == join(" & "), ampersand[rng.integers(0, 3, len(rest))], new)
    new = np.where((old > join(" & ")) & (length > 1), join(" "), new)
    end = np.where(rng.random(len(rest)) < 0.8, join("."), join("!"))
    names.joins[rest, gap] = np.where(length > 1, new, end)


def _reorder(names: Phrases, rows: IntArray) -> None:
    """Put the last word first."""
    length = names.length[rows]
    last = names.words[rows, length - 1]
    names.words[rows, length - 1] = -1
    names.prepend(rows, last)
