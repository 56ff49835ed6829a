"""References from .solu files."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.instances import solu
from bench.model.instances.reference import Known, Reference

NAMES = st.text(string.ascii_letters + string.digits + "._-", min_size=1)
VALUES = st.floats(allow_nan=False, allow_infinity=False)
REFERENCES = st.one_of(
    st.builds(Reference, st.sampled_from([Known.OPTIMAL, Known.BEST]), VALUES, st.none() | VALUES),
    st.builds(Reference, st.sampled_from([Known.INFEASIBLE, Known.UNKNOWN, Known.FEASIBLE])),
)


@given(st.dictionaries(NAMES, REFERENCES))
def test_what_is_written_is_read_back(references: dict[str, Reference]) -> None:
    """Writing and parsing are inverse, to the last digit."""
    assert solu.parse(solu.text(references), "x.solu") == references


def test_every_tag_of_scip_is_known() -> None:
    """All tags of SCIP's check scripts are understood."""
    text = "=opt= a 1.5\n=inf= b\n=best= c 7 # bound\n=bestdual= c 6\n=feas= d\n=unkn= e\n"
    references = solu.parse(text, "x.solu")
    assert references["a"] == Reference(Known.OPTIMAL, 1.5)
    assert references["c"] == Reference(Known.BEST, 7, 6)
    assert [references[name].known for name in "bde"] == ["inf", "feas", "unkn"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("=optimal= a 1", "unknown tag"),
        ("opt a 1", "unknown tag"),
        ("=opt= a", "needs a value"),
        ("=opt=", "needs an instance name"),
        ("=opt= a one", "not a number"),
        ("=opt= a nan", "not a finite number"),
        ("=opt= a 1 201 500", "expected a name and a value, but there is more: '201 500'"),
    ],
)
def test_a_broken_line_is_named_with_its_number(line: str, words: str) -> None:
    """The message has file, line and reason."""
    with pytest.raises(UsageError, match=rf"x\.solu:2: .*{words}"):
        solu.parse(f"=inf= fine\n{line}\n", "x.solu")
