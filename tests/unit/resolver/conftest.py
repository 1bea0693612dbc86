"""A resolver with a store in a folder of the test."""

import pytest

from sameas.resolver import Resolver


@pytest.fixture(scope="session")
def fitted(new_store_linker):
    return new_store_linker()


@pytest.fixture
def resolver(fitted, tmp_path):
    with Resolver(fitted, tmp_path / "places.db") as made:
        yield made
