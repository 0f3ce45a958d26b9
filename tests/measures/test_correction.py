"""What the reader's own errors do to a share, and intervals that own up to them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from verbatim.measures.correction import (
    F1_FLOOR,
    MarkedCounts,
    ReaderRates,
    correct_difference,
    correct_share,
    power_tuning,
    ppi_share,
    rates_of,
    review_counts,
)
from verbatim.measures.estimates import newcombe_interval, wilson_interval

CERTAIN = 1e12
SUBJECTS = pd.DataFrame({"theme_id": ["prix_tarif", "livraison"], "polarity": ["negative", "negative"]})
REVIEW = ["response_id", "theme_read", "polarity_read", "theme_true", "polarity_true"]


def rates(recall, false_alarm, base=CERTAIN, false_base=None, precision=0.8):
    """Rates of one subject."""
    values = (recall, base, false_alarm, base if false_base is None else false_base, precision)
    return ReaderRates(*(np.array([float(value)]) for value in values))


def one(*values):
    return [np.array([float(value)]) for value in values]


def table(*rows, spread=0.0):
    columns = ["theme_id", "polarity", "tp", "fn", "fp", "tn"]
    return pd.DataFrame(rows, columns=columns).assign(missed=0, recall_spread=spread, false_spread=spread / 50)


@pytest.mark.parametrize(
    ("positive", "tested", "sensitivity", "specificity", "published"),
    [(23, 150, 0.96, 0.89, (0.051, 0.00, 0.13)), (6, 151, 0.964, 0.927, (0.0, 0.0, 0.013))],
    ids=["brucellosis, 150 cows", "Helicobacter, 151 children of 1-4 years"],
)
def test_rogan_and_gladen_on_published_examples(positive, tested, sensitivity, specificity, published):
    """Examples of `epi.prev` in the R package epiR; the second is Moujaber et al. (2008), Reiczigel et al. (2010).

    Their intervals are Blaker's and Clopper and Pearson's, corrected; Wilson's differs from these in the third digit.
    """
    found = correct_share(*one(positive / tested, tested), rates(sensitivity, 1 - specificity))
    assert [float(value[0]) for value in found] == pytest.approx(published, abs=2e-3)


def test_known_rates_correct_wilson_s_interval_and_no_more():
    found = correct_share(*one(0.2, 400), rates(0.7, 0.02))
    low, high = wilson_interval(*one(0.2, 400))
    expected = (0.18 / 0.68, (low[0] - 0.02) / 0.68, (high[0] - 0.02) / 0.68)
    assert [value[0] for value in found] == pytest.approx(expected, abs=1e-5)


def test_a_large_share_has_rogan_and_gladen_s_variance():
    """Their formula: var = a(1 − a)/(n J²) + (1 − t)² f(1 − f)/(n₀ J²) + t² s(1 − s)/(n₁ J²), J = s − f."""
    n, recall_base, false_base, read, recall, alarm = 50_000, 40_000, 60_000, 0.4, 0.7, 0.1
    share, low, high = correct_share(*one(read, n), rates(recall, alarm, recall_base, false_base))
    variance = read * (1 - read) / n + (1 - 0.5) ** 2 * alarm * (1 - alarm) / false_base
    variance += 0.5**2 * recall * (1 - recall) / recall_base
    half = 1.959964 * np.sqrt(variance) / 0.6
    assert share[0] == pytest.approx(0.5)
    assert (low[0], high[0]) == pytest.approx((0.5 - half, 0.5 + half), abs=1e-4)


@pytest.mark.parametrize("unknown", [rates(0.3, 0.15), rates(np.nan, np.nan)], ids=["guesses", "unknown subject"])
def test_shares_stand_as_read_where_they_cannot_be_corrected(unknown):
    share, low, high = correct_share(*one(0.2, 100), unknown)
    assert (share[0], low[0], high[0]) == (0.2, *(bound[0] for bound in wilson_interval(*one(0.2, 100))))
    difference = correct_difference(*one(0.2, 100, 0.1, 80), unknown)
    assert [float(value[0]) for value in difference[1:]] == [
        float(bound[0]) for bound in newcombe_interval(*one(0.2, 100, 0.1, 80))
    ]
    assert difference[0][0] == pytest.approx(0.1)


def test_an_empty_base_gives_nan():
    assert np.isnan(correct_share(*one(np.nan, np.nan), rates(0.7, 0.1, 20, 600))).all()


@pytest.mark.parametrize(
    ("known", "indicative"),
    [
        (rates(0.7, 0.01, precision=0.7), False),
        (rates(0.4, 0.01, precision=0.6), True),
        (rates(0.3, 0.15, precision=1.0), True),
        (rates(np.nan, np.nan, precision=np.nan), False),
    ],
    ids=["good", "under the floor", "guesses", "unknown"],
)
def test_no_verdict_under_the_floor(known, indicative):
    assert known.is_indicative.tolist() == [indicative]
    assert F1_FLOOR == 0.5


def test_any_shape_of_cells_takes_the_rates_of_its_subjects():
    both = ReaderRates(*(np.array(pair) for pair in ([0.7, 0.5], [30, 30], [0.01, 0.02], [600, 600], [0.8, 0.8])))
    read, base = np.full((4, 3, 2), 0.1), np.full((4, 3, 1), 50.0)
    share, low, high = correct_share(read, base, both)
    assert share.shape == low.shape == high.shape == (4, 3, 2)
    rows = both.take(np.array([1, 0, 1]))
    assert correct_share(np.full(3, 0.1), np.full(3, 50.0), rows)[0].tolist() == [share[0, 0, q] for q in (1, 0, 1)]


shares, bases = st.floats(0, 1), st.floats(1, 1e5)
reader = st.builds(rates, st.floats(0.05, 0.99), st.floats(0.001, 0.3), st.floats(3, 1e4), st.floats(20, 1e5))


@given(shares, bases, reader)
def test_the_interval_holds_its_share_and_stays_in_0_1(read, base, known):
    share, low, high = correct_share(*one(read, base), known)
    assert 0 <= low[0] <= share[0] <= high[0] <= 1


@given(shares, bases, shares, bases, reader)
def test_the_difference_is_that_of_the_shares_and_turns_with_them(share, base, other, other_base, known):
    sides = one(share, base), one(other, other_base)
    difference, low, high = correct_difference(*sides[0], *sides[1], known)
    assert difference[0] == correct_share(*sides[0], known)[0][0] - correct_share(*sides[1], known)[0][0]
    assert -1 <= low[0] <= difference[0] <= high[0] <= 1
    turned = correct_difference(*sides[1], *sides[0], known)
    assert [-turned[0][0], -turned[2][0], -turned[1][0]] == pytest.approx([difference[0], low[0], high[0]], abs=1e-9)


sound = st.builds(rates, st.floats(0.5, 0.99), st.floats(0.001, 0.1), st.floats(30, 1e4), st.floats(300, 1e5))


@given(shares, bases, shares, bases, sound)
def test_a_difference_of_zero_is_excluded_exactly_where_it_is_as_read(share, base, other, other_base, known):
    sides = one(share, base), one(other, other_base)
    plain_low, plain_high = newcombe_interval(*sides[0], *sides[1])
    clamped = correct_share(*sides[0], known)[0][0] == correct_share(*sides[1], known)[0][0]
    # Shares that are both clamped leave no difference to speak of; a bound at 0 is a matter of rounding.
    assume(not clamped and min(abs(plain_low[0]), abs(plain_high[0])) > 1e-9)
    _, low, high = correct_difference(*sides[0], *sides[1], known)
    assert (low[0] > 0, high[0] < 0) == (plain_low[0] > 0, plain_high[0] < 0)


def test_a_reader_that_may_be_no_better_than_chance_gives_no_difference_a_sign():
    _, low, high = correct_difference(*one(1, 30, 0, 30), rates(0.5, 0.25, 3, 20))
    assert (low[0], high[0]) == (0, 1)


def test_less_known_rates_widen_an_interval():
    widths = [
        np.diff(correct_share(*one(0.2, 2000), rates(0.7, 0.02, base))[1:], axis=0)[0, 0] for base in (1e6, 100, 12)
    ]
    assert widths == sorted(widths)
    assert widths[0] < widths[1] < widths[2]


def test_a_thin_subject_is_drawn_to_its_polarity():
    found = rates_of(
        table(
            ("prix_tarif", "negative", 210, 70, 50, 4000),
            ("choix_stock", "negative", 150, 70, 40, 4070),
            ("livraison", "negative", 0, 3, 0, 4327),
            ("livraison", "neutral", 1, 9, 3, 4317),
        ),
        SUBJECTS,
    )
    assert found.recall[0] == pytest.approx(0.75, abs=0.01)
    assert 0.3 < found.recall[1] < 0.75
    assert found.recall_base[1] > 3
    assert 0 < found.false_alarm[1] < 0.012
    assert 0.5 < found.precision[1] < 0.9


def test_answers_of_other_sectors_are_worth_less_than_one_s_own():
    rows = ("prix_tarif", "negative", 210, 70, 50, 4000), ("livraison", "negative", 150, 70, 40, 4070)
    near, far = rates_of(table(*rows), SUBJECTS), rates_of(table(*rows, spread=0.08), SUBJECTS)
    assert near.recall.tolist() == far.recall.tolist()
    assert (near.recall_base > 200).all()
    assert (far.recall_base < 1 / 0.08).all()


def test_a_team_s_own_marks_take_over_from_the_held_out_answers():
    held = table(
        ("prix_tarif", "negative", 210, 70, 50, 4000), ("livraison", "negative", 150, 70, 40, 4070), spread=0.08
    )
    own = table(("prix_tarif", "negative", 20, 80, 5, 400))
    before, after = rates_of(held, SUBJECTS), rates_of(held, SUBJECTS, own=own)
    assert before.recall[0] > 0.7
    assert after.recall[0] == pytest.approx(0.2, abs=0.07)
    assert after.recall_base[0] == pytest.approx(before.recall_base[0] + 100)
    assert after.recall[1] == before.recall[1]


def test_a_theme_of_the_team_s_own_is_known_from_its_marks_alone():
    held = table(
        ("prix_tarif", "negative", 210, 70, 50, 4000), ("livraison", "negative", 150, 70, 40, 4070), spread=0.08
    )
    subjects = pd.DataFrame({"theme_id": ["borne"], "polarity": ["negative"]})
    assert np.isnan(rates_of(held, subjects).recall).all()
    assert rates_of(held, subjects, own=table(("borne", "negative", 8, 2, 1, 80))).recall[0] > 0.7


@pytest.mark.parametrize("own", [None, "empty"])
def test_without_a_table_there_is_nothing_to_correct_by(own):
    if own is None:
        assert rates_of(None, SUBJECTS) is None
    else:
        assert not rates_of(None, SUBJECTS, own=table()).is_corrected.any()


def test_a_review_counts_an_answer_once_and_whole_answers_only():
    rows = [
        ("a", "prix_tarif", "negative", "prix_tarif", "negative"),
        ("a", "prix_tarif", "negative", "livraison", "negative"),
        ("b", "livraison", "positive", "no_opinion", None),
        ("c", "a_classer", "neutral", "livraison", "positive"),
        ("d", "prix_tarif", "negative", "prix_tarif", "negative"),
        ("d", "livraison", "negative", None, None),
    ]
    assert review_counts(pd.DataFrame(rows, columns=REVIEW)).to_numpy().tolist() == [
        ["livraison", "negative", 0, 1, 0, 2],
        ["livraison", "positive", 0, 1, 1, 1],
        ["prix_tarif", "negative", 1, 0, 0, 2],
    ]


def test_an_empty_review_counts_nothing():
    assert review_counts(pd.DataFrame(columns=REVIEW)).empty


def test_prediction_powered_inference_by_hand():
    """n = 100 marked: 20 true and read, 10 missed, 5 made up, 65 neither; N = 900 with a share of 0.3 read.

    cov = 0.20 − 0.30 · 0.25 = 0.125, var(F) = 0.25 · 0.75 = 0.1875, λ = 0.125 / (1.1111 · 0.1875) = 0.6,
    θ = 0.30 + 0.6 · (0.30 − 0.25) = 0.33.
    """
    marked = MarkedCounts(*one(20, 10, 5, 65))
    assert power_tuning(np.array([900.0]), marked)[0] == pytest.approx(0.6)
    share, low, high = ppi_share(*one(0.3, 900), marked)
    assert share[0] == pytest.approx(0.33)
    # λ² var(F)/N + (var(Y) − 2 λ cov + λ² var(F))/n = 0.000075 + 0.001275; half an answer more in each cell, 0.00138.
    assert (high[0] - low[0]) / 2 == pytest.approx(1.96 * np.sqrt(0.00135), abs=0.002)
    marks_alone = wilson_interval(*one(0.3, 100))
    assert high[0] - low[0] < marks_alone[1][0] - marks_alone[0][0]


@pytest.mark.parametrize(
    ("cells", "share"),
    [((30, 0, 0, 70), 0.3 + (0.35 - 0.3) / (1 + 100 / 900)), ((0, 30, 25, 45), 0.3), ((0, 0, 0, 100), 0.0)],
    ids=["a perfect reader", "one that is worse than none", "nobody holds it"],
)
def test_the_reading_weighs_as_much_as_it_is_worth(cells, share):
    found, low, high = ppi_share(*one(0.35 if sum(cells[:2]) else 0.0, 900), MarkedCounts(*one(*cells)))
    assert found[0] == pytest.approx(share)
    assert low[0] <= found[0] < high[0]


@pytest.mark.parametrize("share", [0.05, 0.1, 0.3])
def test_prediction_powered_intervals_cover(share):
    rng = np.random.default_rng(3)
    recall, alarm, draws = 0.7, 0.03, 4000
    said = share * recall + (1 - share) * alarm
    cells = (share * recall, share * (1 - recall), (1 - share) * alarm, (1 - share) * (1 - alarm))
    marked = MarkedCounts(*rng.multinomial(300, cells, draws).T.astype(float))
    _, low, high = ppi_share(rng.binomial(2000, said, draws) / 2000, np.full(draws, 2000.0), marked)
    assert ((low <= share) & (share <= high)).mean() >= 0.93


@pytest.mark.parametrize("share", [0.02, 0.05, 0.1, 0.3])
@pytest.mark.parametrize(("recall", "precision"), [(0.573, 0.9), (0.9, 0.573)], ids=["misses", "makes up"])
def test_corrected_shares_of_a_reader_of_f1_0_7_cover_the_truth_and_shares_as_read_do_not(share, recall, precision):
    """4,000 surveys of 2,000 answers, each a new sector; the reader was counted on six others of 720 answers."""
    simulated = Simulation(share, recall, precision, seed=11)
    read = simulated.read(share)
    assert simulated.coverage(share, *correct_share(read, simulated.base, simulated.rates)[1:]) >= 0.93
    assert simulated.coverage(share, *wilson_interval(read, simulated.base)) < 0.65


@pytest.mark.parametrize("share", [0.05, 0.1, 0.3])
def test_corrected_differences_cover_too(share):
    simulated = Simulation(share, 0.573, 0.9, seed=12)
    own, other = simulated.read(1.5 * share), simulated.read(share)
    _, low, high = correct_difference(own, simulated.base, other, simulated.base, simulated.rates)
    assert simulated.coverage(0.5 * share, low, high) >= 0.93
    assert simulated.coverage(0.5 * share, *newcombe_interval(own, simulated.base, other, simulated.base)) < 0.65


class Simulation:
    """Sectors whose recall and false alarms vary as those of the held-out answers do (intraclass 0.071, 0.0013)."""

    draws, answers, sectors, held = 4000, 2000, 6, 720
    spread = (0.071, 0.0013)

    def __init__(self, share, recall, precision, *, seed):
        self.rng = np.random.default_rng(seed)
        alarm = recall * share * (1 - precision) / precision / (1 - share)
        counts = np.zeros((4, self.draws))
        for _ in range(self.sectors):
            true = self.rng.binomial(self.held, share, self.draws)
            tp = self.rng.binomial(true, self.sector(recall, self.spread[0]))
            fp = self.rng.binomial(self.held - true, self.sector(alarm, self.spread[1]))
            counts += (tp, true - tp, fp, self.held - true - fp)
        names = [str(number) for number in range(self.draws)]
        counted = pd.DataFrame(dict(zip(("tp", "fn", "fp", "tn"), counts, strict=True)))
        counted = counted.assign(theme_id=names, polarity="negative", missed=0)
        factor = 1 + 1 / self.sectors
        counted = counted.assign(recall_spread=self.spread[0] * factor, false_spread=self.spread[1] * factor)
        self.rates = rates_of(counted, counted)
        self.recall, self.alarm = self.sector(recall, self.spread[0]), self.sector(alarm, self.spread[1])
        self.base = np.full(self.draws, float(self.answers))

    def sector(self, rate, spread):
        strength = 1 / spread - 1
        return self.rng.beta(rate * strength, (1 - rate) * strength, self.draws)

    def read(self, share):
        """Shares as read in surveys of a true share."""
        true = self.rng.binomial(self.answers, share, self.draws)
        found = self.rng.binomial(true, self.recall) + self.rng.binomial(self.answers - true, self.alarm)
        return found / self.answers

    @staticmethod
    def coverage(truth, low, high):
        return ((low <= truth) & (truth <= high)).mean()
