"""``bench params``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bench.cli.inspect import params
from bench.errors import BenchError, UsageError
from bench.model.parameters import Catalogue, Parameter, ParameterKind

ALPHA = Parameter(
    name="pump/alpha", kind=ParameterKind.REAL, default=1.0, description="weight", low=0.0, high=1.0
)
FREQUENCY = Parameter(
    name="pump/freq",
    kind=ParameterKind.INT,
    default=20,
    description="how often",
    low=-1,
    advanced=True,
)
NODES = Parameter(
    name="limits/nodes", kind=ParameterKind.INT, default=-1, description="limit", low=-1
)


class _Stub:
    """A solver with three parameters."""

    def parameters(self) -> Catalogue:
        """Return the three."""
        return Catalogue([ALPHA, FREQUENCY, NODES])

    def version(self) -> str:
        """Return a version."""
        return "1.2.3"


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every solver name lead to the stub."""
    monkeypatch.setattr(params, "load", lambda _: _Stub())


def _invoke(*arguments: str) -> Result:
    return CliRunner().invoke(params.command, arguments, catch_exceptions=False)


def _names(result: Result) -> list[str]:
    return [known["name"] for known in json.loads(result.stdout)]


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    """Two values, of which one is the default."""
    path = tmp_path / "my.set"
    path.write_text("pump/alpha = 0.15\npump/freq = 20\n")
    return path


@pytest.mark.usefixtures("stub")
def test_without_a_pattern_all_parameters_are_shown() -> None:
    """The table is on stdout, the count on stderr."""
    result = _invoke()
    assert [line.split()[0] for line in result.stdout.splitlines() if line[0] != " "] == [
        "NAME",
        "pump/alpha",
        "pump/freq",
        "limits/nodes",
    ]
    assert result.stderr == "3 parameters of scip 1.2.3\n"
    assert result.exit_code == 0


@pytest.mark.usefixtures("stub")
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["PUMP"], ["pump/alpha", "pump/freq"]),
        (["*/f*"], ["pump/freq"]),
        (["--advanced"], ["pump/freq"]),
        (["--no-advanced"], ["pump/alpha", "limits/nodes"]),
        (["pump", "--no-advanced"], ["pump/alpha"]),
    ],
)
def test_pattern_and_options_choose_what_is_shown(
    arguments: list[str], expected: list[str]
) -> None:
    """A part of the name in any case, a glob, and the advanced ones or the others."""
    assert _names(_invoke("--json", *arguments)) == expected


@pytest.mark.usefixtures("stub")
def test_the_count_of_one_is_singular() -> None:
    """One parameter is not called parameters."""
    assert _invoke("alpha").stderr == "1 parameter of scip 1.2.3\n"


@pytest.mark.usefixtures("stub")
def test_a_settings_file_shows_what_it_changes(settings_file: Path) -> None:
    """A value equal to the default is left out, the other stands beside its default."""
    result = _invoke("--settings-file", str(settings_file))
    assert result.stdout.splitlines()[1].split() == ["pump/alpha", "real", "[0,", "1]", "0.15", "1"]
    assert "pump/freq" not in result.stdout
    assert result.stderr == f"1 parameter of scip 1.2.3 changed by {settings_file}\n"


@pytest.mark.usefixtures("stub")
def test_a_settings_file_gives_values_in_json(settings_file: Path) -> None:
    """Each object has value and default."""
    shown = json.loads(_invoke("--json", "--settings-file", str(settings_file)).stdout)
    assert [(known["name"], known["value"], known["default"]) for known in shown] == [
        ("pump/alpha", 0.15, 1.0)
    ]


@pytest.mark.usefixtures("stub")
def test_a_settings_file_that_changes_nothing_prints_nothing(tmp_path: Path) -> None:
    """Stock values are no error; the table is empty and the count is zero."""
    path = tmp_path / "stock.set"
    path.write_text("pump/freq = 20\n")
    result = _invoke("--settings-file", str(path))
    assert (result.stdout, result.exit_code) == ("", 0)
    assert result.stderr == f"0 parameters of scip 1.2.3 changed by {path}\n"
    assert json.loads(_invoke("--json", "--settings-file", str(path)).stdout) == []


@pytest.mark.usefixtures("stub")
def test_a_wrong_settings_file_is_refused_with_its_line(tmp_path: Path) -> None:
    """A value outside the range names file and line."""
    path = tmp_path / "my.set"
    path.write_text("pump/alpha = 2\n")
    with pytest.raises(
        UsageError, match=r"my\.set:1: parameter pump/alpha = '2': outside \[0, 1\]"
    ):
        _invoke("--settings-file", str(path))


@pytest.mark.usefixtures("stub")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pump/alfa"], "no parameter matches 'pump/alfa'; did you mean 'pump/alpha'"),
        (["xyzzy"], "no parameter matches 'xyzzy'; try a part of the name"),
        (["nodes", "--advanced"], "no advanced parameter matches 'nodes'; --no-advanced shows 1"),
        (["freq", "--no-advanced"], "no basic parameter matches 'freq'; --advanced shows 1"),
    ],
)
def test_no_match_is_one_clear_line_with_exit_code_1(arguments: list[str], message: str) -> None:
    """The message says what was looked for and what to try instead."""
    with pytest.raises(BenchError) as caught:
        _invoke(*arguments)
    assert str(caught.value).startswith(message)
    assert caught.value.exit_code == 1


@pytest.mark.usefixtures("stub")
def test_the_table_takes_the_width_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A narrow terminal counts as 80 columns, a wide one is used."""
    text = "word " * 60
    long = Catalogue([Parameter(name="a", kind=ParameterKind.BOOL, default=True, description=text)])
    monkeypatch.setattr(_Stub, "parameters", lambda _: long)
    for columns, widest in (("40", 80), ("120", 120)):
        monkeypatch.setenv("COLUMNS", columns)
        longest = max(map(len, _invoke().stdout.splitlines()))
        assert widest - 5 < longest <= widest


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_explains_the_pattern(option: str) -> None:
    """Both spellings of the option show the help."""
    assert "PATTERN is a part of the name" in _invoke(option).stdout


def test_an_unknown_solver_is_refused() -> None:
    """The registry's message reaches the user."""
    with pytest.raises(UsageError, match="unknown solver 'scpi'; did you mean 'scip'"):
        _invoke("--solver", "scpi")


def test_the_parameters_of_scip_are_shown() -> None:
    """Through the registry the command finds the real solver."""
    result = _invoke("feaspump/alpha")
    assert result.stdout.splitlines()[1].split() == [
        "heuristics/feaspump/alpha",
        "real",
        "[0,",
        "1]",
        "1",
    ]


def test_the_command_never_imports_mlflow() -> None:
    """Looking up a parameter does not cost seconds."""
    code = "import sys, bench.cli.inspect.params; sys.exit('mlflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
