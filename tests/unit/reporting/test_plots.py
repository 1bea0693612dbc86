"""Plots are files of a sensible size, drawn without a screen and without global state."""

import re
import subprocess
import sys

import numpy as np
import pytest

from sameas.core.errors import MissingExtraError
from sameas.reporting import plot_links, plot_precision_recall, plot_reliability, plot_scores

PNG = b"\x89PNG\r\n\x1a\n"


def scored(pairs=2_000, seed=1):
    random = np.random.default_rng(seed)
    labels = random.random(pairs) < 0.2
    return labels, np.where(labels, random.beta(6, 1, pairs), random.beta(0.5, 6, pairs))


def positions(links=300, seed=1):
    random = np.random.default_rng(seed)
    left = np.stack([random.uniform(-60, 75, links), random.uniform(-180, 180, links)], axis=1)
    return left, left + random.normal(size=(links, 2))


def draw_scores(path):
    labels, scores = scored()
    plot_scores(scores, path, threshold=0.6, labels=labels)


def draw_scores_without_labels(path):
    plot_scores(scored()[1], path, threshold=0.6)


def draw_precision_recall(path):
    plot_precision_recall(*scored(), path, threshold=0.6)


def draw_links(path):
    plot_links(*positions(), path, title="300 links")


EVERY = (draw_scores, draw_scores_without_labels, draw_precision_recall, draw_links)


def picture_size(path):
    """Return width and height of a PNG, from its header."""
    head = path.read_bytes()[:24]
    assert head.startswith(PNG)
    return tuple(int(number) for number in np.frombuffer(head[16:24], ">u4"))


def drawn_texts(path):
    """Return the texts of an SVG, which keeps each as a comment before its outlines."""
    return re.findall(r"<!-- (.*?) -->", path.read_text("utf-8"))


@pytest.mark.parametrize("draw", EVERY)
def test_a_png_of_sensible_size(draw, tmp_path):
    path = tmp_path / "plot.png"
    draw(path)
    width, height = picture_size(path)
    assert 800 <= width <= 2_000
    assert 500 <= height <= 1_200
    assert 5_000 < path.stat().st_size < 1_000_000


def test_the_suffix_chooses_the_format(tmp_path):
    for suffix, begin in ((".svg", b"<?xml"), (".pdf", b"%PDF")):
        path = tmp_path / f"plot{suffix}"
        draw_scores(str(path))
        assert path.read_bytes().startswith(begin)


def test_scores_with_labels_tell_the_classes_apart_and_count_them(tmp_path):
    labels, scores = scored()
    scores[0] = np.nan
    plot_scores(scores, tmp_path / "plot.svg", threshold=0.25, labels=labels)
    texts = drawn_texts(tmp_path / "plot.svg")
    known = ~np.isnan(scores)
    assert f"matches ({(labels & known).sum():,})" in texts
    assert f"non-matches ({(~labels & known).sum():,})" in texts
    assert "threshold 0.250" in texts


def test_scores_without_labels_are_one_outline(tmp_path):
    plot_scores(scored()[1], tmp_path / "plot.svg", threshold=0.25)
    texts = drawn_texts(tmp_path / "plot.svg")
    assert "candidate pairs (2,000)" in texts
    assert not any("matches" in text for text in texts)


def test_precision_and_recall_of_the_threshold_are_written(tmp_path):
    labels = np.array([True, True, False, False, True])
    scores = np.array([0.9, 0.8, 0.7, 0.2, 0.1])
    plot_precision_recall(labels, scores, tmp_path / "plot.svg", threshold=0.6)
    texts = " ".join(drawn_texts(tmp_path / "plot.svg"))
    assert "precision 0.667" in texts
    assert "recall 0.667" in texts


@pytest.mark.parametrize("label", [True, False])
def test_one_class_or_nothing_can_be_drawn(label, tmp_path):
    scores = np.array([0.2, 0.9])
    plot_scores(scores, tmp_path / "one.png", threshold=0.5, labels=np.full(2, label))
    plot_scores(scores[:0], tmp_path / "none.png", threshold=0.5)
    plot_precision_recall(np.full(2, label), scores, tmp_path / "curve.png", threshold=0.5)
    plot_links(np.zeros((0, 2)), np.zeros((0, 2)), tmp_path / "links.png", title="no links")
    assert len(list(tmp_path.iterdir())) == 4


def test_links_across_the_antimeridian_are_not_drawn_around_the_world(tmp_path):
    left = np.array([[10.0, 179.9], [20.0, 5.0]])
    right = np.array([[10.0, -179.9], [21.0, 6.0]])
    plot_links(left, right, tmp_path / "both.svg", title="links")
    plot_links(left[1:], right[1:], tmp_path / "one.svg", title="links")
    lines = [
        path.read_text("utf-8").partition('id="LineCollection_1"')[2].partition("</g>")[0]
        for path in (tmp_path / "both.svg", tmp_path / "one.svg")
    ]
    assert lines[0].count("<path") == lines[1].count("<path") == 1


def test_pyplot_is_never_imported(tmp_path):
    """A figure that pyplot keeps would stay in memory, and might ask for a screen."""
    code = (
        "import sys, numpy as np\n"
        "from sameas.reporting import plot_links, plot_precision_recall, plot_scores\n"
        "labels, scores = np.array([True, False]), np.array([0.9, 0.1])\n"
        "plot_scores(scores, 'a.png', threshold=0.5, labels=labels)\n"
        "plot_precision_recall(labels, scores, 'b.png', threshold=0.5)\n"
        "plot_links(np.ones((1, 2)), np.zeros((1, 2)), 'c.png', title='one')\n"
        "assert 'matplotlib.figure' in sys.modules\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert {path.name for path in tmp_path.iterdir()} == {"a.png", "b.png", "c.png"}


@pytest.mark.parametrize("draw", EVERY)
def test_without_matplotlib_the_extra_is_named(draw, tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Absent("matplotlib"), *sys.meta_path])
    with pytest.raises(MissingExtraError, match=r"pip install 'sameas\[plots\]'"):
        draw(tmp_path / "plot.png")
    assert not (tmp_path / "plot.png").exists()


class Absent:
    """An importer that says of one library that it is not there."""

    def __init__(self, name):
        self.name = name

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == self.name:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def test_reliability(tmp_path):
    rng = np.random.default_rng(0)
    scores = rng.random(500)
    plot_reliability(rng.random(500) < scores, scores, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 2000
