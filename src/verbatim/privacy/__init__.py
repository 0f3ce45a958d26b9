"""Recognise personal values and put tags in their place: text in, redacted text and spans out.

A leaf: imports nothing else of the package.
"""

from verbatim.privacy.redaction import Redacted, Span, redact, redact_many
from verbatim.privacy.tags import Tag

__all__ = ["Redacted", "Span", "Tag", "redact", "redact_many"]
