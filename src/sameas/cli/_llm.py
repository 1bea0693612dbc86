"""Options of a language model, and what they stand for: endpoint, budget, question."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sameas.cli._options import LinkerChoice, TableOptions, gathered
from sameas.cli._types import NearestChoice, Number, WholeNumber
from sameas.core.dataclass import dataclass

if TYPE_CHECKING:
    import pyarrow as pa

    from sameas.labeling import LabelledPairs, LLMLabeler
    from sameas.linker import Linker
    from sameas.linker.asking import LabelRun
    from sameas.linker.pool import Pool
    from sameas.models.client import Budget, Client

__all__ = ["LLMChoice", "Spending", "asked_lines", "llm_options", "open_client", "open_job"]

#: What a record of a recipe describes.
_ENTITIES = {"places": "place", "minerals": "mineral site", "persons": "person"}
_UNITS = ("pairs", "requests", "tokens", "minutes")


@dataclass(frozen=True, slots=True)
class Spending:
    """A budget: pairs to ask about, and limits of the client."""

    pairs: int
    requests: int | None = None
    tokens: int | None = None
    minutes: int | None = None

    def limits(self) -> Budget:
        """Return the limits of the client."""
        from sameas.models.client import Budget

        return Budget(requests=self.requests, tokens=self.tokens, minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class LLMChoice:
    """Which model is asked, what, and how much."""

    llm: str = ""
    model: str = ""
    budget: Spending = Spending(0)
    entity: str | None = None
    wording: str = "match"
    answer: str = "forced"
    human: str | None = None
    examples: int = 0
    answers: Path | None = None
    key_variable: str | None = None
    concurrency: int = 4
    timeout: float = 120.0


def spending(_: click.Context, __: click.Parameter, value: str) -> Spending:
    """Read ``1000-pairs`` and ``1000-pairs,30-minutes``.

    Examples
    --------
    >>> spending(None, None, "1000-pairs,30-minutes")
    Spending(pairs=1000, requests=None, tokens=None, minutes=30)
    """
    found: dict[str, int] = {}
    for part in value.split(","):
        given = re.fullmatch(r"\s*([\d_]+)[- ]([a-z]+)\s*", part)
        if given is None or given[2] not in _UNITS or given[2] in found:
            raise click.BadParameter(
                f"expected N-pairs, and perhaps N-minutes, N-tokens or N-requests behind commas; "
                f"got {value!r}."
            )
        found[given[2]] = int(given[1])
    if found.get("pairs", 0) < 1:
        raise click.BadParameter(f"say how many pairs may be asked, as 1000-pairs; got {value!r}.")
    return Spending(**found)


_LLM = (
    click.option("--llm", metavar="URL", required=True,
                 help="A server that speaks the OpenAI API, such as http://localhost:8080/v1. The "
                      "records of the pairs are sent there."),
    click.option("--model", metavar="NAME", required=True,
                 help="The model as the server knows it."),
    click.option("--budget", metavar="N-pairs", required=True, callback=spending,
                 help="Pairs to ask about at most, and perhaps more limits behind commas: "
                      "1000-pairs,30-minutes (N-tokens, N-requests)."),
    click.option("--entity", metavar="WORDS",
                 help="What a record describes, such as 'mineral site'. [default: by the recipe, "
                      "else 'record']"),
    click.option("--wording", type=NearestChoice(["match", "same"]), default="match",
                 show_default=True,
                 help="match: do the two descriptions match? same: do they refer to the same "
                      "real-world thing?"),
    click.option("--answer", type=NearestChoice(["forced", "free", "json"]), default="forced",
                 show_default=True, help="Only yes or no, as the model likes, or JSON."),
    click.option("--human", metavar="FILE",
                 help="A few labels of a person: left_id, right_id, label. They calibrate the "
                      "answers."),
    click.option("--examples", type=WholeNumber(min=0), default=0, show_default=True,
                 metavar="N", help="So many of the human labels are shown before each question."),
    click.option("--answers", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
                 help="Where answers are kept, so that none is paid twice. [default: beside the "
                      "result]"),
    click.option("--key-variable", metavar="NAME",
                 help="The environment variable that holds the server's key. [default: no key is "
                      "sent]"),
    click.option("--concurrency", type=WholeNumber(min=1), default=4, show_default=True,
                 metavar="N", help="Questions at the same time."),
    click.option("--timeout", type=Number(min=0, min_open=True), default=120.0,
                 show_default=True, metavar="SECONDS", help="For one answer."),
)  # fmt: skip


def llm_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a language model; the command gets them as ``asking``."""
    return gathered("asking", LLMChoice, _LLM)(function)


@contextmanager
def open_client(asking: LLMChoice, answers: Path) -> Iterator[Client]:
    """Open a client whose answers are kept in a file."""
    from sameas.models.client import Client, Endpoint

    endpoint = Endpoint(
        asking.llm, asking.model, asking.key_variable, concurrency=asking.concurrency,
        timeout=asking.timeout,
    )  # fmt: skip
    with Client(endpoint, budget=asking.budget.limits(), store=asking.answers or answers) as client:
        yield client


def open_job(
    tables: tuple[str, ...],
    choice: LinkerChoice,
    given: TableOptions,
    asking: LLMChoice,
    mode: str | None,
) -> tuple[Pool, LLMLabeler, LabelledPairs | None]:
    """Read tables, find candidates, and make the labeler."""
    from sameas.cli._linkers import check_choice, make_linker, options_for
    from sameas.cli._plans import plan_for
    from sameas.cli._sources import check_exists, find_tables
    from sameas.linker.pool import open_pool

    if asking.human is not None:
        check_exists(asking.human)
    elif asking.examples:
        raise click.UsageError("--examples needs --human FILE.")
    named = find_tables(tables, given.source)
    check_choice(choice, labelled=False)
    plan = plan_for(choice, named, given)
    linker = make_linker(choice, plan=plan)
    options = options_for(linker, named, given, plan)
    pool = open_pool(
        linker.spec, named, fitted=linker.fitted_, mode=mode, options=options
    )  # fmt: skip
    human = None
    if asking.human is not None:
        human = pool.human(_table(asking.human), tuple(named))
    return pool, labeler_for(linker, choice, asking), human


def labeler_for(linker: Linker, choice: LinkerChoice, asking: LLMChoice) -> LLMLabeler:
    """Return the labeler that the options describe."""
    from sameas.labeling import LLMLabeler, Question

    kinds: Mapping[str, str] = {field.kind: field.name for field in linker.spec.fields}
    place = ("latitude", "longitude")
    recipe = str(choice.recipe).partition(":")[0]
    return LLMLabeler(
        Question(
            asking.entity or _ENTITIES.get(recipe, "record"), asking.wording, asking.answer,
            coordinates=(kinds[place[0]], kinds[place[1]]) if set(place) <= set(kinds) else None,
        )
    )  # fmt: skip


def asked_lines(run: LabelRun) -> list[str]:
    """Say what was asked, what it cost, and how far the answers can be believed."""
    label, cost = run.table["label"].to_pylist(), run.cost
    tokens = cost.prompt_tokens + cost.completion_tokens
    lines = [
        f"pairs asked: {len(run.asked.left):,}; rows: {len(label):,}: {label.count(True):,} "
        f"matches, {label.count(False):,} non-matches, {label.count(None):,} without an answer",
        f"cost: {cost.requests:,} requests, {tokens:,} tokens, "
        f"{cost.seconds:,.0f} s; {cost.cached:,} answers were there already",
        f"answers: {run.calibration.note}",
    ]
    return lines + ([f"ended early: {run.stopped}"] if run.stopped else [])


def _table(path: str) -> pa.Table:
    from sameas.records.frames import to_arrow

    return to_arrow(path)[0]
