"""A fitted linker brought to tables in which matches are rarer, or commoner, than where it learned.

A match probability holds for the share of matches that the labels had. Where the candidates of
other tables hold a tenth of it, most of what was a match at the old odds is none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from sameas.core.errors import ArgumentError, LabelError
from sameas.linker.examples import prior_shift
from sameas.linker.inputs import Options, mode_for, name_tables
from sameas.linker.learning import job_for
from sameas.linker.linker import Linker
from sameas.linker.saving import version_of
from sameas.matching import FittedMatcher, TreeEnsemble

__all__ = ["adapt", "shifted"]

#: Candidates whose scores are looked at, at most; drawn evenly.
_MOST = 200_000
#: The odds are changed by a factor of this at most.
_LARGEST = 100.0
_TINY = 1e-9


def adapt(
    linker: Linker, *tables: Any, mode: str | None = None, options: Options | None = None
) -> Linker:
    """Estimate how common matches are in other tables, and shift all match probabilities by it.

    No label of these tables is needed: the share of matches among their candidates is found by
    expectation maximisation over the scores. Trees, threshold and clusters stay as they are;
    only the prior moves. The given linker is not changed.

    Parameters
    ----------
    linker : Linker
        Fitted on labelled pairs by boosting, which scores in log-odds.
    *tables
        As in `Linker.link`; what is to be linked.
    mode : str, optional
        As in `Linker.link`.
    options : Options, optional

    Returns
    -------
    Linker
        Another version, to be saved and used behind every door. Its report says, under
        "adapted", the share of matches where it learned and here, and by how much the
        log-odds moved.

    Raises
    ------
    ArgumentError
        If the matcher has no log-odds.
    LabelError
        If the linker was not fitted on labels, or there are no candidates.

    Notes
    -----
    It is right as far as matches look alike in both places and only their share differs, and as
    far as the labelled candidates were taken as they come: where pairs were picked because they
    look alike, their share of matches is greater than that of the candidates they are from. Cost:
    candidates and the scores of at most 200 thousand of them. Source: Saerens, Latinne &
    Decaestecker (2002), "Adjusting the outputs of a classifier to new a priori probabilities".
    """
    named = name_tables(tables)
    fitted = linker._fitted()
    share = fitted.report.get("match_share")
    if share is None:
        raise LabelError(
            "This linker does not say how common matches were among its labelled candidates: "
            "fit it on labelled pairs, with this version, before it is adapted."
        )
    shifted(fitted.matcher, 0.0)  # says so before any work if there is nothing to shift
    job = job_for(fitted, named, mode or mode_for(named, fitted), options)
    found = job.candidates
    if not len(found):
        raise LabelError("There are no candidate pairs in these tables: nothing to adapt to.")
    rows = np.unique(np.linspace(0, len(found) - 1, min(len(found), _MOST)).astype(np.int64))
    left, right = found.left[rows], found.right[rows]
    score = job.scores(fitted.matcher, left, right, np.ones(len(rows), np.bool_))
    score = np.clip(score, _TINY, 1 - _TINY)
    most = float(np.log(_LARGEST))
    shift = float(np.clip(prior_shift(np.log(score / (1 - score)), share), -most, most))
    here = 1 / (1 + (1 / share - 1) * np.exp(-shift))
    told = {"share_at_fit": share, "share_here": round(float(here), 6), "shift": round(shift, 6)}
    new = Linker(linker.spec)
    new.fitted_ = replace(
        fitted,
        matcher=shifted(fitted.matcher, shift),
        report={**fitted.report, "adapted": told},
    )
    new.fitted_.version = version_of(new.fitted_)
    return new


def shifted(matcher: FittedMatcher, shift: float) -> FittedMatcher:
    """Return a matcher whose log-odds are moved; of several matchers the final one.

    Raises
    ------
    ArgumentError
        If it has none.
    """
    if isinstance(matcher, TreeEnsemble) and matcher.aggregation == "logit":
        return replace(matcher, baseline=matcher.baseline + shift)
    final = getattr(matcher, "final", None)
    if final is None:
        raise ArgumentError(
            f"A linker can be adapted if its matcher adds up log-odds, as Boosting does; this one "
            f"has {matcher.describe()}"
        )
    changed: FittedMatcher = replace(matcher, final=shifted(final, shift))  # type: ignore[type-var]
    return changed
