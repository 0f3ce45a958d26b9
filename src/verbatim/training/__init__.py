"""The encoder's heads continued on a team's own marked answers: rows in, a versioned folder with its card out."""

from verbatim.training.answers import read_answers
from verbatim.training.folder import Trained, train_on

__all__ = ["Trained", "read_answers", "train_on"]
