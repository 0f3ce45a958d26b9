"""Invented personal data: valid by their check digits, of nobody."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from sources import without_accents

# Invented bearers; any likeness is chance.
_FIRST_NAMES = ("Camille", "Nadia", "Thierry", "Solène", "Mehdi", "Josiane", "Baptiste", "Lucie", "Gérard", "Inès")
_LAST_NAMES = (
    "Lavergne",
    "Delcourt",
    "Benhaddou",
    "Quesnel",
    "Marchetti",
    "Le Bihan",
    "Fontaneau",
    "Sarrazin",
    "Okoye",
)
_TITLES = ("Mme", "M.", "Madame", "Monsieur")
# ARCEP keeps these beginnings for fiction: no subscriber has them. Not its mobile one, 06 39 98: no numbering plan
# holds it, so that what recognises telephone numbers by the plans does not take it for one.
_FICTION = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49")
_SENTENCES = {
    "email": ("Mon mail : {}", "vous pouvez me répondre à {}", "écrivez moi sur {}"),
    "phone": ("Rappelez-moi au {}", "mon numéro : {}", "je suis joignable au {}"),
    "iban": ("Mon IBAN pour le virement : {}", "voici mon RIB {}"),
    "card": ("Payé avec la carte {}", "carte utilisée : {}"),
    "nir": ("Mon numéro de sécu : {}", "numéro de sécurité sociale {}"),
    "person": ("Vu avec {}", "Demandez à {}", "c'était avec {}"),
}
# A name or a phone number is told more often than a card.
_FREQUENCIES = {"email": 5, "phone": 6, "iban": 2, "card": 2, "nir": 2, "person": 7}


@dataclass(frozen=True)
class Identity:
    """One piece of personal data, as typed, and the sentence that holds it."""

    kind: str
    value: str
    sentence: str


def draw_identity(rng: Random) -> Identity:
    """Invent one piece of personal data."""
    kind = rng.choices(list(_FREQUENCIES), list(_FREQUENCIES.values()))[0]
    value = _MAKERS[kind](rng)
    return Identity(kind, value, rng.choice(_SENTENCES[kind]).format(value))


def _email(rng: Random) -> str:
    first, last = rng.choice(_FIRST_NAMES), rng.choice(_LAST_NAMES)
    name = without_accents(f"{first}.{last}".lower().replace(" ", ""))
    # RFC 2606: these domains belong to nobody.
    return f"{name}{rng.randrange(10, 99)}@{rng.choice(('example.com', 'example.org', 'example.net'))}"


def _phone(rng: Random) -> str:
    number = f"{rng.choice(_FICTION)} {rng.randrange(100):02} {rng.randrange(100):02}"
    return rng.choice([number, number.replace(" ", "."), number.replace(" ", ""), f"+33 {number[1:]}"])


def _iban(rng: Random) -> str:
    bank, branch, account = 99_999, rng.randrange(100_000), rng.randrange(10**11)
    key = 97 - (89 * bank + 15 * branch + 3 * account) % 97
    bban = f"{bank:05}{branch:05}{account:011}{key:02}"
    # ISO 7064: the country's letters count as two digits each (F 15, R 27).
    iban = f"FR{98 - int(bban + '152700') % 97:02}{bban}"
    grouped = " ".join(iban[i : i + 4] for i in range(0, len(iban), 4))
    return rng.choice([iban, grouped])


def _card(rng: Random) -> str:
    # A range of test cards.
    body = f"49701000000{rng.randrange(10_000):04}"
    digits = [int(d) * (2 - i % 2) for i, d in enumerate(body)]
    number = f"{body}{-sum(d - 9 if d > 9 else d for d in digits) % 10}"
    return " ".join(number[i : i + 4] for i in range(0, 16, 4))


def _nir(rng: Random) -> str:
    sex, year, month, department = rng.choice("12"), rng.randrange(40, 99), rng.randrange(1, 13), rng.randrange(1, 96)
    if department == 20:
        # Corsica writes 2A and 2B.
        department = 21
    # No commune has a number of 990 or more.
    body = f"{sex}{year:02}{month:02}{department:02}{rng.randrange(990, 999)}{rng.randrange(1, 999):03}"
    key = 97 - int(body) % 97
    return f"{body[0]} {body[1:3]} {body[3:5]} {body[5:7]} {body[7:10]} {body[10:]} {key:02}"


def _person(rng: Random) -> str:
    return f"{rng.choice(_TITLES)} {rng.choice(_LAST_NAMES)}"


_MAKERS = {"email": _email, "phone": _phone, "iban": _iban, "card": _card, "nir": _nir, "person": _person}
