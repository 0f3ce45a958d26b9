"""Rows of `alerts` that come of themes: a subject that turns up, a theme that is gone."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from verbatim.tables import ALERTS, ALL, UNCLASSIFIED, AlertKind, AlertState, empty
from verbatim.themes.codebook import Codebook
from verbatim.themes.emergence import ALPHA, Emerging, emerging
from verbatim.themes.evidence import NAMING_WORDS, pick_examples
from verbatim.themes.naming import free_code, label_of, phrases_of
from verbatim.themes.phrases import load_pipeline, noun_phrases
from verbatim.themes.wordings import Wordings, commonest_forms, gather, joined, unit

if TYPE_CHECKING:
    import pandas as pd

GONE = 0.1
"""A theme is gone where fewer than this share of the respondents speak of it that did before."""
_WORDS = 8
_LOOKS = {4: 365, 8: 53, 7: 12}  # length of a window's label → windows a year


def find_alerts(
    opinions: pd.DataFrame,
    responses: pd.DataFrame,
    embeddings: pd.DataFrame,
    *,
    survey_id: str,
    window: str,
    earlier: Sequence[str],
    codebook: Codebook,
    min_respondents: int,
    spacy: str | None = None,
) -> pd.DataFrame:
    """Find what turned up in a window, and what is gone, beside the windows before it.

    A new subject is `watched` where it turns up and `raised` where it had turned up in the window before already.

    Parameters
    ----------
    opinions, responses : DataFrame
        Rows of the tables, of the window and of the earlier ones.
    embeddings : DataFrame
        Columns text_hash, k, embedding.
    survey_id, window : str
        What is looked at.
    earlier : sequence of str
        Windows before it, the last one last.
    codebook : Codebook
        In force.
    min_respondents : int
        Groups of fewer are not told; nor is anything of a population with fewer who wrote.
    spacy : str, optional
        Pipeline that names new subjects; by default the one that ships. Opened only where there is one to name.

    Returns
    -------
    DataFrame
        Columns of `alerts` but window and run_id.
    """
    import pandas as pd

    written = responses[responses["verbatim"].notna()]
    rows = []
    for population, own in written.groupby("population"):
        bases = {str(one): int(count) for one, count in own.groupby("window")["response_id"].nunique().items()}
        if bases.get(window, 0) < min_respondents:
            continue
        said = opinions[opinions["response_id"].isin(set(own["response_id"]))]
        head = {"survey_id": survey_id, "population": population, "period": window, "codebook": codebook.name}
        told = [
            *_new(said, embeddings, window, earlier, bases, codebook, min_respondents, spacy),
            *_gone(said, window, earlier, bases, codebook, min_respondents),
        ]
        rows += [
            {**head, "dimension": ALL, "slice": ALL, "polarity": ALL, "base": bases[window], **one} for one in told
        ]
    columns = [name for name in ALERTS.column_names if name not in ("window", "run_id")]
    return pd.DataFrame(rows, columns=columns).astype(empty(ALERTS).dtypes[columns].to_dict())


def _new(
    opinions: pd.DataFrame,
    embeddings: pd.DataFrame,
    window: str,
    earlier: Sequence[str],
    bases: dict[str, int],
    codebook: Codebook,
    min_respondents: int,
    spacy: str | None,
) -> Iterator[dict[str, Any]]:
    bare = {theme.id for theme in codebook.themes if theme.is_bare_verdict}
    said = joined(opinions[~opinions["theme_id"].isin(bare)], embeddings)
    wordings = gather(said, codebook.language, None)
    groups = emerging(wordings, said, window=window, earlier=earlier, bases=bases, min_respondents=min_respondents)
    taken = {*(theme.id for theme in codebook.themes), *(one.id for one in codebook.retired)}
    for group in groups:
        words, label = _name(wordings, group, codebook, spacy)
        code = free_code(words, taken)
        taken.add(code)
        yield {
            "theme_id": code,
            "kind": AlertKind.NEW,
            "label_fr": label,
            "respondents": group.respondents,
            "share": group.respondents / bases[window],
            "share_before": group.respondents_before / max(1, sum(bases.get(one, 0) for one in earlier)),
            "statistic": group.p_value,
            "false_alerts_per_year": ALPHA * _looks(window),
            "state": AlertState.RAISED if group.lasting else AlertState.WATCHED,
            "quotes": json.dumps(_quotes(wordings, said, group, words), ensure_ascii=False),
        }


def _gone(
    opinions: pd.DataFrame,
    window: str,
    earlier: Sequence[str],
    bases: dict[str, int],
    codebook: Codebook,
    min_respondents: int,
) -> Iterator[dict[str, Any]]:
    """Themes that many spoke of before and hardly anybody does now (binomial, Bonferroni over the themes)."""
    from scipy.stats import binom

    counts = opinions.groupby(["theme_id", "window"])["response_id"].nunique()
    base_before = sum(bases.get(one, 0) for one in earlier)
    watched = [theme.id for theme in codebook.themes if not theme.is_residual and theme.id != UNCLASSIFIED]
    for theme in watched:
        before = sum(int(counts.get((theme, one), 0)) for one in earlier)
        now, share_before = int(counts.get((theme, window), 0)), before / max(1, base_before)
        chance = float(binom.cdf(now, bases[window], share_before))
        if (
            share_before * bases[window] >= min_respondents
            and now <= GONE * share_before * bases[window]
            and chance * len(watched) <= ALPHA
        ):
            yield {
                "theme_id": theme,
                "kind": AlertKind.GONE,
                "label_fr": None,
                "respondents": now,
                "share": now / bases[window],
                "share_before": share_before,
                "statistic": chance,
                "false_alerts_per_year": ALPHA * _looks(window),
                "state": AlertState.RAISED,
                "quotes": "[]",
            }


def _name(wordings: Wordings, group: Emerging, codebook: Codebook, spacy: str | None) -> tuple[list[str], str]:
    """Words of a group, the most telling first, and a label for it."""
    members = list(group.members)
    inside = Counter(key for place in members for key in wordings.roots(place))
    everywhere = Counter(key for place in range(len(wordings.keys)) for key in wordings.roots(place))
    telling = {key: count * math.log(len(wordings.keys) / everywhere[key]) for key, count in inside.items()}
    written = commonest_forms([wordings.words[place] for place in members])
    words = [written[key] for key in sorted(telling, key=lambda key: (-telling[key], key))[:_WORDS]]
    if codebook.language != "fr" and spacy is None:
        return words, label_of(words, [], n_wordings=len(members), taken=())
    phrases = noun_phrases([wordings.quotes[place] for place in members], load_pipeline(spacy))
    own = Wordings(
        [wordings.keys[place] for place in members],
        [wordings.quotes[place] for place in members],
        [wordings.words[place] for place in members],
        phrases,
        wordings.vectors[members],
        [wordings.opinions[place] for place in members],
    )
    shared = phrases_of(own, range(len(members)), words[:NAMING_WORDS])
    return words, label_of(words, shared, n_wordings=len(members), taken=())


def _quotes(wordings: Wordings, said: pd.DataFrame, group: Emerging, words: Sequence[str]) -> list[str]:
    places = np.array(group.places)
    centre = unit(wordings.vectors[places].mean(axis=0))
    return list(pick_examples(wordings, said, places, words, wordings.vectors[places] @ centre))


def _looks(window: str) -> int:
    """Windows a year."""
    return _LOOKS.get(len(window), 12) if "Q" not in window else 4
