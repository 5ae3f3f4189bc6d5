"""Settings: read once, checked, and a bad one names itself."""

from datetime import timedelta
from pathlib import Path

import pytest

from settings import BadSetting, Settings

SID = "AC" + "0" * 32


def read(tmp_path: Path, **environment: str) -> Settings:
    return Settings.from_environment({"DATA_DIR": str(tmp_path / "var"), **environment})


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.database_url == f"sqlite:///{tmp_path}/var/aftercall.db"
    assert settings.mail_url == f"file:{tmp_path}/var/mail"
    assert settings.phone
    assert settings.api_tokens == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("PUBLIC_URL", "survey.example.com"),
        ("PUBLIC_URL", "https://survey.example.com?line=1"),
        ("PUBLIC_URL", "https://survey.example.com/#rc=2"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("REDIS_URL", "http://localhost"),
        ("TWILIO_API_URL", "ftp://x"),
        ("RECORDINGS_URL", "s3:bucket"),
        ("MAIL_URL", "pop3://x"),
        ("MAIL_FROM", "nobody"),
        ("MAIL_FROM", "@"),
        ("MAIL_FROM", "a b@c d"),
        ("MAIL_FROM", "a@b.example\r\nBcc: c@d.example"),
        ("WHISPER_DEVICE", "abacus"),
        ("WHISPER_COMPUTE_TYPE", "int7"),
        ("FLOWS_DIR", "/nowhere"),
        ("TRUSTED_PROXIES", "some"),
        ("KEEP_CARRIER_COPY", "perhaps"),
        ("CALL_SILENCE_LIMIT", "15"),
        ("CALL_SILENCE_LIMIT", "0min"),
        ("PHONE", "maybe"),
        ("TWILIO_ACCOUNT_SID", "AC12"),
    ],
)
def test_a_malformed_setting_names_itself(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        read(tmp_path, **{"TWILIO_AUTH_TOKEN": "t", "TWILIO_ACCOUNT_SID": SID, name: value})


def test_half_a_carrier_account_is_none(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="TWILIO_AUTH_TOKEN"):
        read(tmp_path, TWILIO_ACCOUNT_SID=SID)


def test_a_password_in_a_malformed_setting_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(BadSetting) as refused:
        read(tmp_path, MAIL_URL="pop3://user:hunter2@mail.example")
    assert "hunter2" not in str(refused.value)


def test_a_carrier_account_turns_the_built_in_phone_off(tmp_path: Path) -> None:
    settings = read(tmp_path, TWILIO_ACCOUNT_SID=SID, TWILIO_AUTH_TOKEN="old, new")
    assert not settings.phone
    assert settings.twilio_auth_tokens == ("old", "new")


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("from a file\n")
    settings = read(tmp_path, TWILIO_ACCOUNT_SID=SID, TWILIO_AUTH_TOKEN_FILE=str(secret))
    assert settings.twilio_auth_tokens == ("from a file",)


def test_a_secret_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="SECRET_KEY_FILE"):
        read(tmp_path, SECRET_KEY_FILE=str(tmp_path / "nowhere"))


def test_the_secret_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    first = read(tmp_path).secret_key
    assert read(tmp_path).secret_key == first
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o077 == 0


def test_a_silence_limit_has_a_unit(tmp_path: Path) -> None:
    assert read(tmp_path, CALL_SILENCE_LIMIT="90s").call_silence_limit == timedelta(seconds=90)
    assert read(tmp_path, CALL_SILENCE_LIMIT="1h").call_silence_limit == timedelta(hours=1)


def test_an_empty_setting_is_no_setting(tmp_path: Path) -> None:
    assert read(tmp_path, PORT="", REDIS_URL=" ").redis_url is None


def test_plain_postgresql_addresses_mean_psycopg(tmp_path: Path) -> None:
    assert read(tmp_path, DATABASE_URL="postgresql://h/x").database_url == "postgresql+psycopg://h/x"
