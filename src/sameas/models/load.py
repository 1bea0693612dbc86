"""From a name to an encoder: a folder, an installed package of weights, the hub."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sameas.core.errors import ArgumentError, DataError
from sameas.models.base import Encoder
from sameas.models.files import read_json
from sameas.models.lexical import LexicalEncoder
from sameas.models.pooling import pooling_of
from sameas.models.resolve import find_model, is_static

if TYPE_CHECKING:
    from sameas.models.client import Client, Endpoint

__all__ = ["load_encoder"]

_NAMES = ("lexical", "wordllama")


def load_encoder(
    model: str | Path | Encoder | Client | Endpoint = "lexical",
    *,
    cache: str | Path | None = None,
    **options: Any,
) -> Encoder:
    """Load an encoder by name.

    Parameters
    ----------
    model : str, path, Encoder, Client or Endpoint
        In this order:

        * an encoder: itself;
        * a `sameas.models.client.Client` or `Endpoint`, or ``"http://host/v1#model"``: the
          embeddings of that server, with the extra ``llm``;
        * ``"lexical"``: TF-IDF over character n-grams, which needs no model and no library;
        * ``"wordllama"``: static token embeddings, with the extra ``static``;
        * ``"onnx:PATH"`` or ``"torch:PATH"``: a transformer run by ONNX Runtime or by PyTorch;
        * a folder: what `Encoder.save` wrote, a model of model2vec, ONNX, sentence-transformers
          or transformers. A BERT (MiniLM, BGE, E5, ...) is run by ONNX Runtime (extra ``onnx``)
          unless `device` is given, which gives the same vectors in half the memory; any other
          transformer by PyTorch (extra ``torch``);
        * an installed package that carries weights, by its name; it is not imported;
        * a name on the Hugging Face hub, from the local cache, else from the network unless
          ``HF_HUB_OFFLINE`` is set.
    cache : path, optional
        Folder of an `EmbeddingCache`: vectors of texts seen before are read, not computed.
        Without it nothing is kept, nor of ``"lexical"``, which is made faster than it is read.
    **options
        Settings of the encoder (``low``, ``high``; ``max_length``, ``batch_tokens``, ``device``,
        ``threads``; ``dimensions``, ``key_variable``).

    Raises
    ------
    ArgumentError
        If nothing bears the name; the message says what was tried.
    MissingExtraError
        If the kind of model needs a library that is not installed.

    Examples
    --------
    >>> load_encoder("lexical", low=3, high=5)
    LexicalEncoder(low=3, high=5, frequency=None, documents=0)
    """
    encoder = _find(model, options)
    if cache is None or isinstance(encoder, LexicalEncoder):
        return encoder
    from sameas.models.cache import CachedEncoder

    return CachedEncoder.over(encoder, cache)


def _find(model: Any, options: dict[str, Any]) -> Encoder:
    if not isinstance(model, str | Path):
        return _given(model, options)
    name = str(model)
    if name == "lexical":
        return LexicalEncoder(**options)
    if name == "wordllama":
        from sameas.models.static import StaticEncoder

        return _with(StaticEncoder.wordllama, name, options)
    if name.startswith(("http://", "https://")):
        from sameas.models.endpoint import EndpointEncoder

        return EndpointEncoder.named(name, **options)
    if name.startswith("onnx:"):
        from sameas.models.onnx import onnx_encoder

        return onnx_encoder(name.removeprefix("onnx:"), name=name, **options)
    if name.startswith("torch:"):
        from sameas.models.neural import torch_encoder

        return torch_encoder(name.removeprefix("torch:"), name=name, **options)
    return find_model(name, lambda folder, found: _from_folder(folder, found, options), ours=_NAMES)


def _given(model: Any, options: dict[str, Any]) -> Encoder:
    """Take an encoder as it is; a client or an endpoint becomes one."""
    from sameas.models.client import Client, Endpoint

    if isinstance(model, Client | Endpoint):
        from sameas.models.endpoint import EndpointEncoder

        return EndpointEncoder.over(model, **options)
    if isinstance(model, Encoder):
        return model
    raise ArgumentError(
        f"model must be a name, a folder, an encoder, a Client or an Endpoint, got {model!r}."
    )


def _with(make: Callable[..., Encoder], name: str, options: dict[str, Any]) -> Encoder:
    """Call a constructor without options; any option is one too many."""
    if options:
        raise ArgumentError(f"The encoder {name!r} has no setting {next(iter(options))!r}.")
    return make()


def _from_folder(folder: Path, name: str, options: dict[str, Any]) -> Encoder:
    """Tell the kind of model by the files of its folder."""
    settings = read_json(folder / "encoder.json")
    if settings is not None:
        return _saved(folder, settings, options)
    if is_static(folder):
        from sameas.models.static import StaticEncoder

        return _with(lambda: StaticEncoder.load(folder, name=name), name, options)
    if (folder / "model.safetensors").is_file() or any(folder.glob("model-*.safetensors")):
        return _weights(folder, name, options)
    if any(folder.glob("*.onnx")):
        from sameas.models.onnx import onnx_encoder

        return onnx_encoder(folder, name=name, **options)
    raise DataError(
        f"The folder {folder} holds no encoder: expected encoder.json, model.safetensors or "
        f"a file .onnx. Weights in pickle files are not read."
    )


def _weights(folder: Path, name: str, options: dict[str, Any]) -> Encoder:
    """Run weights in ONNX Runtime where it can, for it is the lighter one; else in PyTorch."""
    from sameas.models.bert_graph import is_bert

    able = is_bert(folder) and pooling_of(folder) is not None and "device" not in options
    installed = find_spec("onnxruntime") is not None and find_spec("onnx") is not None
    if able and (installed or find_spec("torch") is None):
        from sameas.models.onnx import onnx_encoder

        return onnx_encoder(folder, name=name, **options)
    from sameas.models.neural import torch_encoder

    options = {key: value for key, value in options.items() if key != "threads"}
    return torch_encoder(folder, name=name, **options)


def _saved(folder: Path, settings: dict[str, Any], options: dict[str, Any]) -> Encoder:
    if settings.get("type") == "lexical":
        return _with(lambda: LexicalEncoder.load(folder, settings), "lexical", options)
    if settings.get("type") == "endpoint":
        from sameas.models.endpoint import EndpointEncoder

        return _with(lambda: EndpointEncoder.load(settings), "of an endpoint", options)
    if settings.get("type") == "by_column":
        from sameas.models.columns import ByColumn

        return ByColumn.load(folder, settings["weights"])
    if settings.get("type") == "named":
        return _find(settings["model"], {**settings.get("options", {}), **options})
    raise DataError(f"{folder}/encoder.json names the unknown type {settings.get('type')!r}.")
