"""Closed vocabularies of the tables: English codes; French is put on at rendering."""

from __future__ import annotations

from enum import StrEnum

ALL = "all"
"""Dimension and slice of the whole survey; population of a survey that has but one."""
UNDATED = "undated"
"""Window of the quarantined rows whose date could not be read."""
UNCLASSIFIED = "a_classer"
"""Theme of an opinion that no theme of the codebook holds with enough confidence."""

OTHER_LANGUAGE = "other_language"
"""Flag of a response whose verbatim is in a language that is not read."""


class NpsGroup(StrEnum):
    """Group of a score; employees answer the same way."""

    PROMOTER = "promoter"
    PASSIVE = "passive"
    DETRACTOR = "detractor"


class Polarity(StrEnum):
    """Judgement of an opinion; neutral is a wish, a suggestion, a plain fact."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    NEUTRAL = "neutral"


class QuoteRole(StrEnum):
    """Why a quote is shown beside a driver."""

    TYPICAL = "typical"
    COUNTER_EXAMPLE = "counter_example"


class DriverVerdict(StrEnum):
    """What may be said of a driver of a group."""

    MORE_THAN_ELSEWHERE = "more_than_elsewhere"
    AS_ELSEWHERE = "as_elsewhere"
    LESS_THAN_ELSEWHERE = "less_than_elsewhere"
    INCONCLUSIVE = "inconclusive"
    INDICATIVE = "indicative"
    """The reader finds this subject too seldom, or too often wrongly, for a verdict."""


class ContrastVerdict(StrEnum):
    """What may be said of a slice beside the rest of the survey."""

    MORE_THAN_OUTSIDE = "more_than_outside"
    AS_OUTSIDE = "as_outside"
    LESS_THAN_OUTSIDE = "less_than_outside"
    INCONCLUSIVE = "inconclusive"
    INDICATIVE = "indicative"


class EffectVerdict(StrEnum):
    """What a theme does to the NPS of those who speak of it."""

    REWARDS = "rewards"
    PENALISES = "penalises"
    BOTH = "both"
    NO_EFFECT = "no_effect"
    INCONCLUSIVE = "inconclusive"
    INDICATIVE = "indicative"


class Quadrant(StrEnum):
    """Place of a theme in the priority matrix: effect × performance."""

    IMPROVE = "improve"
    """Much hangs on it, and it is spoken of badly."""
    PROTECT = "protect"
    """Much hangs on it, and it is spoken of well."""
    WATCH = "watch"
    """Little hangs on it, and it is spoken of badly."""
    MAINTAIN = "maintain"
    """Little hangs on it, and it is spoken of well."""


class BridgeComponent(StrEnum):
    """What part of a change of the NPS comes from."""

    MIX = "mix"
    COMMENTERS = "commenters"
    PREVALENCE = "prevalence"
    EFFECT = "effect"
    METHOD = "method"
    RESIDUAL = "residual"


class ScoreTextKind(StrEnum):
    """Where a score and its text do not say the same."""

    REVERSED_SCALE = "reversed_scale"
    PROMOTER_AT_RISK = "promoter_at_risk"
    PASSIVE_ONE_POINT_AWAY = "passive_one_point_away"


class TargetState(StrEnum):
    """Where a target stands."""

    REACHED = "reached"
    MISSED = "missed"
    LIKELY = "likely"
    OPEN = "open"
    UNLIKELY = "unlikely"


class ActionVerdict(StrEnum):
    """What may be said of a theme after an action on it."""

    FEWER = "fewer"
    MORE = "more"
    INCONCLUSIVE = "inconclusive"


class CallbackState(StrEnum):
    """How far the call to a detractor has come."""

    DUE = "due"
    DONE = "done"
    LATE = "late"


class SymmetryVerdict(StrEnum):
    """What may be said of customers and employees side by side."""

    MOVE_TOGETHER = "move_together"
    INCONCLUSIVE = "inconclusive"


class AccountLine(StrEnum):
    """What the points of a line of the account come from."""

    NO_VERBATIM = "no_verbatim"
    THEME = "theme"
    OTHER_LANGUAGE = "other_language"
    NO_OPINION = "no_opinion"
    NO_JUDGEMENT = "no_judgement"
    ONLY_COMPLAINTS = "only_complaints"
    ONLY_PRAISE = "only_praise"
    OTHER_REASONS = "other_reasons"
    COMMENTERS_BIAS = "commenters_bias"


class AlertKind(StrEnum):
    """What an alert tells of."""

    RISING = "rising"
    FALLING = "falling"
    NEW = "new"
    GONE = "gone"
    STEP_CHANGE = "step_change"


class AlertState(StrEnum):
    """How far an alert has come."""

    WATCHED = "watched"
    RAISED = "raised"
    WITHDRAWN = "withdrawn"


class QuarantineReason(StrEnum):
    """Why an input row could not become a response."""

    NO_RESPONSE_ID = "no_response_id"
    SCORE_UNREADABLE = "score_unreadable"
    SCORE_OUT_OF_SCALE = "score_out_of_scale"
    DATE_UNREADABLE = "date_unreadable"
    DATE_MISSING = "date_missing"
    WEIGHT_UNUSABLE = "weight_unusable"
    ROW_MALFORMED = "row_malformed"
    ROW_TOO_LARGE = "row_too_large"


class WindowState(StrEnum):
    """Where a window stands."""

    PUBLISHED = "published"
    FAILED = "failed"
