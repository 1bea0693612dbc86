"""Vectors of texts as a prepared column: here encoders meet the steps, which know none of them.

Encoders are imported when a linker asks for one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from sameas.core.errors import SavedLinkerError
from sameas.core.prepared import Embedded, Need
from sameas.records.preparations.workspace import Counted, Workspace, counts, preparation

if TYPE_CHECKING:
    from sameas.models.base import Encoder

__all__ = ["encoder_named"]


@lru_cache(maxsize=4)
def _loaded(model: str, cache: str | None) -> Encoder:
    from sameas.models.load import load_encoder

    return load_encoder(model, cache=cache)


def encoder_named(model: str) -> Encoder:
    """Return the encoder of a name, loaded once, over the cache of vectors on disk."""
    from sameas.models.cache import cache_folder

    folder = cache_folder()
    return _loaded(model, None if folder is None else str(folder))


@preparation("embeddings")
class _Embeddings(Counted):
    """Unit vectors by any encoder, one a distinct text.

    What is frozen is the version of the model, and for one that counts, its counts.
    """

    def fit(self, workspace: Workspace, need: Need) -> pa.Table | None:
        if _parts(need):
            return None  # each part keeps its own
        encoder = encoder_named(dict(need.options)["model"])
        if encoder.fitted:
            return pa.table({"version": [encoder.version]})
        return super().fit(workspace, need)

    def additive(self, need: Need) -> bool:
        return not _parts(need) and not encoder_named(dict(need.options)["model"]).fitted

    def count(self, workspace: Workspace, need: Need) -> pa.Table:
        from sameas.models.lexical import LexicalEncoder

        encoder = encoder_named(dict(need.options)["model"])
        distinct = workspace.distinct(need.fields, dict(need.options)["form"])
        texts = distinct.values.take(pa.array(distinct.code, mask=distinct.code < 0))
        learnt = encoder.fit(texts)
        if not isinstance(learnt, LexicalEncoder) or learnt.frequency is None:
            raise TypeError(f"The statistics of {learnt!r} cannot be kept in a linker.")
        used = np.flatnonzero(learnt.frequency)
        columns = {"dimension": used.astype(np.int32), "count": learnt.frequency[used]}
        return counts(learnt.documents, **columns)

    def freeze(self, need: Need, counted: pa.Table) -> pa.Table:  # noqa: ARG002
        return counted

    def transform(self, workspace: Workspace, need: Need, statistics: pa.Table | None) -> Embedded:
        if parts := _parts(need):
            return _mixed(workspace, need, parts)
        from sameas.models.space import TextSpace

        assert statistics is not None
        encoder = _with_statistics(dict(need.options)["model"], statistics)
        distinct = workspace.distinct(need.fields, dict(need.options)["form"])
        space = TextSpace(encoder.encode(distinct.values), encoder.name)
        return Embedded(distinct.code, space)


def _parts(need: Need) -> tuple[str, ...]:
    """Return the models that one stands for, if it is several."""
    from sameas.models.mixed import parts_of

    return parts_of(dict(need.options)["model"])


def _mixed(workspace: Workspace, need: Need, parts: tuple[str, ...]) -> Embedded:
    """Put the spaces of several encoders side by side."""
    from sameas.models.mixed import MixedSpace, default_weights

    form = dict(need.options)["form"]
    columns = [
        workspace.column(Need("embeddings", need.fields, (("model", part), ("form", form))))
        for part in parts
    ]
    spaces = tuple(column.space for column in columns if isinstance(column, Embedded))
    weights = default_weights([space.name for space in spaces])
    return Embedded(workspace.distinct(need.fields, form).code, MixedSpace(spaces, weights))


def _with_statistics(model: str, statistics: pa.Table) -> Encoder:
    from sameas.models.lexical import LexicalEncoder

    encoder = encoder_named(model)
    if "version" not in statistics.column_names:
        assert isinstance(encoder, LexicalEncoder)
        frequency = np.zeros(1 << 20, np.int64)
        frequency[statistics["dimension"].to_numpy()] = statistics["count"].to_numpy()
        documents = int(statistics.schema.metadata[b"documents"])
        return LexicalEncoder(encoder.low, encoder.high, frequency, documents)
    known = statistics["version"][0].as_py()
    if encoder.version != known:
        raise SavedLinkerError(
            f"The linker was fitted with another version of the model {model!r} (then {known}, "
            f"now {encoder.version}): its scores would not hold. Fit it again, or bring that "
            "version back."
        )
    return encoder
