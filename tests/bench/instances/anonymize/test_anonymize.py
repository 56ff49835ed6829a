"""MPS and LP with other names: no old name stays, and nothing but names changes."""

from __future__ import annotations

import re

import pytest

from bench.instances.anonymize.lp import anonymous_lp
from bench.instances.anonymize.mps import anonymous_mps
from bench.instances.anonymize.names import CannotAnonymizeError, Renaming, restored

MPS = b"""\
* PLANT in comment
NAME PLANT FREE
OBJSENSE MAX
OBJNAME
 PLANTcost
ROWS
 N PLANTcost
 L PLANTroom
 G PLANTroom2
LAZYCONS
 L PLANTlazy
COLUMNS
 PLANTmark 'MARKER' 'INTORG'
 PLANTa PLANTcost -5 PLANTroom 4
 PLANTa PLANTroom2 1e-3 $ PLANT
 PLANTm2 'MARKER' 'INTEND'
 PLANTb PLANTcost -4.50 PLANTlazy 3
RHS
 PLANTset PLANTroom 6 PLANTlazy 9
 PLANTroom2 1
RANGES
 PLANTset PLANTroom 2
BOUNDS
 UP PLANTbnd PLANTa 1
 FR PLANTbnd PLANTb
 UP PLANTb inf
SOS
 S1 PLANTsos 5
 PLANTsos PLANTa 1
 PLANTsos PLANTb 2
QUADOBJ
 PLANTa PLANTa 2
QCMATRIX PLANTroom
 PLANTa PLANTb 1
INDICATORS
 IF PLANTroom PLANTa 1
ENDATA
PLANT after the end
"""
LP = b"""\
\\ PLANT in comment
PLANT before
Maximize
 obj: 2PLANTa + 1e-3 PLANTb + [ PLANTa^2 + 2 PLANTa*PLANTb ]/2
Subject To
 PLANT-row.1: PLANTa + 2 PLANTb <= 1e5 PLANT2: PLANTa >= -1
 PLANTi: PLANTz = 1 -> PLANTa - PLANTb >= 1 \\ PLANT
 -5 <= PLANTc <= 8
Bounds
 -inf <= PLANTa <= 5
 PLANTb free
 PLANTc <= +1e30
Generals
 PLANTa PLANTc
Binary
 PLANTz
SOS
 PLANTset: S1:: PLANTa:1 PLANTb:2.5
End
PLANT after
"""


def test_only_names_change_in_mps() -> None:
    """Every number, and every word of the format, stays in its place."""
    names = Renaming()
    text = b"\n".join(anonymous_mps(MPS.split(b"\n"), names))
    assert b"PLANT" not in text
    lines = text.split(b"\n")
    assert lines[0] == b"NAME anonymous"
    assert b" c1 r1 -5 r2 4" in lines
    assert b" c1 r3 1e-3" in lines
    assert b" RHS r2 6 r4 9" in lines
    assert b" r3 1" in lines
    assert b" UP BOUND c1 1" in lines
    assert b" UP c2 inf" in lines
    assert b" S1 s1 5" in lines
    assert b" s1 c2 2" in lines
    assert b"QCMATRIX r2" in lines
    assert b" IF r2 c1 1" in lines
    assert names.columns.new == {b"PLANTa": b"c1", b"PLANTb": b"c2"}


def test_only_names_change_in_lp() -> None:
    """The layout stays as well."""
    names = Renaming()
    text = b"\n".join(anonymous_lp(LP.split(b"\n"), names))
    assert b"PLANT" not in text
    assert text.split(b"\n")[1] == b" r1: 2c1 + 1e-3 c2 + [ c1^2 + 2 c1*c2 ]/2"
    assert b" r2: c1 + 2 c2 <= 1e5 r3: c1 >= -1" in text
    assert b" r4: c3 = 1 -> c1 - c2 >= 1" in text
    assert b" -inf <= c1 <= 5\n c2 free\n c4 <= +1e30\n" in text
    assert b" s1: S1:: c1:1 c2:2.5" in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"NAME\nROWS\n N a\nGENCONS\n MAX b\nENDATA\n", "line 4: section 'GENCONS'"),
        (b"NAME\nROWS\n N a b c d\nCOLUMNS\n x a secret\nENDATA\n", "line 5: a line of COLUMNS"),
        (b"NAME\nROWS\n N a\nBOUNDS\n XX b x 1\nENDATA\n", "line 5: a line of BOUNDS"),
        (b"NAME\n secret\nENDATA\n", "line 2: text outside of the sections"),
    ],
)
def test_mps_that_is_not_understood_is_refused(text: bytes, words: str) -> None:
    """Rather no copy than one with a name in it."""
    with pytest.raises(CannotAnonymizeError, match=re.escape(words)):
        list(anonymous_mps(text.split(b"\n"), Renaming()))


@pytest.mark.parametrize(
    ("section", "words"),
    [
        (b"PWLObj\n x: (0,0)", "section PWLObj cannot be anonymized"),
        (b"Generals\n secret", "'secret' is not a known column"),
        (b"Bounds\n free free", "a word of the format"),
        (b"SOS\n s1: x y z", "a line of SOS"),
        (b"Bounds\n x <= 1 generals secret", "within a line"),
    ],
)
def test_lp_that_is_not_understood_is_refused(section: bytes, words: str) -> None:
    """With the line."""
    text = b"Minimize\n x + free\nst\n x >= 1\n" + section + b"\nEnd\n"
    text = text if b"free free" in section else text.replace(b" + free", b"")
    with pytest.raises(CannotAnonymizeError, match=words):
        list(anonymous_lp(text.split(b"\n"), Renaming()))


def test_the_way_back_changes_whole_names_only() -> None:
    """Of those that are in the key."""
    names = {"c1": "x", "c11": "PLANT (a)", "r1": "room"}
    text = b"objective value: 3\nc1 1 (obj:2)\nc11 5\nc2 c1x 1c1\nrow r1: c1-c11\n"
    assert restored(text, names) == (
        b"objective value: 3\nx 1 (obj:2)\nPLANT (a) 5\nc2 c1x 1c1\nrow room: x-PLANT (a)\n"
    )
