import numpy as np
import pytest
from scipy.stats import chi2_contingency

from verbatim.measures.significance import adjust, score_test


@pytest.mark.parametrize("counts", [(5, 20, 30, 40), (1, 10, 1, 300), (0, 15, 9, 15)], ids=str)
def test_the_score_test_is_pearson_s_chi_square(counts):
    said, base, other_said, other_base = counts
    table = [[said, base - said], [other_said, other_base - other_said]]
    arguments = [np.array([value]) for value in (said / base, base, other_said / other_base, other_base)]
    assert score_test(*arguments)[0] == pytest.approx(chi2_contingency(table, correction=False).pvalue)


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_equal_shares_are_no_evidence(share):
    assert score_test(*(np.array([value]) for value in (share, 12.0, share, 30.0))) == [1.0]


def test_each_family_is_adjusted_by_itself_and_what_was_not_tested_does_not_count():
    p_values = np.array([0.01, 0.04, 0.04, 0.03, np.nan, 0.5])
    families = np.array([0, 1, 0, 0, 1, 1])
    assert adjust(p_values, families) == pytest.approx([0.03, 0.08, 0.04, 0.04, np.nan, 0.5], nan_ok=True)


def test_benjamini_and_hochberg_s_own_example():
    """Fifteen p-values of their section 3.2: the four smallest are confirmed at 5 %."""
    p_values = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    p_values += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    q_values = adjust(np.array(p_values), np.zeros(15, dtype=np.int64))
    assert (q_values < 0.05).sum() == 4


def test_nothing_to_adjust():
    assert adjust(np.array([]), np.array([], dtype=np.int64)).shape == (0,)
