"""The project in a container, as MLflow itself reads it, and the README's commands for it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.stores.compose import DEPLOY

README = (DEPLOY / "README.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Path:
    """Return the folder that the README's commands make, from the files as they are here."""
    clone = tmp_path / "clone"
    files = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, files.split("\0")):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        if (root / name).is_file():
            shutil.copy(root / name, clone / name)
    git = "git -c user.name=x -c user.email=x@x"
    commit = f"git init -q && git add -A && {git} commit -q -m all"
    subprocess.run(commit, shell=True, cwd=clone, check=True)
    (commands,) = (block for block in BLOCKS if "git archive" in block)
    subprocess.run(["sh", "-euc", commands], cwd=clone, check=True)
    return clone / "build" / "docker"


def test_mlflow_loads_it(project: Path) -> None:
    """With its image, its environment and all entry points."""
    from mlflow.projects import utils

    loaded = utils.load_project(str(project))  # type: ignore[no-untyped-call]
    assert loaded.docker_env["image"] == "scip-bench"
    assert loaded.env_type == "docker_env"
    assert loaded.get_entry_point("main").command.startswith("python -m bench run")


def test_it_has_the_entry_points_of_the_project(root: Path) -> None:
    """Only where they are executed differs."""
    here = yaml.safe_load((root / "MLproject").read_text())
    there = yaml.safe_load((DEPLOY / "MLproject.docker").read_text())
    assert there["entry_points"] == here["entry_points"]
    assert there["name"] == here["name"]


def test_the_files_that_the_readme_names_exist(root: Path) -> None:
    """A link that leads nowhere helps nobody."""
    named = set(re.findall(r"\]\(([^)#:]+)\)", README))
    files = {path.name for path in DEPLOY.iterdir() if path.name != ".env"}
    assert files - named == {"README.md", "Dockerfile.dockerignore"}
    for word in re.findall(r"\bdeploy/[\w.\-]+", README):
        assert (root / word).exists() or word == "deploy/.env"
