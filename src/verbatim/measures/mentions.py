"""Who mentions what: a respondent counts once for a theme and a polarity, however often it is said."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from verbatim.errors import ContractError
from verbatim.measures.arrays import Floats, Ints
from verbatim.measures.respondents import GROUPS, Respondents
from verbatim.tables import ALL, OPINIONS


@dataclass(frozen=True, slots=True)
class Mentions:
    """M pairs of a commenter and a subject (theme × polarity), each once, by ascending respondent."""

    respondent: Ints
    """Position in :class:`Respondents`, shape (M,)."""
    subject: Ints
    """Row of `subjects`, shape (M,)."""
    subjects: pd.DataFrame
    """Columns theme_id and polarity, Q rows, sorted: the subjects that occur."""

    def tally(self, respondents: Respondents, weight: Floats | None = None) -> Any:
        """Count, or sum the weights of, those of each slice and group who mention a subject.

        Parameters
        ----------
        respondents : Respondents
            Those of the mentions.
        weight : array of shape (R,), optional
            What to sum; by default respondents are counted.

        Returns
        -------
        array of shape (S, 3, Q)
            Integers without a weight.
        """
        n_subjects = len(self.subjects)
        cell = respondents.group[self.respondent] * n_subjects + self.subject
        weights = None if weight is None else weight[self.respondent]
        slices = respondents.slices
        counted = slices.tally(cell, len(GROUPS) * n_subjects, weights, self.respondent)
        return counted.reshape(slices.count, len(GROUPS), n_subjects)

    def tally_voices(self, respondents: Respondents, *, power: int) -> Any:
        """Sum the voices of those of each slice and group who mention a subject, shape (S, 3, Q).

        A respondent has one voice a polarity, shared equally among the subjects mentioned.

        Parameters
        ----------
        respondents : Respondents
            Those of the mentions.
        power : int
            1: the voices; 2: their squares.
        """
        _, polarity = self.by_polarity()
        width = int(polarity.max(initial=0)) + 1
        code = self.respondent * width + polarity[self.subject]
        _, place, named = np.unique(code, return_inverse=True, return_counts=True)
        voice = respondents.weight[self.respondent] / named[place] ** power
        n_subjects, slices = len(self.subjects), respondents.slices
        cell = respondents.group[self.respondent] * n_subjects + self.subject
        summed = slices.tally(cell, len(GROUPS) * n_subjects, voice, self.respondent)
        return summed.reshape(slices.count, len(GROUPS), n_subjects)

    def tally_squares(self, respondents: Respondents) -> Any:
        """Sum the squared weights of the customers of each slice and group who mention a subject, shape (S, 3, Q)."""
        if respondents.answered_once:
            return self.tally(respondents, respondents.weight**2)
        n_subjects = len(self.subjects)
        who, slices = self.respondent, respondents.slices
        cell = respondents.group[who] * n_subjects + self.subject
        n_cells = len(GROUPS) * n_subjects
        squares = slices.tally_squares(cell, n_cells, respondents.weight[who], respondents.customer[who], who)
        return squares.reshape(slices.count, len(GROUPS), n_subjects)

    def without(self, themes: Collection[str]) -> Mentions:
        """Mentions of the other themes."""
        kept = ~self.subjects["theme_id"].isin(list(themes)).to_numpy(bool)
        number = np.cumsum(kept) - 1
        stays = kept[self.subject]
        subjects = self.subjects[kept].reset_index(drop=True)
        return Mentions(self.respondent[stays], number[self.subject[stays]], subjects)

    def by_polarity(self) -> tuple[Mentions, Ints]:
        """Who judges anything so, and the polarity of each subject as a row of the result's subjects, shape (Q,)."""
        polarity, names = pd.factorize(self.subjects["polarity"], sort=True)
        width = max(len(names), 1)
        once = np.unique(self.respondent * width + polarity[self.subject])
        subjects = pd.DataFrame({"theme_id": ALL, "polarity": np.asarray(names, dtype=object)}, dtype="object")
        return Mentions(once // width, once % width, subjects), polarity.astype(np.int64)


def read_mentions(opinions: pd.DataFrame, respondents: Respondents, *, codebook: str) -> Mentions:
    """Reduce opinions to who mentions what.

    Opinions of a response without a score do not count.

    Parameters
    ----------
    opinions : DataFrame
        Columns of `opinions`, any order.
    respondents : Respondents
        Those who wrote them.
    codebook : str
        Codebook that all were read with.

    Raises
    ------
    ContractError
        Opinions were read with another codebook: their themes do not compare.
    """
    strangers = int((opinions["codebook"] != codebook).sum())
    if strangers:
        raise ContractError(
            f"{strangers} opinions were read with another codebook",
            where=OPINIONS.qualified_name,
            expected=f"the codebook {codebook}",
            next_step="read the window again",
        )
    respondent = respondents.response_id.get_indexer(pd.Index(opinions["response_id"])).astype(np.int64)
    counted = np.isin(respondent, np.flatnonzero(respondents.wrote))
    subject, subjects = _subjects(opinions.loc[counted, ["theme_id", "polarity"]])
    width = max(len(subjects), 1)
    once = np.unique(respondent[counted] * width + subject)
    return Mentions(once // width, once % width, subjects)


def _subjects(opinions: pd.DataFrame) -> tuple[Ints, pd.DataFrame]:
    themes, theme_names = pd.factorize(opinions["theme_id"], sort=True)
    polarities, polarity_names = pd.factorize(opinions["polarity"], sort=True)
    code = themes * max(len(polarity_names), 1) + polarities
    occurring, subject = np.unique(code, return_inverse=True)
    theme, polarity = np.divmod(occurring, max(len(polarity_names), 1))
    names = {"theme_id": np.asarray(theme_names)[theme], "polarity": np.asarray(polarity_names)[polarity]}
    return subject, pd.DataFrame(names, dtype="object")
