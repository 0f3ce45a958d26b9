"""Invented personal values in the spellings that customers use; every number has a right check."""

from __future__ import annotations

import random

from stdnum import iban, luhn

FIRST = ["Jean", "Zoé", "Aïcha", "Marie-Claire", "Loïc", "Fatou", "Þórr"]
LAST = ["Dupont", "Le Goff", "Martin-Leroy", "N'Diaye", "Nguyen", "Da Silva", "Ouedraogo", "Häberlé"]
TITLES = "M.|M|Mr|Mr.|Mme|Mme.|Mlle|Monsieur|Madame|MADAME|monsieur|Me|Dr|Docteur"


def phone(chance: random.Random) -> str:
    digits = f"{chance.choice('1234567')}{chance.randrange(10**8):08}"
    if digits[0] == "7":
        digits = f"7{chance.choice('345678')}{digits[2:]}"
    pairs = [digits[place : place + 2] for place in (1, 3, 5, 7)]
    separator = chance.choice(["", " ", ".", "-", "\u00a0", "/"])
    start = chance.choice(["0", "+33", "+33 ", "0033", "0033 ", "+33 (0)", "0033 (0)", "(0)"])
    return start + separator.join([digits[0], *pairs]) if start != "0" else separator.join([f"0{digits[0]}", *pairs])


def email(chance: random.Random) -> str:
    local = chance.choice(["jean.dupont", "z_o-e+promo", "contact", "x1", "aïcha", "o'neil"])
    at = chance.choice(["@", "@", "@", " @ ", " arobase ", "(at)", " [at] "])
    domain = chance.choice(["exemple.fr", "sous.domaine.co.uk", "laposte.net", "exämple.org", "gmail.com"])
    return local + at + domain


def french_iban(chance: random.Random) -> str:
    account = "".join(chance.choices("0123456789ABCDEFGH", k=11))
    number = f"{chance.randrange(10**10):010}{account}{chance.randrange(100):02}"
    whole = f"FR{iban.calc_check_digits('FR00' + number)}{number}"
    grouped = " ".join(whole[place : place + 4] for place in range(0, len(whole), 4))
    return chance.choice([whole, grouped, whole.lower(), grouped.replace(" ", "-")])


def card(chance: random.Random) -> str:
    body = chance.choice(["4", "51", "55"]) + "".join(chance.choices("0123456789", k=14))
    body = body[:15]
    whole = body + luhn.calc_check_digit(body)
    return chance.choice(["", " ", "-", "."]).join(whole[place : place + 4] for place in (0, 4, 8, 12))


def nir(chance: random.Random) -> str:
    department = chance.choice(["75", "01", "2A", "2B", "69"])
    year, month = f"{chance.randrange(100):02}", f"{chance.randrange(1, 13):02}"
    parts = [chance.choice("12"), year, month, department, "123", "456"]
    number = int("".join(parts).replace("2A", "19").replace("2B", "18"))
    parts.append(f"{97 - number % 97:02}")
    return chance.choice(["", " "]).join(parts)


def person(chance: random.Random) -> str:
    title = chance.choice(TITLES.split("|"))
    last = chance.choice(LAST)
    name = chance.choice([last, f"{chance.choice(FIRST)} {last}", last.upper()])
    if title in {"Mme", "Mr", "M.", "Mlle"} and chance.random() < 0.3:
        name = chance.choice(["dupont", "martin", "leroy-morel"])
    return f"{title} {name}"


MAKERS = {"EMAIL": email, "TELEPHONE": phone, "IBAN": french_iban, "CARTE": card, "NIR": nir, "PERSONNE": person}
BEFORE = ["", "Merci à ", "Contactez-moi : ", "- ", "l'info : ", "J'attends depuis le 12/03/2026. ", "Bonjour,\n"]
AFTER = ["", ".", ", merci", " !", "\nCordialement", " pour 12,50 €", " ; à bientôt"]


def draw(seed: int) -> tuple[str, str, str]:
    """Kind, value, and a text that holds it."""
    chance = random.Random(seed)  # noqa: S311
    kind = chance.choice(list(MAKERS))
    value = MAKERS[kind](chance)
    return kind, value, chance.choice(BEFORE) + value + chance.choice(AFTER)
