"""The page as a reader, a mail server and an attacker see it."""

from __future__ import annotations

import re
import time
from html import unescape
from html.parser import HTMLParser

import pytest

from tests.reports.published import HOSTILE, PUBLISHED, Survey, publish
from verbatim.reports import ReportError, render_report
from verbatim.reports.wording import read_texts
from verbatim.tables import TABLES, conform, empty

VOID = {"meta", "br", "input", "link", "img", "hr"}


class Page(HTMLParser):
    """Elements, headings and visible text of a page; fails on tags that do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[int] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if not {"script", "style"} & set(self._open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"[ \n]+", " ", "".join(self.words))

    def attributes(self, name: str) -> list[str]:
        return [attributes[name] or "" for _, attributes in self.elements if name in attributes]


@pytest.fixture(scope="module")
def html(tables):
    from verbatim.settings import Settings

    settings = Settings(
        survey={"id": "enseigne", "title": "Jardins & <b>Compagnie</b>", "question": "Pourquoi cette note ?"},
        source={"path": "nps.csv"},
    )
    return render_report(tables, settings=settings, period="2026-03")


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def _whole(tables, name, **columns):
    frame = tables[name]
    mask = (frame["dimension"] == "all") & (frame["period"] == "2026-03")
    for column, value in columns.items():
        mask &= frame[column] == value
    return frame[mask]


def test_the_page_is_self_contained(html, page):
    assert not page.attributes("src")
    assert all(target.startswith("#") for target in page.attributes("href"))
    assert "http://" not in html
    assert "https://" not in html
    assert "@import" not in html
    assert "url(" not in html
    assert not page.attributes("style")
    assert len(html.encode()) < 400_000


def test_every_anchor_and_label_leads_somewhere(page):
    ids = page.attributes("id")
    assert len(ids) == len(set(ids))
    wanted = [target[1:] for target in page.attributes("href")]
    wanted += [name for names in page.attributes("aria-labelledby") for name in names.split()]
    assert set(wanted) <= set(ids)


def test_headings_descend_one_level_at_a_time(page):
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(lower - upper <= 1 for upper, lower in zip(page.headings, page.headings[1:], strict=False))


def test_landmarks_tables_and_charts_are_named(page):
    tags = [tag for tag, _ in page.elements]
    assert {tag: tags.count(tag) for tag in ("main", "nav", "header", "footer")} == dict.fromkeys(
        ("main", "nav", "header", "footer"), 1
    )
    assert tags.count("table") == tags.count("caption")
    assert all("scope" in attributes for tag, attributes in page.elements if tag == "th")
    images = [attributes for tag, attributes in page.elements if tag == "svg" and attributes.get("role") == "img"]
    assert len(images) == tags.count("desc")
    # The title of the document itself is the one more.
    assert tags.count("title") == len(images) + 1


def test_hostile_words_are_shown_as_text(html, page):
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert "img" not in [tag for tag, _ in page.elements]
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert HOSTILE[0] in page.text
    assert HOSTILE[1] in page.text
    assert "=cmd|' /C calc'!A0" in page.text
    assert "Jardins & <b>Compagnie</b>" in page.text
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", html)
    assert "interminable…" in page.text
    assert page.text.count("interminable") < 50


def test_the_policy_allows_our_style_and_script_alone(page):
    (policy,) = [text for text in page.attributes("content") if "default-src" in text]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_headline_is_the_published_one(tables, page):
    (row,) = _whole(tables, "nps").to_dict("records")
    assert f"+{row['nps']:.1f}".replace(".", ",") in page.text
    assert f"entre +{row['ci_low']:.1f} et +{row['ci_high']:.1f}".replace(".", ",") in page.text


def test_the_first_pain_is_told_in_one_sentence(tables, page):
    (row,) = _whole(tables, "drivers", nps_group="detractor", polarity="negative", rank=1).to_dict("records")
    assert row["theme_id"] == "prix_tarif"
    sentence = (
        f"Prix et tarifs : {100 * row['share']:.0f} % des détracteurs qui ont écrit s’en plaignent, "
        f"contre {100 * row['share_elsewhere']:.0f} % ailleurs"
    )
    assert sentence in re.sub("[\u202f\u00a0]", " ", page.text)


def test_what_has_no_rank_is_no_driver(html):
    drivers = re.findall(r'<p class="theme">.*?</span>(.*?)</p>', html)
    assert "Prix et tarifs" in drivers
    assert "Verdict sans motif" not in drivers
    assert "Hors classement" in html


def test_an_unnamed_theme_keeps_its_id_readable(tables, make_settings):
    nameless = tables | {"themes": tables["themes"][tables["themes"]["theme_id"] != "livraison"]}
    text = Page(render_report(nameless, settings=make_settings(), period="2026-03")).text
    assert "Livraison" in text


def test_a_suppressed_slice_is_named_without_figures(tables, page):
    assert "Drive" in page.text
    assert re.search(r"Drive\s+moins de 10 répondants\s?: non affiché", page.text.replace("\u00a0", " "))


def test_a_suppressed_period_shows_no_figure(tables, make_settings):
    text = Page(render_report(tables, settings=make_settings(), period="2025-08")).text
    assert "Moins de 10 répondants\u00a0: le NPS n’est pas affiché." in text
    assert "points de NPS" not in text.split("Pour qui")[0]


def test_later_periods_do_not_change_an_older_report(tables, make_settings):
    settings = make_settings()
    before = {
        name: frame[frame["window"] <= "2025-12"] if "window" in frame else frame for name, frame in tables.items()
    }
    assert render_report(tables, settings=settings, period="2025-12") == render_report(
        before, settings=settings, period="2025-12"
    )


def test_the_order_of_rows_changes_nothing(tables, html, make_settings):
    settings = make_settings()
    shuffled = {name: frame.sample(frac=1, random_state=3) for name, frame in tables.items()}
    assert render_report(shuffled, settings=settings, period="2026-03") == render_report(
        tables, settings=settings, period="2026-03"
    )


def test_english_is_whole(tables, make_settings):
    text = Page(render_report(tables, settings=make_settings(language="en"), period="2026-03")).text
    assert "March 2026" in text
    assert "What costs points" in text
    french, english = read_texts("fr"), read_texts("en")
    sentences = [said for key, said in french.items() if "{" not in said and len(said) > 12 and said != english[key]]
    assert [said for said in sentences if said in text] == []


def test_a_survey_of_employees_is_named_so(tables, make_settings):
    text = Page(render_report(tables, settings=make_settings(kind="enps"), period="2026-03")).text
    assert "L’eNPS période par période" in text
    assert "tous les salariés" in text


def test_two_populations_share_a_page(make_settings):
    first, second = (
        publish(Survey(periods=("2026-03",), population=name, seed=seed)) for name, seed in (("Nord", 1), ("Sud", 2))
    )
    import pandas as pd

    both = {
        name: conform(pd.concat([first[name], second[name]]).drop_duplicates(TABLES[name].key), TABLES[name])
        for name in PUBLISHED
    }
    page = Page(render_report(both, settings=make_settings(), period="2026-03"))
    assert "Nord\u00a0: À retenir" in page.text
    assert "Sud\u00a0: À retenir" in page.text
    assert len(page.attributes("id")) == len(set(page.attributes("id")))


@pytest.mark.parametrize(
    ("emptied", "said"),
    [
        (("drivers", "quotes"), "Aucun motif de plainte ne ressort"),
        (("score_distribution",), "La répartition des notes n’est pas publiée."),
        (("indicators",), "Cette enquête ne pose pas d’autre question fermée."),
        (("quotes",), "Pourquoi"),
        (("themes",), "La précision par thème n’a pas encore été mesurée"),
        (("windows",), "Calcul run-0001."),
        (PUBLISHED[1:], "À retenir"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_an_empty_table_leaves_a_page_that_says_so(tables, make_settings, emptied, said):
    fewer = tables | {name: empty(TABLES[name]) for name in emptied}
    assert said in Page(render_report(fewer, settings=make_settings(), period="2026-03")).text


def test_one_period_and_no_dimension(make_settings):
    alone = publish(Survey(periods=("2026-03",), dimensions={}))
    text = Page(render_report(alone, settings=make_settings(), period="2026-03")).text
    assert "Première période publiée" in text
    assert "Une seule période est affichée" in text
    assert "Aucun découpage n’est défini" in text
    assert "provisoire" not in text


@pytest.mark.parametrize("label", ["2026-Q1", "2026-03-3m", "2026-03-12m", "2026-ytd"])
def test_a_span_has_a_page_with_its_own_trend(make_settings, label):
    # A year before, of the same kind; and no window, which alone knows what became of the rows.
    spans = publish(
        Survey(periods=(label.replace("2026", "2025"), label), dimensions={"channel": ("Magasin", "Drive")})
    )
    spans |= {"windows": empty(TABLES["windows"])}
    text = Page(render_report(spans, settings=make_settings(), period=label)).text
    assert "Calcul run-0001." in text
    assert "Le chemin des lignes" not in text
    assert "De " in text
    assert "Écart de" in text or "En hausse de" in text or "En baisse de" in text


def test_rolling_spans_that_overlap_are_not_compared(make_settings):
    months = ("2025-12-3m", "2026-01-3m", "2026-02-3m", "2026-03-3m")
    rolling = publish(Survey(periods=months, dimensions={}))
    html = render_report(rolling, settings=make_settings(), period="2026-03-3m")
    text = Page(html).text.replace("\u00a0", " ").replace("\u202f", " ")
    assert re.search(r"(avec|rapport à) 3 mois jusqu’à décembre 2025", text)
    # They follow each other all the same: one line.
    assert html.count("<polyline") == 1


def test_a_mix_of_modes_is_warned_of(make_settings):
    said = "plusieurs modes de collecte (E-mail, Téléphone)"
    for modes, warned in ((("E-mail", "Téléphone"), True), (("E-mail",), False)):
        mixed = publish(Survey(periods=("2026-03",), dimensions={"mode": modes}))
        assert (said in Page(render_report(mixed, settings=make_settings(), period="2026-03")).text) is warned


def test_too_few_comments_are_said_so(make_settings):
    few = publish(Survey(periods=("2026-03",), dimensions={}, n=60))
    text = Page(render_report(few, settings=make_settings(), period="2026-03")).text
    assert "Moins de 10 détracteurs ont écrit" in text


def test_a_thousand_shops_fit_in_a_mail(make_settings):
    shops = {"shop": tuple(f"Magasin {number}" for number in range(1000))}
    many = publish(Survey(periods=("2026-03",), dimensions=shops, n=30_000))
    started = time.perf_counter()
    html = render_report(many, settings=make_settings(), period="2026-03")
    assert len(html.encode()) < 1_500_000
    assert "700 autres lignes" in unescape(html)
    assert time.perf_counter() - started < 10


def test_twelve_periods_render_at_once(tables, make_settings):
    started = time.perf_counter()
    render_report(tables, settings=make_settings(), period="2026-03")
    assert time.perf_counter() - started < 2


def test_a_period_that_is_not_published_is_refused_with_the_known_ones(tables, make_settings):
    with pytest.raises(ReportError, match="2025-04, 2025-05") as raised:
        render_report(tables, settings=make_settings(), period="2027-01")
    assert "period 2027-01" in str(raised.value)


def test_a_small_page(make_settings, snapshot):
    small = publish(Survey(periods=("2026-02", "2026-03"), dimensions={"visits": ("1", "2-4", "10+")}, n=400))
    html = render_report(small, settings=make_settings(), period="2026-03")
    # Style and script have their own history.
    body = re.sub(r"<(style|script)>.*?</\1>|<meta http-equiv.*?>", "", html, flags=re.DOTALL)
    assert body == snapshot
