"""What the reader misses and makes up: shares corrected for it, and intervals that own up to it.

A share as read is not the share that there is. With recall *s* (its sensitivity) and false-alarm rate *f* (1 less its
specificity), a true share *t* is read as t·s + (1 − t)·f; solved for *t* this is the estimator of Rogan and Gladen
(*Estimating prevalence from the results of a screening test*, American Journal of Epidemiology 107, 1978, 71-76).
Neither rate is known exactly: both were counted on some marked answers, of other sectors than the survey's. Their
uncertainty is carried into every interval here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from verbatim.measures.arrays import Bools, Floats, Ints
from verbatim.measures.estimates import newcombe_interval, ratio, wilson_interval
from verbatim.tables import UNCLASSIFIED

F1_FLOOR = 0.5
"""Below this F1 a subject is indicative only: of what is read of it and what there is, less than half agrees.

On the held-out answers of the encoder that ships, customers' praise stays above it for all 23 themes, complaints for
all but `qualite_produit` and `autre`, wishes, which are few and hard, for 9 of 23. Of the employees' 10 themes praise
stays above it for 9, complaints for 4, wishes for none: that reader has seen far fewer answers.
"""
SMALLEST_YOUDEN = 0.2
"""Where recall less false alarms falls below this, dividing by it would blow up noise: shares stand as read."""
_LARGEST_STRENGTH = 1e4
_SMALLEST_STRENGTH = 2.0
_NEAR_NEVER = 1e-6
NO_OPINION = "no_opinion"
"""What a person says of words that hold no opinion."""
_NO_THEMES = (NO_OPINION, UNCLASSIFIED)


@dataclass(frozen=True, slots=True)
class ReaderRates:
    """How often the reader is right about each of Q subjects; NaN where nothing is known of one."""

    recall: Floats
    """Share found of the answers that hold the subject (sensitivity), shape (Q,), in [0, 1]."""
    recall_base: Floats
    """Marked answers that this is worth, shape (Q,)."""
    false_alarm: Floats
    """Share wrongly found in answers that do not hold it (1 − specificity), shape (Q,), in [0, 1]."""
    false_alarm_base: Floats
    """Marked answers that this is worth, shape (Q,)."""
    precision: Floats
    """Share right of the answers in which it is found, on the marked answers, shape (Q,), in [0, 1]."""

    @property
    def f1(self) -> Floats:
        """Harmonic mean of precision and recall, shape (Q,)."""
        return ratio(2 * self.precision * self.recall, self.precision + self.recall)

    @property
    def youden(self) -> Floats:
        """Recall − false alarms: what a difference of true shares shrinks by when read, shape (Q,)."""
        return self.recall - self.false_alarm

    @property
    def is_corrected(self) -> Bools:
        """True where shares are corrected: the rates are known and tell the subject apart, shape (Q,)."""
        corrected: Bools = self.youden >= SMALLEST_YOUDEN
        return corrected

    @property
    def is_indicative(self) -> Bools:
        """True where there may be no verdict: read too poorly, shape (Q,). False where nothing is known."""
        poor: Bools = (self.f1 < F1_FLOOR) | (self.youden < SMALLEST_YOUDEN)
        return poor

    def take(self, subject: Ints) -> ReaderRates:
        """Rates of chosen subjects.

        Parameters
        ----------
        subject : array of int of any shape
            Positions in 0 … Q − 1.
        """
        return ReaderRates(
            self.recall[subject],
            self.recall_base[subject],
            self.false_alarm[subject],
            self.false_alarm_base[subject],
            self.precision[subject],
        )


def rates_of(
    held_out: pd.DataFrame | None, subjects: pd.DataFrame, *, own: pd.DataFrame | None = None
) -> ReaderRates | None:
    """Rates of subjects, from held-out answers and from what a team has marked of its own.

    Pour le lecteur : « Sur des réponses relues par une personne, la part de ce qu'il fallait trouver que la lecture
    trouve, et la part de ce qu'elle trouve qui est juste. »

    A rate of a few answers is noise: each is drawn towards the rate of its polarity, the more the fewer answers there
    are, by a beta prior fitted to all themes of the polarity (empirical Bayes: Kleinman, *Proportions with extraneous
    variance: single and independent samples*, JASA 68, 1973, 46-54). A theme with three marked answers thus never gets
    a recall of 0 or 1.

    A survey is not the sectors that were marked. Rates vary between sectors by the spread that the table gives
    (`recall_spread`, `false_spread`: variance as a part of rate × (1 − rate)), so n marked answers of others are worth
    1 / (1/n + spread) of one's own; answers that the team marked have no such loss and are added to them (beta-binomial
    updating).

    Parameters
    ----------
    held_out : DataFrame or None
        theme_id, polarity, tp, fn, fp, tn; missed, recall_spread and false_spread where known
        (`verbatim.reading.errors.held_out_rates`).
    subjects : DataFrame
        theme_id and polarity, Q rows: `Mentions.subjects`.
    own : DataFrame, optional
        theme_id, polarity, tp, fn, fp, tn of the team's own marks on what the reader found
        (:func:`review_counts`).

    Returns
    -------
    ReaderRates or None
        None without any table.
    """
    if held_out is None:
        return None if own is None else _rates_at(own, _rates(own, None), subjects)
    table = held_out if own is None else _with_rows_of(held_out, own)
    return _rates_at(table, _rates(table, own), subjects)


def review_counts(review: pd.DataFrame) -> pd.DataFrame:
    """Count what a team's review says of the reader, an answer once for a theme and a polarity.

    Answers of which an opinion was not judged are left out: the pair may be true of just that one.

    Parameters
    ----------
    review : DataFrame
        response_id, theme_read, polarity_read, theme_true, polarity_true: a row an opinion that was read, all opinions
        of an answer. A true theme is null where the person did not say, `no_opinion` where the words hold none.

    Returns
    -------
    DataFrame
        theme_id, polarity, tp, fn, fp, tn: answers; a row for each subject that was read or is true of one, sorted.
    """
    names = ["response_id", "theme_read", "polarity_read", "theme_true", "polarity_true"]
    rows = review[names].astype(object)
    rows = rows[rows["theme_true"].notna().groupby(rows["response_id"]).transform("all").astype(bool)]
    n_answers = rows["response_id"].nunique()
    read, true = (
        rows[["response_id", f"theme_{side}", f"polarity_{side}"]].set_axis(
            ["response_id", "theme_id", "polarity"], axis=1
        )
        for side in ("read", "true")
    )
    pairs = [
        pd.MultiIndex.from_frame(side[~side["theme_id"].isin(_NO_THEMES)].drop_duplicates()) for side in (read, true)
    ]
    both = _by_subject(pairs[0].intersection(pairs[1]))
    said, held = _by_subject(pairs[0]), _by_subject(pairs[1])
    subjects = said.index.union(held.index).sort_values()
    tp, n_said, n_held = (counted.reindex(subjects, fill_value=0).to_numpy() for counted in (both, said, held))
    counts = {"tp": tp, "fn": n_held - tp, "fp": n_said - tp, "tn": n_answers - n_said - n_held + tp}
    return pd.DataFrame(counts, index=subjects).reset_index()


def correct_share(read: Floats, base: Floats, rates: ReaderRates) -> tuple[Floats, Floats, Floats]:
    """True share behind a share as read, and its 95 % interval.

    Pour le lecteur : « La part réelle, une fois retiré ce que la lecture invente et ajouté ce qu'elle manque ;
    l'intervalle tient compte du nombre de réponses et des erreurs de lecture. »

    The estimate is Rogan and Gladen's, (read − f) / (s − f), clamped to [0, 1]. The interval holds every *t* for which
    read − (1 − t)·f − t·s could be 0: Fieller's argument, with the variance of each of the three figures recovered
    from its own interval (Wilson's of the share, the beta law's of the rates), on the side that counts (MOVER: Zou and
    Donner, *Construction of confidence limits about effect measures*, Statistics in Medicine 27, 2008, 1693-1702). With
    rates known for certain it is Wilson's interval, corrected (Reiczigel, Földi and Ózsvári, Epidemiology and Infection
    138, 2010, 1674-1678).

    Parameters
    ----------
    read : array of shape (…, Q)
        Shares as read, in [0, 1].
    base : array that broadcasts with it
        Respondents; with weights, the effective base.
    rates : ReaderRates
        Of the Q subjects.

    Returns
    -------
    share, low, high : array of shape (…, Q)
        In [0, 1], low ≤ share ≤ high. As read, with Wilson's interval, where `rates.is_corrected` is false.
    """
    plain_low, plain_high = wilson_interval(read, base)
    excess = read - rates.false_alarm
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.clip(excess / rates.youden, 0, 1)
        recall, alarm = _reach(rates.recall, rates.recall_base), _reach(rates.false_alarm, rates.false_alarm_base)
        low = _limit(excess, rates.youden, (read - plain_low, alarm[1], recall[1]), sign=-1)
        high = _limit(excess, rates.youden, (plain_high - read, alarm[0], recall[0]), sign=1)
    corrected = np.broadcast_to(rates.is_corrected, share.shape)
    return (
        np.where(corrected, share, read),
        np.where(corrected, np.minimum(low, share), plain_low),
        np.where(corrected, np.maximum(high, share), plain_high),
    )


def correct_difference(
    share: Floats, base: Floats, other: Floats, other_base: Floats, rates: ReaderRates
) -> tuple[Floats, Floats, Floats]:
    """Difference of two true shares behind two shares as read, and its 95 % interval.

    Pour le lecteur : « L'écart réel entre ce groupe et les autres, corrigé des erreurs de lecture, se situe très
    probablement entre ces deux valeurs. »

    The same reader reads both sides, so false alarms cancel out: t₁ − t₂ = (read₁ − read₂) / (s − f). Its rates can
    stretch or shrink a difference and never turn it round. The interval is that of a ratio: Newcombe's hybrid score
    interval of the numerator over the interval of s − f, by the method of variance estimates recovery (Donner and Zou,
    *Closed-form confidence intervals for functions of the normal mean and standard deviation*, Statistical Methods in
    Medical Research 21, 2012, 347-359). It excludes 0 exactly where Newcombe's interval of the shares as read does, but
    for a subject whose recall might be no higher than its false alarms: then 0 is its bound.

    Both sides are taken to be read alike. Where one side speaks of other things than the other, false alarms may
    differ; on held-out answers corrected by the rates of other sectors, the difference between detractors and
    promoters comes out 0.1 point off on average, against 1.4 points as read.

    Parameters
    ----------
    share, other : arrays of shape (…, Q)
        Shares as read, in [0, 1].
    base, other_base : arrays that broadcast with them
        Respondents; with weights, the effective bases.
    rates : ReaderRates
        Of the Q subjects.

    Returns
    -------
    difference, low, high : array of shape (…, Q)
        In [−1, 1]: the difference of the two shares of :func:`correct_share`, and its bounds.
    """
    plain_low, plain_high = newcombe_interval(share, base, other, other_base)
    plain = share - other
    difference = correct_share(share, base, rates)[0] - correct_share(other, other_base, rates)[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        recall, alarm = _reach(rates.recall, rates.recall_base), _reach(rates.false_alarm, rates.false_alarm_base)
        # How far s − f may lie below and above its estimate.
        below, above = np.hypot(recall[0], alarm[1]), np.hypot(recall[1], alarm[0])
        low = _quotient(plain, plain - plain_low, rates.youden, np.where(plain_low > 0, above, below), sign=-1)
        high = _quotient(plain, plain_high - plain, rates.youden, np.where(plain_high < 0, above, below), sign=1)
    corrected = np.broadcast_to(rates.is_corrected, difference.shape)
    # A share that was clamped at 0 takes its difference along.
    return (
        difference,
        np.where(corrected, np.maximum(np.minimum(low, difference), -1), plain_low),
        np.where(corrected, np.minimum(np.maximum(high, difference), 1), plain_high),
    )


@dataclass(frozen=True, slots=True)
class MarkedCounts:
    """Marked answers, drawn at random from the survey, by what is true and what was read; arrays of shape (…, Q)."""

    tp: Floats
    """True and read."""
    fn: Floats
    """True, not read."""
    fp: Floats
    """Read, not true."""
    tn: Floats
    """Neither."""

    @property
    def base(self) -> Floats:
        """All that are marked."""
        return self.tp + self.fn + self.fp + self.tn

    def moments(self, added: float = 0.0) -> tuple[Floats, Floats, Floats]:
        """Mean of the truth, mean of the reading, their covariance; `added` answers are put into each cell first."""
        base = self.base + 4 * added
        true, read = ratio(self.tp + self.fn + 2 * added, base), ratio(self.tp + self.fp + 2 * added, base)
        return true, read, ratio(self.tp + added, base) - true * read


def ppi_share(read: Floats, base: Floats, marked: MarkedCounts) -> tuple[Floats, Floats, Floats]:
    """True share from many answers read and a few of them marked: prediction-powered inference.

    Pour le lecteur : « La part réelle, d'après toutes les réponses lues et celles que votre équipe a relues. »

    θ = mean(Y) + λ (read − mean(F)), Y the marks, F what was read of the marked answers: what the reader gets wrong on
    them is taken off what it reads of all. Nothing is assumed about its errors but that the marked answers were drawn
    at random (Angelopoulos, Bates, Fannjiang, Jordan and Zrnic, *Prediction-powered inference*, Science 382, 2023,
    669-674). λ = cov(Y, F) / ((1 + n/N) var(F)), within [0, 1], makes the interval as short as it can be: never longer
    than that of the marks alone (Angelopoulos, Duchi and Zrnic, *PPI++*, 2023, arXiv 2311.01453, section 6).

    The interval is Wilson's on the base that has the variance λ² var(F)/N + var(Y − λF)/n. For the variance half an
    answer is added to each of the four cells: a subject that none of the marked answers holds is not thereby absent.

    Parameters
    ----------
    read : array of shape (…, Q)
        Share as read among the N answers that are not marked, in [0, 1].
    base : array that broadcasts with it
        N; with weights, the effective base.
    marked : MarkedCounts
        n answers of the same survey.

    Returns
    -------
    share, low, high : array of shape (…, Q)
        In [0, 1]; NaN where nothing is marked.
    """
    tuning = power_tuning(base, marked)
    true, said, _ = marked.moments()
    share = np.clip(true + tuning * (read - said), 0, 1)
    safe_true, safe_said, safe_covariance = marked.moments(0.5)
    said_variance = safe_said * (1 - safe_said)
    rest = safe_true * (1 - safe_true) - 2 * tuning * safe_covariance + tuning**2 * said_variance
    variance = ratio(tuning**2 * said_variance, base) + ratio(rest, marked.base)
    low, high = wilson_interval(share, ratio(safe_true * (1 - safe_true), variance))
    return share, low, high


def power_tuning(base: Floats, marked: MarkedCounts) -> Floats:
    """λ of :func:`ppi_share`, in [0, 1]: how much the reading is trusted; 0 where it reads the same of all."""
    _, said, covariance = marked.moments()
    with np.errstate(divide="ignore", invalid="ignore"):
        tuned = covariance / ((1 + marked.base / base) * said * (1 - said))
    return np.clip(np.nan_to_num(tuned, nan=0.0, posinf=0.0, neginf=0.0), 0, 1)


def _by_subject(pairs: pd.MultiIndex) -> pd.Series:
    """Answers of each theme and polarity, of (answer, theme, polarity)."""
    return pairs.droplevel(0).to_frame(index=False).value_counts(["theme_id", "polarity"])


def _rates(table: pd.DataFrame, own: pd.DataFrame | None) -> ReaderRates:
    """Rates of the rows of a table, once a team's own marks are added."""
    tp, fn, fp, tn = (table[name].to_numpy(np.float64) for name in ("tp", "fn", "fp", "tn"))
    polarity = pd.factorize(table["polarity"], sort=True)[0]
    recall, recall_base = _shrink(tp, tp + fn, polarity)
    alarm, alarm_base = _shrink(fp, fp + tn, polarity)
    precision, precision_base = _shrink(tp, tp + fp, polarity)
    recall_spread, false_spread = (_optional(table, name) for name in ("recall_spread", "false_spread"))
    recall_base = 1 / (1 / recall_base + recall_spread)
    alarm_base = 1 / (1 / alarm_base + false_spread)
    # What is right of what is said varies at least as much as what is found.
    precision_base = 1 / (1 / precision_base + recall_spread)
    if own is not None:
        o_tp, o_fn, o_fp, o_tn = _aligned(own, table)
        # A person marks what was found: of what was not, the held-out answers tell.
        seen = 1 - _shrink(_optional(table, "missed"), tp + fn, polarity)[0]
        found, recall_base = _update(np.minimum(recall / seen, 1), recall_base, o_tp, o_tp + o_fn)
        recall = found * seen
        alarm, alarm_base = _update(alarm, alarm_base, o_fp, o_fp + o_tn)
        precision, _ = _update(precision, precision_base, o_tp, o_tp + o_fp)
    return ReaderRates(recall, recall_base, alarm, alarm_base, precision)


def _with_rows_of(held_out: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """Held-out counts, and rows of none for the subjects that only the team marked: their polarity speaks for them."""
    known = pd.MultiIndex.from_frame(held_out[["theme_id", "polarity"]].astype(object))
    asked = pd.MultiIndex.from_frame(own[["theme_id", "polarity"]].astype(object))
    added = asked[~asked.isin(known) & asked.isin(known.unique("polarity"), level="polarity")].to_frame(index=False)
    counts = dict.fromkeys(("tp", "fn", "fp", "tn", "missed"), 0)
    spreads = {name: _optional(held_out, name).max(initial=0.0) for name in ("recall_spread", "false_spread")}
    return pd.concat([held_out, added.assign(**counts, **spreads)], ignore_index=True)


def _rates_at(table: pd.DataFrame, rates: ReaderRates, subjects: pd.DataFrame) -> ReaderRates:
    """Rates in the order of the subjects; NaN for those that the table lacks."""
    place = pd.MultiIndex.from_frame(table[["theme_id", "polarity"]].astype(object)).get_indexer(
        pd.MultiIndex.from_frame(subjects[["theme_id", "polarity"]].astype(object))
    )
    found = rates.take(np.maximum(place, 0)) if len(table) else rates.take(np.zeros(0, dtype=np.int64))
    if not len(table):
        unknown = np.full(len(subjects), np.nan)
        return ReaderRates(unknown, unknown, unknown, unknown, unknown)
    blank = place < 0
    return ReaderRates(
        *(
            np.where(blank, np.nan, values)
            for values in (found.recall, found.recall_base, found.false_alarm, found.false_alarm_base, found.precision)
        )
    )


def _shrink(right: Floats, of: Floats, group: Ints) -> tuple[Floats, Floats]:
    """Rates drawn towards those of their group, and the answers that they are worth then."""
    rate, strength = np.full(len(right), np.nan), np.full(len(right), np.nan)
    for number in range(int(group.max(initial=-1)) + 1):
        own = group == number
        rate[own], strength[own] = _beta_prior(right[own], of[own])
    return (right + rate * strength) / (of + strength), of + strength


def _beta_prior(right: Floats, of: Floats) -> tuple[float, float]:
    """Mean and strength (a + b) of the beta law that the rates of several themes come from, by moments.

    Half an answer on either side keeps the mean off 0 and 1.
    """
    total = of.sum()
    mean = (right.sum() + 0.5) / (total + 1)
    some = of > 0
    squares = (of[some] * (right[some] / of[some] - mean) ** 2).sum() / (mean * (1 - mean))
    freedom = some.sum() - 1
    room = total - (of**2).sum() / max(total, 1) - freedom
    correlation = (squares - freedom) / room if room > 0 else 1.0
    strength = 1 / correlation - 1 if correlation > 0 else _LARGEST_STRENGTH
    # Their mean is known no better than by all their answers.
    return float(mean), float(max(_SMALLEST_STRENGTH, min(strength, total, _LARGEST_STRENGTH)))


def _update(rate: Floats, base: Floats, right: Floats, of: Floats) -> tuple[Floats, Floats]:
    """Rate of answers with others added."""
    return (rate * base + right) / (base + of), base + of


def _aligned(own: pd.DataFrame, table: pd.DataFrame) -> tuple[Floats, Floats, Floats, Floats]:
    """Counts of `own` in the rows of `table`; 0 where it says nothing of a subject."""
    counts = own.set_index(["theme_id", "polarity"])[["tp", "fn", "fp", "tn"]].astype(float)
    found = counts.reindex(pd.MultiIndex.from_frame(table[["theme_id", "polarity"]].astype(object))).fillna(0.0)
    tp, fn, fp, tn = found.to_numpy(np.float64).T
    return tp, fn, fp, tn


def _optional(table: pd.DataFrame, name: str) -> Floats:
    return table[name].to_numpy(np.float64) if name in table else np.zeros(len(table))


def _reach(rate: Floats, base: Floats) -> tuple[Floats, Floats]:
    """How far a rate may lie below and above its estimate: 95 % of the beta law of its mean and strength."""
    # Many cells share the few rates of their subjects, and the law's quantiles are slow.
    pairs, place = np.unique(np.stack([rate.ravel(), base.ravel()]), axis=1, return_inverse=True)
    # A rate of exactly 0 or 1 has no such law.
    inside, strength = np.clip(pairs[0], _NEAR_NEVER, 1 - _NEAR_NEVER), pairs[1]
    low, high = (
        betaincinv(inside * strength, (1 - inside) * strength, level)[place].reshape(rate.shape)
        for level in (0.025, 0.975)
    )
    return np.maximum(rate - low, 0), np.maximum(high - rate, 0)


def _limit(excess: Floats, youden: Floats, reach: tuple[Floats, Floats, Floats], *, sign: int) -> Floats:
    """Root t of excess − t·youden = ∓√(e² + (1−t)² a² + t² r²), with the reaches e of the share, a of f, r of s."""
    share, alarm, recall = reach
    square = youden**2 - alarm**2 - recall**2
    middle = excess * youden - alarm**2
    ground = excess**2 - share**2 - alarm**2
    root = (middle + sign * np.sqrt(np.maximum(middle**2 - square * ground, 0))) / square
    # Recall might be no better than false alarms: nothing bounds the share on this side.
    return np.clip(np.where(square > 0, root, (1 + sign) / 2), 0, 1)


def _quotient(value: Floats, reach: Floats, divisor: Floats, divisor_reach: Floats, *, sign: int) -> Floats:
    """Limit of value / divisor, both with a reach; without limit where the divisor might be 0."""
    square = divisor**2 - divisor_reach**2
    root = (value * divisor + sign * np.sqrt((value * divisor_reach) ** 2 + np.maximum(square, 0) * reach**2)) / square
    # Toward 0 the bound of the value alone decides, however little is known of the divisor.
    return np.where(square > 0, root, np.where(sign * (value + sign * reach) > 0, sign * np.inf, 0.0))
