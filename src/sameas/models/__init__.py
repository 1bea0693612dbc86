"""Encoders of texts and the search of nearest neighbours by their vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sameas.core.when_used import import_when_used

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

__getattr__, __dir__ = import_when_used(
    __name__,
    {
        "base": ["Encoder", "Neighbours", "Sparse", "cosine"],
        "cache": ["CachedEncoder", "EmbeddingCache"],
        "classifier": ["TextClassifier", "load_classifier"],
        "columns": ["ByColumn"],
        "endpoint": ["EndpointEncoder"],
        "hybrid": ["HybridRetriever"],
        "lexical": ["LexicalEncoder"],
        "load": ["load_encoder"],
        "onnx": ["export_onnx"],
        "retriever": ["Retriever"],
        "static": ["StaticEncoder"],
    },
)
