import numpy as np
import pytest

from sameas.core.errors import ArgumentError, LabelError
from sameas.core.prepared import Need
from sameas.labeling import check_evidence, silver_labels


def test_labels_and_ratio():
    codes = np.array([0, 5, 5, 7, 0], np.uint64)
    left = np.array([1, 1, 0, 0, 2], np.int32)
    right = np.array([2, 3, 1, 4, 3], np.int32)
    silver = silver_labels(codes, left, right, field="phone")
    assert silver.label.tolist() == [1, 0, -1, -1, 0]
    assert (silver.matches, silver.non_matches, silver.undecided) == (1, 2, 2)
    assert silver.ratio == 2.0
    assert silver.describe() == (
        "silver labels from 'phone': 1 equal, 2 different (1 : 2.0), 2 pairs (40.0%) undecided"
    )


@pytest.mark.parametrize("codes", [[5, 5], [5, 6], [0, 0], [0, 5]])
def test_one_class_only(codes):
    pair = np.array([0], np.int32), np.array([1], np.int32)
    with pytest.raises(LabelError, match=r"The silver field 'phone' gives .* training needs both"):
        silver_labels(np.array(codes, np.uint64), *pair, field="phone")


def test_evidence():
    check_evidence("phone", {})
    check_evidence("phone", {"blocking": ["name"], "comparisons": [Need("text", ("address",))]})
    used = {
        "blocking": ["phone"],
        "the comparison 'name'": ["name"],
        "the comparison 'contact'": [Need("text", ("homepage", "phone"))],
    }
    with pytest.raises(ArgumentError, match=r"evidence in: blocking, the comparison 'contact'."):
        check_evidence("phone", used)
