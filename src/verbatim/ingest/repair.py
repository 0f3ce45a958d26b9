"""Give a cell back the letters that a chain of exports took: mojibake, DOS code page, glued and broken words.

A cell may mix damages: each repair works on single words, and only where its reading is a better French one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from verbatim.ingest.lost_letters import restore_letters
from verbatim.ingest.resources import read_rows

# UTF-8 read as cp1252 or latin-1: a lead byte, then a continuation byte as either shows it. Also entities, surrogates.
_MOJIBAKE = re.compile(
    "[\u00c2-\u00f4\u221a][\u0080-\u00bf\u20ac‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|&#?\\w{2,8};|[\ud800-\udfff\ufb00-\ufb06]"
)
# Bytes that cp1252 does not define, and their letters in the DOS code page.
_UNDEFINED = {0x81: "ü", 0x8D: "ì", 0x8F: "Å", 0x90: "É", 0x9D: "Ø"}
# Without U+0085, which is a line break.
_C1 = re.compile("[\u0080-\u0084\u0086-\u009f]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_LINE_BREAKS = re.compile("\r\n?|[\u0085\u2028\u2029]")
_LETTERS = {"{L}": "[^\\W\\d_]", "{l}": "[a-zà-ÿ]", "{U}": "[A-ZÀ-Þ]"}
# German low quotation marks come in pairs: ‚so‘.
_LOW_QUOTES = re.compile("(?<!\\w)‚[^‚‘’]{1,80}[‘’](?!\\w)")


def repair(cell: str) -> tuple[str, bool]:
    """Repair and normalise one cell (NFC, no control character, line feeds, no blank at either end).

    Returns
    -------
    text : str
        The cell, readable.
    repaired : bool
        Letters were changed, not only blanks, controls or the normal form.
    """
    if cell.isascii() and cell.isprintable() and "&" not in cell:
        mended = mend_words(restore_letters(cell))
        return mended.strip(), mended != cell
    text = _LINE_BREAKS.sub("\n", cell)
    mended = mend_words(restore_letters(_mend_code_page(_mend_mojibake(text))))
    return unicodedata.normalize("NFC", _CONTROLS.sub("", mended)).strip(), mended != text


def _mend_mojibake(text: str) -> str:
    if _MOJIBAKE.search(text) is None:
        return text
    import ftfy

    # "<3" is no HTML: entities are read whatever else the answer holds.
    return str(
        ftfy.fix_text(text, unescape_html=True, uncurl_quotes=False, fix_character_width=False, normalization=None)
    )


def _mend_code_page(text: str) -> str:
    if _suspects().search(text) is None:
        return text
    text = _mend_controls(text)
    if _LOW_QUOTES.search(text):
        return text
    for character, letter, place in _places():
        if character in text:
            text = place.sub(letter, text)
    return text


def _mend_controls(text: str) -> str:
    """C1 characters are bytes that nobody decoded: as cp1252, or as DOS where cp1252 has no letter for them."""

    def letter(match: re.Match[str]) -> str:
        code = ord(match.group())
        return _UNDEFINED.get(code) or bytes([code]).decode("cp1252")

    return _C1.sub(letter, text)


@cache
def _suspects() -> re.Pattern[str]:
    characters = "".join(character for character, _, _ in read_rows("cp850.tsv"))
    return re.compile(f"[\u0080-\u0084\u0086-\u009f{characters}]")


@cache
def _places() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    return tuple(
        (character, letter, re.compile(re.sub(r"\{[LlU]\}", lambda match: _LETTERS[match.group()], place)))
        for character, letter, place in read_rows("cp850.tsv")
    )


def mend_words(text: str) -> str:
    """Part glued words ("jesuis") and restore those that a global replace broke ("j'ste"), from closed lists."""
    for pattern, mend in _word_repairs():
        text = pattern.sub(mend, text)
    return text


@cache
def _word_repairs() -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]:
    broken = {damaged: right for damaged, right in read_rows("mots-abimes.tsv")}  # noqa: C416 - dict() loses the types
    glued = read_rows("deux-mots.tsv")
    firsts = {first: right for first, right, _ in glued}
    seconds = {first: [second for word, _, second in glued if word == first] for first in firsts}
    pairs = "|".join(f"{first}(?=(?:{'|'.join(_whole(word) for word in seconds[first])}))" for first in firsts)
    words = "|".join(re.escape(word) for word in sorted(broken, key=len, reverse=True))
    return (
        (re.compile(rf"(?<![\w'’-])(?:{pairs})", re.IGNORECASE), lambda match: f"{_in_case(match, firsts)} "),
        (re.compile(rf"(?<![\w'’-])(?:{words})(?!\w)", re.IGNORECASE), lambda match: _in_case(match, broken)),
    )


def _whole(word: str) -> str:
    return re.escape(word) if word.endswith("'") else rf"{re.escape(word)}(?!\w)"


def _in_case(match: re.Match[str], right_forms: dict[str, str]) -> str:
    """The right form, in capitals or with a first capital as the damaged word is written."""
    written = match.group()
    right = right_forms[written.casefold()]
    if written[1:].isupper():
        return right.upper()
    return written[0] + right[1:]
