"""Compiled functions over arrays; each behind a typed function with a docstring."""
