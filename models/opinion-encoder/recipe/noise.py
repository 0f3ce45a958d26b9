"""French as customers type it: typos, SMS, lost apostrophes and letters, glued words, tags, emoji.

Accents and capitals need no noise: the tokenizer drops both.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

from verbatim.reading.marked import MarkedAnswer, MarkedOpinion

TAGS = (
    *("EMAIL", "TELEPHONE", "IBAN", "CARTE", "NIR", "SIRET", "PLAQUE", "ADRESSE"),
    *("NAISSANCE", "CONTRAT", "IP", "COMPTE", "URL", "PERSONNE"),
)
_KEYBOARD = ("azertyuiop", "qsdfghjklm", "wxcvbn")
_ACCENTED = "àâçéèêëîïôùûü"
_EMOJI = ("👍", "😊", "😡", "👎", "❤️", "😃", "🙂", ":)", ":(", "!!", "...")
_JOINTS = (" ", ", ", ". ", " et ", "/", " - ", "\n", " , ", "; ")


def type_answer(answer: MarkedAnswer, rng: Random) -> MarkedAnswer:
    """One answer as another person might have typed it; its opinions keep their place in the new text."""
    rate = rng.choices((0.0, 0.05, 0.18), (35, 40, 25))[0]
    text, opinions = "", []
    for piece, opinion in pieces(answer):
        typed = _type_piece(piece, rate, rng, inside=opinion is not None)
        start, text = len(text), text + typed
        if opinion is not None:
            opinions.append(MarkedOpinion(start, len(text), opinion.polarity, opinion.theme))
    if rng.random() < 0.06:
        text += " " + rng.choice(_EMOJI)
    return MarkedAnswer(text, tuple(opinions), answer.kind, answer.sector, answer.score)


def type_line(line: str, rng: Random) -> str:
    """A line of plain text, typed: two in five stay as they are."""
    rate = rng.choices((0.0, 0.03, 0.12), (40, 40, 20))[0]
    return _type_words(line, rate, rng) if rate else line


def pieces(answer: MarkedAnswer) -> list[tuple[str, MarkedOpinion | None]]:
    """Cut an answer into opinions and what stands between them; joined, the pieces are the text."""
    cut, read = [], 0
    for opinion in answer.opinions:
        if opinion.start > read:
            cut.append((answer.text[read : opinion.start], None))
        cut.append((answer.text[opinion.start : opinion.end], opinion))
        read = opinion.end
    if read < len(answer.text):
        cut.append((answer.text[read:], None))
    return cut


def _type_piece(piece: str, rate: float, rng: Random, *, inside: bool) -> str:
    if not inside and not any(letter.isalnum() for letter in piece):
        return rng.choice(_JOINTS) if rng.random() < 0.15 else piece
    typed = _type_words(piece, rate, rng) if rate else piece
    if rng.random() < 0.03:
        tag = f"[{rng.choice(TAGS)}]" if rng.random() < 0.5 else "[PERSONNE]"
        # The piece's outer spaces are its border with its neighbours: the tag goes within.
        head, tail = typed[: len(typed) - len(typed.lstrip())], typed[len(typed.rstrip()) :]
        typed = f"{head}{tag} {typed.strip()}{tail}" if rng.random() < 0.5 else f"{head}{typed.strip()} {tag}{tail}"
    return typed


def _type_words(text: str, rate: float, rng: Random) -> str:
    words = [_type_word(word, rate, rng) for word in text.split(" ")]
    typed = words[0]
    for word in words[1:]:
        glued = rng.random() < rate / 6 and typed[-1:].isalpha() and word[:1].isalpha()
        typed += word if glued else " " + word
    if not typed.strip():
        return text
    return typed.replace(",", "") if rng.random() < 2 * rate else typed


def _type_word(word: str, rate: float, rng: Random) -> str:
    if "'" in word and rng.random() < 3 * rate:
        word = word.replace("'", rng.choice(("", " ", "’")))
    if rng.random() < 2 * rate:
        word = _short_forms().get(word.lower(), word)
    if len(word) > 3 and rng.random() < rate:
        word = rng.choice(_SLIPS)(word, rng)
    return word


@cache
def _short_forms() -> dict[str, str]:
    lines = (Path(__file__).parent / "sms-fr.tsv").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines if not line.startswith("#"))


def _swap(word: str, rng: Random) -> str:
    at = rng.randrange(len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _drop(word: str, rng: Random) -> str:
    at = rng.randrange(1, len(word))
    return word[:at] + word[at + 1 :]


def _double(word: str, rng: Random) -> str:
    at = rng.randrange(len(word))
    return word[: at + 1] + word[at:]


def _neighbour(word: str, rng: Random) -> str:
    at = rng.randrange(len(word))
    for row in _KEYBOARD:
        if (place := row.find(word[at].lower())) >= 0:
            near = row[max(0, min(len(row) - 1, place + rng.choice((-1, 1))))]
            return word[:at] + near + word[at + 1 :]
    return word


def _lose_accented(word: str, _: Random) -> str:
    # Survey tools lose letters outside ASCII for good: "apprcie", "lv".
    return "".join(letter for letter in word if letter not in _ACCENTED)


def _ending(word: str, rng: Random) -> str:
    # é, er, ez, ait sound alike; so do singular and plural.
    for ending in ("er", "ez", "és", "ée", "é", "ait", "ais"):
        if word.endswith(ending):
            return word[: -len(ending)] + rng.choice(("er", "é", "ez", "ée", "ait"))
    return word[:-1] if word.endswith(("s", "x", "t", "e")) else word + "s"


def _by_ear(word: str, _: Random) -> str:
    for written, heard in (("eau", "o"), ("au", "o"), ("qu", "k"), ("ph", "f"), ("ss", "s"), ("tt", "t"), ("nn", "n")):
        if written in word:
            return word.replace(written, heard, 1)
    return word


_SLIPS: tuple[Callable[[str, Random], str], ...] = (
    *(_swap, _drop, _drop, _double, _neighbour, _lose_accented),
    *(_lose_accented, _ending, _ending, _by_ear, _by_ear),
)
