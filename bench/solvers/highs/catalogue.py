"""HiGHS's options as a parameter catalogue, from HiGHS's own list."""

from __future__ import annotations

import math
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from highspy import Highs, HighsOptions, HighsOptionType, HighsStatus

from bench.model.parameters import Catalogue, Parameter, ParameterKind
from bench.model.setting import ParameterValue
from bench.solvers.highs.reading import new

_FACTS = re.compile(
    r"# \[type: (?P<type>\w+), advanced: (?P<advanced>true|false), "
    r"(?:range: [\[{](?P<low>[^,]+), (?P<high>[^\]}]+)[\]}], )?default: .*\]"
)
_KINDS = {
    HighsOptionType.kBool: ParameterKind.BOOL,
    HighsOptionType.kInt: ParameterKind.INT,
    HighsOptionType.kDouble: ParameterKind.REAL,
    HighsOptionType.kString: ParameterKind.STRING,
}
_NONSENSE = "no such value"
_UNDESCRIBED = "HiGHS gives no description and no range of this option"


def read_catalogue() -> Catalogue:
    """Return every option of the installed HiGHS (a few milliseconds).

    First those that HiGHS lists, with range and description. Then further known ones: they are
    advanced, and only HiGHS itself checks their values. The choices of a text option are those in
    its description that HiGHS accepts.
    """
    highs = new()
    listed = parse(list_options(), highs)
    hidden = [
        _parameter(highs, name, _UNDESCRIBED, None)
        for name in dir(HighsOptions)
        if not name.startswith("_") and name not in listed
    ]
    return Catalogue([*listed.values(), *(known for known in hidden if known is not None)])


def list_options() -> str:
    """Return HiGHS's list of its options with comments."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "all.opt"
        new(log_to_console=False).writeOptions(str(path))
        return path.read_text(encoding="utf-8", errors="replace")


def parse(text: str, highs: Highs) -> dict[str, Parameter]:
    """Parse a list in HiGHS's format: description, ``# [type: ...]``, ``name = value``.

    Types and defaults are those of the object, which should be new.
    """
    parameters: dict[str, Parameter] = {}
    comments: list[str] = []
    facts: re.Match[str] | None = None
    for line in text.splitlines():
        if line.startswith("#"):
            facts = _FACTS.fullmatch(line)
            comments += [] if facts else [line.removeprefix("#").strip()]
        elif "=" in line:
            name = line.partition("=")[0].strip()
            parameter = _parameter(highs, name, " ".join(comments), facts)
            parameters |= {name: parameter} if parameter else {}
            comments, facts = [], None
    return parameters


def _parameter(
    highs: Highs, name: str, description: str, facts: re.Match[str] | None
) -> Parameter | None:
    """Return an option with its present value as default; None if it is not an option."""
    found, kind = highs.getOptionType(name)
    status, default = highs.getOptionValue(name)
    if HighsStatus.kError in {found, status}:
        return None
    bounds = (facts["low"], facts["high"]) if facts and facts["low"] else None
    return Parameter(
        name=name,
        kind=_KINDS[kind],
        default=default,
        description=description,
        low=_bound(_KINDS[kind], bounds[0]) if bounds else None,
        high=_bound(_KINDS[kind], bounds[1]) if bounds else None,
        choices=_choices(name, default, description)
        if _KINDS[kind] is ParameterKind.STRING
        else (),
        advanced=facts is None or facts["advanced"] == "true",
    )


def _bound(kind: ParameterKind, text: str) -> float | None:
    match kind:
        case ParameterKind.INT:
            return int(text)
        case ParameterKind.REAL:
            return float(text) if math.isfinite(float(text)) else None
        case _:
            return None


def _choices(name: str, default: ParameterValue, description: str) -> tuple[str, ...]:
    """Return the texts that HiGHS accepts, or nothing if it accepts any.

    An option whose description names none is not tried: ``log_file`` would create the file.
    """
    named = dict.fromkeys([*re.findall(r'"([^"]+)"', description), str(default)])
    highs = new(log_to_console=False)
    if len(named) == 1 or highs.setOptionValue(name, _NONSENSE) != HighsStatus.kError:
        return ()
    return tuple(text for text in named if highs.setOptionValue(name, text) == HighsStatus.kOk)
