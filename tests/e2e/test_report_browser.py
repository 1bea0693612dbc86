"""The report in a real browser: no script error, no request, nothing wider than the window."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sameas.comparison import Context, Distance, Faded, JaroWinkler, SoftTfidf
from sameas.linker import Linker
from sameas.matching import Boosting
from sameas.reporting.data import ReportData, read_report_data
from sameas.reporting.page import report_page

NASTY = "<script>document.title='broken'</script><img src=http://nowhere.test/x.png>\"'&{{7*7}}"
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed on this machine")


def high(descriptor: int) -> int:
    """Move a descriptor to a high number."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 64)
    os.close(descriptor)
    return moved


class Browser:
    """Headless Chromium over its debugging pipe: JSON messages, each ended by a zero byte."""

    def __init__(self, folder: Path) -> None:
        # The browser reads its descriptor 3 and writes 4; high numbers are not in the way.
        read, self._out = map(high, os.pipe())
        self._in, write = map(high, os.pipe())
        self._process = subprocess.Popen(
            [
                str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu",
                "--disable-background-networking", "--disable-dev-shm-usage",
                f"--user-data-dir={folder}", "--remote-debugging-pipe", "about:blank",
            ],
            close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=lambda: (os.dup2(read, 3), os.dup2(write, 4)),
        )  # fmt: skip
        os.close(read)
        os.close(write)
        self._number, self._rest, self.events = 0, b"", []
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    _session: str | None = None

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method and wait for its answer; events are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = os.read(self._in, 1 << 16)
            assert more, "the browser has ended"
            self._rest += more
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def open(self, file: Path, width: int, scheme: str) -> None:
        """Show a file and wait until it is loaded."""
        self.events = []
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900,
                  deviceScaleFactor=1, mobile=False)  # fmt: skip
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)
        self.call("Page.navigate", url=file.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())
        self.value("new Promise(done => requestAnimationFrame(() => done(1)))")

    def value(self, expression: str) -> Any:
        """Evaluate an expression in the page."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def close(self) -> None:
        """End the browser."""
        os.close(self._out)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._in)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Real reports: as a run writes it, masked, and with every optional section."""
    folder = tmp_path_factory.mktemp("report")
    rng = np.random.default_rng(0)
    count = 150
    place = 55 + rng.random((count, 2)) * 0.02
    words = np.array(["blue", "door", "café", "mill", "star", "longestwordwithoutanyspace" * 3])
    name = [" ".join([*rng.choice(words, 2), str(n % 40)]) for n in range(count)]
    name[:2] = NASTY, NASTY
    left = {"id": [f"l{n}" for n in range(count)], "name": name,
            "latitude": place[:, 0].tolist(), "longitude": place[:, 1].tolist()}  # fmt: skip
    moved = place + rng.normal(size=place.shape) * 1e-4
    right = {"id": [f"r{n}" for n in range(count)], "name": name,
             "latitude": moved[:, 0].tolist(), "longitude": moved[:, 1].tolist()}  # fmt: skip
    other = rng.permutation(count)
    labels = {
        "left_id": left["id"] * 2,
        "right_id": [f"r{n}" for n in range(count)] + [f"r{n}" for n in other],
        "label": [True] * count + [bool(a == b) for a, b in enumerate(other)],
    }
    linker = Linker(
        {"name": "name", "latitude": "latitude", "longitude": "longitude"},
        comparisons=(JaroWinkler("name"), SoftTfidf("name"), Distance()),
        context=Context((Faded(SoftTfidf("name")),)),
        matcher=Boosting(iterations=20, leaves=7, min_leaf=5, members=1),
    )
    linker.fit({"left": left, NASTY: right}, labels=labels)
    linker.link({"left": left, NASTY: right}, out=folder / "run", threshold=0.5)
    data = read_report_data(folder / "run")
    assert data is not None
    whole = with_every_section(data)
    found = {"run": folder / "run" / "report.html"}
    for key, content, mask in (("whole", whole, None), ("shape", whole, "shape"),
                               ("hidden", whole, "hidden")):  # fmt: skip
        found[key] = folder / f"{key}.html"
        found[key].write_text(report_page(content, mask=mask), encoding="utf-8")
    return found


def with_every_section(data: ReportData) -> ReportData:
    share = np.linspace(0, 1, 20)
    return replace(
        data,
        curve={"recall": share.tolist(), "precision": (1 - share / 5).tolist(),
               "point": [0.8, 0.9]},
        calibration={"predicted": [0.1, 0.9], "observed": [0.2, 0.8], "pairs": [9, 9],
                     "brier": 0.1, "error": 0.05},
        weights=tuple({"comparison": "name", "state": f"name >= {n}", "m": 0.9, "u": 0.1,
                       "weight": n - 3.0, "pairs": 5} for n in range(6)),
        fit=dict(data.fit or {}) | {"expected": {"f1": 0.9, "precision": 0.9, "recall": 0.9}},
        review=(0.3, 0.7),
        quarantine=({"field": NASTY, "reason": NASTY, "count": 3},),
        assumptions=(*data.assumptions, NASTY),
    )  # fmt: skip


@pytest.mark.parametrize("key", ["run", "whole", "shape", "hidden"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
def test_the_report_in_a_browser(
    browser: Browser, pages: dict[str, Path], key: str, scheme: str, width: int
) -> None:
    browser.open(pages[key], width, scheme)
    methods = [event["method"] for event in browser.events]
    assert "Runtime.exceptionThrown" not in methods
    assert "Runtime.consoleAPICalled" not in methods
    logged = [event for event in browser.events if event["method"] == "Log.entryAdded"]
    assert logged == []
    asked = [event["params"]["request"]["url"] for event in browser.events
             if event["method"] == "Network.requestWillBeSent"]  # fmt: skip
    assert asked == [pages[key].as_uri()]
    assert browser.value("document.title") != "broken"
    assert browser.value("document.querySelectorAll('img, iframe, link, object').length") == 0
    wide = browser.value("document.documentElement.scrollWidth")
    assert wide <= width, f"the page is {wide} px wide in a window of {width} px"
    dark = browser.value("getComputedStyle(document.body).backgroundColor")
    assert (int(dark.split("(")[1].split(",")[0]) < 100) == (scheme == "dark")
    sections = browser.value("[...document.querySelectorAll('h2')].map(item => item.id)")
    assert {"funnel", "fields", "quality", "evidence", "pairs", "clusters"} <= set(sections)
    assert ("map" in sections) == (key in ("run", "whole"))


@pytest.mark.parametrize("width", [320, 400])
def test_names_of_figures_stand_on_one_line(
    browser: Browser, pages: dict[str, Path], width: int
) -> None:
    browser.open(pages["whole"], width, "light")
    lines = browser.value("""[...document.querySelectorAll("h3")]
        .filter(title => title.textContent == "Figures of the fit")
        .flatMap(title => [...title.parentElement.querySelectorAll("tbody td:first-child")])
        .filter(cell => !cell.textContent.includes(" "))
        .map(cell => cell.clientHeight / parseFloat(getComputedStyle(cell).lineHeight))""")
    assert len(lines) == 3
    assert max(lines) < 2


def test_buttons_choose_pairs(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["run"], 1400, "light")
    shown = "[...document.querySelectorAll('[data-kind]')].filter(card => !card.hidden)"
    everything = browser.value(f"{shown}.length")
    browser.value("document.querySelector('[data-show=match]').click()")
    assert browser.value(f"[...new Set({shown}.map(card => card.dataset.kind))]") == ["match"]
    assert 0 < browser.value(f"{shown}.length") < everything
    browser.value("document.querySelector('[data-show=all]').click()")
    assert browser.value(f"{shown}.length") == everything


def test_a_masked_report_holds_no_value(pages: dict[str, Path]) -> None:
    assert "café" in pages["whole"].read_text("utf-8")
    for key in ("shape", "hidden"):
        text = pages[key].read_text("utf-8")
        assert "café" not in text
        assert "longestword" not in text


def test_the_report_is_small(pages: dict[str, Path]) -> None:
    assert all(page.stat().st_size < 5_000_000 for page in pages.values())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 400, 1400])
def test_no_column_of_the_fields_is_cut_off(
    browser: Browser, pages: dict[str, Path], width: int, scheme: str
) -> None:
    browser.open(pages["run"], width, scheme)
    cells = browser.value("""(() => {
        const card = document.querySelector(".wide:has(> .stacked)").getBoundingClientRect();
        return [...document.querySelectorAll(".stacked tbody th, .stacked tbody td")].map(cell => {
            const box = cell.getBoundingClientRect();
            return [box.width > 0 && box.left >= card.left - 1 && box.right <= card.right + 1,
                    cell.scrollWidth <= cell.clientWidth + 1];
        });
    })()""")
    assert len(cells) == 15  # three fields: name, kind, two sources, examples
    assert all(inside and whole for inside, whole in cells)
