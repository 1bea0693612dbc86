"""Which column means what: guesses from names and values, with the evidence in words."""

from sameas.records.recognise.among import RecognisedField
from sameas.records.recognise.guess import IGNORE, POINT, Guess, guess
from sameas.records.recognise.profile import Profile, profile
from sameas.records.recognise.tables import Recognised, recognise

__all__ = [
    "IGNORE",
    "POINT",
    "Guess",
    "Profile",
    "Recognised",
    "RecognisedField",
    "guess",
    "profile",
    "recognise",
]
