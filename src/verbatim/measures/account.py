"""The account of the NPS: which reasons its points come from, exact to the last one.

Pour le lecteur : « D'où viennent les points du NPS, motif par motif ; la somme des lignes est le NPS. »

A promoter brings +100/N points, a detractor −100/N, a passive nothing. Who wrote nothing brings them to one line. Who
wrote shares them equally among the own opinions of the matching sign: each opinion alone would bring them all, so the
equal share is the Shapley value of that game (Shapley 1953; symmetry and efficiency leave no other). Those whose
opinions do not match their score have lines of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from verbatim.measures.arrays import Bools, Floats, Ints
from verbatim.measures.estimates import ratio
from verbatim.measures.respondents import DETRACTOR, PROMOTER, Respondents
from verbatim.tables import ALL, AccountLine, Polarity

DRAWS = 300
"""Bootstrap draws of the intervals."""
_SEED = 20160701
_CHUNK = 20_000  # respondents whose draws are held at a time
_MATCHING = {PROMOTER: Polarity.POSITIVE, DETRACTOR: Polarity.NEGATIVE}


@dataclass(frozen=True, slots=True)
class Entries:
    """E entries: what a respondent brings to a line, in units of 100/N points.

    Attributes
    ----------
    respondent : array of shape (E,)
        Position in :class:`Respondents`.
    line : array of shape (E,)
        Row of `lines`.
    amount : array of shape (E,)
        In [−1, 1]; those of a respondent add up to 1 (promoter), −1 (detractor) or 0 (passive).
    lines : DataFrame
        Columns line, theme_id, polarity; L rows, sorted. Theme and polarity are `all` but for lines of kind `theme`.
    """

    respondent: Ints
    line: Ints
    amount: Floats
    lines: pd.DataFrame


def read_entries(opinions: pd.DataFrame, respondents: Respondents) -> Entries:
    """Put what each respondent brings to its lines.

    Parameters
    ----------
    opinions : DataFrame
        Columns response_id, theme_id, polarity; each opinion under one theme alone.
    respondents : Respondents
        Those who wrote them.
    """
    sign = _sign(respondents)
    place = respondents.response_id.get_indexer(pd.Index(opinions["response_id"])).astype(np.int64)
    known = (place >= 0) & respondents.wrote[place]
    said = pd.DataFrame(
        {
            "respondent": place[known],
            "theme_id": opinions["theme_id"].to_numpy(object)[known],
            "polarity": opinions["polarity"].to_numpy(object)[known],
        }
    )
    group = respondents.group[said["respondent"]]
    wanted = np.select([group == one for one in _MATCHING], [str(one) for one in _MATCHING.values()], "")
    matching = said[said["polarity"].astype(str).to_numpy(object) == wanted].assign(line=AccountLine.THEME)
    count = np.bincount(matching["respondent"], minlength=len(sign))
    matching = matching.assign(amount=sign[matching["respondent"]] / np.maximum(count[matching["respondent"]], 1))
    rest = np.flatnonzero((sign != 0) & (count == 0))
    others = pd.DataFrame(
        {
            "respondent": rest,
            "theme_id": ALL,
            "polarity": ALL,
            "line": _line_without_a_reason(rest, said, respondents),
            "amount": sign[rest].astype(float),
        }
    )
    entries = pd.concat([frame for frame in (matching, others) if len(frame)] or [others], ignore_index=True)
    # Sums of floats depend on their order: that of the response ids, whatever the order of the rows.
    order = np.lexsort(
        (entries["theme_id"], respondents.response_id.to_numpy(object)[entries["respondent"]].astype(str))
    )
    entries = entries.iloc[order].reset_index(drop=True)
    keys = entries[["line", "theme_id", "polarity"]].astype(str)
    lines = keys.drop_duplicates().sort_values(["line", "theme_id", "polarity"], ignore_index=True)
    number = pd.MultiIndex.from_frame(lines).get_indexer(pd.MultiIndex.from_frame(keys)).astype(np.int64)
    return Entries(entries["respondent"].to_numpy(np.int64), number, entries["amount"].to_numpy(np.float64), lines)


def measure_account(
    respondents: Respondents, entries: Entries, hidden: Bools, *, minimum: int, draws: int = DRAWS
) -> pd.DataFrame:
    """Account of the whole survey of each population, points; its lines add up to the NPS.

    Lines that fewer than `minimum` respondents bring something to are put together (`other_reasons`, gains and losses
    apart where both are many), with the smallest shown one where they are still too few.

    Parameters
    ----------
    respondents : Respondents
        Of one survey and period.
    entries : Entries
        From :func:`read_entries`.
    hidden : array of bool of shape (S,)
        Slices of which nothing on those who wrote may be shown.
    minimum : int
        Least respondents of a line.
    draws : int
        Bootstrap draws (Poisson weights: Chamandy et al. 2012, *Estimating Uncertainty for Massive Data Streams*).

    Returns
    -------
    DataFrame
        Columns of `nps_account` from population to points_commenters, without period; no row for a hidden slice.
    """
    member = respondents.slices.members[0]
    frames = []
    for row in np.unique(respondents.slices.whole):
        if hidden[row]:
            continue
        own = np.flatnonzero((member == row) & (respondents.group >= 0))
        frames.append(_account(respondents, entries, own, minimum=minimum, draws=draws).assign(
            **respondents.slices.names.iloc[row].to_dict()
        ))  # fmt: skip
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_COLUMNS)


_COLUMNS = (
    *("population", "dimension", "slice", "line", "theme_id", "polarity", "respondents", "points"),
    *("ci_low", "ci_high", "points_commenters"),
)


def _account(respondents: Respondents, entries: Entries, own: Ints, *, minimum: int, draws: int) -> pd.DataFrame:
    inside = np.isin(entries.respondent, own)
    line, amount, who = entries.line[inside], entries.amount[inside], entries.respondent[inside]
    folded, lines = _fold(line, who, entries.lines, minimum=minimum)
    weight = respondents.weight
    total, written = weight[own].sum(), weight[own][respondents.wrote[own]].sum()
    sums: Floats = np.bincount(folded, amount * weight[who], minlength=len(lines)).astype(np.float64)
    low, high = _interval(respondents, own, who, folded, amount, len(lines), draws=draws)
    heard = pd.DataFrame({"line": folded, "who": who}).drop_duplicates()["line"]
    of_writers = lines["line"] != AccountLine.NO_VERBATIM
    return lines.assign(
        respondents=np.bincount(heard, minlength=len(lines)),
        # Weights may all be 0: then there is no NPS to account for.
        points=100 * ratio(sums, np.full(len(sums), total)),
        ci_low=np.where(total > 0, low, np.nan),
        ci_high=np.where(total > 0, high, np.nan),
        points_commenters=np.where(of_writers, 100 * ratio(sums, np.full(len(sums), written)), np.nan),
    )


def _sign(respondents: Respondents) -> Ints:
    """1 for a promoter, −1 for a detractor, 0 else, shape (R,)."""
    sign: Ints = (respondents.group == PROMOTER).astype(np.int64) - (respondents.group == DETRACTOR)
    return sign


def _line_without_a_reason(rest: Ints, said: pd.DataFrame, respondents: Respondents) -> np.ndarray:
    """Line of promoters and detractors of whom no opinion matches the score."""
    spoke = np.isin(rest, said["respondent"])
    judged = said[said["polarity"] != Polarity.NEUTRAL]
    opposed = np.isin(rest, judged["respondent"])
    is_promoter = respondents.group[rest] == PROMOTER
    return np.select(
        [~respondents.wrote[rest], ~spoke, ~opposed, is_promoter],
        [AccountLine.NO_VERBATIM, AccountLine.NO_OPINION, AccountLine.NO_JUDGEMENT, AccountLine.ONLY_COMPLAINTS],
        AccountLine.ONLY_PRAISE,
    )


def _fold(line: Ints, who: Ints, lines: pd.DataFrame, *, minimum: int) -> tuple[Ints, pd.DataFrame]:
    """Number of each entry's line once small lines are put together, and the lines that are left."""
    pairs = pd.DataFrame({"line": line, "who": who}).drop_duplicates()
    heard = np.bincount(pairs["line"], minlength=len(lines))
    occurring = np.flatnonzero(heard).tolist()
    small = [one for one in occurring if heard[one] < minimum]
    kept = sorted((one for one in occurring if heard[one] >= minimum), key=lambda one: (heard[one], one))
    while small and kept and _heard(pairs, small) < minimum:
        small.append(kept.pop(0))
    polarity = lines["polarity"].to_numpy(object)
    apart = {sign: [one for one in small if polarity[one] == sign] for sign in (*_MATCHING.values(), ALL)}
    # Gains and losses stand apart where both are many; else all small lines are one.
    if any(0 < _heard(pairs, own) < minimum for own in apart.values()):
        apart = {ALL: small}
    kept, number = sorted(kept), np.full(len(lines), -1, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    folds = [(sign, own) for sign, own in apart.items() if own]
    for rank, (_, own) in enumerate(folds):
        number[own] = len(kept) + rank
    rest = [{"line": str(AccountLine.OTHER_REASONS), "theme_id": ALL, "polarity": str(sign)} for sign, _ in folds]
    left = pd.concat([lines.iloc[kept], pd.DataFrame(rest)]) if rest else lines.iloc[kept]
    return number[line], left.reset_index(drop=True)


def _heard(pairs: pd.DataFrame, lines: list[int]) -> int:
    """Respondents who bring something to any of some lines."""
    return int(pairs.loc[pairs["line"].isin(lines), "who"].nunique())


def _interval(
    respondents: Respondents, own: Ints, who: Ints, line: Ints, amount: Floats, n_lines: int, *, draws: int
) -> tuple[Floats, Floats]:
    """95 % percentile intervals of the lines, points; a respondent's draws go by the rank of the response id."""
    from scipy.sparse import csr_array

    ids = respondents.response_id.to_numpy(object).astype(str)
    own = own[np.argsort(ids[own], kind="stable")]
    place = np.full(len(ids), -1, dtype=np.int64)
    place[own] = np.arange(len(own))
    weighted = csr_array((amount * respondents.weight[who], (line, place[who])), shape=(n_lines, len(own)))
    rng = np.random.default_rng(_SEED)
    sums, totals = np.zeros((n_lines, draws)), np.zeros(draws)
    for at in range(0, len(own), _CHUNK):
        drawn = rng.poisson(1.0, (len(own[at : at + _CHUNK]), draws)).astype(np.float64)
        sums += weighted[:, at : at + _CHUNK] @ drawn
        totals += respondents.weight[own[at : at + _CHUNK]] @ drawn
    points = 100 * sums / np.maximum(totals, 1e-12)
    low, high = np.percentile(points, [2.5, 97.5], axis=1)
    return low, high
