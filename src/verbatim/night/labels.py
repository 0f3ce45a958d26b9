"""What readers see of the themes: published with every window, and alone where only that changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from verbatim.night.models import codebook_of
from verbatim.settings import Settings
from verbatim.warehouse import open_warehouse

if TYPE_CHECKING:
    import pandas as pd

    from verbatim.themes import Codebook

_SEEN = ("theme_id", "label_fr", "label_en", "definition", "parent_id", "origin")


def publish_labels(settings: Settings) -> int:
    """Publish the themes of the codebook in force again where readers would see an older wording of it.

    A rename changes no window: without this, its labels would wait for the next late answer.

    Parameters
    ----------
    settings : Settings
        The survey.

    Returns
    -------
    int
        Rows that are new, of a new version all, or read otherwise; 0: nothing was written.

    Raises
    ------
    WarehouseError, TransientError
        The engine refused or went away; the themes stand as they were.
    """
    codebook = codebook_of(settings)
    with open_warehouse(settings.warehouse.url) as warehouse:
        if warehouse.read("windows", survey_id=settings.survey.id, columns=["window"]).empty:
            return 0
        themes = themes_in_force(settings, warehouse.first_seen(codebook.name))
        published = warehouse.read("themes")
        same = (published["codebook"] == codebook.name) & (published["version"] == codebook.version)
        before, now = _seen(published[same]), _seen(themes)
        changed = {theme_id for theme_id in {*before, *now} if before.get(theme_id) != now.get(theme_id)}
        if changed:
            warehouse.publish_themes(themes)
    return len(changed)


def in_force(themes: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Rows of a survey's codebook in its version in force, where it was published, and those of other codebooks."""
    same = themes["codebook"] == codebook.name
    this = same & (themes["version"] == codebook.version)
    # An edit of tonight is not published yet: the version before stands.
    return themes[this | ~same].reset_index(drop=True) if this.any() else themes


def themes_in_force(settings: Settings, seen: Mapping[str, str]) -> pd.DataFrame:
    """Rows of `themes` of the codebook in force.

    Parameters
    ----------
    settings : Settings
        The survey.
    seen : mapping of str to str
        Theme → first window in which it was spoken of.
    """
    from verbatim.reading import shipped_folder
    from verbatim.themes import read_figures, themes_table

    figures = read_figures((settings.models.folder or shipped_folder()) / "figures.json")
    themes: pd.DataFrame = themes_table(codebook_of(settings), figures)
    return themes.assign(first_seen=themes["theme_id"].map(dict(seen)).astype("string"))


def _seen(themes: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """What is read of each theme."""
    texts = themes[list(_SEEN)].astype(object).where(themes[list(_SEEN)].notna(), "")
    return {str(row[0]): tuple(map(str, row)) for row in texts.itertuples(index=False, name=None)}
