"""The words of the card around its figures; every number comes from figures.json."""
# ruff: noqa: E501 - lines of the card's prose

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_SPLITS = {
    "dev": "dev (thresholds were chosen on it)",
    "test_customers": "test, customers",
    "real": "retail families kept apart",
    "test_employees": "test, employees",
    "real_answers": "real answers",
}
_HELD = ("dev", "test_customers", "real", "test_employees")
_FIGURES = {
    "answers": "answers",
    "opinions": "marked opinions",
    "polarity_accuracy": "polarity of + and - opinions",
    "polarity_accuracy_3": "polarity, neutral included",
    "polarity_ece": "calibration error of polarity, 15 bins",
    "theme_accuracy": "theme, top 1",
    "theme_ece": "calibration error of theme, 15 bins",
    "themes_f1": "themes of an answer, micro F1",
    "pairs_f1": "(theme, polarity) of an answer, micro F1",
    "span_f1": "spans, exact, F1",
    "silent_share": "answers without opinion left without one",
    "silent_interval": "the same, 95 % interval",
    "silent_answers": "answers without opinion",
}
_BESIDE = {
    "polarity_accuracy": "polarity of + and - opinions",
    "polarity_accuracy_3": "polarity, neutral included",
    "theme_accuracy": "theme, top 1",
    "theme_accuracy_transformer": "theme, top 1, transformer alone",
}
_SHORT = {"polarity_accuracy": "polarity", "theme_accuracy": "theme"}
_CURVE = ("dev", "test_customers", "real")
_WANTED_SILENT = 0.9
_KINDS = {
    "positive>negative": "Praise read as blame",
    "negative>positive": "Blame read as praise",
    "neutral>negative": "A wish or a plain fact read as blame",
    "neutral>positive": "A wish or a plain fact read as praise",
    "negative>neutral": "Blame read as a wish or a fact",
    "positive>neutral": "Praise read as a wish or a fact",
}


def render(figures: Mapping[str, Any]) -> str:
    """The card, in Markdown."""
    parts = (
        _head(figures), _data(figures), _recipe(figures), _scores(figures), _beside(figures), _real(figures),
        _calibration(figures), _polarity(figures), _themes(figures), _agreement(figures), _sectors(figures), _errors(figures),
        _LIMITS, _REPRODUCE,
    )  # fmt: skip
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _head(figures: Mapping[str, Any]) -> str:
    sizes = figures["sizes"]
    weights = f"{sizes['model.safetensors'] / 1e6:.1f}"
    return f"""
# Opinion encoder: opinions, polarity and themes of French survey answers

Written by `python -m recipe.card` on {figures["date"]}; do not edit by hand. The figures are in `figures.json`.

**What it is.** A transformer of {sizes["parameters"] / 1e6:.1f} million parameters (ModernBERT trunk, trained from scratch) with four heads. One pass over an
answer gives its opinions (spans), and for each a polarity (positive, negative, neutral), a theme (codebook `cx-fr` of customers or
`ex-fr` of employees), and a sentence embedding. For the theme, a linear model over hashed words and characters of the clause (the wide
branch) is asked beside it. `verbatim.reading.load_encoder()` opens it and reads; no hub, no remote code.

| file | bytes |
| --- | ---: |
| model.safetensors ({weights} MB, half precision) | {sizes["model.safetensors"]} |
| wide.safetensors (a byte a weight) | {sizes["wide.safetensors"]} |
| tokenizer.json | {sizes["tokenizer.json"]} |
| config.json | {sizes["config.json"]} |
"""


def _data(figures: Mapping[str, Any]) -> str:
    tokens = figures["training"]["tokens"]
    rows = _table(
        ("split", "answers", "opinions", "without opinion", "sectors"),
        ((name, *row.values()) for name, row in figures["rows"].items()),
    )
    return f"""
## Data, licences and attributions

| source | used for | tokens | licence and attribution |
| --- | --- | ---: | --- |
| verbatims-fr | pre-training and labels | {tokens["verbatims"]} | CC0-1.0, written for this project (`data/verbatims-fr`) |
| Tatoeba | pre-training | {tokens["tatoeba"]} | everyday short sentences, CC BY 2.0 FR, © Tatoeba contributors (tatoeba.org) |
| msdocs | pre-training | {tokens["msdocs"]} | modern business French, CC BY 4.0, © Microsoft (MicrosoftDocs, Dynamics 365 and Skype/Teams, fr-fr) |
| Common Voice | pre-training | {tokens["commonvoice"]} | short sentences, CC0-1.0 (mozilla/voice-web e0bfbc4) |
| novels | pre-training | {tokens["novels"]} | 100 novels, 1840-1920, public domain (COST-ELTeC/ELTeC-fra 83f0a43) |

Tatoeba's and Microsoft's texts were changed before training: cut into lines, and typing noise added. Neither source endorses this model.

Rows by split (whole sector families; an exact text never stands on both sides; `data/verbatims-fr/splits.toml`):

{rows}

Rows of verbatims-fr are invented. Those under `rows` were marked once and read once; no second coder marked them. Those under `written` (part of train, and
dev_employees) were written later, in sectors of their own, by a language model, and gone through by a second one, which had coded a part of them blind:
`data/verbatims-fr/README.md` says how far the two agree.
"""


def _recipe(figures: Mapping[str, Any]) -> str:
    training = figures["training"]
    stages = _table(
        ("stage", "steps", "seconds", "last loss"),
        ((name, s["steps"], s["seconds"], s["last_loss"]) for name, s in training["stages"].items()),
    )
    agreed = figures["precision"]
    return f"""
## Recipe

Masked-language pre-training of the student and of a larger teacher; the teacher is fine-tuned with three seeds on gold labels; the student is
fine-tuned on gold labels and on the three teachers' mean beliefs. Training answers come in typed copies (no accents, typos, SMS,
capitals, redaction tags), and {training["recombined"]} answers are joined from others. One H100, torch {training["torch"]}, {training["seconds"]} seconds in all.

{stages}

The wide branch is a logistic regression on the marked clauses of the same training rows (`recipe.wide`, half a minute on a processor): words 1-2 and
characters 2-5, hashed into 2 × 65,536 features. The probabilities of the themes are the transformer's and its own, mixed (`wide_share`).
A last output, fitted on the words of whole answers, tells those without opinion; it is weighed against the lead of the opinions that the transformer draws (`silence_weight`).

{_more(training["more"], training["blended"])}
{_whitened(training["whitened"])}

Read in bfloat16 instead of single precision, {agreed["answers"]} answers kept apart give the same spans for {agreed["span"]:.1%} of {agreed["opinions"]} opinions; of these, {agreed["polarity"]:.1%} have the
same polarity and {agreed["theme"]:.1%} the same theme.

The log of the run is `training-log.jsonl` (figures there: before the last calibration, without guard and clause step).
"""


def _more(runs: Sequence[Mapping[str, Any]], blended: Sequence[Mapping[str, Any]]) -> str:
    """What happened on a processor after the run on the GPU."""
    told = _table(
        ("run", "new answers", "known answers", "steps", "minutes"),
        (
            (number, *(run[key] for key in ("written", "known", "steps", "minutes")))
            for number, run in enumerate(runs, 1)
        ),
    )
    (blend,) = blended
    tried = ", ".join(f"{float(share):.0%}: {f1:.3f}" for share, f1 in blend["pairs_f1"].items())
    return f"""Then, on a processor (`recipe.more`), {blend["runs"]} runs of 32 answers a step, on answers written afterwards, where the encoder
erred, and on the known ones. New answers count by their marks; on known ones the encoder is held to what it believed before, so that what it was
taught by the committee is not lost (Li and Hoiem 2016, Learning without Forgetting).

{told}

The runs start alike and differ by their seeds; what ships lies {blend["share"]:.0%} of the way from where they started to their mean (`recipe.blend`; Wortsman et al. 2022, Model
soups; Robust fine-tuning). F1 of (theme, polarity) on dev, transformer alone, by how far: {tried}."""


def _whitened(runs: Sequence[Mapping[str, Any]]) -> str:
    """What the sentence embeddings are made of."""
    return "".join(
        f"""
Last, the layer of the sentence embeddings was fitted (`recipe.whiten`): what the heads learned of themes and polarities beside the mean of the input embeddings weighted by
rarity (Arora et al. 2017), each whitened to the power {run["power"]} (Su et al. 2021) over {run["texts"]} clauses and sentences, joined 1 to {run["words"]}.
"""
        for run in runs[-1:]
    )


def _scores(figures: Mapping[str, Any]) -> str:
    splits = figures["splits"]
    table = _table(
        ("figure", *(_SPLITS[name] for name in _HELD)),
        ((label, *(_number(splits[name][key]) for name in _HELD)) for key, label in _FIGURES.items()),
    )
    return f"""
## Figures on sector families never trained on ({figures["date"]})

Through the shipped reader: guard for answers without opinion, decoding, clause step and thresholds count. Polarity, theme and calibration are
taken on the marked spans; F1 on the spans that the reader finds.

{table}

The retail families kept apart (`real` in splits.toml) are invented too; they stand nearest to the real survey below.

Sentence embeddings, STS-B in French (translated by machine; never trained on), Spearman of cosine and judgement: test {_number(figures["sts"]["encoder"]["test"])}, dev
{_number(figures["sts"]["encoder"]["dev"])}{_yardstick(figures["sts"])}. They are made to tell opinions of survey answers apart, not sentences in general.
"""


def _yardstick(sts: Mapping[str, Any]) -> str:
    """The figure of mean word vectors, where it was measured."""
    if "fasttext" not in sts:
        return ""
    words = sts["fasttext"]
    return f"; mean fastText vectors trained on {words['words'] / 1e6:.0f} million words: {words['test']:.3f}, {words['dev']:.3f}"


def _beside(figures: Mapping[str, Any]) -> str:
    record = figures["baselines"]
    linear, ours, lead = record["tfidf_logistic_regression"], record["encoder"], record["lead"]
    rows = [
        (name, split, ours[split][name], linear[split][name.removesuffix("_transformer")], lead[split][name])
        for name in _BESIDE
        for split in linear
    ]
    table = _table(
        ("figure", "answers", "this encoder", "TF-IDF + logistic regression", "lead", "95 % interval"),
        (
            (_BESIDE[name], _SPLITS[split], _number(one), _number(other), _signed(by["value"]), _interval(by))
            for name, split, one, other, by in rows
        ),
    )
    open_ones = [
        f"{_BESIDE[name]} ({_SPLITS[split]})" for name, split, _, _, by in rows if by["low"] <= 0 <= by["high"]
    ]
    doubt = f"Chance alone could give these leads: {'; '.join(open_ones)}." if open_ones else ""
    shelf = _table(
        ("library", "answers", "right", "decided", "right of the decided"),
        (
            (name, _SPLITS[split], *(_number(row[key]) for key in ("polarity_accuracy", "decided", "accuracy_decided")))
            for name, said in record["off_the_shelf"].items()
            for split, row in said.items()
        ),
    )
    unseen = "" if figures["training"]["more"] else " and those under `written`, which the transformer has not seen"
    missing = f"Not installed, not run: {', '.join(record['not_run'])}." if record["not_run"] else ""
    curve = _table(
        ("training answers", "opinions", *(f"{_SHORT[key]}, {split}" for key in _SHORT for split in _CURVE)),
        (
            (
                point["answers"], point["opinions"],
                *(_number(point[split][key]) for key in _SHORT for split in _CURVE),
            )
            for point in record["learning_curve"]
        ),
    )  # fmt: skip
    return f"""
## Beside other models

Words 1-2 and characters 2-5 of the marked clause, same training rows{unseen}, same test rows, same run (`recipe.baselines`, {record["date"]}, scikit-learn
{record["scikit_learn"]}). The linear model is given the marked clauses and cannot find them. The encoder's theme holds a linear model of the same kind (the
wide branch); "transformer alone" is without it. Intervals of the lead: paired, answers drawn with replacement.

{table}

{doubt}

Off-the-shelf sentiment libraries on the same marked clauses (+ and - alone; what they leave undecided is not right):

{shelf}
{missing}

### Learning curve

The linear model on customers' training answers drawn at random. The encoder's own curve was not measured: each point is a run on a GPU.

{curve}
"""


def _real(figures: Mapping[str, Any]) -> str:
    real = figures["real_answers"]
    keys = ("polarity_accuracy", "polarity_accuracy_3", "theme_accuracy", "themes_f1", "pairs_f1", "silent_share")
    table = _table(
        ("figure", "value", "95 % interval", "n"),
        (
            (
                _FIGURES[key], _number(real[key]["value"]),
                f"{_number(real[key]['low'])} to {_number(real[key]['high'])}", real[key]["n"],
            )
            for key in keys
        ),
    )  # fmt: skip
    return f"""
## Figures on real answers ({real["date"]})

{real["answers"]} answers of nps-jardinerie (CC0-1.0), a garden-centre chain's survey, damage included, {real["opinions"]} opinions marked by hand and blind to the
model by one annotator (`evaluation/README.md`). Never trained on, never tuned on. Intervals: Wilson for shares, bootstrap over answers for F1.

{table}

Calibration error (15 bins; with so few opinions it is overstated): polarity {_number(real["polarity_ece"])}, theme {_number(real["theme_ece"])}.
"""


def _calibration(figures: Mapping[str, Any]) -> str:
    fit = figures["calibration"]["fit"]
    keys = _table(
        ("key of config.json", "uncalibrated", "fitted"),
        ((key, fit["before"]["keys"][key], value) for key, value in fit["after"]["keys"].items()),
    )
    shown = ("polarity_ece", "theme_ece", "themes_f1", "pairs_f1", "silent_share")
    names = {"dev": "customers", "dev_employees": "employees"}
    dev = _table(
        ("figure", *(f"{name}, {state}" for name in names.values() for state in ("uncalibrated", "fitted"))),
        (
            (_FIGURES[key], *(_number(fit[state][split][key]) for split in names for state in ("before", "after")))
            for key in shown
        ),
    )
    chosen = fit["after"]["keys"]
    kept = next(
        one for one in fit["silence"] if all(one[key] == chosen[key] for key in ("silence_weight", "silence_offset"))
    )
    bins = "\n\n".join(
        f"{name.capitalize()}:\n\n"
        + _table(
            ("confidence", "opinions", "mean confidence", "right"),
            (
                (f"{b['from']:.2f}-{b['to']:.2f}", b["n"], _number(b["confidence"]), _number(b["accuracy"]))
                for b in found
            ),
        )
        for name, found in figures["calibration"]["bins"].items()
    )
    return f"""
## Calibration

Fitted on dev alone (`recipe.tune`; employees' temperatures on the public servants' answers, `dev_employees`): temperatures and the wide branch's share by cross entropy, the bias of "outside", and the threshold below which an opinion is `a_classer`, by
the F1 of (theme, polarity); weight and offset of the wide branch's silence for the most answers without opinion left alone at a loss of no more than 0.005 of that F1, and of no more than one in a hundred answers that hold opinions. All values tried: `evaluation/calibration.json`.

{keys}

{dev}

{_price(fit["silence"], kept)}

Confidence of the polarity against how often it is right (held-out families):

{bins}
"""


def _price(tried: Sequence[Mapping[str, Any]], kept: Mapping[str, Any]) -> str:
    """What it would cost on dev to leave nine in ten answers without opinion alone."""
    enough = [one for one in tried if one["silent_share"] >= _WANTED_SILENT]
    if kept in enough or not enough:
        return ""
    one = max(enough, key=lambda one: one["pairs_f1"])
    return (
        f"A weight of {one['silence_weight']} and an offset of {one['silence_offset']} would leave {_number(one['silent_share'])} of the answers without opinion without one on dev, at the price of (theme, polarity) F1 "
        f"{_number(one['pairs_f1'])} instead of {_number(kept['pairs_f1'])}, and of opinions in {_number(one['spoken_share'])} instead of {_number(kept['spoken_share'])} of the answers that hold one: not taken."
    )


def _polarity(figures: Mapping[str, Any]) -> str:
    tables = []
    for name, table in figures["polarity"]["confusion"].items():
        rows = ((f"**{true}**", *said.values()) for true, said in table.items())
        tables.append(f"{name.capitalize()} (rows: marked, columns: said):\n\n{_table(('', *table), rows)}")
    return "## Polarity: confusion on marked spans\n\n" + "\n\n".join(tables)


def _themes(figures: Mapping[str, Any]) -> str:
    parts = [
        "## Themes\n\nBy answer, spans found by the reader, held-out families (customers: test and retail families; employees: test). n: answers in which "
        "the theme is marked; under the polarities, F1 of (theme, polarity) and its n. Below some thirty answers a figure says little."
    ]
    for codebook, themes in figures["themes"].items():
        rows = (
            (
                theme, _number(row["precision"]), _number(row["recall"]), row["n"],
                *(f"{_f1(pair)} ({pair['n']})" for pair in row["polarity"].values()),
            )
            for theme, row in themes.items()
        )  # fmt: skip
        parts.append(
            f"### {codebook}\n\n"
            + _table(("theme", "precision", "recall", "n", "positive", "negative", "neutral"), rows)
        )
    return "\n\n".join(parts)


def _agreement(figures: Mapping[str, Any]) -> str:
    """Kappa and the worst confusions, by codebook."""
    kappas = _table(
        ("codebook", "label", "opinions", "agreed", "Cohen's kappa", "95 % interval"),
        (
            (
                codebook, label, found[label]["opinions"], _number(found[label]["agreed"]), _number(found[label]["value"]),
                f"{_number(found[label]['low'])} to {_number(found[label]['high'])}",
            )
            for codebook, found in figures["agreement"].items()
            for label in ("theme", "polarity")
        ),
    )  # fmt: skip
    parts = [
        "## Agreement with the marks, on marked spans\n\nHeld-out families, as above. Cohen's kappa (1960) is the agreement beyond what the frequencies of both would give by "
        "chance; its interval is Fleiss, Cohen and Everitt's (1969), opinions of one answer taken together. `verbatim codebook score MARKED.tsv` gives the same figures on marks of your own.",
        kappas,
    ]
    for codebook, found in figures["agreement"].items():
        rows = (
            (c["marked"], c["said"], c["opinions"], f"{c['share']:.1%}", _quoted(c["examples"]))
            for c in found["confusions"]
        )
        head = ("marked", "said", "opinions", "of those marked so", "the surest")
        parts.append(f"The ten most frequent confusions of themes, {codebook}:\n\n{_table(head, rows)}")
    return "\n\n".join(parts)


def _sectors(figures: Mapping[str, Any]) -> str:
    keys = ("answers", "polarity_accuracy", "theme_accuracy", "themes_f1", "pairs_f1")
    rows = ((name, *(_number(row[key]) for key in keys)) for name, row in figures["sectors"].items())
    lead = (
        "## By sector\n\nFiles without a figure in their name are vivid and varied; those that end in 2 are plain and commonplace, as most real "
        "answers are, and easier. The rows name no traits (negation, irony, …): figures by trait are not measured.\n\n"
    )
    return lead + _table(("sector", "answers", "polarity", "theme", "themes F1", "pairs F1"), rows)


def _errors(figures: Mapping[str, Any]) -> str:
    errors = figures["errors"]
    kinds = [
        f"- **{label}**: {errors['polarity'][key]['n']}. {_quoted(errors['polarity'][key]['examples'])}"
        for key, label in _KINDS.items()
    ]
    too_many, missed = errors["opinion_where_none_is"], errors["none_where_opinion_is"]
    return f"""
## Errors that remain (customers' held-out families; invented answers of verbatims-fr)

The surest errors of each kind, on marked spans:

{chr(10).join(kinds)}
- **An opinion found where none is marked**: {too_many["n"]} of {too_many["of"]} answers. {_quoted(too_many["examples"])}
- **No opinion found where one is marked**: {missed["n"]} of {missed["of"]} answers. {_quoted(missed["examples"])}

What most of them share: the clause tells a fact and holds no word that judges, so that only knowing the trade tells good from bad; or its verdict hangs on
one rare noun. Themes most often taken for one another stand under the agreement with the marks.
"""


_LIMITS = """
## Limits

- Labels come from invented answers, marked by one hand each: figures on other surveys differ; mark two hundred of your own answers before you rely on it.
- Neutral opinions (wishes, plain facts) are the weakest polarity, employees' answers the weakest survey, rare themes weaker than frequent ones.
- An answer is read by itself: no question, no score, no earlier answer. Irony that needs the world to be understood is missed.
- French only, as customers type it; other languages give opinions without meaning.
- Pre-training text is old (novels, 1840-1920) and technical (manuals) by large parts, and carries their turns of phrase and their prejudices.

## What it must not be used for

- Judging a person: an employee named or meant in an answer, a customer, an applicant. It is made for counts over many answers.
- Any decision about an individual without a human who reads the answer itself.
- Ranking teams or places on differences smaller than its errors: read the intervals of the report, and the precision and recall of the theme.
- Surveillance of staff through employees' surveys; answers of groups too small to hide their members.
- Medical, legal or safety alerts: what matters there may be among what it misses.
"""

_REPRODUCE = """
## Commands

From the root of the repository, with `PYTHONPATH=src:models/opinion-encoder`:

| command | what it does |
| --- | --- |
| `python -m recipe.main --preset gpu` | trains (see `recipe/NOTES.md`; `--preset smoke` tries every stage) |
| `python -m recipe.more --seed N --out .verbatim/more-N` | teaches the weights that ship the answers under `written`, on a processor; several times |
| `python -m recipe.blend START .verbatim/more-*/model.safetensors` | averages the runs, and goes part of the way |
| `python -m recipe.whiten .verbatim/more/model.safetensors` | fits the sentence embeddings |
| `python -m recipe.wide` | fits the wide branch |
| `python -m recipe.tune` | fits temperatures, bias and threshold on dev |
| `python -m recipe.baselines` | the linear model, beside the encoder |
| `python -m recipe.real_answers` | the figures on nps-jardinerie |
| `python -m recipe.card` | measures all else, writes `figures.json` and this card |
"""


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)])


def _number(value: float | Sequence[float] | None) -> str:
    if value is None:
        return "-"
    if isinstance(value, Sequence):
        return " to ".join(f"{end:.3f}" for end in value)
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def _interval(row: Mapping[str, float]) -> str:
    return f"{_signed(row['low'])} to {_signed(row['high'])}"


def _f1(row: Mapping[str, Any]) -> str:
    precision, recall = row["precision"] or 0.0, row["recall"] or 0.0
    return f"{2 * precision * recall / (precision + recall):.2f}" if precision + recall else "-"


def _quoted(examples: Sequence[str]) -> str:
    return " ".join(f"“{example}”" for example in examples if example).replace("|", "/")
