"""`verbatim codebook score`: how far the reader agrees with answers that a person marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verbatim.errors import ContractError
from verbatim.reading.marked import Kind, MarkedAnswer
from verbatim.tables import UNCLASSIFIED, Polarity
from verbatim.themes import Codebook, load_codebook

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from verbatim.reading import ReadResult
    from verbatim.training.agreement import Confusion, Hits, Kappa
    from verbatim.training.scoring import Pairs

_CODEBOOKS: Mapping[Kind, str] = {"nps": "cx-fr", "enps": "ex-fr"}
_SURVEYS: Mapping[Kind, str] = {"nps": "customers (nps)", "enps": "employees (enps)"}
_WIDTH = 100
_FIGURES = ("marked", "said", "right", "precision", "recall", "F1")
_WIDTHS = (7, 6, 6, 10, 7, 6)
_KAPPA_WIDTHS = (10, 10, 16, 18)
_PAIR = ("theme_id", "polarity")
_UNDEFINED = "–"
_QUOTE = 90  # characters of an example that are shown


@dataclass(frozen=True)
class Spoken:
    """What the reader says of S marked spans, in order of answer and mark.

    Attributes
    ----------
    themes, polarity : tuple of str
    sure : tuple of float
        Probability of the theme, in [0, 1].
    """

    themes: tuple[str, ...]
    polarity: tuple[str, ...]
    sure: tuple[float, ...]


def score(marked: Path, *, settings: Path | None = None, codebook: str | None = None) -> Iterator[str]:
    """Compare what the reader says with what a person marked; what there is to say comes line by line.

    Two levels. **By answer**, as a night reads: the set of (theme, polarity) that an answer's opinions carry, those
    left `a_classer` not counted; a pair counts once an answer.

    - marked, said, right: answers in which the person marks it, the reader says it, both do;
    - precision: right / said; recall: right / marked; F1: 2 × right / (marked + said); "–" where the divisor is 0;
    - "all pairs" and "all themes" are micro figures: the counts are added up, then divided.

    **On the marked spans**, where the reader is shown the clause: the surest theme, with no threshold, and the surest
    polarity.

    - agreed: share of the marked opinions whose label is the person's;
    - Cohen's kappa: agreement beyond what the frequencies of both would give by chance, with its 95 % interval
      (:func:`verbatim.training.agreement.cohen_kappa`);
    - confusions: the marked theme → the theme said, how many opinions, their share of the opinions marked so, and the
      surest of them as examples. Examples are the clauses of the marked file itself.

    Parameters
    ----------
    marked : Path
        Rows as ``data/verbatims-fr/GUIDE.md`` describes them.
    settings : Path, optional
        Settings file of a survey: its encoder and its codebook. By default the encoder that ships, and `cx-fr` for
        customers' rows, `ex-fr` for employees': a file that holds both is scored one after the other.
    codebook : str, optional
        `cx-fr`, `ex-fr` or a TOML file, instead.

    Raises
    ------
    ContractError
        The marked answers cannot be used; no text of theirs is in the message.
    CodebookError, ModelError, SettingsError
        The codebook, the encoder or the settings cannot be used.
    """
    from verbatim.night import encoder_of
    from verbatim.reading import load_encoder
    from verbatim.settings import load_settings

    described = None if settings is None else load_settings(settings)
    named = codebook if codebook or described is None else described.codebook
    kind = None if described is None else described.survey.kind
    answers = _read(marked, named, kind)
    encoder = load_encoder() if described is None else encoder_of(described)
    for own in _CODEBOOKS:
        of_kind = [answer for answer in answers if answer.kind == own]
        if of_kind:
            yield from _compare(encoder, of_kind, named or _CODEBOOKS[own], title=f"{marked.name}: {_SURVEYS[own]}")


def read_pairs(encoder: Any, answers: Sequence[MarkedAnswer], codebook: str) -> Pairs:
    """(theme, polarity) pairs of each answer, as a night finds them; opinions left unclassified give none."""
    import pandas as pd

    from verbatim.night.assigning import assign_themes
    from verbatim.reading import read_responses

    book = load_codebook(codebook)
    texts = [answer.text for answer in answers]
    responses = pd.DataFrame({"response_id": [str(place) for place in range(len(texts))], "verbatim": texts})
    read = read_responses(responses, encoder, codebook=codebook, cache_folder=None)
    opinions = read.opinions if book.is_shipped else assign_themes(read, encoder, book)
    pairs: Pairs = [set() for _ in answers]
    for place, theme, polarity in zip(*(opinions[name] for name in ("response_id", *_PAIR)), strict=True):
        if theme != UNCLASSIFIED:
            pairs[int(place)].add((str(theme), str(polarity)))
    return pairs


def read_spans(encoder: Any, answers: Sequence[MarkedAnswer], codebook: str) -> Spoken:
    """Surest theme and polarity of each marked span; a team's own themes compete as in a night."""
    from verbatim.reading.labels import labels_of
    from verbatim.training.spans import score_marked

    heads, labels, quotes = encoder.heads, labels_of(codebook), _quotes(answers)
    scores = score_marked(heads, answers, kind=labels.kind)
    names = heads.config.customer_themes if labels.kind == "nps" else heads.config.employee_themes
    best, sure = surest(scores.themes, names, labels.given)
    book = load_codebook(codebook)
    if not book.is_shipped:
        best, sure = _with_own_themes(encoder, book, quotes, best, sure)
    judge = getattr(encoder, "judge", None)
    polarity = scores.polarity if judge is None else judge.polarity(quotes)
    said = tuple(heads.config.polarities[place] for place in polarity.argmax(axis=1))
    return Spoken(tuple(best), said, tuple(sure))


def surest(
    scores: npt.NDArray[np.float64], names: Sequence[str], given: Mapping[str, str]
) -> tuple[list[str], list[float]]:
    """Surest id of a codebook for each span, and its probability.

    Parameters
    ----------
    scores : array, shape (S, names)
        Probabilities of the head's themes.
    names : sequence of str
        Their order.
    given : mapping of str to str
        Theme of the head → id under which the codebook gives it (`verbatim.reading.labels`); merged ones add up.
    """
    import numpy as np

    ids = sorted({given[name] for name in names if name in given})
    if not ids:
        return [UNCLASSIFIED] * len(scores), [0.0] * len(scores)
    by_id = np.zeros((len(scores), len(ids)))
    for place, name in enumerate(names):
        if name in given:
            by_id[:, ids.index(given[name])] += scores[:, place]
    return [ids[place] for place in by_id.argmax(axis=1)], by_id.max(axis=1).tolist()


def _read(marked: Path, codebook: str | None, kind: Kind | None) -> tuple[MarkedAnswer, ...]:
    from verbatim.reading.labels import labels_of
    from verbatim.training.answers import read_marked

    if codebook is None:
        answers = read_marked(marked)
    else:
        ids = tuple(theme.id for theme in load_codebook(codebook).themes)
        wanted = kind or labels_of(codebook).kind
        wanted_by = "the settings describe" if kind else "the codebook is for"
        answers = read_marked(marked, kind=wanted, wanted_by=wanted_by, themes={wanted: ids})
    if not any(answer.opinions for answer in answers):
        raise ContractError(
            f"The file holds {len(answers)} answers, and no marked opinion.",
            where=str(marked),
            expected="answers with their opinions marked",
            next_step="mark some hundreds, as data/verbatims-fr/GUIDE.md describes",
        )
    return answers


def _with_own_themes(
    encoder: Any, book: Codebook, quotes: Sequence[str], themes: Sequence[str], sure: Sequence[float]
) -> tuple[list[str], list[float]]:
    """Themes and probabilities of marked spans, once those that a team added have competed as in a night."""
    from verbatim.night.assigning import assign_themes

    opinions = assign_themes(_as_read(encoder.heads, quotes, themes, sure), encoder, book)
    known = {theme.id for theme in book.themes}
    # Without a threshold: what is not sure enough for a night is compared all the same.
    given = [
        first if theme == UNCLASSIFIED and first in known else str(theme)
        for theme, first in zip(opinions["theme_id"], themes, strict=True)
    ]
    return given, opinions["theme_confidence"].astype(float).tolist()


def _as_read(heads: Any, quotes: Sequence[str], themes: Sequence[str], sure: Sequence[float]) -> ReadResult:
    """Marked spans as if a night had found them, each in an answer of its own."""
    import pandas as pd

    from verbatim.reading import ReadResult

    places = [str(place) for place in range(len(quotes))]
    least = float(heads.config.theme_threshold)
    given = [theme if p >= least else UNCLASSIFIED for theme, p in zip(themes, sure, strict=True)]
    opinions = pd.DataFrame(
        {"opinion_id": [f"{place}#0" for place in places], "text_hash": places, "quote": list(quotes)}, dtype="string"
    ).assign(theme_id=pd.array(given, dtype="string"), theme_confidence=pd.array(sure, dtype="Float64"))
    embeddings = pd.DataFrame({"text_hash": places, "k": 0, "embedding": list(heads.embed(quotes))})
    return ReadResult(opinions, embeddings, len(quotes), 0)


def _quotes(answers: Sequence[MarkedAnswer]) -> list[str]:
    return [answer.text[opinion.start : opinion.end] for answer in answers for opinion in answer.opinions]


def _compare(encoder: Any, answers: Sequence[MarkedAnswer], codebook: str, *, title: str) -> Iterator[str]:
    from verbatim.training.agreement import cohen_kappa, count_hits, hits_by_label, worst_confusions
    from verbatim.training.scoring import gold_pairs, themes_of

    book = load_codebook(codebook)
    truth, pairs = gold_pairs(answers), read_pairs(encoder, answers, codebook)
    opinions = [(place, opinion) for place, answer in enumerate(answers) for opinion in answer.opinions]
    yield f"{title}, codebook {book.name}: {len(answers):,} answers, {len(opinions):,} marked opinions"
    yield ""
    yield _row("By answer, as a night reads", _FIGURES)
    yield _hits_row("all pairs of theme and polarity", count_hits(pairs, truth))
    yield _hits_row("all themes, whatever the polarity", count_hits(themes_of(pairs), themes_of(truth)))
    yield ""
    yield from _theme_rows(book, hits_by_label(themes_of(pairs), themes_of(truth)), hits_by_label(pairs, truth))
    yield ""
    if not opinions:
        yield "No opinion is marked here: nothing to compare on marked spans."
        yield ""
        return
    spoken = read_spans(encoder, answers, codebook)
    of_answer = [place for place, _ in opinions]
    themes = [opinion.theme for _, opinion in opinions]
    yield _row("On the marked spans", ("opinions", "agreed", "Cohen’s kappa", "95 % interval"), _KAPPA_WIDTHS)
    yield _kappa_row("theme", cohen_kappa(themes, spoken.themes, of_answer))
    yield _kappa_row("polarity", cohen_kappa([opinion.polarity for _, opinion in opinions], spoken.polarity, of_answer))
    yield ""
    yield "Most frequent confusions of themes, on the marked spans: marked → said"
    for confusion in worst_confusions(themes, spoken.themes, _quotes(answers), spoken.sure):
        yield from _confusion_lines(book, confusion, themes.count(confusion.marked))
    yield ""


def _theme_rows(book: Codebook, by_theme: Mapping[str, Hits], by_pair: Mapping[tuple[str, str], Hits]) -> Iterator[str]:
    """Themes in the order of the codebook, each with its polarities; what is neither marked nor said is left out."""
    for theme in book.themes:
        if theme.id not in by_theme:
            continue
        yield _hits_row(f"{theme.id}  {book.label(theme.id, 'fr')}", by_theme[theme.id])
        for polarity in Polarity:
            if (theme.id, str(polarity)) in by_pair:
                yield _hits_row(f"  {polarity}", by_pair[theme.id, str(polarity)])


def _hits_row(name: str, hits: Hits) -> str:
    counts = (f"{count:,}" for count in (hits.marked, hits.said, hits.right))
    return _row(name, (*counts, *map(_number, (hits.precision, hits.recall, hits.f1))))


def _kappa_row(name: str, kappa: Kappa) -> str:
    interval = f"{_number(kappa.low)} to {_number(kappa.high)}" if kappa.value is not None else _UNDEFINED
    cells = (f"{kappa.opinions:,}", _number(kappa.agreed), _number(kappa.value), interval)
    return _row(name, cells, _KAPPA_WIDTHS)


def _confusion_lines(book: Codebook, confusion: Confusion, of: int) -> Iterator[str]:
    yield f"  {confusion.marked} → {confusion.said}: {confusion.opinions:,} of {of:,} ({confusion.share:.1%})"
    yield f"    {book.label(confusion.marked, 'fr')} → {book.label(confusion.said, 'fr')}"
    yield from (f"    «\u00a0{_shown(example)}\u00a0»" for example in confusion.examples)


def _row(name: str, cells: Sequence[str], widths: Sequence[int] = _WIDTHS) -> str:
    room = _WIDTH - sum(widths)
    fitting = name if len(name) < room else f"{name[: room - 2]}…"
    return fitting.ljust(room) + "".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))


def _number(value: float | None) -> str:
    # Adding zero takes the sign off a negative one.
    return _UNDEFINED if value is None else f"{round(value, 3) + 0.0:.3f}"


def _shown(clause: str) -> str:
    """A clause on one line; what could steer a terminal is left out."""
    words = "".join(letter for letter in clause if letter.isprintable())
    return words if len(words) <= _QUOTE else f"{words[: _QUOTE - 1]}…"
