"""The report as a file: what is in it, in which order, and that nothing in it is dangerous."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bench.comparison.compare import compare
from bench.comparison.options import Options
from bench.comparison.sources import RecordedResults
from bench.comparison.wording.narrative import conclusions, headline
from bench.report.page.page import report_page, script_json
from bench.report.terminal.comparison import all_tables_text

Make = Callable[..., RecordedResults]
OPTIONS = Options(n_resamples=100)
NASTY = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    'quote" onload="alert(1)',
    "it's {{ 7 * 7 }} & <b>bold</b>",
    "Größe/Ähre\\backslash",
    "long-" * 40,
)


class Read(HTMLParser):
    """What a browser would see: the tags, the ids, the text of scripts with an id, the rest."""

    def __init__(self, page: str) -> None:
        """Read a page."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str, str] = {}
        self.text = ""
        self._inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        self._inside = (dict(attrs).get("id") or "code") if tag in {"script", "style"} else ""

    def handle_endtag(self, tag: str) -> None:
        """Forget a script."""
        del tag
        self._inside = ""

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if self._inside:
            self.scripts[self._inside] = self.scripts.get(self._inside, "") + data
        else:
            self.text += data

    def json(self, name: str) -> Any:
        """Return what a script of data holds."""
        return json.loads(self.scripts[name])


def test_the_verdict_stands_first(make: Make) -> None:
    """Then settings, figures, bounds, results, instances, conditions, and how to repeat it."""
    page = report_page(make(["default", "cuts"]), OPTIONS, ["bench sweep a.yaml", "bench report"])
    sections = re.findall(r'<section id="(\w+)">', page)
    expected = ["verdict", "settings", "figures", "bounds", "results", "instances", "conditions"]
    assert sections == expected
    assert page.index("bench sweep a.yaml</code>") > page.index('id="conditions"')


def test_every_figure_has_a_title_and_a_text_alternative(make: Make) -> None:
    """Profile, cactus, scatter, ratios, and the bounds of an instance."""
    read = Read(report_page(make(["default", "cuts"]), OPTIONS, []))
    drawn = [attributes for tag, attributes in read.tags if attributes.get("role") == "img"]
    assert len(drawn) == 5
    assert all(len(each["aria-label"] or "") > 30 for each in drawn)
    assert sum(tag == "figcaption" for tag, _ in read.tags) == 5


def test_names_are_escaped_wherever_they_stand(make: Make) -> None:
    """No tag, no attribute and no script comes of a name; it is shown as it is."""
    recorded = make(["default", *NASTY], instances=NASTY, wrong=NASTY[1])
    page = report_page(recorded, OPTIONS, [f"bench report '{NASTY[0]}'"])
    read = Read(page)
    assert {tag for tag, _ in read.tags}.isdisjoint({"img", "b"})
    assert not [name for _, attributes in read.tags for name in attributes if name.startswith("on")]
    assert sum(tag == "script" for tag, _ in read.tags) == 4
    assert all(name in read.text for name in NASTY)
    rows = read.json("data")["rows"]
    assert {row[0] for row in rows} == set(NASTY)
    assert set(read.json("bounds-data")) == set(NASTY)
    assert set(read.json("data")["side"]["instances"]) == set(NASTY)
    assert not any("<script>" in figure for figure in read.json("bounds-data").values())


@pytest.mark.slow
def test_the_headline_stands_there_once(make: Make) -> None:
    """With its conclusion beside it; the verdict has the other settings."""
    for settings in (["default", "cuts"], ["default", "cuts", "a", "b"]):
        recorded = make(settings)
        compared = compare(recorded.table, OPTIONS)
        page = report_page(recorded, OPTIONS, [])
        found = conclusions(compared)
        (main,) = [each for each in found if headline(compared).startswith(each.sentence)]
        head, body = Read(page.split("<main>")[0]).text, Read(page.split("<main>")[1]).text
        assert main.sentence in head
        assert main.sentence not in body
        assert main.outcome.value in head
        assert all(each.sentence in body for each in found if each is not main)


def test_what_the_numbers_stand_on_is_at_the_top(make: Make) -> None:
    """Limits, solver and version, machine, date; beside the verdict which tasks were disturbed."""
    recorded = make(["default", "cuts"])
    noise = ["none", "1.5 CPUs busy", *["none"] * 10]
    table = recorded.table.assign(machine="host, processor", noise=noise)
    page = report_page(replace(recorded, table=table), OPTIONS, [])
    head = Read(page.split("<nav")[0]).text
    for text in ("time 60 s", "scip 10", "host, processor", "2023-11-14", "3 instances"):
        assert text in head
    verdict = Read(page.split('<section id="verdict">')[1].split("</section>")[0]).text
    assert "Disturbed tasks: 1 of 12" in verdict
    assert "1.5 CPUs busy" in verdict


def test_settings_are_side_by_side_on_each_instance(make: Make) -> None:
    """Without a script too; each cell leads to its results, whatever the order of the rows."""
    recorded = make(["default", "cuts"], instances=["p", "q"], wrong="q")
    page = report_page(recorded, OPTIONS, [])
    section = page.split('<section id="side-by-side">')[1].split("</section>")[0]
    assert section.count('data-bounds="') == 2
    data = Read(page).json("data")
    side, rows = data["side"], data["rows"]
    for instance, cells in zip(side["instances"], side["rows"], strict=True):
        for setting, chosen in zip(("default", "cuts"), cells, strict=True):
            assert [rows[at][:3] for at in chosen] == [
                [instance, setting, seed] for seed in ("0", "1")
            ]
    assert side["bad"] == [name == "q" for name in side["instances"]]
    labels = re.findall(r'<option value="\d+">([^<]*)<', section)
    assert len(labels) == len(side["columns"])
    assert {"solving time (s)", "nodes", "verdict"} <= set(labels)


def test_nothing_is_asked_of_a_network(make: Make) -> None:
    """No address at all but the name of SVG's language."""
    page = report_page(make(["default", "cuts"]), OPTIONS, [])
    assert not re.findall(r"https?://|@import|url\(", page)
    read = Read(page)
    asked = [attributes for _, attributes in read.tags if {"src", "srcset"} & set(attributes)]
    assert not asked


def test_the_same_results_are_the_same_page_in_any_order(make: Make) -> None:
    """Rows of a table come in the order in which tasks ended, which says nothing."""
    recorded = make(["default", "cuts"])
    turned = replace(recorded, table=recorded.table.iloc[::-1], results=recorded.results[::-1])
    assert report_page(recorded, OPTIONS, []) == report_page(turned, OPTIONS, [])


def test_an_instance_with_a_seed_is_a_pair(make: Make) -> None:
    """One word for it, in tables, figures and notes, and in the terminal's."""
    recorded = make(["default", "cuts"], wrong="gap-1")
    page = Read(report_page(recorded, OPTIONS, [])).text
    assert "6 pairs of instance and seed" in page
    terminal = all_tables_text(compare(recorded.table, OPTIONS))
    assert "6 pairs (instance, seed) that" in terminal
    assert not re.search("blocks?", page + terminal, re.IGNORECASE)


def test_one_setting_is_no_comparison(make: Make) -> None:
    """The page says so, and has the rest."""
    read = Read(report_page(make(["only"]), OPTIONS, []))
    assert "a comparison needs two" in read.text
    assert "comparison" not in read.scripts
    assert len(read.json("data")["rows"]) == 6
    assert sum(attributes.get("role") == "img" for _, attributes in read.tags) == 2


def test_settings_of_one_name_are_compared_if_their_parameters_differ(make: Make) -> None:
    """As `bench compare` does, on every part of the page."""
    recorded = make(["a", "b"])
    params = recorded.table["setting"].map({"a": '{"p": 1}', "b": '{"p": 2}'})
    table = recorded.table.assign(setting="fast", params=params)
    read = Read(report_page(replace(recorded, table=table), OPTIONS, []))
    assert "a comparison needs two" not in read.text
    assert {row[1] for row in read.json("data")["rows"]} == {"fast (p=1)", "fast (p=2)"}
    assert read.text.count("fast (p=2)") > 2


def test_a_table_alone_has_no_bounds_and_no_logs(make: Make) -> None:
    """And the page says where they would be."""
    read = Read(report_page(replace(make(["default", "cuts"]), results=()), OPTIONS, []))
    assert "only the journal of a sweep has bounds" in read.text
    assert "This page has no logs" in read.text


def test_results_without_traces_say_so(make: Make) -> None:
    """A journal of a solver that tells nothing on its way."""
    recorded = make(["default", "cuts"])
    silent = tuple(replace(one, answer=replace(one.answer, trace=())) for one in recorded.results)
    read = Read(report_page(replace(recorded, results=silent), OPTIONS, []))
    assert "None of these results has bounds over time." in read.text


def test_a_figure_of_nothing_says_so(make: Make) -> None:
    """Where all is wrong, nothing counts; no empty axes without a word."""
    recorded = make(["default", "cuts"], instances=["gap-1"], wrong="gap-1")
    assert "nothing to draw" in report_page(recorded, OPTIONS, [])
    assert "nothing to draw" not in report_page(make(["default", "cuts"]), OPTIONS, [])


def test_wrong_results_are_named_with_their_reason(make: Make) -> None:
    """At the top, and the means say what they leave out."""
    read = Read(report_page(make(["default", "cuts"], wrong="gap-1"), OPTIONS, []))
    assert "Wrong or failed: 4 of 12" in read.text
    assert "pairs are excluded from all means" in read.text


def test_the_end_of_a_log_is_there(make: Make) -> None:
    """Twenty lines at most, whatever is in them."""
    recorded = make(["default", "cuts"])
    folder: Path = recorded.results[0].folder
    folder.mkdir()
    (folder / "solver.log").write_bytes(b"\xff\x1b[31m</script>\n" + b"line\n" * 40 + b"end\n")
    logs = Read(report_page(recorded, OPTIONS, [])).json("data")["logs"]
    assert all(text.splitlines() == ["line"] * 19 + ["end"] for text in logs.values())


def test_json_in_a_script_cannot_end_it() -> None:
    """Numbers that are JSON already stay as they are written."""
    assert script_json('{"a": 0.10}') == '{"a": 0.10}'
    assert script_json('{"a": "b < c"}') == '{"a": "b < c"}'
    for text in ("</script>", "<!--", "<script", "<SCRIPT"):
        assert "<" not in script_json([text])
    assert json.loads(script_json(["</script>&\u2028"])) == ["</script>&\u2028"]
