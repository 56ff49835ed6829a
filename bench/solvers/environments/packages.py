"""Which package of the index contains which version of a solver.

The versions of SCIP are those that the wheels of PySCIPOpt reported when they were tried; newer
ones are added by the name of the package. HiGHS and highspy have the same versions.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from bench.errors import UsageError
from bench.model.solver_name import SIGN, version_order
from bench.solvers.commercial.wheels import WHEELS

SCIP = {
    "9.0.1": ("5.0.1",),
    "9.1.0": ("5.1.1",),
    "9.1.1": ("5.2.1",),
    "9.2.1": ("5.3.0", "5.4.0", "5.4.1", "5.5.0"),
    "9.2.3": ("5.6.0",),
    "9.2.4": ("5.7.0", "5.7.1"),
    "10.0.0": ("6.0.0",),
    "10.0.1": ("6.1.0",),
    "10.0.2": ("6.2.0", "6.2.1", "6.3.0"),
}
"""Versions of PySCIPOpt by that of SCIP, oldest first; the last one is used."""
HIGHS = (
    *("1.7.1", "1.7.2", "1.8.0", "1.8.1", "1.9.0", "1.10.0", "1.11.0", "1.12.0"),
    *("1.13.0", "1.13.1", "1.14.0", "1.15.0", "1.15.1", "1.16.0"),
)
"""Versions that have wheels of highspy; others are tried as well."""
FIRST_HIGHS = HIGHS[0]
PACKAGES = {"pyscipopt": "scip", "highspy": "highs"}
"""The solver of each package."""
_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z]+)\s*(?:==|=|@)\s*(?P<version>\d+(\.\w+)*)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A package to install, its solver, and the version if it is known in advance."""

    solver: str
    requirement: str
    version: str | None


def wanted(text: str) -> Wanted:
    """Return the package for a text such as ``scip==9.2.4`` or ``pyscipopt==5.7.1``.

    Raise UsageError for another form, an unknown package or version, and an ambiguous version.
    """
    found = _REQUIREMENT.fullmatch(text.strip())
    if (asked := _commercial(text.strip(), found)) is not None:
        return asked
    if found is None:
        raise UsageError(
            f"{text!r}: expected SOLVER==VERSION, e.g. scip==9.2.4, or a name with --python or "
            "--executable"
        )
    name, version = found["name"].lower(), found["version"]
    if name == "scip":
        return _scip(version)
    if name in {"highs", "highspy"}:
        if version_order(version) < version_order(FIRST_HIGHS):
            raise UsageError(
                f"{text!r}: HiGHS before {FIRST_HIGHS} has no callbacks in Python, which bench "
                f"needs to limit it; {nearest('highs', version)}"
            )
        return Wanted("highs", f"highspy=={version}", version)
    if name == "pyscipopt":
        return Wanted("scip", f"pyscipopt=={version}", None)
    known = ["scip", "highs", *PACKAGES, *WHEELS]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
    raise UsageError(f"{text!r}: bench knows no package for {name!r}; {hint}")


def _commercial(text: str, found: re.Match[str] | None) -> Wanted | None:
    """Return the requested commercial solver, by its name or that of its package."""
    name = (found["name"] if found else text).lower()
    wheel = next((each for key, each in WHEELS.items() if name in {key, each.package}), None)
    if wheel is None:
        return None
    version = f"=={found['version']}" if found else ""
    return Wanted(wheel.declaration.code_base, f"{wheel.package}{version}", None)


def _scip(version: str) -> Wanted:
    if version in SCIP:
        return Wanted("scip", f"pyscipopt=={SCIP[version][-1]}", version)
    meant = [known for known in SCIP if known.startswith(f"{version}.")]
    if len(meant) == 1:
        return _scip(meant[0])
    if meant:
        listed = ", ".join(f"scip=={each}" for each in meant)
        raise UsageError(f"scip=={version} may be {listed}; name one of them")
    raise UsageError(
        f"scip=={version}: bench knows no package with this version; {nearest('scip', version)}; "
        "add a newer version by its package, e.g. pyscipopt==6.4.0, an older one with --conda"
    )


def nearest(solver: str, version: str, package: str | None = None) -> str:
    """Return the known versions of a solver, or of its package, nearest to a missing one."""
    if solver in WHEELS:
        return f"without a version it is the latest: bench solvers add {solver}"
    versions = [*SCIP] if solver == "scip" else [*HIGHS]
    if package == "pyscipopt":
        versions = [each for packages in SCIP.values() for each in packages]
    known = sorted(versions, key=version_order)
    order = version_order(version)
    below = [each for each in known if version_order(each) < order][-1:]
    above = [each for each in known if version_order(each) > order][:1]
    name = package or solver
    return f"nearest: {' and '.join(f'{name}=={each}' for each in [*below, *above])}"


def add_command(name: str) -> str:
    """Return the command that adds a solver of this name."""
    if SIGN not in name:
        return f"bench solvers add {name}"
    solver, _, version = name.partition(SIGN)
    if solver in {"scip", "highs", *WHEELS} and re.fullmatch(r"\d+(\.\w+)*", version):
        return f"bench solvers add {solver}=={version}"
    return f"bench solvers add {name} --python /path/to/bin/python"
