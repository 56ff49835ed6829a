"""The registry of instance families, and the function that generates a model of any of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from types import MappingProxyType

from bench.errors import UsageError
from bench.instances.generators.family import Draws, Family
from bench.instances.generators.knapsacks import (
    GENERALIZED_ASSIGNMENT,
    INTEGER_KNAPSACK,
    MARKET_SPLIT,
    MULTIDIMENSIONAL_KNAPSACK,
)
from bench.instances.generators.linear_model import LinearModel
from bench.instances.generators.logistics import (
    FACILITY_LOCATION,
    LOT_SIZING,
    TRANSPORTATION,
    TRAVELING_SALESMAN,
)
from bench.instances.generators.networks import (
    ARBITRAGE,
    MULTICOMMODITY_FLOW,
    NETWORK_DESIGN,
    NETWORK_LOADING,
)
from bench.instances.generators.packing_and_covering import (
    AUCTION,
    BIN_PACKING,
    CUTTING_STOCK,
    INDEPENDENT_SET,
    SET_COVER,
)

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        family.name: family
        for family in (
            ARBITRAGE,
            AUCTION,
            BIN_PACKING,
            CUTTING_STOCK,
            FACILITY_LOCATION,
            GENERALIZED_ASSIGNMENT,
            INDEPENDENT_SET,
            INTEGER_KNAPSACK,
            LOT_SIZING,
            MARKET_SPLIT,
            MULTICOMMODITY_FLOW,
            MULTIDIMENSIONAL_KNAPSACK,
            NETWORK_DESIGN,
            NETWORK_LOADING,
            SET_COVER,
            TRANSPORTATION,
            TRAVELING_SALESMAN,
        )
    }
)
"""All families by name, in alphabetical order."""


def generate(name: str, sizes: Mapping[str, int], seed: int) -> LinearModel:
    """Return the model that a family, its sizes (defaults for those not given) and a seed define.

    The same arguments give the same model on every machine. Raise UsageError for an unknown family
    or size, a size out of range, incompatible sizes, and a negative seed.
    """
    if name not in FAMILIES:
        raise UsageError(f"unknown family '{name}'{_hint(name, FAMILIES)}")
    if seed < 0:
        raise UsageError(f"the seed must not be negative, but is {seed}")
    family = FAMILIES[name]
    chosen = _complete(family, sizes)
    try:
        model = family.function(Draws(seed), **chosen)
    except ValueError as error:
        raise UsageError(f"family {name}: {error}") from error
    arguments = " ".join(f"{size}={value}" for size, value in chosen.items())
    return replace(model, comment=f"{name} {arguments} seed={seed}; {family.paper}")


def _complete(family: Family, sizes: Mapping[str, int]) -> dict[str, int]:
    """Return all sizes of the family, with defaults for those not given."""
    known = {size.name: size for size in family.sizes}
    for name, value in sizes.items():
        if name not in known:
            raise UsageError(f"family {family.name} has no size '{name}'{_hint(name, known)}")
        size = known[name]
        if not size.minimum <= value <= size.maximum:
            raise UsageError(
                f"family {family.name}: {name} must be between {size.minimum} and "
                f"{size.maximum}, but is {value}"
            )
    return {name: sizes.get(name, size.default) for name, size in known.items()}


def _hint(wrong: str, names: Iterable[str]) -> str:
    """Return the end of a message: the closest name, or all of them."""
    known = list(names)
    close = get_close_matches(wrong, known, n=1)
    return f"; did you mean '{close[0]}'?" if close else f"; there are {', '.join(known)}"
