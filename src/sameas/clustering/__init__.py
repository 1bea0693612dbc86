"""Step 5: decided pairs become clusters of records."""

from sameas.clustering.base import (
    Clusterer,
    Clustering,
    ClusterReport,
    Link,
    OversizedCluster,
)
from sameas.clustering.components import ConnectedComponents
from sameas.clustering.modes import MODES, LinkMode, link_mode
from sameas.clustering.one_to_one import OneToOne

__all__ = [
    "MODES",
    "ClusterReport",
    "Clusterer",
    "Clustering",
    "ConnectedComponents",
    "Link",
    "LinkMode",
    "OneToOne",
    "OversizedCluster",
    "link_mode",
]
