"""E-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

# Possessive quantifiers behind a lookbehind keep the search linear on a long word without "@".
_LOCAL = r"(?<![\w.+%'’-])[\w.+%'’-]++"
_DOMAIN = r"[\w-]++(?:\.[\w-]++)+"
_ADDRESS = re.compile(rf"{_LOCAL} ?@ ?{_DOMAIN}")
# "jean.martin arobase exemple point fr", "jean (at) exemple.fr"
SPOKEN_AT = r"(?:\barobase\b|\barrobase\b|[(\[{] ?(?:at|a|arobase) ?[)\]}])"
_SPOKEN = re.compile(
    rf"{_LOCAL}(?: (?:point|tiret|underscore) [\w-]++)* ?{SPOKEN_AT} ?"
    r"[\w-]++(?:(?:\.| point | ?[(\[]dot[)\]] ?)[\w-]++)+",
    re.IGNORECASE,
)
# "l'adresse d'", "qu'": an elided word before the address is not part of it.
_ELISION = re.compile(r"(?:[cdjlmnst]|qu)['’]", re.IGNORECASE)


def find_emails(text: str) -> Iterator[tuple[int, int]]:
    """Spans of e-mail addresses, a blank on either side of the ``@`` allowed, spelt-out ones too."""
    for match in chain(_ADDRESS.finditer(text), _SPOKEN.finditer(text)):
        elision = _ELISION.match(text, match.start())
        start = elision.end() if elision and text[elision.end()] not in " @" else match.start()
        yield start, match.end()
