"""``bench register``, ``bench promote`` and ``--setting-from``, executed as a user does."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.commands import Run

NOBODY = "http://127.0.0.1:9"


def client(folder: Path) -> Any:
    """Return MLflow's client of the store in a folder."""
    from mlflow import MlflowClient

    return MlflowClient(f"sqlite:///{folder}/mlflow.db")


def evidence(folder: Path, model: str = "naps", version: int = 1) -> dict[str, str]:
    """Return the tags of a version."""
    return dict(client(folder).get_model_version(model, str(version)).tags)


@pytest.mark.slow
def test_a_version_carries_its_evidence(registered: Path) -> None:
    """Runs, ratio, interval, conclusion, instance set, solver and version, as tags."""
    tags = evidence(registered)
    assert tags["validation-status"] == "pending"
    assert (tags["bench.setting"], tags["bench.baseline"]) == ("quick", "slow")
    assert (tags["bench.solver"], tags["bench.solver_version"]) == ("fake", "1.0")
    assert tags["bench.conclusion"] == "better"
    assert "quick is " in tags["bench.evidence"]
    low, high = map(float, tags["bench.interval"].split(" to "))
    assert low <= float(tags["bench.ratio"]) <= high < 1
    store = client(registered)
    for run_id in (tags["bench.setting_run_id"], *tags["bench.run_ids"].split()):
        params = store.get_run(run_id).data.params
        assert params["instance_set_digest"] == tags["bench.instance_set_digest"]


@pytest.mark.slow
def test_a_model_is_found_by_alias_and_by_tag(bench: Run, registered: Path) -> None:
    """With the two calls of MLflow that the documentation has; only what is better is approved."""
    approved = "name = 'naps' and tags.`validation-status` = 'approved'"
    assert not client(registered).search_model_versions(approved)
    done = bench("promote", "naps", 1)
    assert done.out.startswith("champion is now naps version 1\nquick is ")
    assert [one.version for one in client(registered).search_model_versions(approved)] == [1]
    assert client(registered).get_model_version_by_alias("naps", "champion").version == 1


@pytest.mark.slow
def test_only_what_is_better_is_promoted(bench: Run, registered: Path) -> None:
    """What is worse ends with 4, what nobody compared with 5, in one line; nothing moves."""
    worse = bench("promote", "naps", 2, code=4)
    assert worse.err.startswith("Error: not promoted: slow is ")
    assert len(worse.err.splitlines()) == 1
    assert evidence(registered, "naps", 2)["validation-status"] == "rejected"
    unknown = bench("promote", "cuts", 1, code=5)
    assert "cuts version 1 has no comparison with a baseline" in unknown.err
    assert evidence(registered, "cuts")["validation-status"] == "pending"
    for model in ("naps", "cuts"):
        assert not client(registered).get_registered_model(model).aliases


@pytest.mark.slow
def test_what_the_results_cannot_decide_is_not_promoted(bench: Run, registered: Path) -> None:
    """By nodes both are alike: 5, and the version stays pending."""
    bench("register", "quick", "--from", "naps", "--model", "nodes", "--measure", "nodes")
    refused = bench("promote", "nodes", 1, code=5)
    assert refused.err.startswith("Error: not promoted: ")
    tags = evidence(registered, "nodes")
    assert tags["bench.measure"] == "nodes"
    assert tags["validation-status"] == "pending"


@pytest.mark.slow
def test_a_promotion_counts_as_the_registration_did(bench: Run, registered: Path) -> None:
    """With its shift and clip: above all times, both settings are alike."""
    counting = ("--shift", 0.1, "--clip", 1000)
    bench("register", "quick", "--from", "naps", "--model", "clipped", *counting)
    bench("promote", "clipped", 1, code=5)
    tags = evidence(registered, "clipped")
    assert (tags["bench.shift"], tags["bench.clip"]) == ("0.1", "1000")


@pytest.mark.slow
def test_a_setting_goes_where_its_results_are(bench: Run, knapsack: Path) -> None:
    """Without the address being typed again; the next step has it."""
    bench("run", knapsack, "--tracking-uri", "sqlite:///mine.db", "--setting-name", "only")
    done = bench("register", "only", "--model", "m", "--json")
    assert done.json["tracking_uri"].endswith("mine.db")
    assert not (knapsack.parent / "mlflow.db").exists()
    assert "bench.conclusion" not in done.json["tags"]
    shown = bench("promote", "m", 1, "--force", "--tracking-uri", "sqlite:///mine.db").err
    assert "--setting-from models:/m@champion --tracking-uri sqlite:///" in shown


def test_the_setting_of_imported_results_is_not_known(bench: Run, tmp_path: Path) -> None:
    """Its parameters are not in the table: nothing is registered in their place."""
    (tmp_path / "old.csv").write_text("problem,seconds,status,primal\nmodel,0.5,ok,-8\n")
    columns = "instance=problem,time=seconds,status=status,primal=primal"
    bench("import", "old.csv", "--map", columns, "--setting", "theirs")
    refused = bench("register", "theirs", "--model", "m", code=2)
    assert "which has no parameters for 'theirs'" in refused.err


@pytest.mark.slow
def test_force_leaves_a_tag_that_says_so(bench: Run, registered: Path) -> None:
    """The status stays what the evidence says; a promotion on evidence removes the tag."""
    bench("promote", "naps", 1)
    done = bench("promote", "naps", 2, "--force")
    assert "Warning: moved by force: slow is " in done.err
    tags = evidence(registered, "naps", 2)
    assert tags["bench.promoted_by_force"].startswith("champion: slow is ")
    assert tags["validation-status"] == "rejected"
    assert client(registered).get_model_version_by_alias("naps", "champion").version == 2
    bench("promote", "cuts", 1, "--force", "--alias", "trial")
    note = bench("promote", "naps", 1, "--json")
    assert note.json["moved"]
    assert "bench.promoted_by_force" not in evidence(registered, "naps", 1)


@pytest.mark.slow
def test_evidence_is_worked_out_anew_and_not_believed(bench: Run, registered: Path) -> None:
    """Tags can be written by anybody; the results are asked again."""
    store = client(registered)
    store.set_model_version_tag("naps", "2", "bench.conclusion", "better")
    store.set_model_version_tag("naps", "2", "validation-status", "approved")
    bench("promote", "naps", 2, code=4)
    tags = evidence(registered, "naps", 2)
    assert (tags["bench.conclusion"], tags["validation-status"]) == ("worse", "rejected")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["register", "nope", "--model", "m"], 2, "no setting 'nope' in naps; there are: slow, q"),
        (["register", "quick", "--from", "nope", "--model", "m"], 2, "no sweep 'nope'"),
        (["register", "quick", "--model", "a/b"], 2, "model 'a/b'"),
        (["register", "quick", "--model", "m", "--baseline", "nope"], 2, "no setting 'nope'"),
        (
            ["register", "quick", "--model", "m", "--tracking-uri", "sqlite:///no.db"],
            2,
            "the database does not exist",
        ),
        (["register", "quick", "--model", "m", "--tracking-uri", NOBODY], 1, "does not answer"),
        (["promote", "naps", "1", "--tracking-uri", NOBODY], 1, "does not answer"),
        (["promote", "naps", "9"], 2, "model 'naps' has no such version; there are: 1, 2"),
        (["promote", "nope", "1"], 2, "no model 'nope' in the registry; there are: cuts, naps"),
        (["promote", "naps", "1", "--alias", "v3"], 1, "v3"),
        (["run", "x.lp", "--setting-from", "models:/naps@nope"], 2, "no alias 'nope'"),
        (["run", "x.lp", "--setting-from", "naps"], 2, "expected models:/NAME@ALIAS"),
        (
            ["run", "x.lp", "--setting-from", "models:/naps/1", "--solver", "scip"],
            2,
            "naps v1 is a setting of fake",
        ),
        (
            ["run", "x.lp", "--setting-from", "models:/naps/1", "--settings-file", "c.set"],
            2,
            "exclude each other",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_is_wrong_is_one_line(
    bench: Run, registered: Path, words: list[str], code: int, said: str
) -> None:
    """With the exit code of its kind, and without a traceback."""
    del registered
    *notes, line = bench(*words, code=code).err.splitlines()
    assert all(note.startswith("Note: ") for note in notes)
    assert line.startswith("Error: ")
    assert said in line


def test_a_sweep_that_mlflow_does_not_have_yet_says_how_to_bring_it(
    bench: Run, registered: Path
) -> None:
    """Evidence is in the store where the model is."""
    from mlflow import MlflowClient

    shutil.copyfile(registered / "mlflow.db", registered / "other.db")
    other = MlflowClient(f"sqlite:///{registered}/other.db")
    for run in other.search_runs(["0"], "tags.`bench.kind` = 'setting'"):
        other.delete_run(run.info.run_id)
    refused = ("register", "quick", "--model", "m", "--tracking-uri", "sqlite:///other.db")
    assert "upload them with: bench sync naps" in bench(*refused, code=2).err


@pytest.mark.slow
def test_a_registered_setting_is_executed_by_reference(
    bench: Run, registered: Path, knapsack: Path
) -> None:
    """In bench run and in sweeps, by alias or version, on the command line and in a file."""
    bench("promote", "cuts", 1, "--force")
    found = bench("run", knapsack, "--setting-from", "models:/cuts@champion", "--json").json
    assert found["setting"]["name"] == "cuts v1"
    assert found["setting"]["params"] == {"separating/maxrounds": 0}
    (registered / "s.yaml").write_text(
        "instances: knapsack.mps\n"
        "setting-from: models:/cuts@champion\n"
        "settings:\n  - default:\n  - mine: {setting_from: models:/cuts/1, limits/nodes: 5}\n"
    )
    done = bench("sweep", "s.yaml", "--json").json
    params = {each["name"]: each["params"] for each in done["settings"]}
    assert params == {
        "default": {},
        "mine": {"separating/maxrounds": 0, "limits/nodes": 5},
        "cuts v1": {"separating/maxrounds": 0},
    }
    (registered / "s.yaml").write_text("instances: knapsack.mps\nsetting_from: [models:/cuts/7]\n")
    (line,) = bench("plan", "s.yaml", code=2).err.splitlines()
    assert line.startswith("Error: s.yaml:2: setting_from: model 'cuts' has no such version")


@pytest.mark.parametrize("field", ["bench_version", "solver_version"])
def test_a_setting_of_another_version_is_refused_with_both(
    bench: Run, registered: Path, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    """Of bench and of the solver: other parameters may be meant, or other defaults."""
    from bench.tracking import model_registry

    read = model_registry.read_setting

    def older(*arguments: Any) -> str:
        return json.dumps({**json.loads(read(*arguments)), field: "0.0.9"})

    monkeypatch.setattr(model_registry, "read_setting", older)
    del registered
    (line,) = bench("run", "x.lp", "--setting-from", "models:/cuts/1", code=2).err.splitlines()
    program = "bench" if field == "bench_version" else "scip"
    assert f"cuts version 1 was registered with {program} 0.0.9, but {program} " in line
