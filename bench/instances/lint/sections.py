"""The sections of an MPS file: which are known, in what order, and who reads them."""

from __future__ import annotations

from bench.instances.lint.notes import Notes, shown

ORDER = {
    b"NAME": 0,
    b"OBJSENSE": 1,
    b"OBJNAME": 1,
    b"ROWS": 2,
    b"USERCUTS": 2,
    b"LAZYCONS": 2,
    b"DELAYEDROWS": 2,
    b"MODELCUTS": 2,
    b"COLUMNS": 3,
    b"RHS": 4,
    b"RANGES": 5,
    b"BOUNDS": 6,
    b"SOS": 7,
    b"SETS": 7,
    b"QUADOBJ": 7,
    b"QMATRIX": 7,
    b"QSECTION": 7,
    b"QCMATRIX": 7,
    b"CSECTION": 7,
    b"INDICATORS": 7,
    b"GENCONS": 7,
    b"PWLOBJ": 7,
    b"PWLNAM": 7,
    b"PWLCON": 7,
    b"ENDATA": 8,
}
REPEATABLE = frozenset({b"QSECTION", b"QCMATRIX", b"CSECTION"})

_SPOILT_BY = {
    b"ROWS": frozenset({b"COLUMNS", b"RHS", b"RANGES"}),
    b"COLUMNS": frozenset({b"BOUNDS"}),
    b"RHS": frozenset({b"RANGES"}),
}
_SCIP_REFUSES = "SCIP refuses the file"
_HIGHS_REFUSES = "HiGHS refuses the file"
_NEITHER = "neither SCIP nor HiGHS reads the file"
_UNREAD = {
    b"LAZYCONS": "HiGHS takes the word for one more row",
    b"USERCUTS": _HIGHS_REFUSES,
    b"DELAYEDROWS": _NEITHER,
    b"MODELCUTS": _NEITHER,
    b"QSECTION": _SCIP_REFUSES,
    b"SETS": _SCIP_REFUSES,
    b"CSECTION": _NEITHER,
    b"GENCONS": _NEITHER,
    b"PWLOBJ": _NEITHER,
    b"PWLNAM": _NEITHER,
    b"PWLCON": _NEITHER,
}


class Sections:
    """Watches the sections of one file."""

    def __init__(self, notes: Notes) -> None:
        """Start before the first section."""
        self.seen: set[bytes] = set()
        self._last = b""
        self._notes = notes

    def enter(self, word: bytes, line: int) -> bytes | None:
        """Return the section that the word starts, or None, and an error, where it is unknown."""
        name = word.upper()
        if name.startswith(b"OBJSEN") and name != b"OBJSENSE":
            message = f"section {shown(word)}; HiGHS ignores it and minimizes, so write OBJSENSE"
            self._notes.error("objective sense", line, message)
            name = b"OBJSENSE"
        if name not in ORDER:
            message = (
                f"{shown(word)} in the first column starts no known section; "
                "lines of data start with a blank"
            )
            self._notes.error("unknown sections", line, message)
            return None
        if name != word:
            message = f"section {shown(word)}; SCIP refuses names of sections in lower case"
            self._notes.warning("sections in lower case", line, message)
        if name in _UNREAD and name not in self.seen:
            message = f"section {name.decode()}; {_UNREAD[name]}"
            self._notes.warning("sections that are not read", line, message)
        self._check_order(name, line)
        self.seen.add(name)
        self._last = name
        return name

    def end(self) -> None:
        """Note what is missing at the end of the file."""
        if not self.seen:
            self._notes.error("no MPS", None, "no section at all; this is not an MPS file")
            return
        if b"ENDATA" not in self.seen:
            message = "no ENDATA; the file was cut, so fetch or write it again"
            self._notes.error("no ENDATA", None, message)
            return
        for name in (b"NAME", b"RHS"):
            if name not in self.seen:
                message = f"no section {name.decode()}; SCIP refuses the file, so add an empty one"
                self._notes.warning("missing sections", None, message)

    def _check_order(self, name: bytes, line: int) -> None:
        if name in self.seen and name not in REPEATABLE:
            message = f"a second section {name.decode()}; readers refuse or lose one, so join them"
            self._notes.error("repeated sections", line, message)
        elif spoilt := sorted(_SPOILT_BY.get(name, frozenset()) & self.seen):
            message = (
                f"{name.decode()} after {spoilt[0].decode()}; it changes what that section says"
            )
            self._notes.error("order of sections", line, message)
        elif self._last and ORDER[name] < ORDER[self._last]:
            message = f"{name.decode()} after {self._last.decode()}; SCIP refuses this order"
            self._notes.warning("order of sections", line, message)
