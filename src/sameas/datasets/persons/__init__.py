"""A generator of persons with known truth: households, movers, typing errors, namesakes."""

from sameas.datasets.persons.generate import generate_persons, iter_persons, write_persons
from sameas.datasets.persons.settings import PersonSettings

__all__ = ["PersonSettings", "generate_persons", "iter_persons", "write_persons"]
