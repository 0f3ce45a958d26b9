"""Codebooks and what is made of them: the table of themes, quotes for drivers, proposals for new themes."""

from verbatim.themes.codebook import SHIPPED, Codebook, Theme, load_codebook
from verbatim.themes.quotes import choose_quotes
from verbatim.themes.table import read_figures, themes_table

__all__ = ["SHIPPED", "Codebook", "Theme", "choose_quotes", "load_codebook", "read_figures", "themes_table"]
