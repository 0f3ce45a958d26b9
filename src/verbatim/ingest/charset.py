"""Encoding of a text source: declared, else BOM, else strict UTF-8, else cp1252 or UTF-16."""

from __future__ import annotations

import codecs
import io

from verbatim.errors import SourceError
from verbatim.ingest.locations import SourceFile

CP1252 = "sloppy-windows-1252"
"""cp1252 whose five undefined bytes come through as control characters, for the repair to read; a codec of ftfy."""
# A web browser reads a declared latin-1 as cp1252, and exporters mean that.
_CP1252_NAMES = frozenset({"cp1252", "iso8859-1", "ascii"})
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY = (b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0", b"%PDF")
_CHUNK = 1 << 20


def recognise_encoding(file: SourceFile, declared: str | None) -> str:
    """Name of the codec that reads the whole file.

    Raises
    ------
    SourceError
        The declared encoding is unknown, or the file's bytes are not written in it.
    """
    if declared is not None:
        return _checked(file, declared)
    with file.open() as stream:
        sample = stream.read(_CHUNK)
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return encoding
    if sample.startswith(_BINARY):
        raise SourceError(
            "the file is no text: a workbook, a Parquet file or a PDF under the name of one",
            where=file.label,
            expected=f"what {file.suffix} files hold",
            next_step="give the file the extension of its format",
        )
    if sample.count(0) >= len(sample) / 10:
        # In UTF-16 every other byte of French is zero; to UTF-8 a zero byte is a character like another.
        return _detected_utf16(sample)
    return "utf-8" if _decodes(file, "utf-8") else CP1252


def open_text(file: SourceFile, encoding: str) -> io.TextIOWrapper:
    """Open a file as text, line ends as they stand."""
    import ftfy.bad_codecs  # noqa: F401 - registers sloppy-windows-1252

    # A file that passed the strict check of UTF-8 cannot fail here; UTF-16 cut in the middle of a pair can.
    errors = "strict" if encoding in {"utf-8", "utf-8-sig", CP1252} else "replace"
    return io.TextIOWrapper(file.open(), encoding=encoding, errors=errors, newline="")


def _checked(file: SourceFile, declared: str) -> str:
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        raise SourceError(
            f"there is no encoding called '{declared}'",
            where=file.label,
            expected="utf-8, cp1252 or utf-16",
            next_step="correct source.encoding, or leave it out: it is recognised",
        ) from None
    if name in _CP1252_NAMES:
        return CP1252
    if name == "utf-8":
        # The BOM, if there is one, is not part of the first column's name.
        name = "utf-8-sig"
    if not _decodes(file, name):
        raise SourceError(
            f"the file is not written in the declared encoding ({declared})",
            where=file.label,
            expected="bytes that decode",
            next_step="correct source.encoding, or leave it out: it is recognised",
        )
    return name


def _decodes(file: SourceFile, encoding: str) -> bool:
    """Decode the whole file, a piece at a time."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with file.open() as stream:
            while piece := stream.read(_CHUNK):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _detected_utf16(sample: bytes) -> str:
    """Byte order of a UTF-16 without a BOM.

    Only UTF-16 is a candidate: free detection turns French cp1252 into Baltic ("reįu").
    """
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=["utf_16_le", "utf_16_be"]).best()
    return best.encoding if best is not None else CP1252
