"""Answers of language models under content hashes: a benchmark is repeated without asking again.

A line holds the beginning of the hash of model, prompt and content (`chat_key`), the written
answer (1 yes, 0 no, -1 neither) and the natural log-probabilities of yes and of no. No text of
a record is in it, and no id.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from sameas.labeling.llm import read_answers
from sameas.models.client import Answers, ChatAnswer, Client, TokenLogprob, choice_logprobs
from sameas.models.client.chatting import from_store, to_store

FOLDER = Path(__file__).parent / "answers"
#: Hexadecimal digits of a hash: 80 bits, no two pairs will share them.
DIGITS = 20
WORDS = {1: "Yes", 0: "No", -1: "?"}

Kept = dict[str, tuple[int, float, float]]


def read_kept(model: str, folder: Path = FOLDER) -> Kept:
    """Return the answers of a model by the beginning of their hash."""
    file = folder / f"{model}.csv"
    if not file.exists():
        return {}
    with file.open(newline="") as lines:
        return {key: (int(said), float(yes), float(no)) for key, said, yes, no in csv.reader(lines)}


def into_store(kept: Kept, keys: Iterable[str], client: Client) -> None:
    """Give a client the kept answers to questions, so that it need not ask."""
    found = []
    for key in keys:
        if (one := kept.get(key[:DIGITS])) is None:
            continue
        said, yes, no = one
        token = TokenLogprob(WORDS[said], max(yes, no), (("Yes", yes), ("No", no)))
        answer = ChatAnswer(WORDS[said], logprobs=(token,), finish_reason="stop")
        found.append(to_store(key, client.endpoint.model, answer, 0.0))
    client.store.put(found)


def keep(client: Client, keys: Sequence[str], folder: Path = FOLDER) -> int:
    """Add what a client's store knows of questions to the file; return how many it then holds."""
    model = client.endpoint.model
    kept = read_kept(model, folder)
    for key, stored in client.store.get(keys).items():
        answer = from_store(stored)
        odds = choice_logprobs(answer)
        if odds is not None and key[:DIGITS] not in kept:
            said = int(read_answers(Answers([answer], cost=client.cost)).said[0])
            kept[key[:DIGITS]] = (said, odds["yes"], odds["no"])
    lines = [f"{key},{said},{yes:.4f},{no:.4f}\n" for key, (said, yes, no) in sorted(kept.items())]
    folder.mkdir(exist_ok=True)
    (folder / f"{model}.csv").write_text("".join(lines))
    return len(kept)
