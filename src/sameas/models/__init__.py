"""Encoders of texts and the search of nearest neighbours by their vectors."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = [
    "ByColumn",
    "CachedEncoder",
    "EmbeddingCache",
    "Encoder",
    "EndpointEncoder",
    "HybridRetriever",
    "LexicalEncoder",
    "Neighbours",
    "Retriever",
    "Sparse",
    "StaticEncoder",
    "TextClassifier",
    "cosine",
    "export_onnx",
    "load_classifier",
    "load_encoder",
]

_HOMES = {
    "TextClassifier": "classifier",
    "load_classifier": "classifier",
    "ByColumn": "columns",
    "export_onnx": "onnx",
    "StaticEncoder": "static",
    "EmbeddingCache": "cache",
    "CachedEncoder": "cache",
    "Encoder": "base",
    "EndpointEncoder": "endpoint",
    "HybridRetriever": "hybrid",
    "LexicalEncoder": "lexical",
    "Neighbours": "base",
    "Retriever": "retriever",
    "Sparse": "base",
    "cosine": "base",
    "load_encoder": "load",
}

if TYPE_CHECKING:
    from sameas.models.base import Encoder, Neighbours, Sparse, cosine
    from sameas.models.cache import CachedEncoder, EmbeddingCache
    from sameas.models.classifier import TextClassifier, load_classifier
    from sameas.models.columns import ByColumn
    from sameas.models.endpoint import EndpointEncoder
    from sameas.models.hybrid import HybridRetriever
    from sameas.models.lexical import LexicalEncoder
    from sameas.models.load import load_encoder
    from sameas.models.onnx import export_onnx
    from sameas.models.retriever import Retriever
    from sameas.models.static import StaticEncoder


def __getattr__(name: str) -> Any:
    """Import public names when they are first used: the client needs no kernels."""
    if name in _HOMES:
        return getattr(import_module(f"sameas.models.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'sameas.models' has no attribute {name!r}")
