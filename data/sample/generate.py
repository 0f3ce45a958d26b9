"""Write the sample survey: `python data/sample/generate.py` makes reponses.csv and planted.toml anew, byte for byte.

The verbatims are drawn from four sectors of verbatims-fr (data/verbatims-fr, else ../shared/data/verbatims-fr), which
are kept out of every training. README.md is the data dictionary.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from identities import Identity, draw_identity
from planted import planted_toml
from plants import assign
from respondents import Respondent, draw_respondents
from sources import Pair, Segment, read_sources, rows_folder
from writing import Text, Writer

FOLDER = Path(__file__).parent
SEED = 20_261_001
_WITH_IDENTITY = 0.011
_HEADER = [
    "référence",
    "date de réponse",
    "note",
    "commentaire",
    "canal",
    "étape du parcours",
    "région",
    "segment client",
    "satisfaction",
    "effort",
    "numéro client",
    "montant panier",
]
_ID, _DATE, _SCORE, _COMMENT = range(4)
# Position, column and cell of the rows that can be no response; later positions first.
_DAMAGE = ((9400, _ID, ""), (6600, _SCORE, "11"), (3500, _DATE, "32/13/2026"), (1700, _SCORE, "dix"))


@dataclass(frozen=True)
class Answer:
    """One response of the export: who, and what was written, its opinions still marked."""

    response_id: str
    respondent: Respondent
    text: Text
    identity: Identity | None = None

    @property
    def verbatim(self) -> str:
        """The text as the export holds it; empty: nothing written."""
        return "".join(segment.text for segment in self.text)

    @property
    def pairs(self) -> frozenset[Pair]:
        """Themes and polarities of its opinions."""
        return frozenset(segment.pair for segment in self.text if segment.pair)


def make_answers(seed: int = SEED) -> list[Answer]:
    """All responses of the sample, in order of time."""
    respondents = draw_respondents(Random(seed))
    told = assign(respondents, Random(seed + 1))
    writer = Writer(read_sources(rows_folder()), Random(seed + 2))
    identities = Random(seed + 3)
    answers = []
    for index, respondent in enumerate(respondents):
        text = writer.write(respondent, told.get(index)) if respondent.writes else ()
        answer = Answer(f"MLI-{index + 1:06}", respondent, text)
        answers.append(_with_identity(answer, identities) if answer.pairs else answer)
    return answers


def _with_identity(answer: Answer, rng: Random) -> Answer:
    if rng.random() >= _WITH_IDENTITY:
        return answer
    identity = draw_identity(rng)
    joint = " " if answer.verbatim[-1] in ".!?" else ". "
    return replace(answer, text=(*answer.text, Segment(joint + identity.sentence)), identity=identity)


def export_rows(answers: list[Answer]) -> list[list[str]]:
    """Rows of the export: the answers, older copies of three of them, four rows that can be no response."""
    rows = [_row(answer) for answer in answers]
    middle = [i for i, answer in enumerate(answers) if 12 <= answer.respondent.answered_at.day <= 20]
    # Later positions first, so that the earlier ones stay right.
    for position in (middle[3000], middle[2000], middle[1000]):
        rows.insert(position, _older_copy(rows[position], answers[position].respondent.answered_at))
    for position, column, cell in _DAMAGE:
        damaged = rows[position].copy()
        damaged[_ID] = f"MLI-9{position:05}"
        damaged[column] = cell
        rows.insert(position, damaged)
    return rows


def _older_copy(row: list[str], answered_at: dt.datetime) -> list[str]:
    older = row.copy()
    older[_DATE] = f"{answered_at - dt.timedelta(days=2):%d/%m/%Y %H:%M}"
    older[_SCORE], older[_COMMENT] = "5", "RAS"
    return older


def _row(answer: Answer) -> list[str]:
    who = answer.respondent
    basket = "" if who.basket_cents is None else f"{who.basket_cents // 100},{who.basket_cents % 100:02}"
    return [
        answer.response_id,
        f"{who.answered_at:%d/%m/%Y %H:%M}",
        str(who.score) if who.shows_score else "",
        answer.verbatim,
        who.channel,
        who.step,
        who.region,
        who.segment,
        _cell(who.satisfaction),
        _cell(who.effort),
        f"C{100_000 + who.customer}",
        basket,
    ]


def _cell(number: int | None) -> str:
    return "" if number is None else str(number)


def export_bytes(rows: list[list[str]]) -> bytes:
    """The export as a French spreadsheet writes it: `;`, CRLF, cp1252."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow(_HEADER)
    writer.writerows(rows)
    return stream.getvalue().encode("cp1252")


def main() -> None:
    """Write both files beside this one."""
    answers = make_answers()
    rows = export_rows(answers)
    (FOLDER / "reponses.csv").write_bytes(export_bytes(rows))
    (FOLDER / "planted.toml").write_text(planted_toml(answers, len(rows)), encoding="utf-8", newline="\n")
    print(f"{len(answers)} responses in {len(rows)} rows")


if __name__ == "__main__":
    main()
