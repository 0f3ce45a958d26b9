"""Codebooks and what is made of them: the table of themes, quotes for drivers, proposals for new themes."""

from verbatim.themes.codebook import SHIPPED, Codebook, Theme, load_codebook
from verbatim.themes.discovery import Discovery, discover
from verbatim.themes.evidence import Proposal
from verbatim.themes.proposals import write_proposals
from verbatim.themes.quotes import choose_quotes
from verbatim.themes.table import read_figures, themes_table

__all__ = [
    "SHIPPED",
    "Codebook",
    "Discovery",
    "Proposal",
    "Theme",
    "choose_quotes",
    "discover",
    "load_codebook",
    "read_figures",
    "themes_table",
    "write_proposals",
]
