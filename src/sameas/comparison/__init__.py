"""Step 3: how alike two records are, in every respect."""

from sameas.comparison.aliases import AliasSimilarity, BestAlias
from sameas.comparison.base import Comparison, column_names, compare, fill
from sameas.comparison.codes import CodeInText
from sameas.comparison.context import Context, Faded
from sameas.comparison.dates import DateDifference, DateSimilarity
from sameas.comparison.edits import EditDistance
from sameas.comparison.embeddings import EmbeddingCosine
from sameas.comparison.frequencies import MissingSides, RelativeFrequency
from sameas.comparison.learned import LearnedWords
from sameas.comparison.measures import PhoneSimilarity, QuantitySimilarity
from sameas.comparison.numbers import Distance, NumberDifference, TextFrequency
from sameas.comparison.persons import CrosswiseNames, FullName, PersonName
from sameas.comparison.relations import Parentage, Siblings
from sameas.comparison.sets import (
    Acronym,
    Equal,
    EqualStates,
    NumbersInText,
    SetContainment,
    SetJaccard,
)
from sameas.comparison.shapes import ShapeComparison
from sameas.comparison.strings import CoreWord, Indel, JaroWinkler
from sameas.comparison.swapped import Swapped
from sameas.comparison.tokens import SoftTfidf, TokenOverlap, TokenSetRatio, UnmatchedWords
from sameas.comparison.vectors import NgramCosine, WordCosine

__all__ = [
    "Acronym",
    "AliasSimilarity",
    "BestAlias",
    "CodeInText",
    "Comparison",
    "Context",
    "CoreWord",
    "CrosswiseNames",
    "DateDifference",
    "DateSimilarity",
    "Distance",
    "EditDistance",
    "EmbeddingCosine",
    "Equal",
    "EqualStates",
    "Faded",
    "FullName",
    "Indel",
    "JaroWinkler",
    "LearnedWords",
    "MissingSides",
    "NgramCosine",
    "NumberDifference",
    "NumbersInText",
    "Parentage",
    "PersonName",
    "PhoneSimilarity",
    "QuantitySimilarity",
    "RelativeFrequency",
    "SetContainment",
    "SetJaccard",
    "ShapeComparison",
    "Siblings",
    "SoftTfidf",
    "Swapped",
    "TextFrequency",
    "TokenOverlap",
    "TokenSetRatio",
    "UnmatchedWords",
    "WordCosine",
    "column_names",
    "compare",
    "fill",
]
