"""Ready-made views: what is in them, and that a user's own ones stay."""

from __future__ import annotations

import base64
import json
import zlib
from types import SimpleNamespace
from typing import Any

import pytest

from bench.model.setting import Setting
from bench.store.run_keys import HIDDEN
from bench.tracking.ui.overview import Choices, Overview, choices, slow_enough_s
from bench.tracking.ui.view_tags import FORMER_MEMORY, MEMORY, due_tags, offer_views
from bench.tracking.ui.views import FIRST, SHARED, views

FIRST_TAG = SHARED + FIRST
NAME = "attributes.`Run Name`"


def state(value: str) -> dict[str, Any]:
    """Return the state of the page in a view's tag."""
    packed = json.loads(value)["state"].removeprefix("deflate;")
    found: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(packed)))
    return found


def named(*names: str) -> Overview:
    """Return choices that every setting has."""
    return Overview(choices=Choices(names, names))


def test_the_first_view_shows_settings_by_their_rank() -> None:
    """With their conclusion, what they differ in as columns, and curves as charts."""
    found = state(due_tags({}, named("alpha", "separating/maxrounds"), 1000)[FIRST_TAG])
    assert found["searchFilter"].startswith("tags.\"bench.kind\" = 'setting'")
    assert (found["orderByKey"], found["orderByAsc"]) == ("metrics.`rank`", True)
    columns = found["selectedColumns"]
    assert columns[0] == "tags.`conclusion`"
    assert {"params.`alpha`", "params.`separating/maxrounds`", "params.`solver`"} <= set(columns)
    lines = [chart["metricKey"] for chart in found["compareRunCharts"] if chart["type"] == "LINE"]
    assert lines == ["profile/share of tasks solved", "cactus/tasks solved"]


def test_the_menu_lists_the_views_in_our_order() -> None:
    """It shows the latest first."""
    tags = due_tags({}, named(), 1000)
    moments = [json.loads(tags[SHARED + view.key])["updatedAt"] for view in views(named())]
    assert moments == sorted(moments, reverse=True)


def test_every_view_fits_into_a_tag() -> None:
    """Older servers take 5,000 characters, newer ones 20,000; names may be long ones."""
    names = [f"separating/{'x' * 60}{number}" for number in range(20)]
    tags = due_tags({}, named(*names), 1000)
    assert max(map(len, tags.values())) < 5000


def test_what_is_up_to_date_is_not_written_again() -> None:
    """Whenever it is looked at."""
    tags = due_tags({}, named("alpha"), 1000)
    assert due_tags(tags, named("alpha"), 2000) == {}


def test_choices_of_earlier_campaigns_stay_columns() -> None:
    """The view is rewritten, because nobody has changed it."""
    tags = due_tags({}, named("alpha"), 1000)
    due = due_tags(tags, named("separating/maxrounds"), 2000)
    assert set(due) == {FIRST_TAG, MEMORY}
    columns = state(due[FIRST_TAG])["selectedColumns"]
    assert {"params.`alpha`", "params.`separating/maxrounds`"} <= set(columns)


def test_parallel_coordinates_have_the_axes_that_all_settings_share() -> None:
    """A run that lacked one would be left out; the setting's name always stands there."""
    tags = due_tags({}, Overview(choices=Choices(("alpha", "x"), ("alpha",))), 1000)
    tags |= due_tags(tags, Overview(choices=Choices(("alpha", "y"), ("alpha", "y"))), 2000)
    charts = state(tags[FIRST_TAG])["compareRunCharts"]
    (chart,) = (chart for chart in charts if chart["type"] == "PARALLEL")
    assert chart["selectedParams"] == ["alpha", "setting"]


@pytest.mark.parametrize("own", [None, '{"name": "mine", "createdAt": 1, "state": "{}"}', "junk"])
def test_a_view_that_the_user_has_changed_or_deleted_is_left_alone(own: str | None) -> None:
    """And the others are kept up to date all the same."""
    tags = due_tags({}, named("alpha"), 1000)
    others = {name: value for name, value in tags.items() if name != FIRST_TAG}
    changed = others if own is None else others | {FIRST_TAG: own}
    assert FIRST_TAG not in due_tags(changed, named("l1_ratio"), 2000)


def test_a_view_of_ours_that_nobody_remembers_writing_is_left_alone() -> None:
    """It may be anybody's; a damaged memory counts as none."""
    tags = due_tags({}, named("alpha"), 1000) | {MEMORY: "junk"}
    assert set(due_tags(tags, named("l1_ratio"), 2000)) == {MEMORY}


def test_settings_are_told_apart_by_knobs_and_by_parameters_that_differ() -> None:
    """What alpha and l1_ratio stand for and what is the same everywhere is left out."""
    weight = "cutselection/hybrid/objparalweight"
    one = Setting(name="a", solver="scip", knobs={"alpha": 0.1}, params={weight: 0.1, "x": 1})
    two = Setting(name="b", solver="scip", knobs={"alpha": 0.1}, params={"y": 2, "x": 1})
    assert choices([one, two]) == Choices(("alpha", "y"), ("alpha",))
    assert choices([one]) == named("alpha", "x").choices
    assert choices([]) == Choices()


def test_a_store_that_fails_costs_no_more_than_the_views() -> None:
    """Nothing is raised."""

    class Broken:
        """Has no experiment."""

        def get_experiment(self, experiment_id: str) -> None:
            """Fail as a server may."""
            raise RuntimeError(experiment_id)

    offer_views(Broken(), "1", named("alpha"))  # type: ignore[arg-type]


def test_settings_are_grouped_by_instance_set_the_newest_open() -> None:
    """Settings of another set, limit or machine are no competitors; each set has its own view."""
    tags = due_tags({}, Overview(sets=("old",)), 1000)
    tags |= due_tags(tags, Overview(sets=("new",)), 2000)
    found = state(tags[FIRST_TAG])
    assert found["groupBy"]["groupByKeys"] == [{"mode": "tag", "groupByData": "instance_set"}]
    assert found["groupsExpanded"] == {"tag.instance_set.old": False}
    ungrouped = state(tags[SHARED + "bench-tasks"])
    assert found["columnWidths"][NAME] > ungrouped["columnWidths"][NAME]
    own = [state(tag) for name, tag in tags.items() if name.startswith(f"{SHARED}bench-set-")]
    assert [view["groupBy"] for view in own] == [None, None]
    assert {"tags.\"instance_set\" = 'old'" in view["searchFilter"] for view in own} == {
        True,
        False,
    }


def test_an_older_campaign_that_is_checked_does_not_become_the_newest() -> None:
    """Whichever was recorded last: open set, sweep and conclusion are those of the newest."""
    old = Overview(started_ms=1, sets=("old",), sweep_id="o", slow_s=1.0, note="old")
    new = Overview(started_ms=2, sets=("new",), sweep_id="n", note="new")
    expected = Overview(started_ms=2, sets=("new", "old"), sweep_id="n", note="new")
    assert new.after(old) == old.after(new) == old.after(new.after(old)) == expected
    run = Overview(started_ms=3, sets=("run",))
    assert run.after(new) == Overview(started_ms=3, sets=("run", "new"), sweep_id="n", note="new")


def test_views_of_the_oldest_sets_are_removed() -> None:
    """Unless the user has changed them."""
    tags: dict[str, Any] = {}
    for number in range(12):
        due = due_tags(tags, Overview(sets=(f"set {number}",)), 1000 + number)
        tags = {name: value for name, value in (tags | due).items() if value}
    assert len([name for name in tags if name.startswith(f"{SHARED}bench-set-")]) == 8


def test_a_set_that_no_setting_has_anymore_loses_its_view() -> None:
    """The sweep was edited: another set has taken its place; others stay."""

    class Client:
        """An experiment with settings on two sets."""

        def __init__(self) -> None:
            """Begin with nothing."""
            self.tags: dict[str, str] = {}
            self.sets = {"kept", "first"}

        def get_experiment(self, experiment_id: str) -> Any:
            """Return its tags."""
            del experiment_id
            return SimpleNamespace(tags=self.tags)

        def set_experiment_tag(self, experiment_id: str, key: str, value: Any) -> None:
            """Set a tag."""
            del experiment_id
            self.tags[key] = value

        def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
            """Remove a tag."""
            del experiment_id
            del self.tags[key]

        def search_runs(self, ids: list[str], text: str, *, max_results: int) -> list[str]:
            """Return the sets that a filter names."""
            del ids, max_results
            return [each for each in self.sets if f"'{each}'" in text]

    client = Client()
    offer_views(client, "1", Overview(sets=("kept",), note="a"))
    offer_views(client, "1", Overview(sets=("first",), note="b"))
    client.sets = {"kept", "second"}
    offer_views(client, "1", Overview(sets=("second",)))
    assert json.loads(client.tags[MEMORY])["sets"] == ["second", "first", "kept"]
    offer_views(client, "1", Overview(sets=("second",), note="c"))
    assert json.loads(client.tags[MEMORY])["sets"] == ["second", "kept"]
    own = [name for name in client.tags if name.startswith(f"{SHARED}bench-set-")]
    assert len(own) == 2
    assert set(state(client.tags[FIRST_TAG])["groupsExpanded"]) == {"tag.instance_set.kept"}


def test_ready_made_views_hide_what_is_left_out() -> None:
    """Where the server's filters can."""
    for hiding in (True, False):
        filters = [view.filter for view in views(Overview(sets=("a",)), hiding=hiding)]
        assert all(('"bench.left_out" IS NULL' in each) is hiding for each in filters)


def test_the_view_of_tasks_is_one_sweep_and_of_a_large_one_its_slowest() -> None:
    """Sorting 10,000 tasks takes MLflow 23 s."""
    (view,) = (v for v in views(Overview(sweep_id="c0ffee", slow_s=2.5)) if v.key == "bench-tasks")
    assert "= 'c0ffee'" in view.filter
    assert 'metrics."time/solve_s" >= 2.5' in view.filter
    assert slow_enough_s([1.0] * 500) is None
    assert slow_enough_s([float(n) for n in range(1000)]) == 500.0


def test_a_note_of_the_user_stays() -> None:
    """Else the description of the experiment has the newest conclusion and a link."""
    note = "mlflow.note.content"
    tags = due_tags({}, Overview(note="**cuts**: a is better."), 1000, experiment_id="7")
    assert tags[note].startswith("**cuts**: a is better. [")
    assert "#/experiments/7/runs?" in tags[note]
    due = due_tags(tags, Overview(note="newer"), 2000, experiment_id="7")
    assert due[note].startswith("newer")
    assert note not in due_tags({note: "mine"}, Overview(note="newer"), 2000)
    assert note not in due_tags(tags | {note: "mine"}, Overview(note="newer"), 2000)


def test_what_version_0_1_remembered_is_understood() -> None:
    """It knew choices alone, in a tag that MLflow's pages show: they get another name."""
    memory = json.dumps({"choices": ["alpha"], "axes": ["alpha"], "written": {}})
    due = due_tags({FORMER_MEMORY: memory}, named("beta"), 1000)
    assert "params.`alpha`" in state(due[FIRST_TAG])["selectedColumns"]
    assert due[FORMER_MEMORY] == ""
    assert json.loads(due[MEMORY])["choices"] == ["alpha", "beta"]


def test_mlflows_pages_show_no_tag_of_an_experiment_that_is_ours() -> None:
    """What is remembered would stand as raw JSON on MLflow's home page."""
    tags = due_tags({}, Overview(sets=("a",), note="a is better."), 1000)
    assert all(name.startswith(HIDDEN) for name in tags)
