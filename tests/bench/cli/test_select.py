"""``bench select`` and ``bench run --setting-from`` a selector, executed as a user does."""

from __future__ import annotations

import csv
import json
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench import api
from bench.errors import UsageError
from bench.selection import evaluation, learning
from tests.commands import in_process
from tests.journal_lines import changed

Bench = Callable[..., Any]
SWEEP = "overnight"
FAMILIES = ("air", "bus", "car")
N_INSTANCES = 18
WIDE = 12
"""Columns of the instances for which ``cuts`` is the better setting."""


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let forests be small, so that tests are short."""
    monkeypatch.setattr(learning, "N_TREES", 25)
    monkeypatch.setattr(evaluation, "FOLDS", 3)


def write_table(path: Path, n: int) -> Path:
    """Write results of two settings, of which the size says which is better."""
    lines = ["instance,setting,verdict,termination,solve_time_s,time_limit_s,n_vars"]
    for at in range(n):
        for setting, factor in (("a", 1), ("b", 3 if at % 2 else 1 / 3)):
            seconds = (5 + at % 7) * factor
            lines.append(f"f{at},{setting},solved,normal,{seconds},100,{100 + 900 * (at % 2)}")
    path.write_text("\n".join(lines) + "\n")
    return path


def write_instance(path: Path, n_columns: int) -> Path:
    """Write a problem with so many columns."""
    columns = [f"x{at}" for at in range(n_columns)]
    text = f"min\n {' + '.join(columns)}\nst\n a: {' + '.join(columns)} >= 1\nend\n"
    path.write_text(text)
    return path


def is_wide(name: str) -> bool:
    """Return whether an instance of the sweep is one for ``cuts``."""
    return int(name.partition("-")[2]) % 2 == 1


def by_width(result: dict[str, Any]) -> None:
    """Let ``cuts`` be quick on wide instances and slow on others, on a quiet machine."""
    result["execution"]["noise"] = []
    name, setting = result["task"]["instance"]["name"], result["task"]["setting"]["name"]
    quick = is_wide(name) == (setting == "cuts")
    result["answer"]["solve_time_s"] = 3.0 if quick else 30.0


def by_chance(result: dict[str, Any]) -> None:
    """Let ``cuts`` be worse on nearly all instances."""
    result["execution"]["noise"] = []
    setting, name = result["task"]["setting"]["name"], result["task"]["instance"]["name"]
    odd = name.endswith("-4")
    result["answer"]["solve_time_s"] = 8.0 if (setting == "cuts") != odd else 5.0


def change_results(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change each result of the sweep in a folder."""
    journal = folder / "bench-work" / SWEEP / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(changed(line, change) for line in lines))


@pytest.fixture(scope="module")
def swept_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a sweep of two settings of SCIP, which is in no store."""
    folder = tmp_path_factory.mktemp("swept")
    for at in range(N_INSTANCES):
        name = f"{FAMILIES[at % 3]}-{at}"
        write_instance(folder / f"{name}.lp", WIDE + at if is_wide(name) else 2 + at // 2)
    settings = ("--setting=default:", "--setting=cuts: separating/maxrounds=0")
    fast = ("-j", "2", "--oversubscribe", "--no-verify", "--no-lint", "--no-mlflow")
    other = ("--time-limit", "100", "--tasks-in-mlflow", "no")
    in_process(folder, "sweep", "*.lp", *settings, "--name", SWEEP, *fast, *other)
    change_results(folder, by_width)
    return folder


def copied(swept: Path, folder: Path) -> Path:
    """Copy the sweep into another folder, to whose store its results belong."""
    shutil.copytree(swept, folder, dirs_exist_ok=True)
    origin = folder / "bench-work" / SWEEP / "origin.json"
    origin.write_text(origin.read_text().replace(str(swept), str(folder)))
    return folder


@pytest.fixture
def swept(swept_once: Path, tmp_path: Path) -> Path:
    """Return the folder of the test, with a sweep of its own."""
    return copied(swept_once, tmp_path)


def test_a_table_is_evaluated(bench: Bench, tmp_path: Path) -> None:
    """As text, and as JSON with the same conclusion."""
    path = write_table(tmp_path / "results.csv", 24)
    shown = bench("select", "evaluate", path)
    assert "gap closed" in shown.out
    found = bench("select", "evaluate", path, "--json").json
    assert found["known_families"]["share"] > 0.9
    assert found["unseen_families"] is None
    assert " ".join(found["conclusion"].split()) in " ".join(shown.out.split())
    json.dumps(found, allow_nan=False)


def test_too_few_instances_are_one_line(bench: Bench, tmp_path: Path) -> None:
    """Without a traceback."""
    refused = bench("select", "evaluate", write_table(tmp_path / "few.csv", 6), code=2)
    assert "learning needs at least 10" in refused.err


def test_a_selector_is_trained_from_a_sweep(bench: Bench, swept: Path) -> None:
    """And kept in the work folder, with what it reaches on unseen instances and families."""
    done = bench("select", "train", SWEEP, "--no-mlflow")
    assert "and helps on unseen families as well" in " ".join(done.out.split())
    assert "Register it: bench select register overnight" in done.err
    folder = swept / "bench-work" / "selectors" / SWEEP
    training = json.loads((folder / "training.json").read_text())
    assert training["helps"]
    assert training["known_families"]["share"] > 0.9
    with (folder / "unseen-choices.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["chosen"] for row in rows if is_wide(row["instance"])} == {"cuts"}
    selector = (folder / "selector.json").read_text()
    assert not [name for name in FAMILIES if name in selector]


def test_one_that_does_not_help_is_not_registered(bench: Bench, swept: Path) -> None:
    """It says so plainly, and ends with 5; nothing is written to a store."""
    change_results(swept, by_chance)
    trained = bench("select", "train", "--no-mlflow", "--name", "vain")
    assert "The statistics do not help" in trained.out
    assert "Register it" not in trained.err
    refused = bench("select", "register", "vain", "--model", "m", code=5)
    assert refused.err.startswith("Error: not registered: The statistics do not help")
    assert "Execute default (--force registers the selector anyway)" in refused.err
    assert len(refused.err.splitlines()) == 1
    assert not (swept / "mlflow.db").exists()


def test_functions_of_python_do_what_the_commands_do(
    bench: Bench,
    swept: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """With the same numbers and errors; they print nothing."""
    monkeypatch.chdir(swept)
    done = bench("select", "train", SWEEP, "--no-mlflow", "--json").json
    capfd.readouterr()
    trained = api.train_selector(SWEEP, name="mine", no_mlflow=True)
    assert trained.training.known_families.share == done["known_families"]["share"]
    assert trained.training.conclusion == done["conclusion"]
    assert api.evaluate_selection([SWEEP]).known_families == trained.training.known_families
    with pytest.raises(UsageError, match="no selector 'nope'"):
        api.register_selector("nope", model="m")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["train", "nope"], 2, "no sweep 'nope' in bench-work; there are: overnight"),
        (["train", "results.csv"], 2, "results.csv: a table of results has no settings"),
        (["train", "--run-id", "1"], 2, "--run-id: a run in MLflow has no parameters"),
        (["train", "--name", "a/b", "--no-mlflow"], 2, "--name 'a/b'"),
        (["register", "--model", "m"], 2, "no selector was trained here yet"),
        (["register", "nope", "--model", "m"], 2, "no selector 'nope' was trained here yet"),
        (["register", "--model", "a/b"], 2, "model 'a/b'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_is_wrong_is_one_line(
    bench: Bench, swept: Path, words: list[str], code: int, said: str
) -> None:
    """With the exit code of its kind, and without a traceback."""
    write_table(swept / "results.csv", 12)
    *notes, line = bench("select", *words, code=code).err.splitlines()
    assert all(note.startswith("Note: ") for note in notes)
    assert line.startswith("Error: ")
    assert said in line


def test_settings_that_do_not_go_together_are_not_mixed(bench: Bench, swept: Path) -> None:
    """Of one name with other parameters, and of an import, which has none."""
    later = swept / "bench-work" / "later"
    shutil.copytree(later.with_name(SWEEP), later)
    plan = later / "sweep.json"
    text = plan.read_text().replace(SWEEP, "later")
    plan.write_text(re.sub(r'"separating/maxrounds": ?0', '"separating/maxrounds":1', text))
    (line,) = bench("select", "train", SWEEP, "later", "--no-mlflow", code=2).err.splitlines()
    assert "setting 'cuts' has other parameters in later than in overnight" in line
    write_table(swept / "old.csv", 12)
    bench("import", "old.csv", "--no-mlflow")
    (line,) = bench("select", "train", "old", "--no-mlflow", code=2).err.splitlines()
    assert "old is an import, which has no parameters for 'a'; execute the settings" in line


def test_wrong_answers_and_disturbed_tasks_are_named(bench: Bench, swept: Path) -> None:
    """They count, and may mislead."""

    def change(result: dict[str, Any]) -> None:
        if result["task"]["instance"]["name"] == "air-0":
            result["verdict"] = {"category": "wrong", "reason": "no", "kind": "objective"}
        result["execution"]["noise"] = ["others used 90 % of a core"]

    change_results(swept, change)
    told = bench("select", "evaluate").err
    assert "Warning: 36 of 36 results were disturbed" in told


def test_a_damaged_selector_is_refused(bench: Bench, swept: Path) -> None:
    """In one line that says what to do."""
    bench("select", "train", "--no-mlflow")
    folder = swept / "bench-work" / "selectors" / SWEEP
    (folder / "selector.json").write_text("{}")
    refused = bench("select", "register", "--model", "m", code=2)
    assert "is not a selector of bench" in refused.err
    (folder / "training.json").write_text("{")
    assert "train the selector again" in bench("select", "register", "--model", "m", code=2).err


@pytest.fixture(scope="module")
def files(swept_once: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the files of a trained selector."""
    folder = copied(swept_once, tmp_path_factory.mktemp("trained"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "N_TREES", 25)
        patch.setattr(evaluation, "FOLDS", 3)
        in_process(folder, "select", "train", "--no-mlflow")
    kept = folder / "bench-work" / "selectors" / SWEEP
    return {name: (kept / name).read_bytes() for name in ("selector.json", "trees.npz")}


@pytest.fixture
def picked(files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the test; a registry has the selector as ``pick`` version 1."""
    from bench.tracking import model_registry

    version = model_registry.RegisteredVersion(
        name="pick", version=1, tags={"bench.selector": SWEEP}
    )
    monkeypatch.setattr(model_registry, "find", lambda *_: version)
    monkeypatch.setattr(model_registry, "read_artifacts", lambda *_: files)
    return tmp_path


@pytest.fixture(scope="module")
def registered_selector_once(swept_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a store in which the selector ``pick`` is registered and promoted."""
    folder = copied(swept_once, tmp_path_factory.mktemp("picked"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "N_TREES", 25)
        patch.setattr(evaluation, "FOLDS", 3)
        in_process(folder, "sync", SWEEP)
        in_process(folder, "select", "train", "--no-mlflow")
        in_process(folder, "select", "register", "--model", "pick")
        in_process(folder, "promote", "pick", "1")
    return folder


def tags(folder: Path) -> dict[str, str]:
    """Return the tags of the registered version."""
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{folder}/mlflow.db")
    return dict(client.get_model_version_by_alias("pick", "champion").tags)


def test_a_choice_for_each_instance_is_executed(bench: Bench, picked: Path) -> None:
    """Recorded by name, with selector and version; the solver's parameters are the setting's."""
    write_instance(picked / "thin.lp", 2)
    write_instance(picked / "wide.lp", 15)
    write_instance(picked / "huge.lp", 900)
    quick = ("--no-mlflow", "--no-verify", "-j1")
    done = bench("run", "*.lp", "--setting-from", "models:/pick@champion", *quick)
    assert "Note: pick v1 chose pick v1: " not in done.err
    assert "Note: pick v1 chose cuts for 2, default for 1 of 3 instances" in done.err
    assert "Note: huge: outside the range of the training instances: n_vars" in done.err
    header = done.out.splitlines()[0]
    assert header.split()[:3] == ["instance", "setting", "status"]
    found = bench("run", "*.lp", "--setting-from", "pick/1", *quick, "--json").json
    by_instance = {row["instance"]: row["setting"] for row in found["results"]}
    assert by_instance == {
        "thin": "pick v1: default",
        "wide": "pick v1: cuts",
        "huge": "pick v1: cuts",
    }
    params = {each["name"]: each["params"] for each in found["settings"]}
    assert params == {"pick v1: default": {}, "pick v1: cuts": {"separating/maxrounds": 0}}
    assert found["setting"] is None


def test_one_instance_is_told_why(bench: Bench, picked: Path) -> None:
    """And parameters of one's own go over those of the chosen setting."""
    write_instance(picked / "wide.lp", 15)
    words = ("--setting-from", "models:/pick@champion", "-p", "limits/nodes=5", "--no-mlflow")
    done = bench("run", "wide.lp", *words)
    assert "pick v1 chose cuts: predicted to cost " in done.err
    assert "less than default" in done.err or "less than cuts" in done.err
    named = bench("run", "wide.lp", *words, "--setting-name", "mine", "--json").json
    assert named["setting"]["name"] == "mine: cuts"
    assert named["setting"]["params"] == {"limits/nodes": 5, "separating/maxrounds": 0}


def test_an_instance_that_cannot_be_read_is_named(bench: Bench, picked: Path) -> None:
    """The others are executed; it has the result that it has without a selector."""
    write_instance(picked / "wide.lp", 15)
    (picked / "broken.lp").write_text("min\n x +\nst\n a: x >= >= 1\nend\n")
    words = ("--setting-from", "pick@champion", "--no-mlflow", "--no-lint", "--json")
    done = bench("run", "broken.lp", "wide.lp", *words)
    assert "Note: broken: no setting could be chosen, " in done.err
    verdicts = {row["instance"]: row["verdict"] for row in done.json["results"]}
    assert verdicts["wide"] == "solved_unconfirmed"
    assert verdicts["broken"] == "unreadable"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "x.lp", "--solver", "highs"], "--solver highs: pick v1 is a selector of scip"),
        (["run", "x.lp", "--settings-file", "a.set"], "exclude each other"),
        (["sweep", "x.lp"], "pick v1 is a selector, which chooses another setting for each"),
        (
            ["sweep", "x.lp"],
            "give the sweep the settings themselves (default, cuts)",
        ),
    ],
)
def test_a_selector_is_not_taken_for_a_setting(
    bench: Bench, picked: Path, words: list[str], said: str
) -> None:
    """The message names it, and says what it is for."""
    write_instance(picked / "x.lp", 2)
    line = bench(*words, "--setting-from", "pick@champion", code=2).err.splitlines()[-1]
    assert line.startswith("Error: ")
    assert said in line


@pytest.mark.usefixtures("picked")
def test_a_selector_is_served_by_mlflow(bench: Bench) -> None:
    """``bench serve`` says how."""
    (line,) = bench("serve", "pick@champion", code=2).err.splitlines()
    assert "pick v1 is a selector" in line
    assert "mlflow models serve -m models:/pick/1 --env-manager local" in line


@pytest.mark.parametrize(("field", "program"), [("solver_version", "scip"), ("bench_version", "b")])
def test_a_selector_of_another_version_is_refused_with_both(
    bench: Bench,
    picked: Path,
    files: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    field: str,
    program: str,
) -> None:
    """Costs were measured with that version, and another one has other defaults."""
    from bench.tracking import model_registry

    content = {**json.loads(files["selector.json"]), field: "0.0.9"}
    older = {**files, "selector.json": json.dumps(content).encode()}
    monkeypatch.setattr(model_registry, "read_artifacts", lambda *_: older)
    write_instance(picked / "x.lp", 2)
    line = bench("run", "x.lp", "--setting-from", "pick/1", code=2).err.splitlines()[-1]
    assert f"pick version 1 was trained with {program}" in line
    assert "0.0.9, but " in line
    assert "or train the selector again" in line


PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "choose-by-instance.md"
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line.startswith("bench ")]


@pytest.mark.slow
def test_the_commands_of_the_how_to_page_succeed(
    bench: Bench, registered_selector_once: Path, tmp_path: Path
) -> None:
    """One after the other, as they stand there."""
    copied(registered_selector_once, tmp_path)
    write_instance(tmp_path / "model.mps", 5).rename(tmp_path / "model.lp")
    assert len(COMMANDS) == 5
    for command in COMMANDS:
        bench(*shlex.split(command.replace("model.mps", "model.lp"))[1:])


@pytest.mark.slow
def test_a_version_carries_its_evaluation(registered_selector_once: Path) -> None:
    """As tags; no file of the model names an instance that was learned from."""
    found = tags(registered_selector_once)
    assert found["validation-status"] == "approved"
    assert found["bench.selector"] == SWEEP
    assert found["bench.conclusion"] == "helps"
    assert float(found["bench.known_families/gap_closed"]) > 0.9
    assert found["bench.solver"] == "scip"
    names = [f"{FAMILIES[at % 3]}-{at}".encode() for at in range(N_INSTANCES)]
    model = next(registered_selector_once.rglob("artifacts/selector.json"))
    for path in model.parent.parent.rglob("*"):
        if path.is_file() and path.suffix != ".zip":
            assert not [name for name in names if name in path.read_bytes()], path


@pytest.mark.slow
def test_evidence_is_worked_out_anew_and_not_believed(
    bench: Bench, registered_selector_once: Path, tmp_path: Path
) -> None:
    """A version whose results are not in MLflow is not promoted, whatever its tags say."""
    from mlflow import MlflowClient

    shutil.copyfile(registered_selector_once / "mlflow.db", tmp_path / "mlflow.db")
    client = MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    client.set_model_version_tag("pick", "1", "bench.run_ids", " ")
    client.delete_registered_model_alias("pick", "champion")
    refused = bench("promote", "pick", 1, code=5)
    assert "not promoted: pick version 1 names no results of its training" in refused.err
    forced = bench("promote", "pick", 1, "--force")
    assert "Warning: moved by force: pick version 1 names no results" in forced.err


@pytest.mark.slow
def test_a_training_is_a_run_in_mlflow(bench: Bench, swept: Path) -> None:
    """Scikit-learn's own params and metrics, and ours of unseen instances; the URI is put back."""
    import mlflow
    from mlflow import MlflowClient

    before = mlflow.get_tracking_uri()
    done = bench("select", "train", "--json", "--experiment-name", "picking")
    assert mlflow.get_tracking_uri() == before
    run = MlflowClient(f"sqlite:///{swept}/mlflow.db").get_run(done.json["run_id"])
    assert run.info.status == "FINISHED"
    assert run.data.params["randomforestregressor__n_estimators"] == "25"
    assert run.data.metrics["known_families/gap_closed"] > 0.9
    assert "training_score" in run.data.metrics
    assert run.data.tags["bench.kind"] == "selector"
    assert not list(swept.rglob("*.pkl"))
