"""The account of the NPS: which reasons its points come from, exact to the last one.

Pour le lecteur : « D'où viennent les points du NPS, motif par motif ; la somme des lignes est le NPS. »

A promoter brings +100/N points, a detractor −100/N, a passive nothing. Who wrote nothing brings them to one line. Who
wrote shares them equally among the own opinions of the matching sign: each opinion alone would bring them all, so the
equal share is the Shapley value of that game (Shapley 1953; symmetry and efficiency leave no other). Those whose
opinions do not match their score have lines of their own. Lines are put together by `verbatim.measures.folding`, and
their intervals come from `verbatim.measures.draws`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from verbatim.measures.arrays import Bools, Floats, Ints
from verbatim.measures.columns import repeat_rows
from verbatim.measures.draws import DRAWS, draw_blocks, percentile_interval
from verbatim.measures.estimates import ratio
from verbatim.measures.folding import N_FOLDS, Folding, fold_lines, lines_and_folds
from verbatim.measures.respondents import DETRACTOR, GROUPS, PROMOTER, Respondents
from verbatim.tables import ALL, AccountLine, Polarity

_MATCHING = {PROMOTER: Polarity.POSITIVE, DETRACTOR: Polarity.NEGATIVE}
_SIGNS = (1.0, 0.0, -1.0)


@dataclass(frozen=True, slots=True)
class Entries:
    """E entries: what a respondent brings to a line, in units of 100/N points; a respondent once a line.

    Attributes
    ----------
    respondent : array of shape (E,)
        Position in :class:`Respondents`; in the order of the response ids.
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
    said = _said(opinions, respondents)
    matching, count = _matching(said, respondents)
    sign = _sign(respondents)
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
    keys = entries[["line", "theme_id", "polarity"]].astype(str)
    lines = keys.drop_duplicates().sort_values(["line", "theme_id", "polarity"], ignore_index=True)
    number = pd.MultiIndex.from_frame(lines).get_indexer(pd.MultiIndex.from_frame(keys)).astype(np.int64)
    # Sums of floats depend on their order: that of the response ids, whatever the order of the rows.
    rank = np.argsort(np.argsort(respondents.response_id.to_numpy(object).astype(str)))
    code = rank[entries["respondent"]] * max(len(lines), 1) + number
    once, first, place = np.unique(code, return_index=True, return_inverse=True)
    # Equal amounts only are added: the same respondent's.
    amount: Floats = np.bincount(place, entries["amount"], minlength=len(once)).astype(np.float64)
    return Entries(entries["respondent"].to_numpy(np.int64)[first], number[first], amount, lines)


def _said(opinions: pd.DataFrame, respondents: Respondents) -> pd.DataFrame:
    """Opinions of commenters: respondent (position), theme_id, polarity."""
    place = respondents.response_id.get_indexer(pd.Index(opinions["response_id"])).astype(np.int64)
    known = (place >= 0) & respondents.wrote[place]
    return pd.DataFrame(
        {
            "respondent": place[known],
            "theme_id": opinions["theme_id"].to_numpy(object)[known],
            "polarity": opinions["polarity"].to_numpy(object)[known],
        }
    )


def _matching(said: pd.DataFrame, respondents: Respondents) -> tuple[pd.DataFrame, Ints]:
    """Opinions of the sign of their score, with their equal shares; and how many each respondent has."""
    group = respondents.group[said["respondent"]]
    wanted = np.select([group == one for one in _MATCHING], [str(one) for one in _MATCHING.values()], "")
    matching = said[said["polarity"].astype(str).to_numpy(object) == wanted].assign(line=AccountLine.THEME)
    count = np.bincount(matching["respondent"], minlength=len(respondents.group))
    sign = _sign(respondents)[matching["respondent"]]
    return matching.assign(amount=sign / np.maximum(count[matching["respondent"]], 1)), count


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
    cases = {
        AccountLine.NO_VERBATIM: ~respondents.wrote[rest],
        AccountLine.OTHER_LANGUAGE: ~spoke & respondents.other_language[rest],
        AccountLine.NO_OPINION: ~spoke,
        AccountLine.NO_JUDGEMENT: ~opposed,
        AccountLine.ONLY_COMPLAINTS: is_promoter,
    }
    return np.select(list(cases.values()), [str(line) for line in cases], str(AccountLine.ONLY_PRAISE))


def measure_account(
    respondents: Respondents,
    entries: Entries,
    hidden: Bools,
    *,
    minimum: int,
    mix: str | None = None,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Account of the whole survey of each population and of each slice, points; the lines of a slice add up to its NPS.

    Three scales, each of which adds up to the NPS. `points`: of all with a score. `points_commenters`: the same
    divided by those who wrote, who have an NPS of their own; the line `commenters_bias` leads from it to the NPS.
    `points_reweighted`: those who wrote stand for all of their score, population and slice of the dimension `mix`.

    Parameters
    ----------
    respondents : Respondents
        Of one survey and period.
    entries : Entries
        From :func:`read_entries`.
    hidden : array of bool of shape (S,)
        Slices of which nothing on those who wrote may be shown.
    minimum : int
        Lines that fewer respondents bring something to are put together (:mod:`verbatim.measures.folding`).
    mix : str, optional
        Dimension that, with the score, those who wrote are re-weighted to.
    draws : int
        Bootstrap draws.

    Returns
    -------
    DataFrame
        Columns of `nps_account` from population to points_reweighted, without period; no row for a hidden slice.
    """
    slices, n_lines = respondents.slices, len(entries.lines)
    folding = fold_lines(respondents, entries.respondent, entries.line, entries.lines, hidden, minimum=minimum)
    width = n_lines + N_FOLDS
    cells = list(folding.cells(respondents, entries.respondent, entries.line))
    shape = (slices.count, width)
    weighted = entries.amount * respondents.weight[entries.respondent]
    writes = respondents.wrote[entries.respondent]
    sums = _sum(cells, weighted, shape)
    totals = _totals(respondents)
    written = _sum(cells, weighted * writes, shape)
    low, high, bias_low, bias_high = _intervals(respondents, entries, cells, shape, hidden, draws=draws)
    occurring = folding.heard(respondents, cells, entries.respondent, shape)
    row, column = np.nonzero(occurring > 0)
    scored, wrote = totals[:, 0], totals[:, 1]
    reweighted = 100 * ratio(_reweighted(respondents, entries, cells, shape, folding, mix), scored[:, None])
    lines = lines_and_folds(entries.lines)
    silent = (lines["line"] == AccountLine.NO_VERBATIM).to_numpy(bool)[column]
    known, points = scored > 0, 100 * ratio(sums[row, column], scored[row])
    frame = pd.concat([repeat_rows(slices.names, row), repeat_rows(lines, column)], axis=1).assign(
        respondents=occurring[row, column],
        # Weights may all be 0: then there is no NPS to account for.
        points=points,
        ci_low=np.where(known[row], np.minimum(low[row, column], points), np.nan),
        ci_high=np.where(known[row], np.maximum(high[row, column], points), np.nan),
        points_commenters=np.where(silent, np.nan, 100 * ratio(written[row, column], wrote[row])),
        points_reweighted=np.where(known[row], reweighted[row, column], np.nan),
    )
    nps, nps_commenters = 100 * ratio(sums.sum(axis=1), scored), 100 * ratio(written.sum(axis=1), wrote)
    biased = np.flatnonzero(~hidden & (wrote > 0) & known & (wrote != scored))
    bias = repeat_rows(slices.names, biased).assign(
        line=str(AccountLine.COMMENTERS_BIAS),
        theme_id=ALL,
        polarity=ALL,
        respondents=np.nan,
        points=0.0,
        ci_low=bias_low[biased],
        ci_high=bias_high[biased],
        points_commenters=(nps - nps_commenters)[biased],
        points_reweighted=0.0,
    )
    parts = [part for part in (frame, bias) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else frame


_Cells: TypeAlias = tuple[Ints, Ints]


def _sum(cells: list[_Cells], values: Floats, shape: tuple[int, int]) -> Floats:
    """Sum values by slice and line, shape (S, W)."""
    size = shape[0] * shape[1]
    total = np.zeros(size)
    for entry, cell in cells:
        total += np.bincount(cell, values[entry], minlength=size)
    return total.reshape(shape)


def _totals(respondents: Respondents) -> Floats:
    """Weight of all with a score, and of those of them who wrote, shape (S, 2)."""
    scored = np.where(respondents.group >= 0, 0, -1)
    both = (scored, np.where(respondents.wrote, 0, -1))
    return np.stack([respondents.tally(one, 1, respondents.weight)[:, 0] for one in both], axis=1)


def _reweighted(
    respondents: Respondents,
    entries: Entries,
    cells: list[_Cells],
    shape: tuple[int, int],
    folding: Folding,
    mix: str | None,
) -> Floats:
    """Weighted amounts once those who wrote stand for all of their score and slice, shape (S, W).

    A group of which nobody wrote stays with those who wrote nothing.
    """
    size = shape[0] * shape[1]
    total = np.zeros(size)
    silent = np.flatnonzero((entries.lines["line"] == AccountLine.NO_VERBATIM).to_numpy(bool))
    stratum = _strata(respondents, mix)
    who, writes = entries.respondent, respondents.wrote[entries.respondent]
    for member, (entry, cell) in zip(respondents.slices.members, cells, strict=True):
        factor, unheard = _factors(respondents, member, stratum)
        stands = np.where(writes, factor[who], 0.0)
        total += np.bincount(cell, (entries.amount * respondents.weight[who] * stands)[entry], minlength=size)
        # Promoters or detractors of whom nobody wrote have a line of their own.
        for row, group in zip(*np.nonzero(unheard * np.abs(_SIGNS)), strict=True):
            if (column := folding.target[row, silent[0]]) >= 0:
                total[row * shape[1] + column] += unheard[row, group] * _SIGNS[group]
    return total.reshape(shape)


def _strata(respondents: Respondents, mix: str | None) -> Ints:
    """Slice of the dimension that those who wrote are re-weighted to, from 0 up, shape (R,)."""
    dimension = respondents.slices.names["dimension"].to_numpy(object)
    for member in respondents.slices.members[1:]:
        if mix is not None and len(member) and (dimension[member[member >= 0]] == mix).any():
            return member + 1
    return np.zeros(len(respondents.group), dtype=np.int64)


def _factors(respondents: Respondents, member: Ints, stratum: Ints) -> tuple[Floats, Floats]:
    """How many each commenter stands for, shape (R,); weight of the groups of which nobody wrote, shape (S, 3).

    In each slice and group the finest classes are taken in which somebody wrote: score and stratum, score, group.
    """
    n_groups, n_slices = len(GROUPS), respondents.slices.count
    counted = (member >= 0) & (respondents.group >= 0)
    cell = np.where(counted, member * n_groups + respondents.group, 0)
    weight = np.where(counted, respondents.weight, 0.0)
    written = np.where(respondents.wrote, weight, 0.0)
    score = respondents.score - respondents.score.min(initial=0)
    n_scores, n_strata = int(score.max(initial=0)) + 1, int(stratum.max(initial=0)) + 1
    classes = [(np.zeros_like(score), 1), (score, n_scores), (score * n_strata + stratum, n_scores * n_strata)]
    factor, heard = np.zeros(len(member)), np.zeros(n_slices * n_groups, dtype=bool)
    for number, n_classes in classes:
        code = cell * n_classes + number
        size = n_slices * n_groups * n_classes
        all_of = np.bincount(code, weight, minlength=size).astype(np.float64)
        wrote_of = np.bincount(code, written, minlength=size).astype(np.float64)
        lacking = ((all_of > 0) & (wrote_of == 0)).reshape(-1, n_classes).any(axis=1)
        finer = ~lacking[cell] & counted
        factor[finer] = ratio(all_of, np.where(wrote_of > 0, wrote_of, 1.0))[code[finer]]
        heard |= ~lacking
    unheard = np.where(heard, 0.0, np.bincount(cell, weight, minlength=n_slices * n_groups))
    return factor, unheard.reshape(n_slices, n_groups)


def _intervals(
    respondents: Respondents,
    entries: Entries,
    cells: list[_Cells],
    shape: tuple[int, int],
    hidden: Bools,
    *,
    draws: int,
) -> tuple[Floats, Floats, Floats, Floats]:
    """95 % intervals, points: of each line, shape (S, W), and of the commenters' bias, shape (S,)."""
    n_slices, width = shape
    matrix = _by_customer(respondents, entries, cells, shape)
    drawn = np.zeros((matrix.shape[1], draws))
    for block, weights in draw_blocks(matrix.shape[0], draws):
        drawn += matrix[block].T @ weights
    sums = drawn[: n_slices * width].reshape(n_slices, width, draws)
    scored, wrote, spoken = drawn[n_slices * width :].reshape(3, n_slices, draws)
    low, high = np.full(shape, np.nan), np.full(shape, np.nan)
    bias_low, bias_high = np.full(n_slices, np.nan), np.full(n_slices, np.nan)
    for row in np.flatnonzero(~hidden):
        bounds = percentile_interval(100 * ratio(sums[row], scored[row]))
        low[row], high[row] = (np.clip(bound, -100, 100) for bound in bounds)
        bias = 100 * (ratio(sums[row].sum(axis=0), scored[row]) - ratio(spoken[row], wrote[row]))
        bias_low[row : row + 1], bias_high[row : row + 1] = percentile_interval(bias[None, :])
    return low, high, bias_low, bias_high


def _by_customer(respondents: Respondents, entries: Entries, cells: list[_Cells], shape: tuple[int, int]) -> Any:
    """What each customer adds: to each slice and line, then to the slices' weights (scored, wrote), then what they say.

    Sparse, shape (customers, S × W + 3 S), float32.
    """
    from scipy.sparse import csr_array

    n_slices, width = shape
    who = entries.respondent
    weighted = entries.amount * respondents.weight[who]
    customers, columns, values = [], [], []

    def add(respondent: Ints, column: Ints, value: Floats) -> None:
        customers.append(respondents.customer[respondent])
        columns.append(column)
        values.append(value)

    for member, (entry, cell) in zip(respondents.slices.members, cells, strict=True):
        add(who[entry], cell, weighted[entry])
        scored = np.flatnonzero((member >= 0) & (respondents.group >= 0))
        wrote = scored[respondents.wrote[scored]]
        add(scored, n_slices * width + member[scored], respondents.weight[scored])
        add(wrote, n_slices * (width + 1) + member[wrote], respondents.weight[wrote])
        spoken = entry[respondents.wrote[who[entry]]]
        add(who[spoken], n_slices * (width + 2) + member[who[spoken]], weighted[spoken])
    n_columns = n_slices * (width + 3)
    n_customers = int(respondents.customer.max(initial=-1)) + 1
    code = np.concatenate(customers) * n_columns + np.concatenate(columns)
    once, place = np.unique(code, return_inverse=True)
    summed = np.bincount(place, np.concatenate(values), minlength=len(once)).astype(np.float32)
    start = np.searchsorted(once, np.arange(n_customers + 1) * n_columns)
    return csr_array((summed, once % max(n_columns, 1), start), shape=(n_customers, n_columns))
