"""The measures of the recipe, on answers small enough to count by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from verbatim.reading.marked import MarkedAnswer, parse_marks

POSITIVE, NEGATIVE, NEUTRAL = (0.9, 0.05, 0.05), (0.1, 0.8, 0.1), (0.2, 0.2, 0.6)
THINGS = ("accueil", "prix", "caisse", "livraison", "choix", "parking", "personnel", "conseil", "retour", "site")
VERDICTS = (
    "agréable",
    "trop long",
    "cher",
    "à revoir",
    "parfait",
    "moyen",
    "décevant",
    "rapide",
    "introuvable",
    "propre",
)
SURVEY = Path(__file__).parents[3] / "shared" / "data" / "nps-jardinerie" / "nps.csv"


def marked(text: str) -> MarkedAnswer:
    return MarkedAnswer(*parse_marks(text), sector="essai")


@pytest.fixture
def read():
    """Three answers: one read right, one with its polarity turned, one silent that the reader makes speak."""
    from recipe.measure import Read

    answers = (marked("{+prix_tarif|pas cher}"), marked("{-livraison|colis perdu}"), marked("RAS"))
    themes = np.zeros((2, 23))
    themes[0, 5], themes[1, 5] = 1.0, 1.0
    found = [[(0, 8)], [(0, 5)], [(0, 3)]]
    pairs = [{("prix_tarif", "positive")}, {("livraison", "positive")}, {("autre", "neutral")}]
    return Read(answers, np.array([POSITIVE, POSITIVE]), themes, found, pairs)


def test_figures_count_what_was_read_right(read):
    from recipe.measure import figures_of

    figures = figures_of(read)
    assert (figures["answers"], figures["opinions"], figures["silent_answers"]) == (3, 2, 1)
    assert figures["polarity_accuracy"] == figures["theme_accuracy"] == 0.5
    assert figures["silent_share"] == 0.0
    # Two of three themes said are true, and both of the two that are marked are said; of the pairs one is right.
    assert figures["themes_f1"] == pytest.approx(4 / 5)
    assert figures["pairs_f1"] == pytest.approx(2 / 5)
    assert figures["span_f1"] == pytest.approx(2 / 5)
    # Both at 0.9, half of them right.
    assert figures["polarity_ece"] == pytest.approx(0.4)


def test_spreading_leaves_no_direction_larger_than_the_others_and_changes_its_own_layer_alone(encoder):
    from copy import deepcopy

    from recipe.whiten import embeddings_of, spread

    model = deepcopy(encoder.model).float()
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    texts = [f"{thing} {verdict}" for thing in THINGS for verdict in VERDICTS]
    share_before, share_after = spread(model, texts)
    changed = {name for name, weight in model.state_dict().items() if not weight.equal(before[name])}
    assert changed == {"spread.weight", "spread.bias"}
    assert share_after < share_before
    np.testing.assert_allclose(embeddings_of(model, texts).mean(axis=0), 0, atol=1e-3)


def test_the_theme_table_counts_answers_and_says_nothing_of_what_was_never_said(read):
    from recipe.measure import theme_table

    table = theme_table([read])
    assert table["livraison"]["precision"] == table["livraison"]["recall"] == 1.0
    assert table["livraison"]["polarity"]["negative"] == {"precision": None, "recall": 0.0, "n": 1, "said": 0}
    assert table["site_appli"]["precision"] is None


def test_a_read_without_its_silent_answers_keeps_its_opinions(read):
    kept = read.only([False, True, True])
    assert [answer.text for answer in kept.answers] == ["colis perdu", "RAS"]
    assert kept.polarity.shape == (1, 3)
    assert kept.themes[0, 5] == 1.0


def test_the_confusion_puts_marked_in_rows_and_said_in_columns(read):
    from recipe.measure import confusion

    table = confusion([read])
    assert table["negative"] == {"positive": 1, "negative": 0, "neutral": 0}
    assert table["positive"] == {"positive": 1, "negative": 0, "neutral": 0}


def test_chosen_is_what_leaves_most_silent_answers_alone_at_little_cost():
    from recipe.tune import GIVEN_UP, choose

    tried = [
        {"silence_offset": 0.0, "pairs_f1": 0.600, "silent_share": 0.6},
        {"silence_offset": 1.0, "pairs_f1": 0.600 - GIVEN_UP / 2, "silent_share": 0.8},
        {"silence_offset": 2.0, "pairs_f1": 0.600 - GIVEN_UP * 2, "silent_share": 0.9},
    ]
    assert choose(tried, "silent_share", given_up=GIVEN_UP)["silence_offset"] == 1.0
    assert choose(tried, "silent_share")["silence_offset"] == 0.0


def test_bias_and_threshold_are_set_in_turn_until_neither_moves(monkeypatch):
    from recipe import tune

    encoder = SimpleNamespace(config=SimpleNamespace(outside_bias=0.0, theme_threshold=0.0))

    def biases(encoder, answers):
        # The best bias hangs on the threshold: one round alone would stop at 1.0.
        best = 2.0 if encoder.config.theme_threshold else 1.0
        return [{"outside_bias": b, "pairs_f1": 0.6 - abs(b - best) / 10, "silent_share": 0.5} for b in (0.0, 1.0, 2.0)]

    def thresholds(encoder, answers):
        return [{"theme_threshold": t, "pairs_f1": 0.5 + t, "pairs_precision": 0.5} for t in (0.0, 0.1)]

    monkeypatch.setattr(tune, "try_biases", biases)
    monkeypatch.setattr(tune, "try_thresholds", thresholds)
    tune.fit_decisions(encoder, ())
    assert (encoder.config.outside_bias, encoder.config.theme_threshold) == (2.0, 0.1)


def test_a_lead_is_a_difference_on_the_same_opinions_and_its_interval_knows_its_answers():
    from recipe.baselines import lead_of

    answers = [marked("{+prix_tarif|pas cher} {-livraison|colis perdu}")] * 40
    ours = {"polarity_accuracy": np.array([1.0, np.nan] * 40), "theme_accuracy": np.array([1.0, 0.0] * 40)}
    theirs = {"polarity_accuracy": np.array([0.0, np.nan] * 40), "theme_accuracy": np.array([0.0, 1.0] * 40)}
    lead = lead_of(ours, theirs, answers)
    # Neutral marks do not count; one read right and one read wrong in every answer leave no lead, whatever is drawn.
    assert lead["polarity_accuracy"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert lead["theme_accuracy"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    half = {"theme_accuracy": np.array([1.0, 1.0, 0.0, 0.0] * 20)}
    unsure = lead_of(half, {"theme_accuracy": np.zeros(80)}, answers)["theme_accuracy"]
    # Forty answers, not eighty opinions: 0.5 ± 1.96 × sqrt(0.25 / 40).
    assert unsure["high"] - unsure["low"] == pytest.approx(2 * 1.96 * math.sqrt(0.25 / 40), abs=0.03)


def test_the_recipe_knows_a_folder_that_holds_its_text(tmp_path):
    from recipe.main import holds_text

    for source in ("commonvoice", "tatoeba", "msdocs"):
        (tmp_path / f"{source}.txt.xz").touch()
    assert not holds_text(tmp_path)
    (tmp_path / "novels.txt.xz").touch()
    assert holds_text(tmp_path)


def test_tuning_writes_its_keys_and_leaves_the_rest_of_the_configuration_alone(tmp_path, model_folder):
    from recipe.tune import write_keys

    before = (model_folder / "config.json").read_text(encoding="utf-8")
    config = tmp_path / "config.json"
    config.write_text(before, encoding="utf-8")
    write_keys(config, {"outside_bias": -0.25})
    assert json.loads(config.read_text(encoding="utf-8")) == {**json.loads(before), "outside_bias": -0.25}
    assert len(config.read_text(encoding="utf-8").splitlines()) == len(before.splitlines())


def test_an_interval_holds_its_share_and_narrows_with_the_count():
    from recipe.measure import wilson

    few, many = wilson([True] * 9 + [False]), wilson(([True] * 9 + [False]) * 100)
    assert few["low"] < few["value"] == many["value"] == 0.9 < few["high"]
    assert many["high"] - many["low"] < (few["high"] - few["low"]) / 5
    # Wilson (1927) by hand for 9 of 10.
    z = 1.959964
    middle = (0.9 + z**2 / 20) / (1 + z**2 / 10)
    half = z * math.sqrt(0.09 / 10 + z**2 / 400) / (1 + z**2 / 10)
    assert (few["low"], few["high"]) == (round(middle - half, 4), round(middle + half, 4))


def test_real_answers_keep_their_marks_through_the_repair(tmp_path):
    from recipe.real_answers import load_answers

    cell = "accueil trÃ¨s bien, caisses trop lentes"
    survey, marks = tmp_path / "nps.csv", tmp_path / "marks.tsv"
    survey.write_bytes(f',explication\n7,"{cell}"\n9,ras\n'.encode("latin-1"))
    last = len("accueil trÃ¨s bien")
    start = cell.index("caisses")
    marks.write_text(
        "row\tstart\tend\tpolarity\ttheme_id\n"
        f"7\t0\t{last}\t+\taccueil_relation\n7\t{start}\t{len(cell)}\t-\tjoignabilite_attente\n9\t\t\t\t\n",
        encoding="utf-8",
    )
    first, second = load_answers(survey, marks)
    assert first.text == "accueil très bien, caisses trop lentes"
    assert [first.text[o.start : o.end] for o in first.opinions] == ["accueil très bien", "caisses trop lentes"]
    assert (second.text, second.opinions) == ("ras", ())


@pytest.mark.slow
@pytest.mark.skipif(not SURVEY.is_file(), reason="../shared/data/nps-jardinerie is not here")
def test_the_real_answers_measured_again_give_the_figures_of_the_card(encoder, figures):
    from recipe.real_answers import load_answers, measure

    again, published = measure(encoder, load_answers(SURVEY)), figures["real_answers"]
    assert (again["answers"], again["opinions"]) == (220, 418)
    for name in ("polarity_accuracy", "theme_accuracy", "themes_f1", "pairs_f1"):
        assert again[name]["value"] == pytest.approx(published[name]["value"], abs=0.01)


def test_a_batch_of_single_copies_costs_half_and_still_draws_spans_together():
    import torch
    from recipe.examples import build_examples
    from recipe.finetune import Batches
    from recipe.losses import contrast_loss
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(Path(__file__).parents[2] / "models" / "opinion-encoder" / "tokenizer.json"))
    answers = tuple(marked(f"{{+prix_tarif|pas cher {n}}} {{-livraison|colis perdu}}") for n in range(8))
    examples = build_examples(answers, tokenizer, copies=2, seed=1)
    twins, single = (Batches(examples, 4, 1, twins=both).next() for both in (True, False))
    assert len(twins.tokens) == 2 * len(single.tokens) == 8
    assert len(single.row) == 2 * len(single.tokens)
    # Two classes, each on a side of its own: as near as can be; all at one place: no nearer than chance.
    apart = torch.nn.functional.one_hot(single.polarity, 3).float()
    together = torch.zeros_like(apart).index_fill(1, torch.tensor([0]), 1.0)
    near, far = (contrast_loss(vectors, single, twins=False) for vectors in (apart, together))
    assert near < math.log(len(single.row) / 2) < far


def test_off_the_shelf_libraries_are_scored_on_praise_and_blame_alone():
    from recipe.off_the_shelf import judge

    answers = [
        marked("{+prix_tarif|pas cher} {-livraison|perdu}"),
        marked("{=prix_tarif|payer en ligne} {+livraison|bien}"),
    ]
    said = {"pas cher": 0.5, "perdu": 0.2, "payer en ligne": -1.0, "bien": 0.0}
    assert judge(said.__getitem__, answers) == {"polarity_accuracy": 0.3333, "decided": 0.6667, "accuracy_decided": 0.5}
