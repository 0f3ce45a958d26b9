"""The card says what was measured: README.md from figures.json, figures.json from the shipped encoder."""

from __future__ import annotations

import json

import pytest

from verbatim.reading.marked import THEMES
from verbatim.themes import load_codebook, read_figures, themes_table


def test_the_card_is_what_its_figures_say(model_folder, figures):
    from recipe.render import render

    assert (model_folder / "README.md").read_text(encoding="utf-8") == render(figures)


def test_the_card_attributes_every_source_it_was_trained_on(model_folder, figures):
    card = (model_folder / "README.md").read_text(encoding="utf-8")
    licences = {
        "tatoeba": "Tatoeba | pre-training | {} | everyday short sentences, CC BY 2.0 FR",
        "msdocs": "msdocs | pre-training | {} | modern business French, CC BY 4.0",
        "commonvoice": "Common Voice | pre-training | {} | short sentences, CC0-1.0",
        "novels": "novels | pre-training | {} | 100 novels, 1840-1920, public domain",
        "verbatims": "verbatims-fr | pre-training and labels | {} | CC0-1.0",
    }
    assert set(figures["training"]["tokens"]) == set(licences)
    for source, line in licences.items():
        assert line.format(figures["training"]["tokens"][source]) in card


def test_the_records_beside_the_card_are_the_ones_in_its_figures(model_folder, figures):
    records = {"baselines": figures["baselines"], "real-answers": figures["real_answers"]}
    records["calibration"] = figures["calibration"]["fit"]
    for name, shown in records.items():
        assert json.loads((model_folder / "evaluation" / f"{name}.json").read_text(encoding="utf-8")) == shown


def test_the_calibration_on_the_card_is_the_one_in_force(encoder, figures):
    for key, value in figures["calibration"]["keys"].items():
        assert getattr(encoder.config, key) == value


def test_no_record_on_the_card_was_measured_with_another_encoder(encoder, figures):
    for name in ("baselines", "real_answers"):
        assert figures[name]["revision"] == figures["revision"] == encoder.revision


def test_a_record_of_another_encoder_is_refused_with_the_command_that_renews_it(encoder):
    from recipe.card import _check_fresh

    with pytest.raises(SystemExit, match=r"recipe\.real_answers"):
        _check_fresh("real-answers", {"revision": "0" * 64}, encoder)


def test_the_encoder_has_one_figure_whoever_measures_it(figures):
    beside = {split: row for split, row in figures["baselines"]["encoder"].items() if split != "real_answers"}
    # Temperatures alone are fitted on dev_employees: no baseline stands beside it.
    assert set(figures["splits"]) - set(beside) == {"dev_employees"}
    for split, row in beside.items():
        for key in ("polarity_accuracy", "polarity_accuracy_3", "theme_accuracy"):
            assert row[key] == figures["splits"][split][key]
    for key in ("polarity_accuracy", "polarity_accuracy_3", "theme_accuracy"):
        assert figures["baselines"]["encoder"]["real_answers"][key] == figures["real_answers"][key]["value"]


def test_the_card_tells_which_leads_chance_could_give(model_folder, figures):
    card = (model_folder / "README.md").read_text(encoding="utf-8")
    lead = figures["baselines"]["lead"]["real_answers"]["polarity_accuracy"]
    told = "polarity of + and - opinions (real answers)" in card.split("Chance alone could give these leads:")[1]
    assert told == (lead["low"] <= 0 <= lead["high"])


def test_the_sizes_on_the_card_are_those_of_the_files(model_folder, figures):
    for name in ("model.safetensors", "wide.safetensors", "tokenizer.json", "config.json"):
        assert (model_folder / name).stat().st_size == figures["sizes"][name]


@pytest.mark.parametrize(("codebook", "kind"), [("cx-fr", "nps"), ("ex-fr", "enps")])
def test_every_theme_of_a_codebook_has_its_figures(figures, codebook, kind):
    measured = figures["themes"][codebook]
    assert tuple(measured) == THEMES[kind]
    for theme in measured.values():
        assert 0 <= theme["precision"] <= 1
        assert 0 <= theme["recall"] <= 1
        assert theme["n"] > 0


@pytest.mark.parametrize(
    ("codebook", "splits"), [("cx-fr", ("real", "test_customers")), ("ex-fr", ("test_employees",))]
)
def test_the_agreement_is_on_the_opinions_of_the_other_figures(figures, codebook, splits):
    found = figures["agreement"][codebook]
    own = [figures["splits"][name] for name in splits]
    opinions = sum(one["opinions"] for one in own)
    for label, accuracy in {"theme": "theme_accuracy", "polarity": "polarity_accuracy_3"}.items():
        kappa = found[label]
        assert kappa["opinions"] == opinions
        right = sum(one[accuracy] * one["opinions"] for one in own)
        assert kappa["agreed"] == pytest.approx(right / opinions, abs=1e-4)
        assert kappa["low"] < kappa["value"] < kappa["high"]
        assert kappa["value"] < kappa["agreed"]
    assert len(found["confusions"]) == 10
    assert all(1 <= len(one["examples"]) <= 2 for one in found["confusions"])
    counts = [one["opinions"] for one in found["confusions"]]
    assert counts == sorted(counts, reverse=True)


def test_the_themes_table_takes_its_precision_and_recall_from_the_figures(model_folder, figures):
    table = themes_table(load_codebook("cx-fr"), read_figures(model_folder / "figures.json")).set_index("theme_id")
    for theme, measured in figures["themes"]["cx-fr"].items():
        assert table.loc[theme, "precision"] == measured["precision"]
        assert table.loc[theme, "recall"] == measured["recall"]


def test_each_bin_of_the_calibration_holds_its_opinions_once(figures):
    customers = figures["splits"]["real"]["opinions"] + figures["splits"]["test_customers"]["opinions"]
    assert sum(one["n"] for one in figures["calibration"]["bins"]["customers"]) == customers
    confusion = figures["polarity"]["confusion"]["customers"]
    assert sum(count for said in confusion.values() for count in said.values()) == customers


def test_marked_spans_scored_in_batches_are_scored_as_the_runtime_does(encoder):
    from recipe.measure import score_marked
    from recipe.splits import load_splits

    answers = [answer for answer in load_splits().dev if answer.opinions][:12]
    polarity, themes = score_marked(encoder, answers)
    row = 0
    for answer in answers:
        spans = [(opinion.start, opinion.end) for opinion in answer.opinions]
        scores = encoder.score_spans(answer.text, spans, codebook="cx-fr")
        assert polarity[row : row + len(spans)] == pytest.approx(scores.polarity, abs=1e-4)
        assert themes[row : row + len(spans)] == pytest.approx(scores.themes, abs=1e-4)
        row += len(spans)


@pytest.mark.slow
@pytest.mark.parametrize("sector", ["medias", "immobilier"])
def test_a_sector_measured_again_gives_the_figures_of_the_card(encoder, figures, sector):
    from recipe.measure import figures_of, read_marked
    from recipe.splits import load_splits

    splits = load_splits()
    answers = [answer for answer in (*splits.test, *splits.dev) if answer.sector == sector]
    again = figures_of(read_marked(encoder, answers))
    published = figures["sectors"][sector]
    assert again["answers"] == published["answers"]
    assert again["opinions"] == published["opinions"]
    for name in ("polarity_accuracy", "theme_accuracy", "themes_f1", "pairs_f1"):
        # Another processor rounds otherwise: an opinion in a few hundred may fall on the other side.
        assert again[name] == pytest.approx(published[name], abs=0.01)
