"""Data with known truth: generators of places and persons, two airport registers."""
