"""Closed vocabularies of the tables: English codes; French is put on at rendering."""

from __future__ import annotations

from enum import StrEnum

ALL = "all"
"""Dimension and slice of the whole survey; population of a survey that has but one."""
UNDATED = "undated"
"""Window of the quarantined rows whose date could not be read."""
UNCLASSIFIED = "a_classer"
"""Theme of an opinion that no theme of the codebook holds with enough confidence."""


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


class AccountLine(StrEnum):
    """What the points of a line of the account come from."""

    NO_VERBATIM = "no_verbatim"
    THEME = "theme"
    NO_OPINION = "no_opinion"
    NO_JUDGEMENT = "no_judgement"
    ONLY_COMPLAINTS = "only_complaints"
    ONLY_PRAISE = "only_praise"
    OTHER_REASONS = "other_reasons"


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
