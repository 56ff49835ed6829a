"""Withholding: a result without any text that may quote names of rows and columns.

Solvers, readers and the lint write such texts, and so does the check of a solution. Texts that are
known to be written by bench are kept; all others are replaced.
"""

from __future__ import annotations

from dataclasses import replace

from bench.model.instances.instance import Instance
from bench.model.results.process_stats import IMPORTED, ProcessStats, Termination
from bench.model.results.result import Result
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import Verdict
from bench.model.results.verification import NOT_ASKED, Verification
from bench.model.start import Start
from bench.verification.judge import judge
from bench.verification.statuses import FINAL, LIMITS

WITHHELD = "withheld (--record)"
_STATUSES = frozenset({*FINAL, *LIMITS, "userinterrupt"})
NO_ANSWER = "no answer: "
"""The beginnings of errors that bench itself has written."""
_OWN_EVIDENCE = frozenset(
    {
        Termination.NORMAL,
        Termination.TIME,
        Termination.MEMORY,
        Termination.SIGNAL,
        Termination.INTERRUPT,
    }
)
"""Terminations whose evidence bench has written itself, without the solver's status."""


def withhold_texts(result: Result) -> Result:
    """Return the result without texts that may quote names of rows and columns."""
    answer = _answer(result.answer, is_own_error=_is_own_error(result))
    execution = _execution(result.execution, result.answer, answer)
    verification = None if result.verification is None else _verification(result.verification)
    task = replace(
        result.task,
        instance=_instance(result.task.instance),
        start=None if result.task.start is None else _start(result.task.start),
    )
    plain = replace(
        result, task=task, answer=answer, execution=execution, verification=verification
    )
    return replace(plain, verdict=_verdict(plain))


def _is_own_error(result: Result) -> bool:
    """Return whether bench gives the reason for a missing answer, from system information."""
    error, evidence = result.answer.error or "", result.execution.evidence
    return error.startswith(NO_ANSWER) and f"{NO_ANSWER}{evidence}".startswith(error)


def _answer(answer: SolverOutput, *, is_own_error: bool) -> SolverOutput:
    status = answer.status
    return replace(
        answer,
        status=status if status is None or status in _STATUSES else WITHHELD,
        error=answer.error if answer.error is None or is_own_error else WITHHELD,
        reader_warnings=_counted(answer.reader_warnings, "warning"),
    )


def _execution(execution: ProcessStats, before: SolverOutput, answer: SolverOutput) -> ProcessStats:
    if execution.imported:
        return replace(execution, evidence=f"{IMPORTED}a file, {WITHHELD}")
    is_quoted = answer.status != before.status or (before.error or "\0") in execution.evidence
    is_own = execution.termination in _OWN_EVIDENCE and not is_quoted
    is_own_error = answer.error is not None and answer.error == before.error
    return execution if is_own or is_own_error else replace(execution, evidence=WITHHELD)


def _verification(found: Verification) -> Verification:
    why = found.skipped
    return replace(
        found,
        violations=tuple(replace(one, where="", where_absolute="") for one in found.violations),
        skipped=why if why in {None, NOT_ASKED} else WITHHELD,
        notes=(),
    )


def _instance(instance: Instance) -> Instance:
    return replace(
        instance,
        defect=None if instance.defect is None else WITHHELD,
        misread_by=tuple((code_base, WITHHELD) for code_base, _ in instance.misread_by),
        lint=None if instance.lint is None else _counted(instance.lint, "warning"),
    )


def _start(start: Start) -> Start:
    return replace(start, check=WITHHELD if start.check else "")


def _verdict(result: Result) -> Verdict:
    """Return the verdict with the judge's reason for the remaining data.

    If the judge concludes something else, as for imported results, there is no reason.
    """
    verdict = result.verdict
    again = judge(
        result.answer,
        result.execution,
        result.reference,
        result.verification,
        gap_limit=result.task.limits.gap,
    )
    same = (again.category, again.kind) == (verdict.category, verdict.kind)
    return replace(verdict, reason=again.reason if same else WITHHELD)


def _counted(texts: tuple[str, ...], word: str) -> tuple[str, ...]:
    """Return one text with the number of texts."""
    n = len(texts)
    return (f"{n} {word}{'s' * (n > 1)}, {WITHHELD}",) if texts else ()
