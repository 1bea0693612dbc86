"""The network of a pair classifier inside a linker: trained in a folder, kept as plain files."""

from __future__ import annotations

import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.prepared import IntArray
from sameas.models.pairs import Serialisation
from sameas.records import Records
from sameas.records.preparations.workspace import Workspace

if TYPE_CHECKING:
    from sameas.linker.pair_classifier import PairClassifier
    from sameas.models.sequence import SequenceClassifier

__all__ = [
    "FILES",
    "PairNetwork",
    "Texts",
    "read_files",
    "record_columns",
    "train_network",
    "write_files",
]

#: The saved form of a network: files that stand as such in the folder of a linker.
FILES = pa.schema(
    [
        pa.field("file", pa.string(), nullable=False),
        pa.field("content", pa.large_binary(), nullable=False),
    ]
)
#: The values of each field, one text a record.
Texts = dict[str, pa.Array]
#: Sums of a network differ in the last digits with the company of a pair.
_DIGITS = 2


def record_columns(records: Records, fields: tuple[str, ...]) -> Texts:
    """Return the texts of some fields of all records, as they stand in the table."""
    workspace = Workspace(records.table, {})
    found: Texts = {}
    for name in fields:
        distinct = workspace.distinct((name,), "as_is")
        found[name] = distinct.values.take(pa.array(distinct.code, mask=distinct.code < 0))
    return found


def train_network(
    columns: Texts,
    pairs: tuple[IntArray, IntArray, npt.NDArray[np.bool_]],
    parts: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]],
    *,
    spec: PairClassifier,
    metres: npt.NDArray[np.float32] | None = None,
    target: npt.NDArray[np.float32] | None = None,
) -> PairNetwork:
    """Train on some labelled pairs, with the weights that are best on others.

    Parameters
    ----------
    columns : dict of str to texts
        From `record_columns`.
    pairs : (left int32[p], right int32[p], label bool[p])
    parts : (train bool[p], valid bool[p])
    spec : PairClassifier
    metres : float32[p], optional
        How far apart the two are, for forms that tell it.
    target : float32[p, 2], optional
        How much each pair counts as no match and as match; by default 1 as its label says.
    """
    from sameas.models.pairs import PairData, export_pairs, first_layers
    from sameas.models.pairs import train_pair_classifier as train_pairs

    left, right, label = pairs
    form = spec.form or Serialisation()

    def data(rows: npt.NDArray[np.bool_]) -> PairData:
        one, other = (
            {name: texts.take(pa.array(side[rows])) for name, texts in columns.items()}
            for side in (left, right)
        )
        far, counts = (None if more is None else more[rows] for more in (metres, target))
        return PairData(one, other, label[rows], far, counts)

    train, valid = parts
    with TemporaryDirectory(prefix="sameas-pairs-") as home:
        model: str | Path = spec.model
        if spec.layers is not None:
            model = first_layers(model, Path(home) / "first", spec.layers)
        trained = train_pairs(
            data(train),
            model=model,
            into=Path(home) / "trained",
            validation=data(valid) if valid.any() else None,
            form=form,
            augment=spec.augment,
            options=spec.options,
        )
        saved = Path(home) / "saved"
        export_pairs(trained.folder, saved, int8=spec.int8)
        return PairNetwork(read_files(saved), form)


class PairNetwork:
    """A trained network that reads two records; it runs in ONNX Runtime, from its saved files.

    Parameters
    ----------
    files : pyarrow.Table
        ``file`` and ``content``: what `export_pairs` wrote.
    form : Serialisation
    """

    def __init__(self, files: pa.Table, form: Serialisation) -> None:
        self.files, self.form = files, form
        self._reader: Any = None
        self._lock = threading.Lock()

    def log_odds(
        self,
        columns: Texts,
        left: IntArray,
        right: IntArray,
        metres: npt.NDArray[np.float32] | None = None,
    ) -> npt.NDArray[np.float32]:
        """Return the log-odds of a match, two digits; NaN where a record has no value at all.

        Forms that tell the distance need the `metres` of the pairs.
        """
        from sameas.models.pairs import apart_numbers

        if not len(left):
            return np.zeros(0, np.float32)
        one, other = (
            {name: texts.take(pa.array(side)) for name, texts in columns.items()}
            for side in (left, right)
        )
        first, second = self.form.pair_texts(one, other, metres)
        numbers = None
        if self.form.distance == "number" and metres is not None:
            numbers = apart_numbers(metres)
        with self._lock:  # all cores work on one batch
            logits = self._classifier().logits(first, second, numbers)
        return np.asarray(np.round(logits[:, 1] - logits[:, 0], _DIGITS), np.float32)

    def _classifier(self) -> SequenceClassifier:
        from sameas.models.sequence import SequenceClassifier

        if self._reader is None:
            with TemporaryDirectory(prefix="sameas-pairs-") as home:
                write_files(self.files, Path(home))
                self._reader = SequenceClassifier.load(home, name="pair_classifier")
        reader: SequenceClassifier = self._reader
        return reader


def write_files(files: pa.Table, folder: Path) -> None:
    """Write what a table of `FILES` holds."""
    folder.mkdir(exist_ok=True)
    for name, content in zip(files["file"], files["content"], strict=True):
        (folder / Path(name.as_py()).name).write_bytes(content.as_buffer())


def read_files(folder: Path) -> pa.Table:
    """Read all files of a folder, by name, as a table of `FILES`."""
    found = sorted(path for path in folder.iterdir() if path.is_file())
    content = [path.read_bytes() for path in found]
    return pa.table([[path.name for path in found], content], schema=FILES)
