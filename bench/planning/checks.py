"""What has to fit together in a sweep: its settings with baseline, seeds and permutations."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence

from bench.errors import UsageError
from bench.model.setting import Setting
from bench.planning.declaration import Declaration
from bench.planning.names import DEFAULT_NAME

SEED_PARAMETERS = frozenset({"randomization/randomseedshift", "random_seed"})
"""Parameters that solvers take a seed by."""

_N_SHOWN = 5


def baseline(declaration: Declaration, settings: Sequence[Setting]) -> None:
    """Raise UsageError where no setting has the name of the baseline."""
    wanted, names = declaration.baseline, [each.name for each in settings]
    if wanted is None or wanted in names:
        return
    near = difflib.get_close_matches(wanted, [*names, DEFAULT_NAME], n=1)
    told = ", ".join(names[:_N_SHOWN]) + (", ..." if len(names) > _N_SHOWN else "")
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {told}"
    raise UsageError(f"{declaration.at('baseline')}no setting {wanted!r}; {hint}")


def seeds(declaration: Declaration, settings: Sequence[Setting]) -> None:
    """Raise UsageError where both the sweep and a setting say the seed."""
    if not any(declaration.seeds or ()):
        return
    for each in settings:
        for name in sorted(SEED_PARAMETERS & each.params.keys()):
            raise UsageError(
                f"{declaration.at('seeds')}setting {each.name!r} sets {name} already;"
                " leave out that or the seeds"
            )


def permutations(
    declaration: Declaration, settings: Sequence[Setting], permuting: Collection[str]
) -> None:
    """Raise UsageError where an instance is to be permuted by a solver that cannot."""
    if not any(declaration.permutations or ()):
        return
    for each in settings:
        if each.solver not in permuting:
            raise UsageError(
                f"{declaration.at('permutations')}solver {each.solver!r} cannot permute instances;"
                " leave out the permutations"
            )
