"""Verbs for tables: join, deduplicate, group and classify rows by what they mean."""

from sameas.frames._group import cluster, dedupe
from sameas.frames._merge import SUFFIXES, aggregate, merge
from sameas.frames._rows import classify, similarity

__all__ = [
    "SUFFIXES",
    "aggregate",
    "classify",
    "cluster",
    "dedupe",
    "merge",
    "similarity",
]
