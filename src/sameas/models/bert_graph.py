"""A BERT folder of PyTorch as a graph of ONNX Runtime, without PyTorch and without an export.

The graph is a few kilobytes that name the tensors; their values stay in the mapped file of
weights, which the session reads. So a model of sentence-transformers costs the import of ONNX
Runtime instead of that of PyTorch.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.optional import require
from sameas.models.files import read_json
from sameas.models.tensors import map_tensors, tensor_kinds

__all__ = ["bert_session", "is_bert"]

_OPSET, _IR = 17, 8
#: Before the names of tensors where a whole task was saved.
_PREFIX = "bert."
_WORDS = "embeddings.word_embeddings.weight"
#: Added to the attention of padding, whose share of a softmax then is zero.
_NEVER = -1e9


def is_bert(folder: Path) -> bool:
    """Whether a folder holds a BERT with absolute positions in one file of float32 weights."""
    config = read_json(folder / "config.json") or {}
    plain = config.get("position_embedding_type", "absolute") == "absolute"
    known = config.get("model_type") == "bert" and config.get("hidden_act") == "gelu" and plain
    file = folder / "model.safetensors"
    if not known or not file.is_file():
        return False
    kinds = tensor_kinds(file)
    whole = _WORDS in kinds or f"{_PREFIX}{_WORDS}" in kinds
    return whole and set(kinds.values()) <= {"F32", "I64"}


def bert_session(folder: Path, threads: int) -> Any:
    """Return a session from ``input_ids`` and ``attention_mask`` to ``last_hidden_state``."""
    runtime = require("onnxruntime", extra="onnx", what="A transformer without PyTorch")
    found = map_tensors(folder / "model.safetensors")
    tensors = {name.removeprefix(_PREFIX): value for name, value in found.items()}
    graph = _Graph(tensors)
    graph.encoder(dict(read_json(folder / "config.json") or {}))
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    values = [runtime.OrtValue.ortvalue_from_numpy(tensors[name]) for name in graph.used]
    options.add_external_initializers(graph.used, values)
    return runtime.InferenceSession(graph.model(), options, ["CPUExecutionProvider"])


class _Graph:
    """Nodes of a BERT, one after the other."""

    def __init__(self, tensors: dict[str, npt.NDArray[np.float32]]) -> None:
        require("onnx", extra="onnx", what="A transformer without PyTorch")
        from onnx import helper

        self.helper, self.tensors = helper, tensors
        self.nodes: list[Any] = []
        self.small: list[Any] = []
        self.used: list[str] = []

    def encoder(self, config: dict[str, Any]) -> None:
        """Add the whole network."""
        self.small_value("zero", np.array(0))
        self.small_value("one", np.array(1))
        epsilon = float(config.get("layer_norm_eps", 1e-12))
        heads = int(config["num_attention_heads"])
        size = int(config["hidden_size"]) // heads
        self.small_value("split", np.array([0, 0, heads, size]))
        self.small_value("merge", np.array([0, 0, heads * size]))
        self.small_value("scale", np.array(size**-0.5, np.float32))
        state = self.embedding(epsilon)
        self.mask()
        for number in range(int(config["num_hidden_layers"])):
            state = self.layer(state, f"encoder.layer.{number}", epsilon)
        self.node("Identity", [state], output="last_hidden_state")

    def embedding(self, epsilon: float) -> str:
        """Add words, positions and the first kind of token."""
        table = "embeddings.{}_embeddings.weight"
        words = self.node("Gather", [self.weight(_WORDS), "input_ids"])
        shape = self.node("Shape", ["input_ids"])
        length = self.node("Gather", [shape, "one"])
        position = self.node("Range", ["zero", length, "one"])
        positions = self.node("Gather", [self.weight(table.format("position")), position])
        kind = self.node("Gather", [self.weight(table.format("token_type")), "zero"])
        total = self.node("Add", [self.node("Add", [words, positions]), kind])
        return self.norm(total, "embeddings.LayerNorm", epsilon)

    def mask(self) -> None:
        """Turn the mask into what is added to attention, float[b, 1, 1, t]."""
        self.small_value("never", np.array(_NEVER, np.float32))
        self.small_value("certain", np.array(1, np.float32))
        self.small_value("axes", np.array([1, 2]))
        known = self.node("Cast", ["attention_mask"], to=1)
        missing = self.node("Sub", ["certain", known])
        self.node("Unsqueeze", [self.node("Mul", [missing, "never"]), "axes"], output="hidden")

    def layer(self, state: str, name: str, epsilon: float) -> str:
        """Add attention and the two dense steps behind it."""
        query, key, value = (
            self.node("Reshape", [self.dense(state, f"{name}.attention.self.{part}"), "split"])
            for part in ("query", "key", "value")
        )
        query, value = (self.node("Transpose", [one], perm=[0, 2, 1, 3]) for one in (query, value))
        key = self.node("Transpose", [key], perm=[0, 2, 3, 1])
        scores = self.node("Mul", [self.node("MatMul", [query, key]), "scale"])
        share = self.node("Softmax", [self.node("Add", [scores, "hidden"])], axis=-1)
        mixed = self.node("Transpose", [self.node("MatMul", [share, value])], perm=[0, 2, 1, 3])
        mixed = self.node("Reshape", [mixed, "merge"])
        out = f"{name}.attention.output"
        state = self.add_norm(self.dense(mixed, f"{out}.dense"), state, out, epsilon)
        wide = self.dense(state, f"{name}.intermediate.dense")
        wide = self.node("Gelu", [wide], domain="com.microsoft")
        out = f"{name}.output"
        return self.add_norm(self.dense(wide, f"{out}.dense"), state, out, epsilon)

    def dense(self, state: str, name: str) -> str:
        """Add ``x W' + b``."""
        weight = f"{name}.weight"
        turned = f"{weight}.turned"
        self.tensors[turned] = np.ascontiguousarray(self.tensors[weight].T)
        product = self.node("MatMul", [state, self.weight(turned)])
        return self.node("Add", [product, self.weight(f"{name}.bias")])

    def add_norm(self, change: str, state: str, name: str, epsilon: float) -> str:
        """Add a step to the state and normalise."""
        return self.norm(self.node("Add", [change, state]), f"{name}.LayerNorm", epsilon)

    def norm(self, state: str, name: str, epsilon: float) -> str:
        """Normalise each token."""
        given = [state, self.weight(f"{name}.weight"), self.weight(f"{name}.bias")]
        return self.node("LayerNormalization", given, axis=-1, epsilon=epsilon)

    def node(self, kind: str, given: list[str], *, output: str | None = None, **more: Any) -> str:
        """Add a node; its output has the number of the node."""
        output = output or f"{kind}_{len(self.nodes)}"
        self.nodes.append(self.helper.make_node(kind, given, [output], **more))
        return output

    def weight(self, name: str) -> str:
        """Name a tensor whose values the session gets apart from the graph."""
        self.used.append(name)
        return name

    def small_value(self, name: str, value: npt.NDArray[Any]) -> None:
        """Add a constant."""
        from onnx import numpy_helper

        self.small.append(numpy_helper.from_array(value, name))

    def model(self) -> bytes:
        """Return the graph as ONNX."""
        from onnx import TensorProto

        ids = [self.helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
               for name in ("input_ids", "attention_mask")]  # fmt: skip
        out = self.helper.make_tensor_value_info(
            "last_hidden_state", TensorProto.FLOAT, ["batch", "tokens", None]
        )
        graph = self.helper.make_graph(
            self.nodes, "bert", ids, [out], [*self.small, *map(self._outside, self.used)]
        )
        versions = (("", _OPSET), ("com.microsoft", 1))
        opsets = [self.helper.make_opsetid(*one) for one in versions]
        made = self.helper.make_model(graph, opset_imports=opsets, ir_version=_IR)
        return bytes(made.SerializeToString())

    def _outside(self, name: str) -> Any:
        """Return a tensor without values."""
        from onnx import TensorProto

        tensor = TensorProto(name=name, dims=self.tensors[name].shape, data_type=TensorProto.FLOAT)
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=name)
        return tensor
