"""Create environments: a solver's package and its requirements, by uv or conda.

Only wheels are installed, because a compiler would build a different solver on each machine. No
Python is downloaded: the first installed one for which the package has a wheel is used. One command
at a time creates an environment, and an unfinished one is created again.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.errors import SolverError, UsageError
from bench.model.parameters import Catalogue, Parameter
from bench.model.plain_data import from_plain
from bench.model.solver_name import SIGN, family
from bench.solvers.commercial.wheels import WHEELS
from bench.solvers.environments import environment as environments
from bench.solvers.environments.environment import NAME, Description, Environment
from bench.solvers.environments.interpreter import call, variables
from bench.solvers.environments.packages import PACKAGES, Wanted, nearest, wanted
from bench.solvers.environments.pythons import interpreters
from bench.store.file_lock import FileLock, LockHeldError

PLACES = ".venvs"
BESIDE_BENCH = frozenset({"scip", "highs", "fake"})
LOCK_S = 600.0
"""How long another command may take to create the same environment."""
CONDAS = ("micromamba", "mamba", "conda")
CONDA_PACKAGES = {"scip": ("scip={}", "pyscipopt", "numpy"), "highs": ("highspy={}", "numpy")}
BESIDES = {"highs": ("numpy",)}
"""Additional requirements of a solver's class in bench; old wheels of highspy do not list them."""
NO_WHEEL = re.compile(r"no (usable )?wheels|Requires-Python|current Python version|platform tag")
NOT_THERE = re.compile(r"there is no version of|only .* (is|are) available")
NO_PACKAGE = re.compile(r"was not found in the package registry")
UNREACHABLE = re.compile(
    r"error sending request|Failed to fetch|dns error|network was disabled|[Cc]ould not connect"
    r"|timed out|tunnel"
)
CAUSE = re.compile(r"[Cc]aus(?:e|ed by): (.*?)(?= (?:cause|Caused by|hint): |$)")
"""The causes of an error in uv's output, the innermost last."""
CONDA_VERSION = re.compile(r"(?P<solver>scip|highs)\s*=+\s*(?P<version>\d+(\.\w+)*)")

Tell = Callable[[str], None]


def add_version(text: str, tell: Tell) -> Environment:
    """Create the environment of a version, e.g. ``scip==9.2.4``, or return the existing one.

    Raise UsageError for an unknown version, SolverError if it cannot be installed.
    """
    asked = wanted(text)
    uv = find_uv()
    with locked(asked.requirement):
        there = next((each for each in known() if each.requirement == asked.requirement), None)
        if there is not None and there.python.exists():
            tell(f"{there.name} is already installed")
            return there
        tell(f"installing {asked.requirement} ...")
        place = venv_folder(asked.requirement)
        python = _installed(uv, asked, place)
        return _recorded(asked, python, place, "uv")


def add_conda(name: str | None, text: str, tell: Tell) -> Environment:
    """Create a conda environment of a version, e.g. ``scip=8.0.3``; errors as `add_version`."""
    found = CONDA_VERSION.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"--conda {text!r}: expected scip=VERSION or highs=VERSION")
    solver, version = found["solver"], found["version"]
    conda = next(filter(None, map(shutil.which, CONDAS)), None)
    if conda is None:
        raise SolverError(f"none of {', '.join(CONDAS)} is on the path; install one of them first")
    asked = Wanted(solver, f"{solver}={version}", version)
    with locked(asked.requirement):
        tell(f"installing {text} by {Path(conda).name} ...")
        place = venv_folder(asked.requirement)
        shutil.rmtree(place, ignore_errors=True)
        packages = [each.format(version) for each in CONDA_PACKAGES[solver]]
        words = ["create", "-y", "-q", "-p", str(place), "-c", "conda-forge", "--override-channels"]
        done = run_program([conda, *words, "python>=3.11", *packages])
        if done.returncode:
            shutil.rmtree(place, ignore_errors=True)
            raise SolverError(f"{Path(conda).name} cannot install {text}: {last_line(done.stderr)}")
        return _recorded(asked, place / "bin" / "python", place, "conda", name)


def add_python(
    name: str, python: Path, *, solver: str | None = None, own: Mapping[str, str] | None = None
) -> Environment:
    """Register an interpreter of the user by a name; nothing in it is changed.

    ``own`` are environment variables that it needs. Raise UsageError for a name with another
    meaning, SolverError if it is not a working interpreter or has no solver that bench knows.
    """
    check_name(name)
    own = dict(own or {})
    path = python.expanduser().absolute()
    if not path.is_file():
        raise UsageError(f"--python {python}: no such file")
    has: list[str] = call(name, path, own, "solvers")
    if not has:
        raise SolverError(f"{path} has no package of a solver ({_packages()}); install one there")
    if solver is None and len(has) > 1:
        options = " or ".join(f"--solver {each}" for each in has)
        raise UsageError(f"{path} has {' and '.join(has)}; choose one with {options}")
    found, catalogue = examined(name, path, own, solver or has[0])
    _check_family(name, found)
    environment = Environment(
        name=name, source="python", python=path, description=found, variables=own
    )
    with locked(name):
        environments.write(environment, catalogue)
    return environment


def remove(name: str) -> None:
    """Remove an environment; for an interpreter of the user, only its record.

    Raise UsageError if there is none of this name.
    """
    place = environments.folder(name)
    if not NAME.fullmatch(name) or not place.is_dir():
        added = sorted(path.name for path in environments.root().glob("[!.]*/"))
        there = ", ".join(added) or "none"
        raise UsageError(f"no solver {name!r} has been added; there are: {there}")
    found = None
    with suppress(SolverError):
        found = environments.find(name)
    shutil.rmtree(place)
    if found is not None and found.is_made:
        shutil.rmtree(venv_folder(found.requirement), ignore_errors=True)


def known() -> Iterator[Environment]:
    """Yield all environments whose records can be read."""
    for name in environments.names():
        with suppress(SolverError):
            found = environments.find(name)
            if found is not None:
                yield found


def _packages() -> str:
    return ", ".join([*PACKAGES, *(wheel.package for wheel in WHEELS.values())])


def check_name(name: str) -> None:
    """Raise UsageError for an invalid name of an environment."""
    if not NAME.fullmatch(name):
        raise UsageError(f"name {name!r}: letters, digits, and . _ - + @ are allowed")
    if name in BESIDE_BENCH:
        raise UsageError(f"{name!r} is the solver installed with bench; choose another name")


def _check_family(name: str, found: Description) -> None:
    """Raise UsageError if a name claims another solver than the interpreter has."""
    claimed = family(name)
    if SIGN in name and claimed != found.solver and claimed in {"scip", "highs", *WHEELS}:
        raise UsageError(f"{name}: the interpreter has {found.solver}, not {claimed}")


def venv_folder(requirement: str) -> Path:
    """Return the folder of the interpreter of an environment that bench created."""
    return environments.root() / PLACES / re.sub(r"=+", "-", requirement)


def examined(
    name: str, python: Path, own: Mapping[str, str], solver: str
) -> tuple[Description, Catalogue]:
    """Return an interpreter's description of its solver, and the catalogue."""
    found = from_plain(Description, call(name, python, own, "describe", solver=solver))
    parameters = call(name, python, own, "catalogue", solver=solver)
    return found, Catalogue(from_plain(Parameter, each) for each in parameters)


def find_uv() -> str:
    """Return the path of uv; SolverError if it is not installed."""
    with suppress(ImportError, FileNotFoundError):
        import uv  # noqa: PLC0415  only to make environments

        return str(uv.find_uv_bin())
    found = shutil.which("uv")
    if found is None:
        raise SolverError(
            "uv, which creates the environments of solvers, is not installed; install it with: "
            "pip install uv"
        )
    return found


def uv_variables() -> dict[str, str]:
    """Return the environment variables of uv: it must not download Python or use a project."""
    return variables({"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"})


def _recorded(
    asked: Wanted, python: Path, place: Path, source: str, name: str | None = None
) -> Environment:
    """Record the installed solver under the version that it reports."""
    try:
        found, catalogue = examined(asked.requirement, python, {}, asked.solver)
        is_latest = asked.solver in WHEELS and asked.requirement == WHEELS[asked.solver].package
        chosen = name or (asked.solver if is_latest else f"{asked.solver}{SIGN}{found.version}")
        _check_new(chosen, asked, found)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    environment = Environment(
        name=chosen,
        source=source,
        python=python,
        description=found,
        requirement=asked.requirement,
    )
    environments.write(environment, catalogue)
    return environment


def _check_new(name: str, asked: Wanted, found: Description) -> None:
    """Raise SolverError if another version was installed, or the name has another package."""
    check_name(name)
    if asked.version and found.version != asked.version:
        got = f"{asked.solver} {found.version}, not {asked.version}"
        raise SolverError(f"{asked.requirement} has {got}")
    other = environments.find(name)
    if other is not None and other.requirement != asked.requirement:
        raise SolverError(
            f"{name} exists already, created from {other.requirement or other.python}; remove it "
            f"first: bench solvers remove {name}"
        )


def _installed(uv: str, asked: Wanted, place: Path) -> Path:
    """Install a package for the first Python that has a wheel, and return the interpreter."""
    env = uv_variables()
    without_wheel = []
    for each in interpreters(uv, env):
        python = make_venv(uv, each.path, place)
        options = ["--only-binary", ":all:", "--python", str(python)]
        done = run_program(
            [uv, "pip", "install", *options, asked.requirement, *BESIDES.get(asked.solver, ())], env
        )
        if not done.returncode:
            return python
        shutil.rmtree(place, ignore_errors=True)
        error = " ".join(done.stderr.split())
        if not NO_WHEEL.search(error) or NOT_THERE.search(error):
            raise SolverError(_failure(asked, error))
        without_wheel.append(each.version)
    tried = ", ".join(without_wheel)
    raise SolverError(
        f"{asked.requirement} has no wheel for the Python versions on this machine ({tried}); "
        "install an older Python, or create an environment yourself and add it with --python"
    )


def make_venv(uv: str, python: Path, place: Path) -> Path:
    """Create an empty environment of an interpreter and return its interpreter."""
    shutil.rmtree(place, ignore_errors=True)
    options = ["--no-project", "--no-config", "--python", str(python)]
    done = run_program([uv, "venv", *options, str(place)], uv_variables())
    if done.returncode:
        raise SolverError(
            f"uv cannot create an environment with {python}: {last_line(done.stderr)}"
        )
    return place / "bin" / "python"


def _failure(asked: Wanted, error: str) -> str:
    """Return in one line why a package was not installed."""
    if UNREACHABLE.search(error):
        causes = CAUSE.findall(error)
        why = f" ({causes[-1]})" if causes else ""
        return f"{asked.requirement} cannot be installed: the package index cannot be reached{why}"
    if NO_PACKAGE.search(error):
        return f"the package index has no package {asked.requirement.partition('=')[0]!r}"
    if NOT_THERE.search(error):
        version = asked.version or asked.requirement.partition("==")[2]
        package = None if asked.version else asked.requirement.partition("==")[0]
        hint = nearest(asked.solver, version, package)
        return f"the package index has no {asked.requirement}; {hint}"
    return f"{asked.requirement} cannot be installed: {last_line(error)}"


def last_line(text: str) -> str:
    """Return the last line of a program's output."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][-400:] if lines else "no reason given"


def run_program(
    words: Sequence[str], env: Mapping[str, str] | None = None, given: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Execute a program in the folder of all environments, away from a project's settings."""
    return subprocess.run(
        words,
        cwd=environments.root(),
        env=env,
        input=given,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


@contextmanager
def locked(what: str) -> Iterator[None]:
    """Prevent other commands from creating the same environment during the context."""
    root = environments.root()
    try:
        (root / PLACES).mkdir(parents=True, exist_ok=True)
        lock = FileLock(root / PLACES / f"{re.sub(r'=+', '-', what)}.lock")
        lock.acquire(LOCK_S)
    except LockHeldError as error:
        raise SolverError(
            f"process {error.pid} has been creating {what} for a long time"
        ) from error
    except OSError as error:
        raise SolverError(f"{root}: cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()
