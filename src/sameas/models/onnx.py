"""Transformers in ONNX Runtime: the same vectors without PyTorch, and in 8-bit integers."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.errors import ArgumentError, DataError
from sameas.core.optional import require
from sameas.models.base import Dense
from sameas.models.batches import Forward, read_tokenizer, separator_token, token_limit
from sameas.models.bert_graph import Bert, is_bert
from sameas.models.files import content_hash, read_json
from sameas.models.pooling import pool, pooling_of
from sameas.models.transformer import (
    Late,
    Transformer,
    folder_version,
    model_files,
    threads_of,
)

__all__ = ["export_onnx", "onnx_encoder"]


def onnx_encoder(
    path: str | Path,
    *,
    name: str | None = None,
    max_length: int | None = None,
    batch_tokens: int = 1_024,
    threads: int | None = None,
) -> Transformer:
    """Read a model file, or a folder of a BERT as PyTorch saves it; no PyTorch is needed.

    Parameters
    ----------
    path : path
        The ``.onnx`` file, a folder with exactly one, or a folder with the weights of a BERT
        (`sameas.models.bert_graph`). The tokenizer lies in its folder or the one above.
    name, max_length
        As in `torch_encoder`.
    batch_tokens : int
        Tokens of a batch, padding included; one whose states fit in the processor's cache takes
        two thirds of the time of one four times as large.
    threads : int, optional
        By default ``OMP_NUM_THREADS``, else all cores.
    """
    folder, threads = Path(path), threads_of(threads)
    label = name or f"onnx:{path}"
    if folder.is_dir() and is_bert(folder):
        limit = token_limit(folder, max_length)
        network = Late(lambda: Bert(folder, threads))
        return _encoder(folder, network, label, folder_version(folder, limit), limit, batch_tokens)
    file = _model_file(folder)
    home = next((one for one in (file.parent, file.parent.parent) if _has_tokenizer(one)), None)
    if home is None:
        raise DataError(f"No tokenizer.json lies beside {file} or in the folder above it.")
    limit = token_limit(home, max_length)
    others = [file for file in model_files(home) if file.suffix == ".json"]
    version = content_hash([file, *others], "onnx-1", limit)
    network = Late(lambda: _Network(file, threads))
    return _encoder(home, network, label, version, limit, batch_tokens)


def _encoder(
    home: Path, network: Late, name: str, version: str, limit: int, tokens: int
) -> Transformer:
    require("onnxruntime", extra="onnx", what="A model in ONNX")
    pooling = pooling_of(home)
    if pooling is None:
        raise DataError(f"{home}/modules.json asks for a pooling that is not known here.")
    size = int((read_json(home / "config.json") or {}).get("hidden_size", 0))
    return Transformer.of_tokens(
        _pooled(network, pooling),
        name=name,
        version=version,
        tokenizer=read_tokenizer(home, extra="onnx"),
        limit=limit,
        tokens=tokens,
        dimensions=size or network().dimensions,
        between=separator_token(home),
    )


def _pooled(network: Late, pooling: str) -> Forward:
    """Return the function from tokens to vectors."""

    def forward(ids: npt.NDArray[np.int64], mask: npt.NDArray[np.int64]) -> Dense:
        found = network()(ids, mask)
        if found.ndim == 3:
            found = pool(found, mask[..., None].astype(np.float32), pooling)
        return np.asarray(found, np.float32)

    return forward


class _Network:
    """A model file; an output ``sentence_embedding`` is taken as it is."""

    def __init__(self, path: Path, threads: int) -> None:
        runtime = require("onnxruntime", extra="onnx", what="A model in ONNX")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = runtime.InferenceSession(str(path), options, ["CPUExecutionProvider"])

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self._session.get_outputs()[0].shape[-1])

    def __call__(self, ids: npt.NDArray[np.int64], mask: npt.NDArray[np.int64]) -> Dense:
        """Return one vector a token or a text."""
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        asked = {one.name for one in self._session.get_inputs()}
        outputs = [one.name for one in self._session.get_outputs()]
        wanted = "sentence_embedding" if "sentence_embedding" in outputs else outputs[0]
        feed = {name: value for name, value in given.items() if name in asked}
        return np.asarray(self._session.run([wanted], feed)[0])


def _has_tokenizer(folder: Path) -> bool:
    return (folder / "tokenizer.json").is_file()


def _model_file(path: Path) -> Path:
    if path.is_file():
        return path
    found = sorted([*path.glob("*.onnx"), *path.glob("onnx/*.onnx")])
    if len(found) != 1:
        names = ", ".join(file.name for file in found) or "none"
        raise ArgumentError(f"{path} must be an ONNX file or hold exactly one, found: {names}.")
    return found[0]


def export_onnx(model: str | Path, folder: str | Path, *, int8: bool = False) -> Path:
    """Write a model folder of PyTorch as ONNX, with its tokenizer and pooling beside it.

    Parameters
    ----------
    model : path
        A folder of PyTorch weights.
    folder : path
        Made when it is not there.
    int8 : bool
        Weights as 8-bit integers: a quarter of the size, and vectors a little off.

    Returns
    -------
    Path
        The ``.onnx`` file.
    """
    torch = require("torch", extra="torch", what="The export to ONNX")
    transformers = require("transformers", extra="torch", what="The export to ONNX")
    require("onnx", extra="onnx", what="The export to ONNX")
    model, folder = Path(model), Path(folder)
    (folder / "1_Pooling").mkdir(parents=True, exist_ok=True)
    network = transformers.AutoModel.from_pretrained(str(model), attn_implementation="eager").eval()

    class Tokens(torch.nn.Module):  # type: ignore[misc, name-defined]
        """Names inputs and output."""

        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.network(
                input_ids=input_ids, attention_mask=attention_mask
            ).last_hidden_state

    path = folder / "model.onnx"
    example = torch.ones((2, 8), dtype=torch.int64)
    axes = {0: "batch", 1: "tokens"}
    with warnings.catch_warnings():  # the newer exporter needs one library more
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Tokens(),
            (example, example),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["last_hidden_state"],
            dynamic_axes=dict.fromkeys(("input_ids", "attention_mask", "last_hidden_state"), axes),
            opset_version=17,
            dynamo=False,
        )
    for file in model_files(model):
        if file.suffix == ".json":
            target = folder / file.relative_to(model)
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(file, target)
    if int8:
        quantization = require("onnxruntime.quantization", extra="onnx", what="int8")
        small = folder / "model_int8.onnx"
        quantization.quantize_dynamic(
            str(path), str(small), weight_type=quantization.QuantType.QInt8
        )
        path.unlink()
        return small
    return path
