"""A trained classifier in ONNX, for quick answers without PyTorch."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any

from sameas.core.optional import require
from sameas.models.numbered import read_numbers
from sameas.models.sequence import INT8

__all__ = ["export_pairs"]


def export_pairs(model: str | Path, folder: str | Path, *, int8: bool = False) -> Path:
    """Write a classifier's folder as ONNX; `SequenceClassifier.load` reads the new folder.

    Parameters
    ----------
    model : path
        What `train_pair_classifier` or `train_classifier` wrote.
    folder : path
        Made when it is not there.
    int8 : bool
        Weights as 8-bit integers: a quarter of the size, and answers a little off.

    Returns
    -------
    Path
        The ``.onnx`` file.
    """
    torch = require("torch", extra="torch", what="The export to ONNX")
    transformers = require("transformers", extra="torch", what="The export to ONNX")
    require("onnx", extra="onnx", what="The export to ONNX")
    model, folder = Path(model), Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    library = transformers.AutoModelForSequenceClassification
    network = library.from_pretrained(str(model), attn_implementation="eager").eval()
    names = ["input_ids", "attention_mask"]
    if getattr(network.config, "type_vocab_size", 0) > 1:
        names.append("token_type_ids")
    texts = len(names)
    network = read_numbers(network, model)
    example = torch.ones((2, 8), dtype=torch.int64)
    examples = [example, example, torch.zeros_like(example)][:texts]
    if hasattr(network, "numbers"):
        names.append("numbers")
        examples.append(torch.zeros((2, network.numbers.in_features)))

    class Logits(torch.nn.Module):  # type: ignore[misc, name-defined]
        """Names inputs and output."""

        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, *given: Any) -> Any:
            return self.network(**dict(zip(names, given, strict=True))).logits

    path = folder / "model.onnx"
    axes: dict[str, Any] = {name: {0: "batch", 1: "tokens"} for name in names[:texts]}
    axes |= {name: {0: "batch"} for name in names[texts:]}
    axes["logits"] = {0: "batch"}
    with warnings.catch_warnings():  # the newer exporter needs one library more
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Logits(),
            tuple(examples),
            str(path),
            input_names=names,
            output_names=["logits"],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
    for file in model.glob("*.json"):
        shutil.copyfile(file, folder / file.name)
    if int8:
        quantization = require("onnxruntime.quantization", extra="onnx", what="int8")
        small = folder / f"model{INT8}.onnx"
        kind = quantization.QuantType.QInt8
        quantization.quantize_dynamic(str(path), str(small), weight_type=kind)
        path.unlink()
        return small
    return path
