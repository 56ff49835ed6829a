"""The knobs alpha and l1_ratio."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.planning.knobs import OBJECTIVE, SUPPORT, effective, elastic_net

SHARE = st.floats(0, 1)


@given(SHARE, SHARE)
def test_the_weights_add_up_to_alpha(alpha: float, ratio: float) -> None:
    """Alpha says how strongly, l1_ratio how mixed."""
    params = elastic_net(alpha, ratio)
    assert float(params[OBJECTIVE]) + float(params[SUPPORT]) == pytest.approx(alpha)
    assert params[OBJECTIVE] == alpha * ratio


def test_stock_scip_is_alpha_0_2_and_l1_ratio_0_5() -> None:
    """These values give exactly SCIP's default weights of 0.1."""
    assert elastic_net(0.2, 0.5) == {OBJECTIVE: 0.1, SUPPORT: 0.1}


def test_without_knobs_no_parameter_is_touched() -> None:
    """Stock SCIP stays stock, and its knobs are told all the same."""
    assert elastic_net(None, None) == {}
    assert effective({}, None, None) == {"alpha": 0.2, "l1_ratio": 0.5}


def test_weights_set_by_name_are_told_as_knobs() -> None:
    """The effective knob is logged whichever way the weights were given."""
    knobs = effective({OBJECTIVE: 0.3, SUPPORT: 0.1}, None, None)
    assert knobs == pytest.approx({"alpha": 0.4, "l1_ratio": 0.75})


@pytest.mark.parametrize(
    ("alpha", "ratio"), [(-0.1, 0.5), (1.5, 0.5), (0.2, 2), (0.2, -1), (float("nan"), 0.5)]
)
def test_a_knob_out_of_range_is_refused(alpha: float, ratio: float) -> None:
    """The message says the range."""
    with pytest.raises(UsageError, match=r"outside \[0, 1\]"):
        elastic_net(alpha, ratio)
