"""How much rules would find, estimated from very sure pairs field by field.

For each field the sure pairs are taken that are sure without it and that a rule finds
which does not read it: how often they agree on the field, its first letters or its year is
not bent by the search. Matches are then drawn field by field from these pairs, as if errors
in one field were independent of errors in another, and each rule is asked which it finds. What a
match has no value in no rule finds it by; see `presence`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sameas.blocking import Key
from sameas.blocking.base import BoolArray
from sameas.core.prepared import IntArray
from sameas.linker.planning.matches import SurePairs
from sameas.linker.planning.presence import Presence
from sameas.linker.planning.propose import Rule, fields_of
from sameas.linker.planning.sample import Sample
from sameas.records import Field

__all__ = ["Simulation"]

#: Matches that are made up of sure pairs: a share has a standard error of 0.4 points at most.
_DRAWN = 20_000
_ENOUGH = 50  # sure pairs below which a field's own pairs say too little


@dataclass
class Simulation:
    """Matches drawn from sure pairs, and what each rule finds of them.

    Parameters
    ----------
    sample : Sample
    sure : SurePairs
    fields : sequence of Field
        The columns of ``sure.bits``.
    rules : sequence of rules
    """

    sample: Sample
    sure: SurePairs
    fields: Sequence[Field]
    rules: Sequence[Rule]

    @cached_property
    def units(self) -> list[frozenset[str]]:
        """Fields that one rule reads together (other than as parts of a key)."""
        groups = [frozenset({field.name}) for field in self.fields]
        for joined in self._joined():
            touched = [group for group in groups if group & joined]
            rest = [group for group in groups if not group & joined]
            groups = [*rest, frozenset().union(*touched)] if touched else groups
        return groups

    def _joined(self) -> list[frozenset[str]]:
        joined = []
        for rule in self.rules:
            if isinstance(rule, Key):
                joined += [frozenset(p.fields) for p in rule.parts if len(p.fields) > 1]
            else:
                joined.append(fields_of(rule))
        return joined

    @cached_property
    def guessed(self) -> list[frozenset[str]]:
        """Units of which too few pairs are sure without them: all sure pairs stand in."""
        return [unit for unit, (_, own) in self._pools.items() if not own]

    @cached_property
    def _pools(self) -> dict[frozenset[str], tuple[npt.NDArray[np.int64], bool]]:
        found = [(fields_of(rule), self._covered(rule)) for rule in self._finders]
        pools = {}
        every = np.arange(len(self.sure))
        for unit in self.units:
            inside = np.array([field.name in unit for field in self.fields])
            rest = self.sure.bits[:, ~inside].sum(axis=1) >= self.sure.needed
            outside = np.zeros(len(self.sure), bool)
            for read, covered in found:
                if not read & unit:
                    outside |= covered
            pool = np.flatnonzero(rest & outside)
            pools[unit] = (pool, True) if len(pool) >= _ENOUGH else (every, False)
        return pools

    @property
    def _finders(self) -> list[Rule]:
        """Rules that may have found the sure pairs."""
        return list(self.rules)

    def _covered(self, rule: Rule) -> BoolArray:
        if rule not in self._held:
            self._held[rule] = self.sample.covers(rule, self.sure.left, self.sure.right)
        return self._held[rule]

    @cached_property
    def _held(self) -> dict[Rule, BoolArray]:
        return {}

    @cached_property
    def drawn(self) -> dict[frozenset[str], npt.NDArray[np.int64]]:
        """The sure pairs that matches are drawn from, for the fields of each unit."""
        rng = np.random.default_rng(0)
        made = {unit: rng.choice(pool, _DRAWN) for unit, (pool, _) in self._pools.items()}
        for unit, records in self.lacking.items():
            pool, _ = self._pools[unit]
            ends = self.sure.left[pool], self.sure.right[pool]
            made[unit] = pool[self.presence.rows(sorted(unit), *ends, records)]
        return made

    @cached_property
    def presence(self) -> Presence:
        """Which values the drawn matches have."""
        return Presence(self.sample, _DRAWN)

    @cached_property
    def lacking(self) -> dict[frozenset[str], IntArray]:
        """Units of which sure pairs have more than records do: whose gaps the matches have."""
        found = {}
        for unit, (pool, _) in self._pools.items():
            ends = self.sure.left[pool], self.sure.right[pool]
            records = self.presence.records(sorted(unit), *ends)
            if records is not None:
                found[unit] = records
        return found

    def found(self, rule: Rule) -> BoolArray:
        """Say which of the drawn matches a rule finds."""
        if not isinstance(rule, Key):
            unit = next(unit for unit in self.units if fields_of(rule) & unit)
            hit = self._covered(rule)[self.drawn[unit]]
            return hit & self._there(unit, self.sample.reached(rule))
        hit = np.ones(_DRAWN, bool)
        agree = np.ones(len(self.sure), bool)
        for unit in self.units:
            parts = tuple(part for part in rule.parts if set(part.fields) <= unit)
            if parts:
                same = self._covered(Key(parts))
                agree &= same
                hit &= same[self.drawn[unit]]
                if unit in self.lacking:
                    hit &= self._there(unit, self.sample.key(Key(parts)) != 0)
        if rule.at_most is None or not agree.any():
            return hit
        kept = float(self._covered(rule)[agree].mean())  # the others bear a frequent key
        return hit & (np.random.default_rng(1).random(_DRAWN) < kept)

    def _there(self, unit: frozenset[str], reached: BoolArray) -> BoolArray:
        """Say which drawn matches have what a rule reads, where sure pairs have it too often."""
        lacking = self.lacking.get(unit)
        return np.ones(_DRAWN, bool) if lacking is None else np.asarray(reached[lacking])
