"""Executables are made known: what they are is asked of them, and noticed when it changes."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from bench.errors import SolverError, UsageError
from bench.solvers import registry
from bench.solvers.environments import environment
from bench.solvers.executables import record
from bench.solvers.executables.adapters import BUILT_IN, adapter
from bench.solvers.executables.add import add, add_found, refreshed
from bench.solvers.executables.program import MOST_BYTES, AskedProgram
from tests.executables import script

GLPSOL = """\
#!/bin/sh
# {comment}
case "$1" in
--version) echo "GLPSOL: GLPK LP/MIP Solver, v{version}" ;;
*) echo "{comment}" ;;
esac
"""


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a folder of solvers that no other test knows."""
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "solvers"))


@pytest.fixture
def glpsol(tmp_path: Path) -> Path:
    """Return a script that says that it is GLPK 4.65."""
    return glpk(tmp_path, "4.65")


def glpk(folder: Path, version: str, comment: str = "") -> Path:
    """Write a script that says that it is GLPK of this version."""
    return script(folder / "glpsol", GLPSOL.format(version=version, comment=comment))


def test_it_is_a_solver_by_its_name(glpsol: Path) -> None:
    """With its own version, a digest of its file, and the parameters of its kind."""
    added = add("mine", glpsol, "glpk")
    assert added.version.startswith("4.65+")
    solver = registry.load("mine")
    assert solver.version() == added.version
    assert "fpump" in solver.parameters()
    assert "mine" in registry.names()
    declared = registry.declaration("mine")
    assert (declared.code_base, declared.title, declared.read_by) == ("glpk", "mine", "scip")


def test_one_that_has_changed_is_another_version(glpsol: Path) -> None:
    """By its content: the same file again is the same version, whatever its time."""
    before = add("mine", glpsol, "glpk")
    glpk(glpsol.parent, "4.65", "rebuilt")
    after = registry.load("mine").version()
    assert after.startswith("4.65+")
    assert after != before.version
    glpk(glpsol.parent, "4.65")
    assert registry.load("mine").version() == before.version


def test_a_link_that_leads_elsewhere_is_another_version(tmp_path: Path, glpsol: Path) -> None:
    """Builds are often reached by a link to the current one."""
    link = tmp_path / "current"
    link.symlink_to(glpsol)
    before = add("mine", link, "glpk")
    other = tmp_path / "other"
    other.mkdir()
    new = glpk(other, "4.65", "another build")
    link.unlink()
    link.symlink_to(new)
    assert not before.is_unchanged()
    assert registry.load("mine").version() != before.version


def test_one_that_is_gone_or_another_solver_says_so(glpsol: Path) -> None:
    """When it is used, with what to do."""
    added = add("mine", glpsol, "glpk")
    script(glpsol, "#!/bin/sh\necho hello\n")
    with pytest.raises(SolverError, match="does not identify itself as GLPK"):
        registry.load("mine")
    glpsol.unlink()
    with pytest.raises(SolverError, match=r"no longer exists; .* bench solvers remove mine"):
        refreshed(added)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("#!/bin/sh\necho garbage\n", "does not identify itself as"),
        ("#!/bin/sh\nexec yes\n", f"prints more than {MOST_BYTES >> 20} MiB"),
        ("#!/nowhere\n", "cannot be executed: No such file"),
        ("\0\1\2", "cannot be executed: Exec format error"),
        ("#!/bin/sh\nexit 3\n", "does not identify itself as"),
    ],
)
@pytest.mark.parametrize("like", ["cbc", "scip"])
def test_what_is_no_such_solver_is_refused(
    tmp_path: Path, text: str, message: str, like: str
) -> None:
    """Whatever it does when it is asked for its version; and nothing is recorded."""
    with pytest.raises(SolverError, match=message):
        add("mine", script(tmp_path / "wrong", text), like)
    assert record.names() == []


@pytest.mark.parametrize(
    ("text", "seen"),
    [("echo; echo 'no libhighs.so' >&2; exit 127", "'no libhighs.so'"), ("true", "nothing")],
)
def test_the_message_has_what_it_prints_instead_of_a_version(
    tmp_path: Path, text: str, seen: str
) -> None:
    """Often the loader names a library that it does not find."""
    with pytest.raises(SolverError, match=rf"asked for its version, it prints {seen}$"):
        add("mine", script(tmp_path / "wrong", f"#!/bin/sh\n{text}\n"), "highs")


def test_one_that_waits_is_ended(tmp_path: Path) -> None:
    """With all that it has started."""
    path = script(tmp_path / "waits", "#!/bin/sh\nsleep 60 & sleep 60\n")
    with pytest.raises(SolverError, match=r"has not ended 0\.1 s after it was asked"):
        AskedProgram(path, longest_s=0.1)("--version")


def test_what_cannot_be_an_executable_is_refused(tmp_path: Path, glpsol: Path) -> None:
    """A file that is not there, a folder, one without permission, a bad kind or name."""
    glpsol.chmod(0o644)
    for path, like, name, message in (
        (tmp_path / "nowhere", "glpk", "mine", "no such file"),
        (tmp_path, "glpk", "mine", "is a folder"),
        (glpsol, "glpk", "mine", r"may not be executed; allow it with: chmod \+x"),
        (glpsol, "glpsol", "mine", "unknown kind of executable 'glpsol'; did you mean 'glpk'"),
        (glpsol, "glpk", "scip", "'scip' is the solver installed with bench"),
        (glpsol, "glpk", "cbc", "another kind of executable"),
        (glpsol, "glpk", "scip@10.0.2", "a version of another kind of executable"),
        (glpsol, "glpk", "gurobi", "a commercial solver"),
        (glpsol, "glpk", "copt@8", "a version of a commercial solver"),
        (glpsol, "glpk", "a/b", "letters, digits"),
    ):
        with pytest.raises(UsageError, match=message):
            add(name, path, like)


def test_a_name_keeps_its_kind(tmp_path: Path, glpsol: Path) -> None:
    """Another file replaces one of the same kind; one of another kind needs another name."""
    add("mine", glpsol, "glpk")
    (tmp_path / "new").mkdir()
    assert add("mine", glpk(tmp_path / "new", "5.0"), "glpk").number == "5.0"
    with pytest.raises(UsageError, match="kind glpk; choose another name, or remove it first"):
        add("mine", glpsol, "cbc")
    found = record.find("mine")
    assert found is not None
    assert (found.like, found.number) == ("glpk", "5.0")


def test_without_the_program_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """And how to name another one."""
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SolverError, match="no 'cbc' is on the path; Debian has it in coinor-cbc"):
        add_found("cbc")


def test_two_at_once_leave_one_record(glpsol: Path) -> None:
    """Whole, and the same."""
    threads = [threading.Thread(target=add, args=("mine", glpsol, "glpk")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert record.names() == ["mine"]
    assert registry.load("mine").version().startswith("4.65+")


def test_libraries_count_as_the_executable_does() -> None:
    """A small program may have its solver in a library; that of the C language says nothing."""
    files = record.program_files(Path("/bin/ls"), {})
    assert files[0].path == Path("/bin/ls")
    assert not [each for each in files if each.path.name.startswith("libc.")]


@pytest.mark.parametrize("like", BUILT_IN)
def test_each_kind_says_what_it_is(like: str) -> None:
    """So that a message can name it."""
    found = adapter(like)
    declared = found.declaration
    assert declared.title
    assert found.program
    assert declared.takes_start == (found.start_text is not None)
    assert not declared.takes_plug_ins
    assert bool(declared.read_by) == (not found.dialects)
