"""Transformers in ONNX Runtime: the same vectors without PyTorch, and in 8-bit integers."""

from __future__ import annotations

import shutil
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.errors import ArgumentError, DataError
from sameas.core.optional import require
from sameas.models.base import Dense, Texts
from sameas.models.batches import encode_batches, read_tokenizer, token_limit
from sameas.models.files import content_hash, read_json, write_settings
from sameas.models.neural import model_files
from sameas.models.pooling import pool, pooling_of

__all__ = ["OnnxEncoder", "export_onnx"]


@dataclass(frozen=True, slots=True, eq=False)
class OnnxEncoder:
    """A transformer in ONNX with the tokenizer beside it.

    Attributes
    ----------
    name, version : str
    limit : int
        Longest text in tokens.
    tokens : int
        Tokens of a batch.
    pooling : str
        For models that give a vector a token; ``sentence_embedding`` is taken as it is.
    """

    name: str
    version: str
    limit: int
    tokens: int
    pooling: str
    dimensions: int
    session: Any = field(repr=False)
    tokenizer: Any = field(repr=False)
    fitted: bool = True

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        name: str | None = None,
        max_length: int | None = None,
        batch_tokens: int = 4_096,
        threads: int = 0,
    ) -> OnnxEncoder:
        """Read a model file; its tokenizer lies in its folder or the one above.

        Parameters
        ----------
        path : path
            The ``.onnx`` file, or a folder with exactly one.
        name, max_length, batch_tokens
            As in `TorchEncoder.load`.
        threads : int
            0: all cores.
        """
        path = _model_file(Path(path))
        runtime = require("onnxruntime", extra="onnx", what="A model in ONNX")
        home = next((one for one in (path.parent, path.parent.parent) if _has_tokenizer(one)), None)
        if home is None:
            raise DataError(f"No tokenizer.json lies beside {path} or in the folder above it.")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        session = runtime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
        limit = token_limit(home, max_length)
        others = [file for file in model_files(home) if file.suffix == ".json"]
        version = content_hash([path, *others], "onnx-1", limit)
        tokenizer, pooling = read_tokenizer(home, extra="onnx"), pooling_of(home)
        if pooling is None:
            raise DataError(f"{home}/modules.json asks for a pooling that is not known here.")
        dimensions = session.get_outputs()[0].shape[-1]
        if not isinstance(dimensions, int):
            dimensions = int(_config(home).get("hidden_size", 0))
        label = name or f"onnx:{path}"
        return cls(label, version, limit, batch_tokens, pooling, dimensions, session, tokenizer)

    def fit(self, texts: Texts) -> OnnxEncoder:  # noqa: ARG002
        """Return itself: there is nothing to fit."""
        return self

    def encode(self, texts: Texts) -> Dense:
        """Return one unit row a text."""
        return encode_batches(
            texts,
            tokenizer=self.tokenizer,
            limit=self.limit,
            dimensions=self.dimensions,
            forward=self._forward,
            tokens=self.tokens,
        )

    def _forward(self, ids: npt.NDArray[np.int64], mask: npt.NDArray[np.int64]) -> Dense:
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        asked = {one.name for one in self.session.get_inputs()}
        outputs = [one.name for one in self.session.get_outputs()]
        wanted = "sentence_embedding" if "sentence_embedding" in outputs else outputs[0]
        feed = {name: value for name, value in given.items() if name in asked}
        (found,) = self.session.run([wanted], feed)
        if found.ndim == 3:
            found = pool(found, mask[..., None].astype(np.float32), self.pooling)
        return np.asarray(found, np.float32)

    def save(self, folder: str | Path) -> None:
        """Write the name and the settings; the model stays where it is."""
        settings = {"max_length": self.limit, "batch_tokens": self.tokens}
        write_settings(folder, {"type": "named", "model": self.name, "options": settings})


def _config(folder: Path) -> dict[str, Any]:
    return dict(read_json(folder / "config.json") or {})


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
        As for `TorchEncoder.load`.
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
