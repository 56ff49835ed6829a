"""Settings compared in MLflow's own pages, clicked through as a user does it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import SCREENSHOTS

if TYPE_CHECKING:
    from tests.browser.conftest import Page, Site

NAMES = "[col-id='attributes.`Run Name`'] a"
N_SETTINGS = 5
N_EXPERIMENTS = 3

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]


def test_the_first_view_has_one_row_a_setting_best_first(page: Page, site: Site) -> None:
    """At the address that bench ui prints; the names can be read whole."""
    names = sorted(site.settings("solved"))
    page.go(site.address)
    page.until_text(f"{N_SETTINGS} matching runs", "conclusion", "ratio", "solved", "Group: models")
    page.until(lambda: sorted(page.texts(NAMES)) == names, "settings")
    page.until_text("baseline")


@pytest.mark.skipif(not SCREENSHOTS, reason="for the picture alone")
def test_a_mixed_experiment_shows_the_newest_set_first(page: Page, site: Site) -> None:
    """Runs, sweeps, two sets and two solvers: which setting is better can be read at once."""
    mixed = f"{site.experiment.rsplit('/', 1)[0]}/{N_EXPERIMENTS}"
    page.go(f"{mixed}/runs?workflowType=machine_learning&viewStateShareKey=bench-settings")
    page.until_text("Group: others: 6 instances", "Group: models: 12 instances", "highs")
    page.save("settings")


def test_the_plain_table_has_settings_with_tasks_folded(page: Page, site: Site) -> None:
    """Five rows (and the sweep's, once more runs are loaded), not one a task."""
    page.go(f"{site.experiment}/runs?workflowType=machine_learning")
    expected = sorted(site.settings("solved"))
    page.until(lambda: sorted({*page.texts(NAMES)} - {"knobs"}) == expected, "settings")
    assert len(page.texts(NAMES)) <= N_SETTINGS + 1


def test_the_views_menu_lists_the_views(page: Page, site: Site) -> None:
    """The first one first; another one can be opened there."""
    page.go(site.address)
    page.click("button", "Settings, best first")
    page.until_text("Tasks, slowest first", "Wrong answers", "Failed tasks")
    page.click("[role='menuitem']", "Sweeps, newest first")
    page.until_text("1 matching run", "bench.command")


@pytest.mark.parametrize(
    ("text", "experiment", "n_others"),
    [
        ("tags.\"bench.kind\" = 'setting' AND params.alpha = '0.15'", 1, 0),
        pytest.param('params.alpha = "0.15"', 1, 1, marks=pytest.mark.soak),
        pytest.param('tags."bench.verdict" = "wrong"', 2, 0, marks=pytest.mark.soak),
    ],
)
def test_filters_work(page: Page, site: Site, text: str, experiment: int, n_others: int) -> None:
    """Typed into the search box: one run, or one beside the tasks of its setting."""
    page.go(f"{site.experiment.rsplit('/', 1)[0]}/{experiment}/runs?workflowType=machine_learning")
    page.search(text)
    page.until_text(f"{1 + n_others * site.n_tasks // N_SETTINGS} matching run")


def test_a_filter_by_a_number_finds_the_settings_above_it(page: Page, site: Site) -> None:
    """Task runs have no such metric; the sweep has the sum of all."""
    solved = sorted(site.settings("solved").values())
    bound = int(solved[0]) - 1
    page.go(f"{site.experiment}/runs?workflowType=machine_learning")
    page.search(f"metrics.solved > {bound}")
    page.until_text(f"{N_SETTINGS + 1} matching runs")


def test_the_chart_view_overlays_one_curve_a_setting(page: Page, site: Site) -> None:
    """Performance profile, cactus and parallel coordinates stand on top."""
    page.go(f"{site.address}&compareRunsMode=CHART")
    page.until_text("profile/share of tasks solved", "cactus/tasks solved", "Parallel Coordinates")
    page.until(lambda: page.all(".parcoords"), "parallel coordinates")
    one_each = sorted(site.settings("solved"))
    page.until(lambda: page.curves()[:2] == [one_each, one_each], "one curve a setting")
    page.save("charts")


def test_three_settings_are_compared(page: Page, site: Site) -> None:
    """Mark three rows, press Compare: parallel coordinates, and the table below."""
    page.go(site.address)
    page.until_text(f"{N_SETTINGS} matching runs")
    for number in range(3):
        page.click(f".ag-pinned-left-cols-container .ag-row[row-index='{number}'] .ag-checkbox")
    page.click("button", "Compare")
    page.until_text("Comparing 3 Runs", "time_sgm1_s")
    page.until(lambda: page.all(".parcoords"), "parallel coordinates")
    page.save("compare")


def test_a_task_run_says_what_happened(page: Page, site: Site) -> None:
    """Description, verdict, problem statistics; charts of bounds, memory and CPU; files."""
    page.go(f"{site.experiment}/runs?workflowType=machine_learning&viewStateShareKey=bench-tasks")
    page.until_text("bench.verdict", "time/solve_s")
    page.click(NAMES)
    page.until_text("bench.verdict", "n_vars", "n_conss")
    page.until(lambda: page.all(".note-editor-preview-content img"), "picture of the bounds")
    page.save("task")
    page.click("button", "Show more")
    page.until_text("The solver reported:", "Its process ended:")
    page.click("[role='tab']", "Model metrics")
    page.until(lambda: page.all("input[placeholder='Search metric charts']"), "search box")
    page.all("input[placeholder='Search metric charts']")[0].send_keys("bounds")
    page.until_text("(bounds/primal_bound)", "(bounds/dual_bound)", "(bounds/gap)")
    page.click("[role='tab']", "System metrics")
    page.until_text("process_rss_mib", "process_cpu_percent", "host_load")
    page.click("[role='tab']", "Artifacts")
    page.until_text("solver.log", "solution.sol", "statistics.json.gz", "bounds.svg", "details.csv")


def test_the_sweep_run_compares_its_settings(page: Page, site: Site) -> None:
    """A table in its description, the command to repeat it, its files; the report is alive."""
    page.go(f"{site.experiment}/runs?workflowType=machine_learning&viewStateShareKey=bench-sweeps")
    page.until_text("1 matching run")
    page.click(NAMES)
    page.click("button", "Show more")
    page.until_text("To repeat it:", "bench sweep knobs.yaml")
    rows = ".note-editor-preview-content table tr"
    page.until(lambda: len(page.all(rows)) == 1 + N_SETTINGS, "a row a setting")
    page.save("sweep")
    page.click("[role='tab']", "Artifacts")
    page.until_text("results.parquet", "knobs.yaml", "report.html", "figures.html")
    artifacts = page.browser.current_url.partition("?")[0]
    for name, css, n in (
        ("report.html", "#results-table .open", min(100, site.n_tasks)),
        ("figures.html", ".js-plotly-plot .legend", 4),
    ):
        page.go(f"{artifacts}/{name}")
        page.browser.switch_to.frame(page.until(partial(page.all, "iframe"), name)[0])
        page.until(partial(page.has, n, css), name)
        page.browser.switch_to.default_content()


def test_the_registry_shows_versions_with_their_evidence(page: Page, site: Site) -> None:
    """Alias and status of each in the model's table; the sentence and all tags on its page."""
    models = f"{site.address.partition('#')[0]}#/models/plant"
    page.go(f"{models}?workflowType=machine_learning")
    page.until_text("Version 1", "Version 2", "trial", "validation-status")
    page.save("model")
    page.go(f"{models}/versions/1?workflowType=machine_learning")
    page.until_text("bench.conclusion", "bench.instance_set_digest", "no cuts")
    page.save("version")
