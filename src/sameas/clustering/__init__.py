"""Step 5: decided pairs become clusters of records."""

from sameas.clustering.agglomerative import Agglomerative
from sameas.clustering.base import (
    Clusterer,
    Clustering,
    ClusterReport,
    Link,
    OversizedCluster,
)
from sameas.clustering.bridges import SplitBridges
from sameas.clustering.chains import SplitChains
from sameas.clustering.components import ConnectedComponents
from sameas.clustering.constraints import Constrained, Constraints
from sameas.clustering.correlation import Correlation
from sameas.clustering.modes import MODES, LinkMode, link_mode
from sameas.clustering.one_to_one import OneToOne

__all__ = [
    "MODES",
    "Agglomerative",
    "ClusterReport",
    "Clusterer",
    "Clustering",
    "ConnectedComponents",
    "Constrained",
    "Constraints",
    "Correlation",
    "Link",
    "LinkMode",
    "OneToOne",
    "OversizedCluster",
    "SplitBridges",
    "SplitChains",
    "link_mode",
]
