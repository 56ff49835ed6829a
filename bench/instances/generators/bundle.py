"""The bundled instances: their files, and how each is generated."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bench.instances.generators.families import generate
from bench.instances.generators.linear_model import LinearModel, to_lp, to_mps

WRITERS: Mapping[str, Callable[[LinearModel], str]] = {".mps.gz": to_mps, ".lp": to_lp}
"""The writer of each suffix a bundled file may have."""


@dataclass(frozen=True, slots=True)
class Bundled:
    """One bundled file, completely defined by family, sizes and seed."""

    stem: str
    suffix: str
    family: str
    seed: int
    sizes: Mapping[str, int]

    @property
    def file_name(self) -> str:
        """Name of the file in the folder of the bundle."""
        return f"{self.stem}{self.suffix}"

    def model(self) -> LinearModel:
        """Return the model of the file, under the name of the file."""
        return replace(generate(self.family, self.sizes, self.seed), name=self.stem)

    def text(self) -> bytes:
        """Return the uncompressed bytes of the file, the identity of the instance."""
        return WRITERS[self.suffix](self.model()).encode("ascii")


def _mps(stem: str, family: str, seed: int, **sizes: int) -> Bundled:
    return Bundled(stem, ".mps.gz", family, seed, sizes)


def _lp(stem: str, family: str, seed: int, **sizes: int) -> Bundled:
    return Bundled(stem, ".lp", family, seed, sizes)


BUNDLE: tuple[Bundled, ...] = (
    _mps("arbitrage-4", "arbitrage", 1, currencies=4, gain=3),
    _mps("auction-50x200", "auction", 1, items=50, bids=200),
    _mps("auction-60x300", "auction", 1, items=60, bids=300),
    _mps("auction-100x500", "auction", 1, items=100, bids=500),
    _mps("binpack-16x7", "bin_packing", 6, items=16, bins=7),
    _mps("cfl-10x20", "facility_location", 1, facilities=10, customers=20, ratio=300),
    _mps("cfl-20x30", "facility_location", 1, facilities=20, customers=30, ratio=300),
    _mps("cfl-25x40", "facility_location", 1, facilities=25, customers=40, ratio=300),
    _mps("cfl-40x60", "facility_location", 1, facilities=40, customers=60, ratio=250),
    _lp("cutstock-15", "cutting_stock", 7, widths=15, demand=12),
    _lp("gap-5x20", "generalized_assignment", 1, agents=5, jobs=20, tightness=80),
    _mps("gap-4x24", "generalized_assignment", 1, agents=4, jobs=24, tightness=80),
    _mps("gap-5x30", "generalized_assignment", 1, agents=5, jobs=30, tightness=80),
    _mps("indset-60", "independent_set", 1, nodes=60, density=20, weights=50),
    _mps("indset-100", "independent_set", 1, nodes=100, density=10, weights=1),
    _mps("indset-120", "independent_set", 1, nodes=120, density=20, weights=1),
    _lp("intknap-2x10", "integer_knapsack", 1, items=10, rows=2, multiplier=100),
    _lp("intknap-3x12", "integer_knapsack", 2, items=12, rows=3, multiplier=50),
    _mps("lotsize-6x15", "lot_sizing", 1, items=6, periods=15, utilisation=85),
    _mps("lotsize-8x15", "lot_sizing", 1, items=8, periods=15, utilisation=90),
    _mps("lotsize-12x15", "lot_sizing", 2, items=12, periods=15, utilisation=90),
    _mps("mcflow-40x200", "multicommodity_flow", 1, nodes=40, arcs=200, commodities=40),
    _lp("mkp-5x40", "multidimensional_knapsack", 1, resources=5, items=40, tightness=50),
    _mps("mkp-20x35", "multidimensional_knapsack", 1, resources=20, items=35, tightness=50),
    _mps("mkp-10x60", "multidimensional_knapsack", 1, resources=10, items=60, tightness=25),
    _lp("msplit-3x20", "market_split", 1, markets=3, customers=20),
    _mps("netdes-12x50", "network_design", 2, nodes=12, arcs=50, commodities=8, tightness=800),
    _mps("netdes-15x60", "network_design", 1, nodes=15, arcs=60, commodities=10, tightness=600),
    _mps("netdes-16x70", "network_design", 3, nodes=16, arcs=70, commodities=10, tightness=1000),
    _mps("netload-7x12", "network_loading", 2, nodes=7, edges=12, demand=10),
    _mps("netload-10x20", "network_loading", 1, nodes=10, edges=20, demand=10),
    _mps("setcover-100x1000", "set_cover", 2, rows=100, columns=1000, density=5),
    _mps("setcover-200x1000", "set_cover", 2, rows=200, columns=1000, density=3),
    _mps("setcover-300x1000", "set_cover", 2, rows=300, columns=1000, density=2),
    _mps("transport-60x100", "transportation", 1, plants=60, markets=100),
    _mps("tsp-16", "traveling_salesman", 1, cities=16),
    _mps("tsp-20", "traveling_salesman", 1, cities=20),
)
"""All bundled files, by family and size."""


def bundle_files(names: Container[str] | None = None) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the uncompressed bytes of every bundled file, or of those named."""
    for bundled in BUNDLE:
        if names is None or bundled.file_name in names:
            yield bundled.file_name, bundled.text()


def write_bundle(folder: Path, names: Container[str] | None = None) -> list[Path]:
    """Write all bundled files, or those named, into a folder and return their paths.

    Compressed files contain neither time nor name, so they depend only on zlib's version.
    """
    paths = []
    for name, text in bundle_files(names):
        path = folder / name
        path.write_bytes(gzip.compress(text, 9, mtime=0) if name.endswith(".gz") else text)
        paths.append(path)
    return paths
