"""Keys that stand for customers: keyed hashes of their identifiers, useless without the secret."""

from __future__ import annotations

import hashlib
import hmac

_LENGTH = 32


def customer_key(identifier: str, secret: str) -> str:
    """HMAC-SHA256 of an identifier, 128 bits in hexadecimal; an e-mail address counts whatever its case."""
    plain = identifier.strip()
    if "@" in plain:
        plain = plain.casefold()
    return hmac.new(secret.encode(), plain.encode(), hashlib.sha256).hexdigest()[:_LENGTH]


def masked_id(response_id: str, secret: str | None) -> str:
    """Identifier in the place of one that holds a personal value.

    Without a secret the hash has no key: it keeps the value out of sight, but who knows the value can find the row.
    """
    if secret:
        return customer_key(response_id, secret)
    return hashlib.sha256(response_id.encode()).hexdigest()[:_LENGTH]
