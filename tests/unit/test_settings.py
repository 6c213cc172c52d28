"""Settings: read once, and a value that cannot be used is named with what would do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from weathermap.errors import SettingError
from weathermap.settings import PACKS, check_host, read_settings


def test_without_any_the_map_is_private_and_local() -> None:
    settings = read_settings({})
    assert (settings.host, settings.port, settings.database_url) == ("127.0.0.1", 8000, None)
    assert settings.data_dir.is_absolute()
    assert settings.demo
    assert settings.city_dir is not None
    assert settings.city_dir.parent == PACKS


def test_empty_ones_count_as_unset() -> None:
    names = ("HOST", "PORT", "WEATHERMAP_DATA", "WEATHERMAP_DATABASE_URL", "WEATHERMAP_CITY", "WEATHERMAP_DEMO")
    assert read_settings(dict.fromkeys(names, "")) == read_settings({})


@pytest.mark.parametrize("port", ["0", "65536", "80a", "-1", "8000.0", "８０００"])
def test_a_port_that_is_none_is_named(port: str) -> None:
    with pytest.raises(SettingError, match="which is not a port"):
        read_settings({"PORT": port})


def test_a_relative_data_folder_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings({"WEATHERMAP_DATA": "data"}).data_dir == tmp_path / "data"


@pytest.mark.parametrize("url", ["postgresql+psycopg2://u@h/d", "postgresql://u@h/d", "postgres://u@h/d"])
def test_a_database_url_is_given_on_as_libpq_reads_it(url: str) -> None:
    assert read_settings({"WEATHERMAP_DATABASE_URL": url}).database_url == "postgresql://u@h/d"


def test_another_databases_url_is_refused_without_repeating_its_password() -> None:
    with pytest.raises(SettingError, match="postgresql://") as caught:
        read_settings({"WEATHERMAP_DATABASE_URL": "mysql://u:secret@h/d"})
    assert "secret" not in str(caught.value)


def test_a_city_needs_a_pack_and_none_means_none(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"no city\.toml"):
        read_settings({"WEATHERMAP_CITY": str(tmp_path)})
    (tmp_path / "city.toml").write_text("")
    assert read_settings({"WEATHERMAP_CITY": str(tmp_path)}).city_dir == tmp_path
    assert read_settings({"WEATHERMAP_CITY": "none"}).city_dir is None


def test_an_unknown_log_level_is_named() -> None:
    with pytest.raises(SettingError, match="DEBUG, INFO, WARNING, ERROR"):
        read_settings({"WEATHERMAP_LOG_LEVEL": "loud"})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_this_machine_may_see_the_map(host: str) -> None:
    check_host(read_settings({"HOST": host}))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org"])
def test_other_machines_may_not_except_inside_compose(host: str) -> None:
    settings = read_settings({"HOST": host})
    with pytest.raises(SettingError, match="no sign-in"):
        check_host(settings)
    check_host(replace(settings, in_compose=True))
