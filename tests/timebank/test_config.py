"""timebank/config.py: defaults that are safe, bounds that hold, secrets that do not print."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from timebank.config import Settings

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(f"TIMEBANK_{name.upper()}", raising=False)


def test_one_pc_needs_no_setting_at_all():
    settings = Settings()

    assert settings.data == Path("timebank-data")
    assert settings.keys_folder == Path("timebank-data.keys")
    assert settings.vault_key_path == Path("timebank-data.keys/vault.key")
    assert settings.store_url() == "sqlite:///timebank-data.vault/wrapped-keys.sqlite3"
    assert (
        settings.engine_url() == settings.owner_url() == "sqlite:///timebank-data/timebank.sqlite3"
    )
    assert settings.host == "127.0.0.1"


def test_the_environment_decides(monkeypatch):
    monkeypatch.setenv("TIMEBANK_DATA", "/srv/xingfu")
    monkeypatch.setenv("TIMEBANK_PORT", "8443")
    monkeypatch.setenv("TIMEBANK_HOST", "")  # set but empty is not set

    settings = Settings()

    assert settings.log_folder == Path("/srv/xingfu/log")
    assert settings.keys_folder == Path("/srv/xingfu.keys")
    assert (settings.port, settings.host) == (8443, "127.0.0.1")


@pytest.mark.parametrize("data", [".", "..", "book/.."])
def test_a_data_folder_without_a_name_still_has_its_keys_beside_it(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    settings = Settings(data=Path(data))

    assert not settings.keys_folder.resolve().is_relative_to(settings.data.resolve())


@pytest.mark.parametrize(
    "inside",
    [
        {"keys": Path("book/keys")},
        {"vault_master_key_file": Path("book/vault.key")},
        {"wrapped_keys_url": SecretStr("sqlite:///book/wrapped-keys.sqlite3")},
    ],
    ids=["keys", "vault key", "wrapped keys"],
)
def test_keys_inside_the_data_folder_stop_the_start(inside):
    with pytest.raises(ValidationError, match="must not lie inside the data folder"):
        Settings(data=Path("book"), **inside)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("port", 1, 65_535),
        ("session_minutes", 1, 720),
        ("kiosk_session_minutes", 1, 30),
        ("upload_max_bytes", 1024, 2**30),
        ("group_size_max", 1, 100_000),
        ("publish_interval_ms", 10, 1_500),
    ],
)
def test_bounds_hold(name, least, most):
    assert getattr(Settings(**{name: least}), name) == least
    assert getattr(Settings(**{name: most}), name) == most
    for beyond in (least - 1, most + 1):
        with pytest.raises(ValidationError):
            Settings(**{name: beyond})


def test_an_unknown_setting_stops_the_start():
    with pytest.raises(ValidationError):
        Settings(prot=8000)


def test_a_password_in_a_url_is_handed_on_but_never_printed():
    url = "postgresql+psycopg://bank:s3cret@db/bank"
    settings = Settings(database_url=SecretStr(url), database_owner_url=SecretStr(url + "2"))

    assert (settings.engine_url(), settings.owner_url()) == (url, url + "2")
    assert "s3cret" not in repr(settings) + str(settings) + settings.model_dump_json()


def test_a_refused_start_does_not_print_a_password_either(monkeypatch):
    monkeypatch.setenv("TIMEBANK_DATABASE_URL", "postgresql+psycopg://bank:s3cret@db/bank")

    with pytest.raises(ValidationError) as refused:
        Settings(keys=Path("timebank-data/keys"))

    assert "s3cret" not in str(refused.value)


def test_settings_do_not_change_once_read():
    with pytest.raises(ValidationError):
        Settings().port = 1


@pytest.mark.parametrize("url", ["tsa.example", "ftp://tsa.example/", "http://tsa.example/?a=b"])
def test_an_authority_has_a_plain_address_and_a_root(url):
    root = Path("root.pem")
    with pytest.raises(ValidationError, match="timestamp_url"):
        Settings(timestamp_url=url, timestamp_root=root)
    with pytest.raises(ValidationError, match="TIMEBANK_TIMESTAMP_ROOT"):
        Settings(timestamp_url="http://tsa.example/")
    assert Settings(timestamp_url="http://tsa.example/tsr", timestamp_root=root).timestamp_url


def test_every_setting_stands_on_the_reference_page():
    page = REFERENCE.read_text(encoding="utf-8")

    for name, field in Settings.model_fields.items():
        assert f"| `TIMEBANK_{name.upper()}` |" in page
        assert field.description in page
