import pytest

from sameas.clustering import ConnectedComponents, OneToOne, link_mode
from sameas.core.errors import ArgumentError


@pytest.mark.parametrize(
    ("name", "within", "clusterer"),
    [
        ("many", False, ConnectedComponents()),
        ("one-to-one", False, OneToOne()),
        ("one-to-many", False, ConnectedComponents()),
        ("many-to-one", False, ConnectedComponents()),
        ("also-within", True, ConnectedComponents()),
    ],
)
def test_modes(name, within, clusterer):
    mode = link_mode(name)
    assert (mode.within, mode.clusterer) == (within, clusterer)


def test_misspelt_mode_names_the_nearest():
    with pytest.raises(ArgumentError, match="Did you mean 'one-to-one'"):
        link_mode("one_to_one")
