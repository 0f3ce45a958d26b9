"""A team's file of marked answers: every fault of it told at once, by line, without a customer's word."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from verbatim.errors import ContractError
from verbatim.reading.marked import THEMES, Kind, MarkedAnswer, parse_row

LEAST_ANSWERS = 100
"""With fewer, what training changes cannot be told from chance."""
_SHOWN = 8
_FORMAT = "score, survey (nps or enps), sector and marked text, separated by tabs"


def read_answers(file: Path, *, kind: Kind) -> tuple[MarkedAnswer, ...]:
    """Read marked answers of one kind of survey, to learn from them.

    Parameters
    ----------
    file : Path
        As for :func:`read_marked`.
    kind : "nps" or "enps"
        Whose answers are wanted.

    Returns
    -------
    tuple of MarkedAnswer
        Different texts, in the order of the file; of a text that stands twice the first.

    Raises
    ------
    ContractError
        The file cannot be read, lines are malformed, answers belong to the other kind of survey, or there are fewer
        than `LEAST_ANSWERS`.
    """
    found: dict[str, MarkedAnswer] = {}
    for answer in read_marked(file, kind=kind):
        found.setdefault(answer.text, answer)
    if len(found) < LEAST_ANSWERS or not any(answer.opinions for answer in found.values()):
        raise ContractError(
            f"The file holds {len(found)} different answers, "
            f"{sum(len(answer.opinions) for answer in found.values())} marked opinions.",
            where=str(file),
            expected=f"at least {LEAST_ANSWERS} answers, their opinions marked",
            next_step="mark more answers; some hundreds are a good start",
        )
    return tuple(found.values())


def read_marked(
    file: Path,
    *,
    kind: Kind | None = None,
    wanted_by: str = "the settings describe",
    themes: Mapping[Kind, Collection[str]] = THEMES,
) -> tuple[MarkedAnswer, ...]:
    """Read marked answers, however many there are.

    Parameters
    ----------
    file : Path
        UTF-8, one answer a line, in the format of ``data/verbatims-fr/GUIDE.md``; empty lines are left out.
    kind : "nps" or "enps", optional
        Whose answers are wanted; by default both.
    wanted_by : str
        What wants this kind, for the message about a line of the other one.
    themes : mapping of kind to collection of str, optional
        Codes that may be marked.

    Returns
    -------
    tuple of MarkedAnswer
        In the order of the file.

    Raises
    ------
    ContractError
        The file cannot be read, or lines are malformed or belong to the other kind: all of them, by number.
    """
    faults: list[str] = []
    answers: list[MarkedAnswer] = []
    for number, line in enumerate(_lines(file), start=1):
        if not line.strip():
            continue
        try:
            answer = parse_row(line, themes=themes)
        except ContractError as error:
            faults.append(f"line {number}: {error.what} {error.expected and f'expected: {error.expected}'}".rstrip())
            continue
        if kind is not None and answer.kind != kind:
            faults.append(f"line {number}: survey is {answer.kind}, {wanted_by} {kind}")
        answers.append(answer)
    if faults:
        more = f"\n  … and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        listed = "".join(f"\n  {fault}" for fault in faults[:_SHOWN])
        raise ContractError(
            f"{len(faults)} lines of the marked answers cannot be used:{listed}{more}",
            where=str(file),
            expected=_FORMAT,
            next_step="mend these lines; data/verbatims-fr/GUIDE.md describes the marks and lists the themes",
        )
    return tuple(answers)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise ContractError(
            f"The marked answers cannot be read: {error.strerror}.", where=str(file), expected=_FORMAT
        ) from None
    # Its message quotes the bytes.
    except UnicodeDecodeError as error:
        raise ContractError(
            f"The marked answers are no UTF-8 (byte {error.start:,}).",
            where=str(file),
            expected="a text file in UTF-8",
            next_step="save it again as UTF-8",
        ) from None
