"""Transformers that give each text, or each pair of texts, a class."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, DataError
from sameas.core.optional import require
from sameas.core.progress import progress
from sameas.models.base import Texts
from sameas.models.batches import by_length, read_tokenizer, token_limit
from sameas.models.distinct import as_texts, distinct_texts
from sameas.models.files import content_hash, read_json
from sameas.models.numbered import read_numbers
from sameas.models.transformer import model_files

__all__ = ["INT8", "Scores", "SequenceClassifier", "softmax"]

#: float32[n, c]
Scores: TypeAlias = npt.NDArray[np.float32]
Tokens: TypeAlias = npt.NDArray[np.int64]
#: Token ids, mask and types, int64[b, t], and numbers, float32[b, k], to logits.
Run: TypeAlias = Callable[[Tokens, Tokens, Tokens, Scores | None], Scores]

_CHUNK = 16_384
#: How the file of a model with weights of 8 bits ends.
INT8 = "_int8"


@dataclass(frozen=True, slots=True, eq=False)
class SequenceClassifier:
    """A transformer with a head over classes, in PyTorch or ONNX Runtime.

    Attributes
    ----------
    name, version : str
    labels : tuple of str
        Names of the classes, by number.
    limit : int
        Longest text, or pair of texts, in tokens.
    tokens : int
        Tokens of a batch.
    workers : int
        Batches at the same time.
    """

    name: str
    version: str
    labels: tuple[str, ...]
    limit: int
    tokens: int
    run: Run = field(repr=False)
    tokenizer: Any = field(repr=False)
    workers: int = 1

    @classmethod
    def load(
        cls,
        folder: str | Path,
        *,
        name: str | None = None,
        max_length: int | None = None,
        batch_tokens: int = 4_096,
        device: str = "cpu",
        threads: int = 0,
    ) -> SequenceClassifier:
        """Read a folder of transformers, or one with its ``.onnx`` file.

        Parameters
        ----------
        folder : path
        name : str, optional
        max_length : int, optional
            Longest text in tokens; by default what it was trained with.
        batch_tokens : int
            Tokens of a batch, padding included. Weights of 8 bits read each text by itself, which
            takes no longer, for what a batch holds would change the digits of its sums.
        device : str
            For PyTorch.
        threads : int
            Batches at the same time in ONNX Runtime; 0: all cores.
        """
        folder = Path(folder)
        config = read_json(folder / "config.json") or {}
        kinds = config.get("architectures") or []
        if not any(kind.endswith("ForSequenceClassification") for kind in kinds):
            raise DataError(
                f"{folder} holds no classifier: its config.json names {kinds or 'no architecture'}."
            )
        found = {int(number): label for number, label in (config.get("id2label") or {}).items()}
        labels = tuple(str(found[number]) for number in sorted(found)) or ("0", "1")
        trained = (read_json(folder / "training.json") or {}).get("settings", {})
        limit = token_limit(folder, max_length or trained.get("max_length"))
        files = sorted(folder.glob("*.onnx"))
        run = _onnx(files) if files else _torch(folder, device)
        workers = (threads or os.cpu_count() or 1) if files else 1
        if files and files[0].stem.endswith(INT8):
            batch_tokens = 1
        tokenizer = read_tokenizer(folder, extra="onnx" if files else "torch")
        version = content_hash(model_files(folder), "sequence-1", limit)
        return cls(
            name or str(folder), version, labels, limit, batch_tokens, run, tokenizer, workers
        )

    def probabilities(
        self, texts: Texts, second: Texts | None = None, numbers: Scores | None = None
    ) -> Scores:
        """Return a row of probabilities a text, or a pair of texts; NaN where one is missing."""
        return softmax(self.logits(texts, second, numbers))

    def logits(
        self, texts: Texts, second: Texts | None = None, numbers: Scores | None = None
    ) -> Scores:
        """Return the scores before they become probabilities, float32[n, classes].

        Parameters
        ----------
        texts, second : texts
        numbers : float32[n, k], optional
            For a network that is given numbers beside pairs of texts.
        """
        if second is None:
            values, code = distinct_texts(texts)
            known = code >= 0
            given: list[Any] = values.to_pylist()
            out = np.full((len(code), len(self.labels)), np.nan, np.float32)
            out[known] = self._rows(given)[code[known]]
            return out
        first, other = as_texts(texts), as_texts(second)
        if len(first) != len(other):
            raise ArgumentError(
                f"Expected as many second texts as first ones, got {len(other)} for {len(first)}."
            )
        known = np.asarray(first.is_valid()) & np.asarray(other.is_valid())
        out = np.full((len(first), len(self.labels)), np.nan, np.float32)
        pairs = zip(first.to_pylist(), other.to_pylist(), strict=True)
        out[known] = self._rows(
            [pair for pair, good in zip(pairs, known, strict=True) if good],
            None if numbers is None else numbers[known],
        )
        return out

    def _rows(self, given: Sequence[Any], numbers: Scores | None = None) -> Scores:
        """Run texts, or pairs of texts, in batches of like length."""
        rows = np.zeros((len(given), len(self.labels)), np.float32)
        pad = (self.tokenizer.padding or {}).get("pad_id", 0)
        self.tokenizer.enable_truncation(self.limit)
        with (
            progress("classifying", total=len(given)) as advance,
            ThreadPoolExecutor(self.workers) as pool,
        ):
            for first in range(0, len(given), _CHUNK):
                found = self.tokenizer.encode_batch(given[first : first + _CHUNK])
                length = np.array([len(one.ids) for one in found], np.int64)
                batches = by_length(length, self.tokens)
                asked = [(*_padded(found, members, pad),
                          None if numbers is None else numbers[first + members])
                         for members in batches]  # fmt: skip
                spread = map if self.workers == 1 else pool.map
                logits = spread(lambda feed: self.run(*feed), asked)
                for members, found_logits in zip(batches, logits, strict=True):
                    rows[first + members] = found_logits
                    advance(len(members))
        return rows


def _padded(
    found: Sequence[Any], members: npt.NDArray[np.int64], pad: int
) -> tuple[Tokens, Tokens, Tokens]:
    """Return token ids, mask and types of a batch."""
    chosen = [found[member] for member in members]
    shape = len(chosen), max(1, *(len(one.ids) for one in chosen))
    ids, mask, types = np.full(shape, pad), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for line, one in enumerate(chosen):
        ids[line, : len(one.ids)] = one.ids
        types[line, : len(one.ids)] = one.type_ids
        mask[line, : len(one.ids)] = 1
    return ids, mask, types


def softmax(logits: Scores) -> Scores:
    """Return probabilities, row by row.

    Examples
    --------
    >>> softmax(np.array([[0.0, 0.0], [800.0, 0.0]], np.float32)).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    if not logits.shape[1]:
        return logits
    grown = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True), np.float32)


def _torch(folder: Path, device: str) -> Run:
    torch = require("torch", extra="torch", what="A classifier")
    library = require("transformers", extra="torch", what="A classifier")
    model = library.AutoModelForSequenceClassification.from_pretrained(str(folder))
    model = read_numbers(model.to(device).eval(), folder)
    typed = getattr(model.config, "type_vocab_size", 0) > 1

    def run(ids: Tokens, mask: Tokens, types: Tokens, numbers: Scores | None) -> Scores:
        given: dict[str, Any] = {"input_ids": ids, "attention_mask": mask}
        if typed:
            given["token_type_ids"] = types
        if numbers is not None:
            given["numbers"] = numbers
        with torch.inference_mode():
            found = model(**{key: torch.from_numpy(one).to(device) for key, one in given.items()})
        return np.asarray(found.logits.float().cpu().numpy(), np.float32)

    return run


def _onnx(files: list[Path]) -> Run:
    if len(files) != 1:
        raise DataError(f"Expected one ONNX file, got {', '.join(file.name for file in files)}.")
    runtime = require("onnxruntime", extra="onnx", what="A model in ONNX")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1  # batches go to threads
    session = runtime.InferenceSession(str(files[0]), options, ["CPUExecutionProvider"])
    asked = {one.name for one in session.get_inputs()}

    def run(ids: Tokens, mask: Tokens, types: Tokens, numbers: Scores | None) -> Scores:
        given: dict[str, Any] = {
            "input_ids": ids, "attention_mask": mask, "token_type_ids": types,
        }  # fmt: skip
        if "numbers" in asked and numbers is None:
            raise ArgumentError("numbers: this network is given numbers beside the texts.")
        given |= {"numbers": numbers} if numbers is not None else {}
        feed = {name: one for name, one in given.items() if name in asked}
        return np.asarray(session.run(["logits"], feed)[0], np.float32)

    return run
