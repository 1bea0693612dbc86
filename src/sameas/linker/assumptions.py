"""What a run took for granted, in plain words."""

from __future__ import annotations

from typing import Any

from sameas.linker.job import Job
from sameas.linker.rivals import FittedRivals
from sameas.linker.saving import FittedLinker

__all__ = ["assumptions"]

#: Of more rules that leave records out it is said once, for all of them.
_MOST_RULES = 4
#: From this share of the records on that no rule reaches it is said what could be done.
_MANY = 0.1
_MODES = {
    "dedupe": "All records come from one table, and any two of them may be one thing.",
    "many": "Only records of different tables are compared; a record may have any number of "
            "partners.",
    "one-to-one": "Only records of different tables are compared, and a record has at most one "
                  "partner in each other table.",
    "one-to-many": "Only records of different tables are compared; a record of the first table "
                   "may have any number of partners, any other at most one in the first table.",
    "many-to-one": "Only records of different tables are compared; a record of the last table "
                   "may have any number of partners, any other at most one in the last table.",
    "also-within": "Records of different tables and of one table are compared.",
}  # fmt: skip
#: How far links carry, by the clusterer.
_CARRIED = {
    "ConnectedComponents": "Links carry over: if a is linked to b and b to c, all three are one "
                           "entity.",
    "SplitChains": "Links carry over, if a is linked to b and b to c, as long as all that is "
                   "known of their pairs, links or not, agrees on the whole: chains of records "
                   "that are each a little like the next are cut.",
}  # fmt: skip


def assumptions(job: Job, fitted: FittedLinker, report: dict[str, Any]) -> tuple[str, ...]:
    """Say what was assumed, from the surest to the most doubtful."""
    said = [_MODES.get(job.mode, f"Mode {job.mode}.")]
    fit = fitted.report
    if job.repeats is not None:
        again, of = len(job.rows) - len(job.records), "" if job.group is None else " of its table"
        unless = ", unless the wording alone is too little to know it again"
        said.append(
            f"{again:,} of {len(job.rows):,} rows repeat another one{of} in every field: each "
            "wording was compared once, and all its rows got its "
            f"{'links' if of else f'entity{unless}'}."
        )
    said += _labels(fit, competes=isinstance(fitted.matcher, FittedRivals))
    said += _threshold(fitted, report)
    empty = [
        field.name
        for field in job.records.fields
        if len(job.records) and job.records.table[field.name].null_count == len(job.records)
    ]
    if empty:
        said.append(f"These fields have no value at all and play no part: {', '.join(empty)}.")
    said += _out_of_reach(report)
    for rule in report["blocking"]:
        if rule.get("collapsed"):
            said.append(
                f"In {len(rule['collapsed']):,} large blocks of the rule {rule['rule']!r} one of "
                "the records that are equal in all that is compared met everybody, for all of them."
            )
        if rule["refused"]:
            said.append(
                f"{len(rule['refused']):,} blocks of the rule {rule['rule']!r} were above the "
                "budget and were skipped; matches inside them may be missing."
            )
    said.append("What no blocking rule brings together is never compared: it counts as no match.")
    carried = _CARRIED.get(type(job.spec.clusterer).__name__)
    if carried and job.mode != "one-to-one":
        said.append(carried)
    said += [str(note) for note in fit.get("notes", ())]
    said += [str(item) for item in fit.get("assumptions", ())]
    return tuple(dict.fromkeys(said))


def _threshold(fitted: FittedLinker, report: dict[str, Any]) -> list[str]:
    """Say where the threshold comes from, and that no pair reaches it."""
    said, note, given = [], fitted.report.get("threshold_note"), report["threshold"]
    if given != fitted.threshold:
        said.append(
            f"The threshold {given:g} was given for this run; that of the linker is "
            f"{fitted.threshold:.6g}."
        )
    elif note:
        said.append(f"The threshold was chosen so: {note}.")
    if report["candidates"] and not report["links"] and not report["clusters"]["dropped"]:
        said.append(f"No candidate pair is linked: none has a score of {given:.6g} or more.")
    return said


def _out_of_reach(report: dict[str, Any]) -> list[str]:
    """Say which records the blocking rules do not reach: rule by rule, or all rules at once."""
    missed = [rule for rule in report["blocking"] if rule["unreachable"]]
    said = []
    if len(missed) > _MOST_RULES:
        counts = sorted(rule["unreachable"] for rule in missed)
        said.append(
            f"{len(missed):,} of {len(report['blocking']):,} blocking rules do not reach every "
            "record, for a value is missing or too many share it: each leaves out "
            f"{counts[0]:,} to {counts[-1]:,} records, whose matches only other rules can find."
        )
    for rule in missed if not said else ():
        lacking, frequent = rule["unreachable"] - rule["frequent"], rule["frequent"]
        if lacking > 0:
            said.append(
                f"{lacking:,} records lack what the rule {rule['rule']!r} looks at; "
                "only other rules can find their matches."
            )
        if frequent:
            said.append(
                f"{frequent:,} records bear a key of the rule {rule['rule']!r} that more records "
                "share than it lets pass (at_most); only other rules can find their matches."
            )
    unreached = report.get("unreached") or 0
    if unreached:
        share = unreached / max(report.get("wordings", report["records"]), 1)
        hint = (
            " A rule on fields that they have lets them meet (`blocking`; `sameas plan` shows "
            "whom each rule reaches)."
        )
        said.append(
            f"{unreached:,} record{'s' * (unreached != 1)} ({100 * share:.1f} %) can meet no other "
            "by any blocking rule: what they match is not found."
            f"{hint if share >= _MANY else ''}"
        )
    alone = report.get("met_nobody", 0)
    if alone:
        said.append(f"{alone:,} record{'s' * (alone != 1)} met no other record at all.")
    return said


def _labels(fit: dict[str, Any], *, competes: bool) -> list[str]:
    """Say where the verdicts came from that the matcher learned."""
    origin = str(fit.get("labels", ""))
    if not origin:
        return []
    if origin.startswith("silver"):
        return [
            f"Nobody labelled pairs. Instead, equal values of one field counted as a match and "
            f"different ones as none ({origin}). Where that field errs, the matcher learned the "
            "error."
        ]
    if "self-training" in origin:
        ending = (
            "learned what the guesses share, and let pairs that share a record compete"
            if competes
            else "and learned what the guesses share; each pair is scored by itself"
        )
        return [
            "Nobody labelled pairs: the matcher guessed matches from first similarities and from "
            f"how often fields agree, {ending}. All figures of quality are its own expectation, "
            "not measured."
        ]
    if origin.startswith("none: rules"):
        return ["The rules are as they were given; nothing was learned and nothing measured."]
    if origin.startswith("none"):
        return [
            "Nobody labelled pairs: the matcher found two groups among the candidate pairs and "
            "takes the more alike one for the matches. All figures of quality are its own "
            "expectation, not measured."
        ]
    return ["The matcher learned from labelled pairs; it can be no better than they are."]
