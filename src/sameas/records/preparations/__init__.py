"""Every kind of prepared column; each registers itself under the kind of its need."""

from sameas.records.preparations import dates, keys, measures, persons, texts, tokens, values
from sameas.records.preparations.workspace import Workspace

__all__ = ["Workspace", "dates", "keys", "measures", "persons", "texts", "tokens", "values"]
