"""A sweep recorded in MLflow, ``bench ui`` serving it, and a browser to look at it.

With ``BENCH_SCREENSHOTS=FOLDER`` each test leaves what it has seen there, of a larger sweep; with
``BENCH_REQUIRE_BROWSER=1`` a missing browser is an error (in CI).
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from selenium.common.exceptions import StaleElementReferenceException, TimeoutException
from selenium.webdriver import Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.commands import in_process
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parent.parent.parent
WIDTH, HEIGHT = 1600, 1000
LARGEST = 190_000
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=BackForwardCache",  # pages that were left would live on
)
SCREENSHOTS = os.environ.get("BENCH_SCREENSHOTS")
REQUIRED = os.environ.get("BENCH_REQUIRE_BROWSER") == "1"

SWEEP = """\
instances: models
settings:
  default: {{}}
  alpha=0.15: {{alpha: 0.15}}
  alpha=0.035: {{alpha: 0.035}}
  alpha=0: {{alpha: 0}}
  no cuts: {{separating/maxrounds: 0}}
seeds: {n_seeds}
time_limit: 10
baseline: default
"""
OTHERS = """\
instances: others
settings:
  scip: {}
  highs: {solver: highs}
  no presolving: {presolving/maxrounds: 0}
seeds: 2
time_limit: 10
baseline: scip
"""
MODELS_OF_OTHERS = (
    "arbitrage-4.mps.gz",
    "cfl-10x20.mps.gz",
    "indset-60.mps.gz",
    "lotsize-6x15.mps.gz",
    "msplit-3x20.lp",
    "netload-7x12.mps.gz",
)
QUICK_MODELS = ("arbitrage-4.mps.gz", "cfl-10x20.mps.gz", "gap-5x20.lp")
MODELS_OF_PICTURES = (
    "arbitrage-4.mps.gz",
    "auction-50x200.mps.gz",
    "cfl-10x20.mps.gz",
    "cfl-20x30.mps.gz",
    "cutstock-15.lp",
    "gap-5x20.lp",
    "mcflow-40x200.mps.gz",
    "mkp-5x40.lp",
    "msplit-3x20.lp",
    "netdes-12x50.mps.gz",
    "netload-7x12.mps.gz",
    "transport-60x100.mps.gz",
)


@dataclass(frozen=True, slots=True)
class Site:
    """Where ``bench ui`` shows a sweep, and what ``bench sweep --json`` said of it."""

    address: str
    sweep: dict[str, Any]

    @property
    def experiment(self) -> str:
        """The address of the experiment's page."""
        return self.address.split("?")[0].removesuffix("/runs")

    @property
    def n_tasks(self) -> int:
        """How many tasks the sweep has."""
        return sum(one["aggregates"]["n_tasks"] for one in self.sweep["settings"])

    def settings(self, metric: str) -> dict[str, float]:
        """Return a metric of each setting by its name."""
        return {one["name"]: one["aggregates"][metric] for one in self.sweep["settings"]}


@dataclass(frozen=True, slots=True)
class Page:
    """What a person does with a page: go there, read, click, wait."""

    browser: Chrome
    folder: Path

    def go(self, address: str) -> None:
        """Open an address as if for the first time."""
        self.browser.get("about:blank")
        self.browser.get(address)

    def all(self, css: str) -> list[WebElement]:
        """Return the elements that are there now."""
        return self.browser.find_elements(By.CSS_SELECTOR, css)

    def has(self, n: int, css: str) -> bool:
        """Say whether there are so many elements now."""
        return len(self.all(css)) == n

    def texts(self, css: str) -> list[str]:
        """Return the texts of the elements that are there now, from top to bottom."""
        found = [(one.location["y"], one.text.strip()) for one in self.all(css)]
        return [text for _, text in sorted(found, key=lambda pair: pair[0]) if text]

    def curves(self) -> list[list[str]]:
        """Return the names of the curves in each line chart, from the top left on."""
        found = self.browser.execute_script(
            "return [...document.querySelectorAll('.js-plotly-plot')].map(plot =>"
            " plot.data.filter(one => one.type === 'scatter').map(one => one.name))"
        )
        return [sorted(set(names)) for names in found if names]

    def until(self, told: Callable[[], Any], what: str) -> Any:
        """Wait until something is true, and return it."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            with suppress(StaleElementReferenceException):
                if found := told():
                    return found
            time.sleep(0.2)
        self.save("timeout")
        raise TimeoutException(f"{what}: not there; the page says: {self.text[:2000]}")

    def until_text(self, *texts: str) -> None:
        """Wait until all these texts can be read."""
        for text in texts:
            self.until(partial(self._says, text), text)

    def _says(self, text: str) -> bool:
        return text in self.text

    @property
    def text(self) -> str:
        """All that can be read."""
        return self.browser.find_element(By.TAG_NAME, "body").text

    def click(self, css: str, text: str = "") -> None:
        """Click the first such element with this text, once it is there."""

        def clicked() -> bool:
            for one in self.all(css):
                if text in one.text and one.is_displayed():
                    one.click()
                    return True
            return False

        self.until(clicked, f"{css} {text}")

    def search(self, text: str) -> None:
        """Type into the search box of the runs, once they are there.

        MLflow shows whichever answer comes last: one that is still under way would hide ours.
        """
        self.until(lambda: re.search(r"\b[1-9]\d* matching run", self.text), "runs")
        box = self.until(lambda: self.all("input[placeholder^='metrics.rmse']"), "search box")[0]
        box.send_keys(text)

        def asked() -> bool:
            box.send_keys(Keys.ENTER)  # the first may only take what is suggested
            return "searchFilter=" in self.browser.current_url

        self.until(asked, f"search for {text}")

    def save(self, name: str) -> None:
        """Take a picture, as small as it can be without a change."""
        path = self.folder / f"{name}.png"
        self.browser.save_screenshot(str(path))
        with suppress(ImportError):
            from PIL import Image

            with Image.open(path) as image:
                image.convert("RGB").save(path, optimize=True)
            if path.stat().st_size > LARGEST:
                with Image.open(path) as image:
                    image.quantize(256).save(path, optimize=True)


def _executable(name: str) -> str:
    found = shutil.which(name)
    if found is None and REQUIRED:
        pytest.fail(f"{name} is not installed; apt-get install chromium chromium-driver")
    if found is None:
        pytest.skip(f"{name} is not installed; apt-get install chromium chromium-driver")
    return found


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """Return a headless Chromium without a past."""
    options = Options()
    options.binary_location = _executable("chromium")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    chrome = Chrome(options=options, service=Service(_executable("chromedriver")))
    size = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    yield chrome
    chrome.quit()


@pytest.fixture(scope="session")
def site(browser: Chrome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a sweep of five settings in a store, shown by ``bench ui``: larger for pictures."""
    del browser
    models, n_seeds = (MODELS_OF_PICTURES, 2) if SCREENSHOTS else (QUICK_MODELS, 1)
    folder = tmp_path_factory.mktemp("site")
    (folder / "models").mkdir()
    for name in (*models, "bundled.solu"):
        shutil.copy(ROOT / "instances" / name, folder / "models")
    (folder / "knobs.yaml").write_text(SWEEP.format(n_seeds=n_seeds))
    (folder / "false.solu").write_text("=opt= arbitrage-4 1\n")
    arguments = ["knobs.yaml", "--jobs", "2", "--oversubscribe"]
    shown = [*arguments, "--experiment-name", "scip", "--json"]
    sweep = in_process(folder, "sweep", *shown).json
    wrong = ["models/arbitrage-4.mps.gz", "--solu", "false.solu"]
    in_process(folder, "run", *wrong, "--experiment-name", "doubtful")
    if SCREENSHOTS:
        _record_mixed(folder)
    for name in ("no cuts", "alpha=0.15"):
        in_process(folder, "register", name, "--from", "knobs", "--model", "plant")
    in_process(folder, "promote", "plant", "1", "--alias", "trial", "--force")
    command = [sys.executable, "-m", "bench", "ui", "--port", "0", "--experiment-name", "scip"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Site(process.stdout.readline().strip(), sweep)
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def _record_mixed(folder: Path) -> None:
    """Record an experiment as it looks after some days: runs, two sweeps, two sets, two solvers."""
    (folder / "others").mkdir()
    for name in MODELS_OF_OTHERS:
        shutil.copy(ROOT / "instances" / name, folder / "others")
    (folder / "solvers.yaml").write_text(OTHERS)
    mixed = ["--experiment-name", "mixed"]
    for model in ("arbitrage-4.mps.gz", "mkp-5x40.lp"):
        in_process(folder, "run", f"models/{model}", *mixed)
    in_process(folder, "sync", "knobs", *mixed)
    in_process(folder, "sweep", "solvers.yaml", "--jobs", "2", "--oversubscribe", *mixed)


@pytest.fixture
def blank(browser: Chrome, tmp_path: Path) -> Iterator[Page]:
    """Return the browser, and where pictures go; no page is left to ask the server for news."""
    folder = Path(SCREENSHOTS).absolute() if SCREENSHOTS else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    yield Page(browser, folder)
    browser.get("about:blank")


@pytest.fixture
def page(blank: Page, site: Site) -> Page:
    """Return the browser, with MLflow's assistant put aside as a user does once."""
    blank.browser.get(site.address.split("#")[0] + "health")
    blank.browser.execute_script(
        "localStorage.clear();"
        "localStorage.setItem('mlflow.assistant.panelOpen_v1', 'false');"
        "localStorage.setItem('mlflow.assistant.fab.autoOpenedOnFirstLoad_v1', 'true');"
    )
    if SCREENSHOTS:  # what the script of ``bench ui`` does, also where an older one is installed
        blank.browser.execute_script(
            "localStorage.setItem('mlflow.workflowType_v1', '\"machine_learning\"');"
        )
    return blank
