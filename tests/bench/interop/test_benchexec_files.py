"""Reading results of BenchExec."""

from __future__ import annotations

import bz2
from pathlib import Path

import pytest

from bench.errors import UsageError
from bench.interop import any_format
from bench.interop.any_format import SourceFormat
from bench.interop.benchexec_files import read
from bench.interop.reported import ImportHints, ReportedResult
from bench.model.limits import Clock
from bench.model.results.verdict import Category

FILE = """\
<?xml version="1.0" ?>
<!DOCTYPE result PUBLIC '+//IDN sosy-lab.org//DTD BenchExec result 3.0//EN' 'https://x/y.dtd'>
<result benchmarkname="mine" name="deep" tool="Quick" version="1.2" timelimit="10 s"
 memlimit="512 MiB">
  <columns><column title="status"/></columns>
  <systeminfo hostname="secret-host"><environment><var name="TOKEN">s3cr3t</var></environment>
  </systeminfo>
  {}
  <column title="cputime" value="99"/>
</result>
"""
RUN = """\
<run name="{}"><column title="status" value="{}"/><column title="category" value="{}"/>
<column title="cputime" value="1.5s"/><column title="walltime" value="2.25s"/>
<column title="memory" value="2097152B"/></run>"""


def runs(*each: tuple[str, str, str], **hints: object) -> tuple[ReportedResult, ...]:
    """Return what a file with these runs (name, status, category) reports."""
    text = FILE.format("\n".join(RUN.format(*run) for run in each))
    return read(text, "q.xml", ImportHints(**hints)).reported  # type: ignore[arg-type]


def test_a_run_is_a_result_with_its_cpu_time() -> None:
    """Limit and clock are those of the file; nothing is taken from the block on its host."""
    (found,) = runs(("../set/p1.mps.gz", "done", "correct"))
    task = found.task
    assert (task.instance.name, task.setting.name) == ("p1", "mine.deep@quick-1.2")
    assert (task.setting.solver, task.solver_version) == ("quick", "1.2")
    assert (task.limits.time_s, task.limits.clock, task.limits.memory_mib) == (10, Clock.CPU, 512)
    assert (found.answer.solve_time_s, found.answer.solve_wall_s, found.peak_mib) == (1.5, 2.25, 2)
    assert "s3cr3t" not in repr(found)
    assert "secret-host" not in repr(found)


def test_the_wall_clock_has_no_limit_of_the_cpu_clock() -> None:
    """BenchExec limits CPU time."""
    (found,) = runs(("p", "done", "correct"), clock=Clock.WALL)
    assert (found.answer.solve_time_s, found.task.limits.time_s) == (2.25, None)


@pytest.mark.parametrize(
    ("status", "category", "expected"),
    [
        ("true", "correct", ("optimal", Category.SOLVED)),
        ("unsat", "correct-unconfirmed", ("infeasible", Category.SOLVED)),
        ("false(unreach-call)", "wrong", ("optimal", Category.WRONG)),
        ("sat", "missing", ("optimal", Category.UNCONFIRMED)),
        ("unknown", "unknown", ("unknown", Category.CRASHED)),
        ("TIMEOUT", "error", ("timelimit", Category.LIMIT)),
        ("TIMEOUT (true)", "error", ("timelimit", Category.LIMIT)),
        ("OUT OF MEMORY", "error", ("memlimit", Category.LIMIT)),
        ("SEGMENTATION FAULT", "error", (None, Category.CRASHED)),
        ("strange", "error", (None, Category.CRASHED)),
        ("", "", (None, Category.CRASHED)),
    ],
)
def test_category_and_status_say_what_became_of_a_run(
    status: str, category: str, expected: tuple[str | None, Category]
) -> None:
    """A word that is no answer is an error."""
    (found,) = runs(("p", status, category))
    assert (found.answer.status, found.category) == expected


def test_a_status_may_be_explained() -> None:
    """As in any table."""
    (found,) = runs(("p", "strange", ""), statuses={"strange": "nodelimit"})
    assert found.category is Category.LIMIT


def test_names_stay_whole_where_they_would_be_the_same() -> None:
    """Instances of two folders are two."""
    names = [one.task.instance.name for one in runs(("a/p.mps", "", ""), ("b/p.mps", "", ""))]
    assert names == ["a/p.mps", "b/p.mps"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><result>&b;</result>', "an XML ent"),
        ('<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><result>&a;</result>', "an XML e"),
        ("<html><body/></html>", "its root is <html>, not BenchExec's <result>"),
        ("<result><run name='p'>", "q.xml:1: not XML: no element found"),
        ("<result></result>", "no runs"),
    ],
)
def test_what_is_no_result_or_could_expand_without_end_is_refused(text: str, message: str) -> None:
    """Also a file that would make the reader open another one."""
    with pytest.raises(UsageError, match=message):
        read(text, "q.xml", ImportHints())


def test_a_packed_file_is_read_up_to_a_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name tells the format; damage and excess are named."""
    path = tmp_path / "q.results.xml.bz2"
    text = FILE.format(RUN.format("p", "done", "correct"))
    path.write_bytes(bz2.compress(text.encode()))
    assert any_format.format_of(path) is SourceFormat.XML
    assert len(any_format.read(path, None, ImportHints()).reported) == 1
    monkeypatch.setattr(any_format, "LARGEST", 100)
    with pytest.raises(UsageError, match="more than"):
        any_format.read(path, None, ImportHints())
    monkeypatch.undo()
    path.write_bytes(bz2.compress(text.encode())[:-10])
    with pytest.raises(UsageError, match="damaged"):
        any_format.read(path, None, ImportHints())
