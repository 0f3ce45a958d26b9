"""Numbers, periods and texts as French or English readers expect them printed."""

from __future__ import annotations

import re

from verbatim.periods import period_kind
from verbatim.settings import Language

NARROW = "\u202f"
"""Narrow no-break space: French thousands, and before ; ! ? % and inside guillemets."""
NO_BREAK = "\u00a0"
"""No-break space: before a French colon."""
MINUS = "\u2212"
"""Minus sign; a hyphen is shorter than the plus it stands beside."""

_MONTHS: dict[Language, tuple[str, ...]] = {
    "fr": (
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ),
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}
_SHORT_MONTHS: dict[Language, tuple[str, ...]] = {
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
_FRENCH_SPACING = (
    (re.compile(r" (?=[;!?%])"), NARROW),
    (re.compile(r" (?=:)"), NO_BREAK),
    (re.compile(r"« "), f"«{NARROW}"),
    (re.compile(r" »"), f"{NARROW}»"),
    (re.compile(r"'"), "’"),
)


def format_count(count: int, language: Language = "fr") -> str:
    r"""Write a whole number.

    Examples
    --------
    >>> format_count(9466, "fr") == "9\u202f466"
    True
    >>> format_count(9466, "en")
    '9,466'
    """
    text = f"{abs(count):,}".replace(",", NARROW if language == "fr" else ",")
    return f"{MINUS}{text}" if count < 0 else text


def format_decimal(value: float, language: Language = "fr", *, digits: int = 1) -> str:
    """Write a number with a fixed number of decimals.

    Examples
    --------
    >>> format_decimal(8.25, "fr", digits=2)
    '8,25'
    >>> format_decimal(-0.01, "en")
    '0.0'
    """
    text = f"{abs(value):,.{digits}f}"
    if language == "fr":
        text = text.replace(",", NARROW).replace(".", ",")
    return f"{MINUS}{text}" if value < 0 and not _is_zero(text) else text


def format_points(points: float, language: Language = "fr", *, digits: int = 1) -> str:
    r"""Write NPS points with their sign; zero has none.

    Parameters
    ----------
    points : float
        From −100 to +100, or a difference of two NPS.
    language : {"fr", "en"}
        Decimal comma or point.
    digits : int
        Decimals.

    Examples
    --------
    >>> format_points(53.62, "fr")
    '+53,6'
    >>> format_points(-3.2, "en") == "\u22123.2"
    True
    >>> format_points(0.04, "fr")
    '0,0'
    """
    text = format_decimal(points, language, digits=digits)
    return f"+{text}" if points > 0 and not _is_zero(text) else text


def format_share(share: float, language: Language = "fr", *, digits: int = 0) -> str:
    r"""Write a share of [0, 1] in percent; what is not nothing is never written as 0 %, nor what is not all as 100 %.

    Examples
    --------
    >>> format_share(0.312, "en")
    '31%'
    >>> format_share(0.312, "fr") == "31\u202f%"
    True
    >>> format_share(0.002, "en")
    '<1%'
    """
    step = 10.0**-digits
    percent, mark = 100 * share, ""
    if 0 < percent < step / 2:
        percent, mark = step, "<"
    elif 100 - step / 2 < percent < 100:
        percent, mark = 100 - step, ">"
    gap = NARROW if language == "fr" else ""
    return f"{mark}{gap if mark else ''}{format_decimal(percent, language, digits=digits)}{gap}%"


def name_period(label: str, language: Language = "fr") -> str:
    """Say a period label in words.

    Raises
    ------
    ValueError
        It is no period label.

    Examples
    --------
    >>> name_period("2026-03", "fr"), name_period("2026-Q1", "fr")
    ('mars 2026', '1er trimestre 2026')
    >>> name_period("2026-W09", "fr"), name_period("2026-03-14", "en")
    ('semaine 9 de 2026', '14 March 2026')
    >>> name_period("2026-03-3m", "fr"), name_period("2026-ytd", "fr")
    ('3 mois jusqu’à mars 2026', 'année 2026, depuis janvier')
    """
    kind, year, rest = period_kind(label), label[:4], label[5:]
    if kind == "ytd":
        return f"année {year}, depuis janvier" if language == "fr" else f"{year}, since January"
    if kind in ("rolling_3m", "rolling_12m"):
        count, end = label.rsplit("-", 1)[1].removesuffix("m"), name_period(label[:7], language)
        return f"{count} mois jusqu’à {end}" if language == "fr" else f"{count} months to {end}"
    if kind == "quarter":
        number = int(rest[1:])
        return f"{_ordinal(number)} trimestre {year}" if language == "fr" else f"Q{number} {year}"
    if kind == "week":
        return f"semaine {int(rest[1:])} de {year}" if language == "fr" else f"week {int(rest[1:])} of {year}"
    month = f"{_MONTHS[language][int(rest[:2]) - 1]} {year}"
    if kind == "month":
        return month
    day = int(rest[3:])
    return f"{'1er' if day == 1 and language == 'fr' else day} {month}"


def abbreviate_period(label: str, language: Language = "fr") -> str:
    """Say a period label in a few characters, for an axis; January and first periods carry their year.

    Examples
    --------
    >>> abbreviate_period("2026-03", "fr"), abbreviate_period("2026-01", "fr")
    ('mars', 'janv. 26')
    >>> abbreviate_period("2026-Q2", "fr"), abbreviate_period("2026-W09", "en")
    ('T2', 'W9')
    """
    kind, year, rest = period_kind(label), label[2:4], label[5:]
    if kind == "ytd":
        return label[:4]
    if kind in ("rolling_3m", "rolling_12m"):
        return abbreviate_period(label[:7], language)
    if kind == "day":
        return f"{rest[3:]}/{rest[:2]}" if language == "fr" else f"{int(rest[3:])} {_month(rest, language)}"
    letter = {"quarter": {"fr": "T", "en": "Q"}, "week": {"fr": "S", "en": "W"}}
    number = int(rest.lstrip("QW"))
    text = _month(rest, language) if kind == "month" else f"{letter[kind][language]}{number}"
    return f"{text} {year}" if number == 1 else text


def typeset(text: str, language: Language = "fr") -> str:
    r"""Put French spaces and apostrophes into a text typed on an ordinary keyboard.

    Customers' words are never typeset: they are shown as written.

    Examples
    --------
    >>> typeset("L'écart : 3 % ?", "fr") == "L’écart\u00a0: 3\u202f%\u202f?"
    True
    """
    for pattern, replacement in _FRENCH_SPACING if language == "fr" else ():
        text = pattern.sub(replacement, text)
    return text


def shorten(text: str, limit: int) -> str:
    """Cut a text at a word, with an ellipsis.

    Examples
    --------
    >>> shorten("trop cher pour ce que c'est", 12)
    'trop cher…'
    """
    if len(text) <= limit:
        return text
    cut = text[:limit]
    word_end = cut.rfind(" ")
    # A text without spaces is cut where it is.
    return cut[: word_end if word_end > limit // 2 else limit].rstrip(" ,;:.") + "…"


def _is_zero(text: str) -> bool:
    return not any(digit in text for digit in "123456789")


def _ordinal(number: int) -> str:
    return "1er" if number == 1 else f"{number}e"


def _month(rest: str, language: Language) -> str:
    return _SHORT_MONTHS[language][int(rest[:2]) - 1]
