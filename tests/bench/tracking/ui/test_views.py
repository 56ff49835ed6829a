"""Ready-made views: what is in them, and that a user's own ones stay."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import pytest

from bench.model.setting import Setting
from bench.tracking.ui.view_tags import MEMORY, Choices, choices, due_tags, offer_views
from bench.tracking.ui.views import FIRST, SHARED, views

FIRST_TAG = SHARED + FIRST


def state(value: str) -> dict[str, Any]:
    """Return the state of the page in a view's tag."""
    packed = json.loads(value)["state"].removeprefix("deflate;")
    found: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(packed)))
    return found


def named(*names: str) -> Choices:
    """Return choices that every setting has."""
    return Choices(names, names)


def test_the_first_view_shows_settings_by_their_mean_time() -> None:
    """With what they differ in as columns, and curves as charts."""
    found = state(due_tags({}, named("alpha", "separating/maxrounds"), 1000)[FIRST_TAG])
    assert found["searchFilter"] == "tags.\"bench.kind\" = 'setting'"
    assert (found["orderByKey"], found["orderByAsc"]) == ("metrics.`time_sgm1_s`", True)
    assert {"params.`alpha`", "params.`separating/maxrounds`"} <= set(found["selectedColumns"])
    lines = [chart["metricKey"] for chart in found["compareRunCharts"] if chart["type"] == "LINE"]
    assert lines == ["profile/share_within_ratio", "cactus/time_s"]


def test_the_menu_lists_the_views_in_our_order() -> None:
    """It shows the latest first."""
    tags = due_tags({}, named(), 1000)
    moments = [json.loads(tags[SHARED + view.key])["updatedAt"] for view in views([])]
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
    tags = due_tags({}, Choices(("alpha", "x"), ("alpha",)), 1000)
    tags |= due_tags(tags, Choices(("alpha", "y"), ("alpha", "y")), 2000)
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
    assert choices([one]) == named("alpha", "x")
    assert choices([]) == Choices()


def test_a_store_that_fails_costs_no_more_than_the_views() -> None:
    """Nothing is raised."""

    class Broken:
        """Has no experiment."""

        def get_experiment(self, experiment_id: str) -> None:
            """Fail as a server may."""
            raise RuntimeError(experiment_id)

    offer_views(Broken(), "1", named("alpha"))  # type: ignore[arg-type]
