"""The report, read as a person reads it: with mouse and keyboard, on a phone, in the dark."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from bench.comparison.options import Options
from bench.comparison.sources import RecordedResults
from bench.journal.table import frame
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.results.process_stats import ProcessStats, Termination
from bench.model.results.result import Result
from bench.model.results.solver_output import SolverOutput, TracePoint
from bench.model.results.verdict import Category, Verdict, VerdictKind
from bench.model.setting import Setting
from bench.model.task import Task
from bench.report.page.cells import MISSING
from bench.report.page.page import report_page

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = pytest.mark.xdist_group("browser")

SETTINGS = {"default": 1.0, "cuts": 0.8, "no cuts": 1.3}
N_INSTANCES = 40
N_RESULTS = N_INSTANCES * len(SETTINGS)
ROWS = "#results-table tbody tr"
FIRST_POINT = r"""
const [x, y] = arguments[0].querySelector(".curve").getAttribute("d").match(/[\d.]+/g).map(Number);
const box = arguments[0].getBoundingClientRect();
return [box.left + x * box.width / 600, box.top + y * box.width / 600];
"""
DESKTOP = {"width": 1280, "height": 960, "deviceScaleFactor": 1, "mobile": False}
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a report on three settings x 40 instances; one result is wrong."""
    folder = tmp_path_factory.mktemp("report")
    results = tuple(
        _result(folder, at, setting, factor)
        for at in range(N_INSTANCES)
        for setting, factor in SETTINGS.items()
    )
    recorded = RecordedResults(table=frame(results), names=("cuts",), results=results)
    path = folder / "report.html"
    path.write_text(report_page(recorded, Options(baseline="default"), ["bench report cuts"]))
    return path.as_uri()


def _result(folder: Path, at: int, setting: str, factor: float) -> Result:
    name = f"{'gap' if at % 2 else 'tsp'}-{at}"
    seconds = factor * (2 + at + 3 * math.sin(7 * at * len(setting)) ** 2)
    own = folder / f"{name}-{setting}"
    own.mkdir()
    lines = ["first", *["middle"] * 19, f"end of {name} {setting}"]
    (own / "solver.log").write_text("\n".join(lines))
    trace = (
        TracePoint(seconds * k / 20, 100.0 + 20 / (k + 1), 100.0 - 30 / (k + 1), n_nodes=k)
        for k in range(21)
    )
    wrong = (at, setting) == (5, "cuts")
    return Result(
        task=Task(
            instance=Instance(name=name, path=Path(f"{name}.mps"), digest=name),
            setting=Setting(name=setting, solver="scip"),
            solver_version="10.0.2",
            limits=Limits(time_s=60),
        ),
        answer=SolverOutput(
            status="optimal",
            primal_bound=100.0,
            dual_bound=100.0,
            gap=0.0,
            n_nodes=10 * at,
            solve_time_s=seconds,
            trace=tuple(trace),
        ),
        execution=ProcessStats(
            termination=Termination.NORMAL, evidence="", started_at=1.7e9, wall_s=seconds
        ),
        verdict=Verdict(Category.WRONG, "off by 1", VerdictKind.OBJECTIVE)
        if wrong
        else Verdict(Category.SOLVED, "as the reference says"),
        folder=own,
    )


@pytest.fixture
def report(blank: Page, address: str) -> Iterator[Page]:
    """Return the browser with the report opened, in a window of its own size."""
    before = blank.browser.execute_script("return [innerWidth, innerHeight]")
    _emulate(blank, DESKTOP)
    blank.go(address)
    yield blank
    _emulate(blank, DESKTOP | {"width": before[0], "height": before[1]})


def _emulate(page: Page, screen: dict[str, Any], scheme: str = "light") -> None:
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)


def _log(page: Page) -> list[dict[str, Any]]:
    """Return what the browser's log has got since it was last asked for."""
    browser: Any = page.browser
    return [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]


def column(page: Page, number: int) -> list[str]:
    """Return the texts of a column of the table of results, from 1."""
    return [cell.text for cell in page.all(f"{ROWS} :is(td, th):nth-child({number})")]


def test_it_asks_no_network_for_anything(blank: Page, address: str) -> None:
    """The browser's own log of requests has the file alone."""
    blank.browser.get("about:blank")
    _log(blank)
    blank.browser.get(address)
    asked = [
        each["params"]["request"]["url"]
        for each in _log(blank)
        if each["method"] == "Network.requestWillBeSent"
    ]
    assert [url for url in asked if not url.startswith("data:")] == [address]


def test_the_verdict_is_what_one_sees_first(report: Page) -> None:
    """In words, without scrolling; then the table of settings."""
    assert "slower than default" in report.all(".headline")[0].text
    assert "fails more" in report.all(".headline")[0].text
    report.save("report")


def test_a_column_sorts_by_keyboard_and_says_so(report: Page) -> None:
    """Numbers as numbers: ascending, then descending."""
    head = report.all("#results-table thead th")[10]
    head.find_element("tag name", "button").send_keys(Keys.ENTER)
    seconds = [float(text) for text in column(report, 11)]
    assert seconds == sorted(seconds)
    assert head.get_attribute("aria-sort") == "ascending"
    head.find_element("tag name", "button").send_keys(Keys.ENTER)
    assert float(column(report, 11)[0]) > seconds[-1]
    assert head.get_attribute("aria-sort") == "descending"


def test_results_are_filtered_by_setting_family_verdict_and_text(report: Page) -> None:
    """All of them together; reset shows everything, a hundred at a time."""
    shown = report.all("#shown")[0]
    assert shown.text == f"{N_RESULTS} of {N_RESULTS} results, 1 to 100 shown"
    Select(report.all("#filter-family")[0]).select_by_visible_text("gap")
    assert shown.text == f"60 of {N_RESULTS} results"
    Select(report.all("#filter-setting")[0]).select_by_visible_text("cuts")
    assert set(column(report, 2)) == {"cuts"}
    Select(report.all("#filter-verdict")[0]).select_by_visible_text("wrong")
    assert column(report, 1) == ["gap-5"]
    report.click(".filters button[type='reset']")
    report.until(lambda: shown.text.startswith(f"{N_RESULTS} of"), "everything")
    report.all("#filter-text")[0].send_keys("TSP-12")
    assert set(column(report, 1)) == {"tsp-12"}
    report.click(".filters button[type='reset']")
    report.until(lambda: shown.text.startswith(f"{N_RESULTS} of"), "everything")
    report.click("#after")
    assert len(report.all(ROWS)) == N_RESULTS - 100


def test_a_task_shows_the_end_of_its_log(report: Page) -> None:
    """Its last twenty lines, with the reason of its verdict; Escape closes it."""
    report.click("#verdict .open", "gap-5")
    log = report.until(lambda: report.all("#task-log"), "log")[0]
    assert log.text.splitlines()[-1] == "end of gap-5 cuts"
    assert len(log.text.splitlines()) == 20
    assert "off by 1" in report.all("#task-details")[0].text
    ActionChains(report.browser).send_keys(Keys.ESCAPE).perform()
    report.until(lambda: not report.all("dialog[open]"), "closed")


def test_a_result_opens_at_the_first_click_after_a_text_was_typed(report: Page) -> None:
    """Leaving the box does not put other rows under the pointer."""
    report.all("#filter-text")[0].send_keys("tsp-12")
    report.all(f"{ROWS} .open")[0].click()
    assert report.all("dialog[open]")
    ActionChains(report.browser).send_keys(Keys.ESCAPE).perform()
    report.click(".filters button[type='reset']")


SIDE = "#side-table tbody tr"


def side(page: Page, number: int) -> list[str]:
    """Return the first lines of a column of the table of settings side by side, from 1."""
    cells = page.all(f"{SIDE} :is(td, th):nth-child({number})")
    return [cell.text.splitlines()[0] for cell in cells]


def test_settings_are_side_by_side_and_sorted_by_any_column(report: Page) -> None:
    """Where one fails comes first, then the largest ratio; then as is asked for."""
    assert len(report.all(SIDE)) == N_INSTANCES
    assert side(report, 1)[0] == "gap-5"
    assert "wrong" in side(report, 3)[0]
    report.browser.execute_script("document.getElementById('side-by-side').scrollIntoView()")
    report.save("report-side-by-side")
    heads = report.all("#side-table thead th")
    assert [head.text for head in heads] == [
        *("instance", "default", "cuts", "ratio", "no cuts", "ratio"),
    ]
    heads[5].find_element("tag name", "button").send_keys(Keys.ENTER)
    ratios = [float(text) for text in side(report, 6)]
    assert ratios == sorted(ratios, reverse=True)
    heads[5].find_element("tag name", "button").send_keys(Keys.ENTER)
    assert [float(text) for text in side(report, 6)] == sorted(ratios)
    assert heads[5].get_attribute("aria-sort") == "ascending"
    heads[1].find_element("tag name", "button").send_keys(Keys.ENTER)
    seconds = [float(text) for text in side(report, 2)]
    assert seconds == sorted(seconds, reverse=True)
    heads[0].find_element("tag name", "button").send_keys(Keys.ENTER)
    assert side(report, 1)[:3] == ["gap-1", "gap-3", "gap-5"]


def test_instances_are_chosen_by_what_differs(report: Page) -> None:
    """Different, failing, solved by one; any column; reset shows all."""
    shown = report.all("#side-shown")[0]
    choice = Select(report.all("#side-filter")[0])
    choice.select_by_value("failed")
    assert side(report, 1) == ["gap-5"]
    choice.select_by_value("solved-by-one")
    assert shown.text == f"0 of {N_INSTANCES} instances"
    choice.select_by_value("differ")
    n_differ = len(report.all(SIDE))
    assert 0 < n_differ <= N_INSTANCES
    Select(report.all("#side-column")[0]).select_by_visible_text("nodes")
    assert shown.text == f"0 of {N_INSTANCES} instances"
    choice.select_by_value("")
    assert set(side(report, 4)) == {"1.000", MISSING}
    Select(report.all("#side-column")[0]).select_by_visible_text("verdict")
    assert not any(cell.is_displayed() for cell in report.all("#side-table .factor"))
    assert "solved" in side(report, 2)
    report.click("#side-filters button[type='reset']")
    report.until(lambda: shown.text == f"{N_INSTANCES} of {N_INSTANCES} instances", "everything")


def test_a_cell_opens_its_log_and_an_instance_its_bounds(report: Page) -> None:
    """And from the log one gets to the bounds."""
    report.click(f"{SIDE} td:nth-child(3) .open", "wrong")
    log = report.until(lambda: report.all("#task-log"), "log")[0]
    assert log.text.splitlines()[-1] == "end of gap-5 cuts"
    report.click("#task-bounds")
    assert report.all("#bounds-shown h3")[0].text == "Bounds of gap-5 over time"
    assert not report.all("dialog[open]")
    report.click(f"{SIDE} a", "tsp-38")
    assert report.all("#bounds-shown h3")[0].text == "Bounds of tsp-38 over time"
    assert report.browser.current_url.endswith("#bounds")


def test_another_instance_shows_its_bounds(report: Page) -> None:
    """The one that took longest comes first."""
    choice = Select(report.all("#choose-bounds")[0])
    assert choice.first_selected_option.text in {"gap-39", "tsp-38", "gap-37"}
    choice.select_by_visible_text("tsp-4")
    assert report.all("#bounds-shown h3")[0].text == "Bounds of tsp-4 over time"
    assert len(report.all("#bounds-shown .curve")) == 2 * len(SETTINGS)


def test_a_point_tells_its_instance_to_mouse_and_keyboard(report: Page) -> None:
    """The same words; a name in the legend hides its curves."""
    figure = report.all("#figure-scatter svg[role='img']")[0]
    figure.send_keys(Keys.ARROW_RIGHT)
    words = report.browser.execute_script("return document.getElementById('tip').textContent")
    assert words.startswith("cuts\ngap-1: ")
    assert report.all("#spoken")[0].get_attribute("textContent") == words
    figure.send_keys(Keys.ESCAPE)
    x, y = report.browser.execute_script(FIRST_POINT, figure)
    report.browser.execute_cdp_cmd(
        "Input.dispatchMouseEvent", {"type": "mouseMoved", "x": x, "y": y}
    )
    assert " against " in report.until(lambda: report.all("#tip")[0].text, "tip")
    report.click("#figure-scatter .legend button", "no cuts")
    hidden = report.all("#figure-scatter .curve[hidden]")
    assert [one.get_attribute("data-name") for one in hidden] == ["no cuts"]


@pytest.mark.parametrize(
    ("name", "screen", "scheme", "section"),
    [("dark", DESKTOP, "dark", "figures"), ("phone", PHONE, "light", "settings")],
)
def test_it_fits_a_phone_and_the_dark(
    report: Page, address: str, name: str, screen: dict[str, Any], scheme: str, section: str
) -> None:
    """Nothing is wider than the page, which is as dark as is asked for.

    Ratio and interval of a setting are seen without scrolling sideways.
    """
    _emulate(report, screen, scheme)
    report.go(address)
    width = report.browser.execute_script("return document.documentElement.scrollWidth")
    assert width <= screen["width"]
    for number in (2, 3):
        cell = report.all(f"#settings-table tbody tr:last-child td:nth-child({number})")[0]
        assert cell.rect["x"] + cell.rect["width"] <= screen["width"]
    paper = "return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    assert (sum(report.browser.execute_script(paper)) < 150) is (scheme == "dark")
    report.browser.execute_script(f"document.getElementById('{section}').scrollIntoView()")
    report.save(f"report-{name}")


def test_without_javascript_it_can_be_read(report: Page, address: str) -> None:
    """Verdict, settings, figures, the first results; nothing that would not work."""
    report.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        report.go(address)
        assert len(report.all(ROWS)) == N_RESULTS
        assert len(report.all("svg[role='img'] .curve")) > 10
        assert len(report.all(SIDE)) == N_INSTANCES
        assert [one.text for one in report.all(".facts dt")][:2] == ["limits", "solvers"]
        assert not any(one.is_displayed() for one in report.all(".filters, .pager"))
    finally:
        report.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
