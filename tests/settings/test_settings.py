import pickle
from pathlib import Path

import pytest

from verbatim.errors import SettingsError
from verbatim.settings import load_settings

MINIMAL = '[survey]\nid = "enseigne"\n[source]\npath = "nps.csv"\n'


@pytest.fixture
def write(tmp_path):
    def write(text: str) -> Path:
        file = tmp_path / "survey.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def test_minimal_settings_have_documented_defaults(write):
    settings = load_settings(write(MINIMAL))
    assert (settings.survey.kind, settings.survey.scale, settings.survey.period) == ("nps", (0, 10), "month")
    assert (settings.privacy.min_respondents, settings.codebook) == (10, "cx-fr")


def test_relative_paths_start_at_the_settings_file(write, tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    settings = load_settings(write(MINIMAL.replace("nps.csv", "../exports/*.csv")))
    assert settings.source.path == str(tmp_path.parent / "exports/*.csv")
    assert settings.warehouse.url.get_secret_value() == f"duckdb:///{tmp_path / 'verbatim.duckdb'}"
    assert settings.reports.folder == tmp_path / "reports"
    assert settings.survey_folder == tmp_path / ".verbatim" / "enseigne"


@pytest.mark.parametrize("url", ["s3://bucket/nps.csv", "memory://nps.csv"])
def test_remote_sources_stay_as_written(write, url):
    assert load_settings(write(MINIMAL.replace("nps.csv", url))).source.path == url


def test_environment_goes_before_the_file(write, monkeypatch):
    monkeypatch.setenv("VERBATIM_WAREHOUSE__URL", "postgresql://reader:secret@host/cx")
    monkeypatch.setenv("VERBATIM_PRIVACY__MIN_RESPONDENTS", "30")
    monkeypatch.setenv("VERBATIM_COLUMNS__DIMENSIONS__CHANNEL", "canal")
    settings = load_settings(write(MINIMAL + "[privacy]\nmin_respondents = 5\n"))
    assert settings.warehouse.url.get_secret_value() == "postgresql://reader:secret@host/cx"
    assert settings.privacy.min_respondents == 30
    assert settings.columns.dimensions["channel"].column == "canal"
    assert "secret" not in repr(settings)


def test_a_model_beside_the_settings_is_a_folder_and_any_other_a_hub_id(write, tmp_path):
    (tmp_path / "stars").mkdir()
    text = MINIMAL + (
        '[models]\nprofile = "camembert"\nspacy = "fr_core_news_md"\n'
        '[models.sentiment]\nmodel = "stars"\n[models.embedding]\nmodel = "dangvantuan/sentence-camembert-base"\n'
    )
    models = load_settings(write(text)).models
    assert models.sentiment.model == str(tmp_path / "stars")
    assert models.embedding.model == "dangvantuan/sentence-camembert-base"
    assert (models.embedding.pooling, models.spacy) == ("mean", "fr_core_news_md")
    # A folder that is not there is named as one, and not looked for on a hub.
    models = load_settings(write(text.replace('"stars"', '"./absent"'))).models
    assert models.sentiment.model == str(tmp_path / "absent")


def test_the_environment_names_a_plugged_model(write, monkeypatch):
    monkeypatch.setenv("VERBATIM_MODELS__PROFILE", "camembert")
    monkeypatch.setenv("VERBATIM_MODELS__SENTIMENT__MODEL", "cmarkea/distilcamembert-base-sentiment")
    models = load_settings(write(MINIMAL)).models
    assert models.sentiment.model == "cmarkea/distilcamembert-base-sentiment"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[models.sentiment]\nmodel = "stars"\n', 'sentiment: only with profile = "camembert"'),
        ('[models]\nprofile = "camembert"\n', "names no model"),
        (
            '[models]\nprofile = "camembert"\n[models.sentiment]\nmodel = "x"\nlabels = { A = "bad" }\n',
            "models.sentiment.labels",
        ),
        ('[models]\nprofile = "bert"\n', "models.profile"),
    ],
    ids=["parts without the profile", "the profile without parts", "no polarity", "unknown profile"],
)
def test_a_profile_and_its_parts_belong_together(write, text, message):
    with pytest.raises(SettingsError) as error:
        load_settings(write(MINIMAL + text))
    assert message in str(error.value)


def test_dimensions_may_be_binned(write):
    text = MINIMAL + '[columns.dimensions]\nvisits = { column = "NbPassageKS", bins = [1, 2, 5, 10] }\n'
    assert load_settings(write(text)).columns.dimensions["visits"].bins == (1, 2, 5, 10)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (MINIMAL + "[privcy]\n", "unknown key privcy .*did you mean privacy"),
        (MINIMAL + "[privacy]\nmin_respondent = 5\n", "privacy.min_respondent .*did you mean min_respondents"),
        (MINIMAL + "[privacy]\nmin_respondents = 0\n", "privacy.min_respondents"),
        (
            MINIMAL + '[columns.dimensions]\nv = { colum = "x" }\n',
            "columns.dimensions.v.colum .*known here: bins, column",
        ),
        (MINIMAL + '[columns.dimensions]\nv = { column = "x", bins = [2, 1] }\n', "strictly ascending"),
        (MINIMAL.replace('"enseigne"', '"Mon enseigne"'), "survey.id"),
        (MINIMAL + '[warehouse]\nurl = "mysql://x"\n', "known: duckdb:///FILE"),
        (MINIMAL.replace('path = "nps.csv"', ""), "either path, or url with query"),
        (MINIMAL.replace("[source]", 'timezone = "Paris"\n[source]'), "unknown time zone"),
        (MINIMAL + '[reports]\nlanguage = "de"\n', "reports.language"),
        (MINIMAL.replace("[source]", '[source]\nseparator = ";;"'), "source.separator"),
        ("[survey\n", "not valid TOML"),
    ],
)
def test_a_wrong_key_or_value_is_named_with_the_known_ones(write, text, message):
    with pytest.raises(SettingsError, match=message):
        load_settings(write(text))


def test_all_problems_are_named_at_once(write):
    with pytest.raises(SettingsError) as raised:
        load_settings(write("[survey]\nkind = 'b2b'\n[source]\nmising = 1\n"))
    for key in ("survey.id", "survey.kind", "source.mising"):
        assert key in str(raised.value)


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("VERBATIM_WAREHOUS__URL", "did you mean warehouse"),
        ("VERBATIM_WAREHOUSE__ULR", "did you mean url"),
        ("VERBATIM_SECRT", "unknown environment variable VERBATIM_SECRT"),
    ],
)
def test_a_mistyped_variable_is_named(write, monkeypatch, variable, message):
    monkeypatch.setenv(variable, "hunter2")
    with pytest.raises(SettingsError, match=message) as raised:
        load_settings(write(MINIMAL))
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, kind):
    file = tmp_path if kind == "folder" else tmp_path / "no.toml"
    with pytest.raises(SettingsError, match="expected: a TOML file"):
        load_settings(file)


def test_values_never_stand_in_an_error(write):
    with pytest.raises(SettingsError) as raised:
        load_settings(
            write(MINIMAL + "[source]\n".replace("[source]", "[warehouse]") + 'url = "mysql://bob:hunter2@h/d"\n')
        )
    assert "hunter2" not in str(raised.value)


def test_errors_pickle():
    error = SettingsError("what", where="here", expected="that", next_step="go")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (type(copy), str(copy)) == (SettingsError, str(error))


def test_a_database_file_of_a_source_counts_from_the_settings_folder(write, tmp_path):
    source = 'url = "duckdb:///answers.duckdb"\nquery = "select 1"'
    settings = load_settings(write(MINIMAL.replace('path = "nps.csv"', source)))
    assert settings.source.url.get_secret_value() == f"duckdb:///{tmp_path / 'answers.duckdb'}"
