"""A BERT folder of PyTorch as a graph of ONNX Runtime, without PyTorch and without an export.

The graph is a few kilobytes that name the tensors; their values stay in the file of weights, which
the session maps. So a model of sentence-transformers costs the import of ONNX Runtime instead of
that of PyTorch.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.optional import require
from sameas.models.base import Dense
from sameas.models.files import read_json
from sameas.models.tensors import Mapped, map_tensors, tensor_kinds

__all__ = ["Bert", "is_bert"]

_OPSET, _IR = 17, 8
#: Before the names of tensors where a whole task was saved.
_PREFIX = "bert."
_WORDS = "embeddings.word_embeddings.weight"
#: Added to the attention of padding, whose share of a softmax then is zero.
_NEVER = -1e9
_FOLDER = "session.model_external_initializers_file_folder_path"


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


class Bert:
    """From tokens to the last hidden states of a BERT folder.

    The vectors of words, half of the weights of a small model, stay in the file: only those that
    occur are read. All other weights are mapped by the session itself.

    Parameters
    ----------
    folder : path
    threads : int
    """

    def __init__(self, folder: Path, threads: int) -> None:
        runtime = require("onnxruntime", extra="onnx", what="A transformer without PyTorch")
        file = folder / "model.safetensors"
        places = {name.removeprefix(_PREFIX): one for name, one in map_tensors(file).items()}
        graph = _Graph(places, file.name)
        graph.encoder(dict(read_json(folder / "config.json") or {}))
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry(_FOLDER, str(folder.absolute()))
        self._words = places[_WORDS].values
        self._session = runtime.InferenceSession(graph.model(), options, ["CPUExecutionProvider"])

    def __call__(self, ids: npt.NDArray[np.int64], mask: npt.NDArray[np.int64]) -> Dense:
        """Return one vector a token, float32[b, t, d]."""
        given = {"words": self._words[ids], "attention_mask": mask}
        (found,) = self._session.run(None, given)
        return np.asarray(found)


class _Graph:
    """Nodes of a BERT, one after the other; tokens of all texts stand below each other."""

    def __init__(self, places: Mapping[str, Mapped], file: str) -> None:
        require("onnx", extra="onnx", what="A transformer without PyTorch")
        from onnx import helper

        self.helper, self.places, self.file = helper, places, file
        self.nodes: list[Any] = []
        self.small: list[Any] = []
        self.used: list[str] = []

    def encoder(self, config: dict[str, Any]) -> None:
        """Add the whole network."""
        epsilon = float(config.get("layer_norm_eps", 1e-12))
        heads, width = int(config["num_attention_heads"]), int(config["hidden_size"])
        size = width // heads
        for name, value in (("zero", 0), ("one", 1), ("rows", [-1, width]), ("width", [width])):
            self.small_value(name, np.array(value))
        self.small_value("scale", np.array(size**-0.5, np.float32))
        self.small_value("heads", np.array([heads, size]))
        self.node("Shape", ["attention_mask"], output="shape")
        self.node("Concat", ["shape", "heads"], output="split", axis=0)
        state = self.embedding(epsilon)
        self.mask()
        for number in range(int(config["num_hidden_layers"])):
            state = self.layer(state, f"encoder.layer.{number}", epsilon)
        whole = self.node("Concat", ["shape", "width"], axis=0)
        self.node("Reshape", [state, whole], output="last_hidden_state")

    def embedding(self, epsilon: float) -> str:
        """Add positions and the first kind of token to words."""
        table = "embeddings.{}_embeddings.weight"
        length = self.node("Gather", ["shape", "one"])
        position = self.node("Range", ["zero", length, "one"])
        positions = self.node("Gather", [self.weight(table.format("position")), position])
        kind = self.node("Gather", [self.weight(table.format("token_type")), "zero"])
        total = self.node("Add", [self.node("Add", ["words", positions]), kind])
        return self.norm(self.node("Reshape", [total, "rows"]), "embeddings.LayerNorm", epsilon)

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
        mixed = self.node("Reshape", [mixed, "rows"])
        out = f"{name}.attention.output"
        state = self.add_norm(self.dense(mixed, f"{out}.dense"), state, out, epsilon)
        wide = self.dense(state, f"{name}.intermediate.dense")
        wide = self.node("Gelu", [wide], domain="com.microsoft")
        out = f"{name}.output"
        return self.add_norm(self.dense(wide, f"{out}.dense"), state, out, epsilon)

    def dense(self, state: str, name: str) -> str:
        """Add ``x W' + b``."""
        given = [state, self.weight(f"{name}.weight"), self.weight(f"{name}.bias")]
        return self.node("Gemm", given, transB=1)

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
        """Name a tensor whose values stay in the file."""
        self.used.append(name)
        return name

    def small_value(self, name: str, value: npt.NDArray[Any]) -> None:
        """Add a constant."""
        from onnx import numpy_helper

        self.small.append(numpy_helper.from_array(value, name))

    def model(self) -> bytes:
        """Return the graph as ONNX."""
        from onnx import TensorProto

        words, mask = (
            self.helper.make_tensor_value_info(name, kind, ["batch", "tokens", *more])
            for name, kind, more in (
                ("words", TensorProto.FLOAT, [None]),
                ("attention_mask", TensorProto.INT64, []),
            )
        )
        out = self.helper.make_tensor_value_info(
            "last_hidden_state", TensorProto.FLOAT, ["batch", "tokens", None]
        )
        graph = self.helper.make_graph(
            self.nodes, "bert", [words, mask], [out], [*self.small, *map(self._outside, self.used)]
        )
        versions = (("", _OPSET), ("com.microsoft", 1))
        opsets = [self.helper.make_opsetid(*one) for one in versions]
        made = self.helper.make_model(graph, opset_imports=opsets, ir_version=_IR)
        return bytes(made.SerializeToString())

    def _outside(self, name: str) -> Any:
        """Return a tensor whose values lie in the file."""
        from onnx import TensorProto

        place = self.places[name]
        tensor = TensorProto(name=name, dims=place.values.shape, data_type=TensorProto.FLOAT)
        tensor.data_location = TensorProto.EXTERNAL
        about = {"location": self.file, "offset": place.begin, "length": place.values.nbytes}
        for key, value in about.items():
            tensor.external_data.add(key=key, value=str(value))
        return tensor
