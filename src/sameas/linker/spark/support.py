"""What works on Spark, what does not and why, and which tests show it; docs/spark.md prints it."""

from __future__ import annotations

from sameas.core.dataclass import dataclass
from sameas.core.errors import RunError

__all__ = ["SUPPORT", "Feature", "refusal", "support_table"]

_ENGINES = "tests/contract/engines/test_engines.py"
_UNIT = "tests/unit/linker/spark"


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that a linker does on one machine.

    Attributes
    ----------
    name : str
        In Markdown.
    works : bool
    note : str
        Its limits; or why it does not work.
    proof : str
        A test, ``file::function``: that results are equal, or that it is refused.
    """

    name: str
    works: bool
    note: str
    proof: str


SUPPORT = (
    Feature("`dedupe`, `link`: links, clusters, golden records, quarantine", True,
            "`row` of the quarantine is null: rows on Spark have no order",
            f"{_ENGINES}::test_tables_are_linked_as_on_one_machine"),
    Feature("all modes, unique sources, constraints", True,
            "the table of constraints passes through the driver",
            f"{_ENGINES}::test_modes_and_clusterers"),
    Feature("all clusterers", True,
            "a component is clustered in one task; the report has the sizes, not the list of "
            "oversized clusters", f"{_UNIT}/test_modes.py::test_every_clusterer_gives_what_it_"
            "gives_on_one_machine"),
    Feature("rules by place and by keys, filters, `at_most`", True,
            "a block in tiles is held against the budget tile by tile, one across zones zone by "
            "zone: what one machine refuses may be done here; equal records of a large block are "
            "not collapsed",
            f"{_UNIT}/test_door.py::test_dedupe_is_that_of_one_machine"),
    Feature("nearest neighbours (`TextNeighbours`, `NearestNeighbors`)", True,
            "up to 500 thousand records the index goes to every block of records whole, beyond "
            "in shards, and the winners are searched once more; an approximate index, which "
            "takes over beyond some ten thousand texts, has other misses in a shard",
            f"{_ENGINES}::test_nearest_neighbours"),
    Feature("context, cascade, any matcher with a saved form", True, "",
            f"{_ENGINES}::test_tables_are_linked_as_on_one_machine"),
    Feature("second pass (`SecondPass`)", True, "one exchange more",
            f"{_UNIT}/test_modes.py::test_matchers_that_look_at_all_candidates_first"),
    Feature("rivals (fits without labels)", True,
            "workers score, all candidates compete on the driver, for a pair feels those of its "
            "rivals' rivals: 70 bytes a candidate, 140 in one table; each worker reads the outcome",
            f"{_UNIT}/test_modes.py::test_matchers_that_look_at_all_candidates_first"),
    Feature("pair classifier", True, "to 1e-4; workers need `sameas[onnx]`; `unlabelled` pairs are "
            "drawn among the candidates of labelled records",
            f"{_UNIT}/test_networks.py::test_a_network_scores_as_on_one_machine"),
    Feature("review band", True, "", f"{_UNIT}/test_modes.py::test_the_review_band_holds_the_same"
            "_pairs"),
    Feature("`score` of given pairs, and with it `sameas evaluate`", True,
            "the table of pairs passes through the driver; their records and candidates do not",
            f"{_ENGINES}::test_given_pairs_are_scored_and_evaluated"),
    Feature("statistics of `fit`", True, "the driver holds their sums",
            f"{_UNIT}/test_fitting.py::test_persons_of_several_names_and_dates"),
    Feature("`fit` with labels or a silver field", True,
            "the matcher learns on the driver, from the labelled pairs and their candidates; the "
            "driver holds 8 bytes a candidate for the silver field",
            f"{_ENGINES}::test_fit_gives_the_very_same_linker"),
    Feature("`fit` without labels: EM (`FellegiSunter`), `SelfTraining`, rivals", True,
            "workers compare and make the patterns; the driver counts them and learns: of each "
            "candidate it holds who it is, first similarities and what is said of it, about 100 "
            "bytes, and of a record its source",
            f"{_UNIT}/test_fitting.py::test_without_labels_the_same_is_learned"),
    Feature("`fit` with labels for a one-to-one goal, or of a `FellegiSunter`", True,
            "both look at labelled pairs among all candidates: records and candidates go to the "
            "driver, so 5 million candidates at most; fit on some whole cities beyond that",
            f"{_UNIT}/test_fitting.py::test_both_labels_and_candidates_teach_fellegi_sunter"),
    Feature("`estimate`", True,
            "pairs across a border of zones are counted on both sides; of nearest neighbours the "
            "most that there can be, without their time",
            f"{_UNIT}/test_modes.py::test_the_estimate_counts_what_one_machine_counts"),
    Feature("rows that repeat another one in every field (`distinct`)", True,
            "each is compared by itself, and a warning says so",
            f"{_UNIT}/test_door.py::test_rows_that_repeat_others_are_told_of"),
    Feature("numbers of rows as ids (`id_column=None`)", False,
            "rows on Spark have no order: name a column of ids",
            f"{_UNIT}/test_door.py::test_what_spark_cannot_do_is_said_before_any_work"),
    Feature("`report.html`, `explain`, resuming a run", False,
            "`explain` weighs a pair against all candidates, on one machine; stages of a run that "
            "ended are not taken up again",
            f"{_ENGINES}::test_the_command_line_links_on_spark"),
)  # fmt: skip


def refusal(name: str) -> RunError:
    """Return the error that says why a feature does not work on Spark."""
    (found,) = (one for one in SUPPORT if one.name.startswith(name) and not one.works)
    return RunError(f"On Spark there are no {found.name.replace('`', '')}: {found.note}.")


def support_table() -> str:
    """Return the table of docs/spark.md.

    Examples
    --------
    >>> print(support_table().splitlines()[0])
    | | Spark, Sail | limits, or why not |
    """
    rows = [f"| {one.name} | {'yes' if one.works else 'no'} | {one.note} |" for one in SUPPORT]
    return "\n".join(["| | Spark, Sail | limits, or why not |", "|---|---|---|", *rows])
