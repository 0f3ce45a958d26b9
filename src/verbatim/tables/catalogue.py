"""The tables: one row per what, which columns, under which bounds."""

from __future__ import annotations

from collections.abc import Mapping

from verbatim.tables.contract import Column, Table
from verbatim.tables.vocabulary import (
    ALL,
    AccountLine,
    ActionVerdict,
    AlertKind,
    AlertState,
    BridgeComponent,
    CallbackState,
    ContrastVerdict,
    DriverVerdict,
    EffectVerdict,
    NpsGroup,
    Polarity,
    Quadrant,
    QuarantineReason,
    QuoteRole,
    ScoreTextKind,
    SymmetryVerdict,
    TargetState,
    WindowState,
)

_SURVEY = Column("survey_id", "text", "Survey, as named in its settings.")
_RUN = (
    Column("window", "text", "Window that published the row: a period, or `undated`."),
    Column("run_id", "text", "Run that published the row."),
)
_CELL = (
    _SURVEY,
    Column("population", "text", "Brand and kind of survey; never pooled; `all` where there is one."),
    Column(
        "period",
        "text",
        "Period: `2026-03`, `2026-Q1`, `2026-W09`, `2026-03-14`; rolling `2026-03-3m`, `2026-03-12m`; `2026-ytd`.",
    ),
    Column("dimension", "text", "Dimension the slice is a value of; `all` for the whole survey."),
    Column("slice", "text", "Value of the dimension; `all` for the whole survey."),
)
_CELL_KEY = ("survey_id", "population", "period", "dimension", "slice")
_SUPPRESSED = Column("suppressed", "boolean", "True: the base is too small to show; figures are null.")


def _share(name: str, doc: str) -> Column:
    return Column(name, "real", doc, nullable=True, low=0, high=1)


def _points(name: str, doc: str) -> Column:
    return Column(name, "real", doc, nullable=True, low=-100, high=100)


def _change(name: str, doc: str) -> Column:
    return Column(name, "real", doc, nullable=True, low=-200, high=200)


def _count(name: str, doc: str, *, nullable: bool = False) -> Column:
    return Column(name, "integer", doc, nullable=nullable, low=0)


_GROUP = Column("nps_group", "text", "Group of the score.", allowed=tuple(NpsGroup))
_POLARITY = Column("polarity", "text", "Judgement of the opinion.", allowed=tuple(Polarity))
_CODEBOOK = Column("codebook", "text", "Codebook that the theme belongs to.")
_THEME = Column("theme_id", "text", "Theme's stable id in its codebook, or `a_classer`.")

RESPONSES = Table(
    "responses",
    "restricted",
    "response",
    ("survey_id", "response_id"),
    (
        _SURVEY,
        Column("response_id", "text", "Identifier that the survey tool gave."),
        Column("population", "text", "Brand and kind of survey; `all` where there is one."),
        Column("answered_at", "timestamp", "When the response was given, UTC."),
        Column("score", "integer", "Likelihood to recommend; null: not answered.", nullable=True),
        Column("nps_group", "text", "Group of the score; null without one.", nullable=True, allowed=tuple(NpsGroup)),
        Column("verbatim", "text", "Open answer, repaired and redacted; null: nothing written.", nullable=True),
        Column("customer_key", "text", "Keyed hash of the customer's id; null without a secret.", nullable=True),
        Column("unit", "text", "Shop, agency or team.", nullable=True),
        Column("weight", "real", "Survey weight; null: 1.", nullable=True, low=0),
        Column("value", "real", "What the customer is worth, in the company's currency.", nullable=True),
        Column("dimensions", "text", "JSON object, dimension → slice; keys sorted."),
        Column("indicators", "text", "JSON object, indicator → answer (number); keys sorted."),
        Column("redactions", "text", "JSON object, tag → number of values replaced; keys sorted."),
        Column(
            "flags",
            "text",
            "Codes joined by a comma, sorted: `repaired`, `same_customer`, `duplicate_resolved`, `other_language`.",
        ),
        Column("content_hash", "text", "SHA-256 of all that the source says of the response, redacted."),
        *_RUN,
    ),
)

OPINIONS = Table(
    "opinions",
    "restricted",
    "opinion",
    ("survey_id", "opinion_id"),
    (
        _SURVEY,
        Column("response_id", "text", "Response that holds the opinion."),
        Column("opinion_id", "text", "response_id, `#`, rank in the verbatim."),
        Column("start", "integer", "Offset of the first character in the redacted verbatim.", low=0),
        Column("end", "integer", "Offset behind the last character.", low=0),
        Column("quote", "text", "The words of the opinion, redacted."),
        _POLARITY,
        _share("p_positive", "Probability of positive."),
        _share("p_negative", "Probability of negative."),
        _share("p_neutral", "Probability of neutral."),
        _CODEBOOK,
        _THEME,
        _share("theme_confidence", "Calibrated probability of the theme."),
        Column("text_hash", "text", "SHA-256 of the redacted verbatim: key of the embeddings."),
        *_RUN,
    ),
)

QUARANTINE = Table(
    "quarantine",
    "restricted",
    "input row that could not become a response",
    ("survey_id", "source", "row_number"),
    (
        _SURVEY,
        Column("source", "text", "Name of the file, or `query`."),
        Column("row_number", "integer", "Row in that source, the first data row being 1.", low=1),
        Column("reason", "text", "Why.", allowed=tuple(QuarantineReason)),
        Column("column_name", "text", "Column at fault.", nullable=True),
        *_RUN,
    ),
)

THEMES = Table(
    "themes",
    "published",
    "theme × version of the codebook",
    ("codebook", "theme_id", "version"),
    (
        _CODEBOOK,
        _THEME,
        Column("version", "text", "Version of the codebook."),
        Column("label_fr", "text", "What French readers see."),
        Column("label_en", "text", "What English readers see."),
        Column("definition", "text", "What the theme holds."),
        Column("parent_id", "text", "Theme that it is a part of; null: of none.", nullable=True),
        Column("origin", "text", "Where the theme comes from.", allowed=("shipped", "discovered", "edited")),
        Column("first_seen", "text", "First period in which an opinion had the theme.", nullable=True),
        _share("precision", "Share right of what the reader gave this theme, on held-out answers."),
        _share("recall", "Share found of what has this theme, on held-out answers."),
    ),
    partition=("codebook", "version"),
)

NPS = Table(
    "nps",
    "published",
    "population × period × slice",
    _CELL_KEY,
    (
        *_CELL,
        _count("n", "Respondents with a score (the base); null where suppressed.", nullable=True),
        _count("promoters", "Respondents with 9 or 10.", nullable=True),
        _count("passives", "Respondents with 7 or 8.", nullable=True),
        _count("detractors", "Respondents with 0 to 6.", nullable=True),
        _points("nps", "Headline NPS, points; weighted where the survey has weights."),
        _points("ci_low", "Lower bound of its 95 % interval, points."),
        _points("ci_high", "Upper bound of its 95 % interval, points."),
        _points("nps_unweighted", "NPS of the respondents as they are, points."),
        Column(
            "difference", "real", "nps less that of the rest of the survey, points.", nullable=True, low=-200, high=200
        ),
        Column(
            "difference_low", "real", "Lower bound of its 95 % interval, points.", nullable=True, low=-200, high=200
        ),
        Column(
            "difference_high", "real", "Upper bound of its 95 % interval, points.", nullable=True, low=-200, high=200
        ),
        _count("n_commenters", "Respondents with a score who wrote something.", nullable=True),
        _points("nps_commenters", "NPS of those who wrote, points."),
        _share("response_rate", "Responses over invitations; null where invitations are unknown."),
        Column("provisional", "boolean", "True: the period was still open at the run's `as_of`."),
        _SUPPRESSED,
        *_RUN,
    ),
)

SCORE_DISTRIBUTION = Table(
    "score_distribution",
    "published",
    "slice × score",
    (*_CELL_KEY, "score"),
    (
        *_CELL,
        Column("score", "integer", "Score of the scale."),
        _count("base", "Respondents with a score.", nullable=True),
        _count("respondents", "Respondents with this score.", nullable=True),
        _share("share", "respondents / base."),
        _SUPPRESSED,
        *_RUN,
    ),
)

INDICATORS = Table(
    "indicators",
    "published",
    "slice × other closed question",
    (*_CELL_KEY, "indicator"),
    (
        *_CELL,
        Column("indicator", "text", "Name in the settings."),
        Column("scale_low", "integer", "Lowest answer of its scale."),
        Column("scale_high", "integer", "Highest answer of its scale."),
        _count("base", "Respondents who answered it.", nullable=True),
        Column("mean", "real", "Mean answer, on its own scale.", nullable=True),
        Column("ci_low", "real", "Lower bound of the mean's 95 % interval.", nullable=True),
        Column("ci_high", "real", "Upper bound of the mean's 95 % interval.", nullable=True),
        _SUPPRESSED,
        *_RUN,
    ),
)

DRIVERS = Table(
    "drivers",
    "published",
    "slice × group × theme × polarity",
    (*_CELL_KEY, "nps_group", "codebook", "theme_id", "polarity"),
    (
        *_CELL,
        _GROUP,
        _CODEBOOK,
        _THEME,
        _POLARITY,
        _count("base", "Respondents of the group who wrote something.", nullable=True),
        _count("respondents", "Those of them of whom such an opinion was read.", nullable=True),
        _share("share_read", "respondents / base, as read (weighted where the survey has weights)."),
        _share("share", "share_read, corrected for what the reader misses and makes up."),
        _count("base_elsewhere", "Respondents of the other two groups who wrote something.", nullable=True),
        _share("share_elsewhere", "The same as `share` among them."),
        _share("share_within", "Part of the group's opinions of this polarity, one voice a respondent, as read."),
        _share("share_within_elsewhere", "The same of the other two groups: what the test compares."),
        Column("difference", "real", "share − share_elsewhere.", nullable=True, low=-1, high=1),
        Column("ci_low", "real", "Lower bound of the difference's 95 % interval.", nullable=True, low=-1, high=1),
        Column("ci_high", "real", "Upper bound of the difference's 95 % interval.", nullable=True, low=-1, high=1),
        _share("q_value", "Adjusted p-value of share_within = share_within_elsewhere, over the report's one family."),
        _points(
            "stake_points", "NPS points if each of them moved one step up (a promoter: down): 100 × share × base / N."
        ),
        _points("stake_low", "Lower bound of its 95 % interval, the reader's errors included."),
        _points("stake_high", "Upper bound of its 95 % interval, the reader's errors included."),
        _share("precision", "Share right of what the reader finds of this theme and polarity, on held-out answers."),
        _share("recall", "Share found of what there is of this theme and polarity, on held-out answers."),
        _count("rank", "Rank in its group and slice, the largest stake first; null for bare verdicts.", nullable=True),
        Column("verdict", "text", "What may be said.", nullable=True, allowed=tuple(DriverVerdict)),
        _SUPPRESSED,
        *_RUN,
    ),
)

QUOTES = Table(
    "quotes",
    "published",
    "quote chosen for a driver",
    (*_CELL_KEY, "nps_group", "codebook", "theme_id", "polarity", "position"),
    (
        *_CELL,
        _GROUP,
        _CODEBOOK,
        _THEME,
        _POLARITY,
        _count("position", "Order in which the quotes of a driver are shown, from 0."),
        Column("role", "text", "Typical, or a counter-example.", allowed=tuple(QuoteRole)),
        Column("quote", "text", "Redacted words of a customer."),
        *_RUN,
    ),
)

NPS_ACCOUNT = Table(
    "nps_account",
    "published",
    "slice × account line",
    (*_CELL_KEY, "line", "theme_id", "polarity"),
    (
        *_CELL,
        Column(
            "line", "text", "What the points come from; lines of a slice add up to its NPS.", allowed=tuple(AccountLine)
        ),
        Column("theme_id", "text", "Theme of a line of kind `theme`; `all` for the others."),
        Column(
            "polarity",
            "text",
            "Judgement of its opinions, or sign of small lines together; `all` for the others.",
            allowed=(*Polarity, ALL),
        ),
        _count(
            "respondents", "Respondents who bring something to the line; null for `commenters_bias`.", nullable=True
        ),
        _points("points", "NPS points that they bring."),
        _change(
            "ci_low", "Lower bound of their 95 % interval (bootstrap); of `commenters_bias`, of points_commenters."
        ),
        _change("ci_high", "Upper bound of the same interval."),
        _change(
            "points_commenters",
            "The same on the scale of those who wrote; with `commenters_bias` such lines add up to the NPS.",
        ),
        _points(
            "points_reweighted",
            "The same if those who wrote stood for all of their score and slice; such lines add up to the NPS.",
        ),
        *_RUN,
    ),
)

CONTRASTS = Table(
    "contrasts",
    "published",
    "slice × theme × polarity",
    (*_CELL_KEY, "codebook", "theme_id", "polarity"),
    (
        *_CELL,
        _CODEBOOK,
        _THEME,
        _POLARITY,
        _count("base", "Respondents of the slice who wrote something."),
        _count("respondents", "Those of them of whom such an opinion was read."),
        _share("share", "Their share, corrected for what the reader misses and makes up."),
        _count("base_outside", "Respondents of the rest of the survey who wrote something."),
        _share("share_outside", "The same share among them."),
        Column("difference", "real", "share − share_outside.", nullable=True, low=-1, high=1),
        Column("ci_low", "real", "Lower bound of the difference's 95 % interval.", nullable=True, low=-1, high=1),
        Column("ci_high", "real", "Upper bound of the difference's 95 % interval.", nullable=True, low=-1, high=1),
        _share("q_slice", "Adjusted p-value of: the slice speaks of the same as the others, all subjects together."),
        _share("q_value", "Adjusted p-value of the difference; looked at only where the slice differs as a whole."),
        Column("verdict", "text", "What may be said.", allowed=tuple(ContrastVerdict)),
        *_RUN,
    ),
)

EFFECTS = Table(
    "effects",
    "published",
    "slice × theme",
    (*_CELL_KEY, "codebook", "theme_id"),
    (
        *_CELL,
        _CODEBOOK,
        _THEME,
        _count("base", "Respondents with a score who wrote something in a language that is read."),
        _count("respondents_positive", "Those of them of whom praise of the theme was read.", nullable=True),
        _count("respondents_negative", "Those of them of whom a complaint of the theme was read.", nullable=True),
        _change("effect_points_positive", "NPS points of the slice that go with its being spoken of well."),
        _change("positive_low", "Lower bound of its 95 % interval."),
        _change("positive_high", "Upper bound of its 95 % interval."),
        _change("effect_points_negative", "NPS points of the slice that go with its being spoken of badly."),
        _change("negative_low", "Lower bound of its 95 % interval."),
        _change("negative_high", "Upper bound of its 95 % interval."),
        Column(
            "importance_points",
            "real",
            "effect_points_positive − effect_points_negative: what hangs on the theme.",
            nullable=True,
            low=-400,
            high=400,
        ),
        _share("performance", "Share of praise among those who judge the theme."),
        _count(
            "respondents_needed", "Respondents who wrote that a verdict needs; null where there is one.", nullable=True
        ),
        Column("quadrant", "text", "Place in the priority matrix.", nullable=True, allowed=tuple(Quadrant)),
        Column("verdict", "text", "What may be said: association, not cause.", allowed=tuple(EffectVerdict)),
        *_RUN,
    ),
)

NPS_BRIDGE = Table(
    "nps_bridge",
    "published",
    "period pair × slice × component × theme × polarity",
    (*_CELL_KEY, "period_before", "component", "theme_id", "polarity"),
    (
        *_CELL,
        Column("period_before", "text", "Earlier closed period that `period` is compared with."),
        Column(
            "component",
            "text",
            "What the points come from; the rows of a pair add up to nps_after − nps_before.",
            allowed=tuple(BridgeComponent),
        ),
        Column("theme_id", "text", "Theme of a prevalence or an effect; `all` for the others."),
        Column("polarity", "text", "Judgement of its opinions; `all` for the others.", allowed=(*Polarity, ALL)),
        Column("points", "real", "NPS points of the change.", low=-400, high=400),
        _change("ci_low", "Lower bound of their 95 % interval (bootstrap)."),
        _change("ci_high", "Upper bound of their 95 % interval (bootstrap)."),
        _points("nps_before", "NPS of the earlier period."),
        _points("nps_after", "NPS of the later period."),
        _change("change_low", "Lower bound of the change's 95 % interval."),
        _change("change_high", "Upper bound of the change's 95 % interval."),
        Column("moved", "boolean", "False: the interval of the change covers 0; the lines by theme are folded."),
        *_RUN,
    ),
)

SCORE_TEXT = Table(
    "score_text",
    "published",
    "slice × kind × theme",
    (*_CELL_KEY, "kind", "codebook", "theme_id"),
    (
        *_CELL,
        Column("kind", "text", "Where score and text do not say the same.", allowed=tuple(ScoreTextKind)),
        _CODEBOOK,
        Column("theme_id", "text", "Theme that they complain of; `all`: all of them together."),
        _count("base", "Respondents whom the kind could hold: of the scores concerned, who wrote something."),
        _count("respondents", "Those whom it holds."),
        _count("respondents_low", "At least so many, the reader's errors and chance allowed for.", nullable=True),
        _count("respondents_high", "At most so many.", nullable=True),
        _share("share", "respondents / base."),
        _points("stake_points", "NPS points at stake: 100 × respondents / N; null for `reversed_scale`."),
        *_RUN,
    ),
)

CALLBACKS = Table(
    "callbacks",
    "restricted",
    "detractor response that is due a call",
    ("survey_id", "response_id"),
    (
        _SURVEY,
        Column("response_id", "text", "Response to call back about; nothing else tells who."),
        Column("population", "text", "Brand and kind of survey; `all` where there is one."),
        Column("answered_at", "timestamp", "When the response was given, UTC."),
        Column("due_at", "timestamp", "When the call is due, UTC: 48 hours later."),
        Column("called_at", "timestamp", "When the customer was called, UTC; null: not yet.", nullable=True),
        Column("theme_id", "text", "First complaint's theme: what to call about; null: none was read.", nullable=True),
        Column("state", "text", "Where the call stands at the run's `as_of`.", allowed=tuple(CallbackState)),
        *_RUN,
    ),
    partition=("survey_id",),
)

INNER_LOOP = Table(
    "inner_loop",
    "published",
    "population × period × slice",
    _CELL_KEY,
    (
        *_CELL,
        _count("detractors", "Detractors: whom to call."),
        _count("called", "Those of them who were called."),
        _count("in_time", "Those of them who were called within 48 hours."),
        _share("share_in_time", "in_time / detractors."),
        _share("ci_low", "Lower bound of its 95 % interval."),
        _share("ci_high", "Upper bound of its 95 % interval."),
        _count("answered_again", "Called detractors who answered a later survey; null where too few.", nullable=True),
        Column("score_change", "real", "Mean change of their score.", nullable=True, low=-10, high=10),
        Column("change_low", "real", "Lower bound of its 95 % interval.", nullable=True, low=-10, high=10),
        Column("change_high", "real", "Upper bound of its 95 % interval.", nullable=True, low=-10, high=10),
        Column(
            "change_uncalled",
            "real",
            "The same of detractors who were not called: the call is not the only difference.",
            nullable=True,
            low=-10,
            high=10,
        ),
        *_RUN,
    ),
    partition=("survey_id",),
)

ACTIONS = Table(
    "actions",
    "published",
    "action × scope",
    ("survey_id", "population", "action", "dimension", "slice"),
    (
        _SURVEY,
        Column("population", "text", "Brand and kind of survey; `all` where there is one."),
        Column("action", "text", "Name in the settings."),
        Column("dimension", "text", "Dimension of its scope; `all` for the whole survey."),
        Column("slice", "text", "Slice of its scope; `all` for the whole survey."),
        _CODEBOOK,
        _THEME,
        _POLARITY,
        Column("taken_on", "text", "Date of the action: 2026-03-14."),
        _count("days", "Days looked at before it, and as many after it."),
        _count("base_before", "Respondents of the scope who wrote, before.", nullable=True),
        _count("base_after", "Respondents of the scope who wrote, after.", nullable=True),
        _share("share_before", "Share of them who speak of the theme so, before."),
        _share("share_after", "The same after."),
        Column(
            "others_change",
            "real",
            "What the scope's other themes changed by, or the theme outside the scope, as a share.",
            nullable=True,
            low=-1,
            high=1,
        ),
        Column("effect", "real", "Change of the theme less others_change.", nullable=True, low=-1, high=1),
        Column("ci_low", "real", "Lower bound of its 95 % interval.", nullable=True, low=-1, high=1),
        Column("ci_high", "real", "Upper bound of its 95 % interval.", nullable=True, low=-1, high=1),
        Column("verdict", "text", "What may be said.", allowed=tuple(ActionVerdict)),
        *_RUN,
    ),
    partition=("survey_id",),
)

TARGETS = Table(
    "targets",
    "published",
    "target",
    ("survey_id", "population", "target", "dimension", "slice"),
    (
        _SURVEY,
        Column("population", "text", "Brand and kind of survey; `all` where there is one."),
        Column("target", "text", "Name in the settings."),
        Column("dimension", "text", "Dimension that it is set for; `all` for the whole survey."),
        Column("slice", "text", "Slice that it is set for; `all` for the whole survey."),
        Column("period", "text", "Period in which it is to be reached."),
        _points("target_nps", "NPS to reach."),
        _points("nps", "NPS of the period, or of the last closed one before it."),
        _count("n", "Respondents with a score behind it.", nullable=True),
        _share("chance", "Chance of reaching it; null where too little is known."),
        Column("state", "text", "Where it stands.", allowed=tuple(TargetState)),
        *_RUN,
    ),
    partition=("survey_id",),
)

SYMMETRY = Table(
    "symmetry",
    "published",
    "unit × period",
    ("survey_id", "population", "employees_survey", "unit", "period"),
    (
        _SURVEY,
        Column("population", "text", "Brand and kind of survey; `all` where there is one."),
        Column("employees_survey", "text", "The employees' survey."),
        Column("unit", "text", "Shop, agency or team; in order of name: units are never ranked."),
        Column("period", "text", "Period."),
        _count("n", "Customers with a score.", nullable=True),
        _points("nps", "Their NPS."),
        _count("n_employees", "Employees with a score.", nullable=True),
        _points("enps", "Their eNPS."),
        _SUPPRESSED,
        *_RUN,
    ),
    partition=("survey_id",),
)

SYMMETRY_LINKS = Table(
    "symmetry_links",
    "published",
    "pair of surveys",
    ("survey_id", "population", "employees_survey"),
    (
        _SURVEY,
        Column("population", "text", "Brand and kind of survey; `all` where there is one."),
        Column("employees_survey", "text", "The employees' survey."),
        _count("lag", "Periods by which customers are looked at after employees; declared beforehand."),
        _count("units", "Units with changes of both."),
        _count("changes", "Changes of units from one period to the next."),
        Column("slope", "real", "NPS points that go with one point of eNPS, within a unit.", nullable=True),
        Column("ci_low", "real", "Lower bound of its 95 % interval (bootstrap of units).", nullable=True),
        Column("ci_high", "real", "Upper bound of its 95 % interval (bootstrap of units).", nullable=True),
        Column("slope_in_literature", "real", "One point of satisfaction for two of engagement."),
        Column("verdict", "text", "What may be said.", allowed=tuple(SymmetryVerdict)),
        *_RUN,
    ),
    partition=("survey_id",),
)

SPANS = Table(
    "spans",
    "published",
    "survey × period that spans windows",
    ("survey_id", "window"),
    (
        _SURVEY,
        Column("state", "text", "Where the period stands.", allowed=tuple(WindowState)),
        Column("first_window", "text", "First window that it holds."),
        Column("last_window", "text", "Last window that it holds."),
        _count("n_windows", "Windows that it holds."),
        Column("digest", "text", "Hash of what its figures were computed from: equal means nothing to do."),
        Column("provisional", "boolean", "True: the period was still open at the run's `as_of`."),
        Column("seconds", "real", "Wall time of the period.", low=0),
        *_RUN,
    ),
)

ALERTS = Table(
    "alerts",
    "published",
    "period × population × slice × theme × polarity × kind",
    (*_CELL_KEY, "codebook", "theme_id", "polarity", "kind"),
    (
        *_CELL,
        _CODEBOOK,
        Column("theme_id", "text", "Theme; of kind `new` the suggested id of a group that no theme names."),
        Column(
            "polarity",
            "text",
            "Judgement of the opinions; `all` where they are counted together.",
            allowed=(*Polarity, ALL),
        ),
        Column("kind", "text", "What it tells of.", allowed=tuple(AlertKind)),
        Column("label_fr", "text", "Of kind `new`: what the group may be called; null for a theme.", nullable=True),
        _count("respondents", "Respondents who say it in the period."),
        _count("base", "Respondents who wrote something in the period."),
        _share("share", "respondents / base."),
        _share("share_before", "The same share over the periods that it is compared with."),
        Column("statistic", "real", "Chance of such a count without a cause, before any correction.", low=0, high=1),
        Column(
            "false_alerts_per_year",
            "real",
            "How many alerts of this kind a year without any cause raises at most, over all that is looked at.",
            low=0,
        ),
        Column("state", "text", "`watched` at first sight, `raised` when it lasts.", allowed=tuple(AlertState)),
        Column("quotes", "text", "JSON list of redacted quotes of different respondents; empty for a theme."),
        *_RUN,
    ),
)

WINDOWS = Table(
    "windows",
    "published",
    "survey × window",
    ("survey_id", "window"),
    (
        _SURVEY,
        Column("state", "text", "Where the window stands.", allowed=tuple(WindowState)),
        Column("cause", "text", "Why it was computed: `new`, or what changed in its fingerprint."),
        Column("fingerprint", "text", "Hash of the six below: equal means nothing to do."),
        Column("source_hash", "text", "Hash of the window's responses and quarantined rows."),
        Column("codebook_hash", "text", "Hash of what in the codebook decides themes and figures; labels do not."),
        Column("model_revision", "text", "Hash of the encoder's weights."),
        Column("settings_hash", "text", "Hash of the settings that change a result."),
        Column("method_version", "text", "Version of the methods of the package."),
        Column("provisional", "boolean", "True: the period was still open at the run's `as_of`."),
        _count("rows_in", "Source rows of the window: responses + quarantined + duplicates."),
        _count("n_responses", "Responses."),
        _count("n_quarantined", "Rows in quarantine."),
        _count("n_duplicates", "Rows dropped as older copies of a response."),
        _count("n_scored", "Responses with a score."),
        _count("n_commenters", "Responses with a verbatim."),
        _count("n_opinions", "Opinions read."),
        _count("n_without_opinion", "Responses with a verbatim that holds no opinion."),
        Column(
            "alerts_digest", "text", "Hash of what its alerts were computed from; null: they are due.", nullable=True
        ),
        Column("seconds", "real", "Wall time of the window.", low=0),
        Column("peak_memory_mb", "real", "Peak resident memory of the process so far, MB.", low=0),
        *_RUN,
    ),
)

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        RESPONSES,
        OPINIONS,
        QUARANTINE,
        THEMES,
        NPS,
        SCORE_DISTRIBUTION,
        INDICATORS,
        DRIVERS,
        QUOTES,
        CONTRASTS,
        EFFECTS,
        NPS_ACCOUNT,
        NPS_BRIDGE,
        SCORE_TEXT,
        ALERTS,
        CALLBACKS,
        INNER_LOOP,
        ACTIONS,
        TARGETS,
        SYMMETRY,
        SYMMETRY_LINKS,
        WINDOWS,
        SPANS,
    )
}
