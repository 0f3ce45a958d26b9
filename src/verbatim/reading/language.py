"""Answers in another language than the survey's: found by their letters, and left unread."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING, Any

from verbatim.privacy.tags import Tag
from verbatim.tables import OTHER_LANGUAGE

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

LANGUAGES = (
    *("ar", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hu", "it", "ja", "ko", "nl", "no", "pl"),
    *("pt", "ro", "ru", "sv", "tr", "uk", "vi", "zh"),
)
"""Languages that customers in France write in: their neighbours', their families', the tourists'.

Those that French with its accents left out is most easily taken for are not among them: the regional languages, the
creoles, Latin.
"""
MIN_LETTERS = 20
"""Fewer letters tell no language: "Top service" is French as well."""
MAX_OWN = 0.03
"""An answer whose probability of being in the survey's language is higher is read."""

_TAG = re.compile("|".join(re.escape(tag.token) for tag in Tag))


def other_language(texts: Collection[str], *, language: str) -> npt.NDArray[np.bool_]:
    """Tell which texts are in another language.

    A text is where the languages of :data:`LANGUAGES` but its own hold at least 97 % of the probability; which of them
    it is does not matter ("Todo perfecto" may be Spanish or Portuguese). Probabilities: py3langid, naive Bayes over
    byte n-grams (Lui and Baldwin, *langid.py: An Off-the-shelf Language Identification Tool*, ACL 2012).

    Parameters
    ----------
    texts : collection of str, n
        Redacted answers. Tags such as ``[PERSONNE]`` tell no language; under 20 letters beside them, nor does the rest.
    language : str
        The survey's language, ISO 639-1, with or without a country (``fr``, ``fr-CH``). Of one that the model does not
        know no text can be told apart.

    Returns
    -------
    array of bool of shape (n,)
        True: in another language.

    Examples
    --------
    >>> other_language(["Nobody ever answers the phone", "Personne ne répond au téléphone"], language="fr").tolist()
    [True, False]
    """
    import numpy as np
    import pandas as pd

    codes, distinct = pd.factorize(np.array([*texts, None], dtype=object)[:-1])
    own = language.replace("_", "-").partition("-")[0].lower()
    identifier = _identifier(own)
    if identifier is None or not len(distinct):
        return np.zeros(len(codes), dtype=bool)
    found: npt.NDArray[np.bool_] = np.array([_is_other(text, identifier, own) for text in distinct], dtype=bool)[codes]
    return found


def split_by_language(responses: pd.DataFrame, *, language: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Flag the responses whose verbatim is in another language, and set them apart from those to read.

    A flag of an earlier night is put right: a text that is taken for the survey's language now loses it.

    Parameters
    ----------
    responses : DataFrame
        Rows of the table ``responses``.
    language : str
        The survey's language.

    Returns
    -------
    flagged : DataFrame
        All rows; only the column flags differs. ``content_hash`` is of what the source says and stays as it was: a
        flag makes no window a changed one.
    readable : DataFrame
        The rows without the flag.
    """
    import numpy as np
    import pandas as pd

    is_other = np.zeros(len(responses), dtype=bool)
    wrote = responses["verbatim"].notna().to_numpy(bool)
    is_other[wrote] = other_language(responses.loc[wrote, "verbatim"].astype(str).tolist(), language=language)
    # Few distinct flags: each is written once.
    codes, distinct = pd.factorize(responses["flags"].astype(str))
    written = np.array([[_with_flag(flags, held=held) for held in (False, True)] for flags in distinct], dtype=object)
    flags = written.reshape(-1, 2)[codes, is_other.astype(int)]
    flagged = responses.assign(flags=pd.Series(flags, index=responses.index, dtype=responses["flags"].dtype))
    return flagged, flagged[~is_other]


def _with_flag(flags: str, *, held: bool) -> str:
    others = {flag for flag in flags.split(",") if flag and flag != OTHER_LANGUAGE}
    return ",".join(sorted(others | {OTHER_LANGUAGE} if held else others))


def _is_other(text: str, identifier: Any, own: str) -> bool:
    bare = _TAG.sub(" ", text)
    letters = sum(map(str.isalpha, bare))
    if letters < MIN_LETTERS:
        return False
    # The model knows small letters; capitals among a few small ones ("jeTROUVE VOS PRIX") would pass for no French.
    if 2 * sum(map(str.isupper, bare)) > letters:
        bare = bare.lower()
    return bool(dict(identifier.rank(bare))[own] <= MAX_OWN)


@cache
def _identifier(own: str) -> Any:
    """The model, held to the languages that are likely; None where it does not know the survey's own."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    if own not in identifier.labels:
        return None
    identifier.set_languages({own, *LANGUAGES})
    return identifier
