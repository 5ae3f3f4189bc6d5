"""Every setting, read once from the environment, checked, frozen."""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from dotenv import dotenv_values

T = TypeVar("T")
COMPUTE_TYPES = (
    *("default", "auto", "int8", "int8_float32", "int8_float16", "int8_bfloat16"),
    *("int16", "float16", "bfloat16", "float32"),
)
LONGEST = 100_000  # of any unit; longer is a slip of the finger
ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}")
SQLITE_FILE = re.compile(r"sqlite:///(?!:memory:)[^?].*")
MAILBOX = re.compile(r"[^@\s]+@[^@\s]+")


class BadSetting(ValueError):
    """A setting that stops the start; the message names it and says what to write."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator chose. Names are those of the environment, in lower case.

    Times are `timedelta`; addresses are URLs as text. `twilio_auth_tokens` is empty without a carrier
    account, and the built-in phone is then the only line.
    """

    host: str
    port: int
    public_url: str
    data_dir: Path
    database_url: str
    redis_url: str | None  # None: embedded
    flows_dir: Path
    teams_file: Path
    twilio_account_sid: str | None
    twilio_auth_tokens: tuple[str, ...]
    twilio_api_url: str
    twilio_from: str | None
    recordings_url: str
    mail_url: str
    mail_from: str
    whisper_model: str
    whisper_device: str
    whisper_compute_type: str
    api_tokens: tuple[str, ...]
    trusted_proxies: int
    keep_carrier_copy: bool
    call_silence_limit: timedelta
    phone: bool
    secret_key: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read `.env` and the environment (which wins); make and keep SECRET_KEY where there is none.

        Raises:
            BadSetting: a value is malformed; the message names the setting.
        """
        env = _with_files(environment if environment is not None else {**_dotenv(), **os.environ})
        host, port = env.get("HOST", "127.0.0.1"), _read(env, "PORT", "8000", _port)
        data_dir = _made_folder(Path(env.get("DATA_DIR", "var")).resolve())
        sid = _read(env, "TWILIO_ACCOUNT_SID", None, _account_sid)
        tokens = _list(env.get("TWILIO_AUTH_TOKEN", ""))
        if bool(sid) != bool(tokens):
            raise BadSetting("TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN belong together: set both, or neither")
        return cls(
            host=host,
            port=port,
            public_url=_read(env, "PUBLIC_URL", f"http://127.0.0.1:{port}", _base_url).rstrip("/"),
            data_dir=data_dir,
            database_url=_read(env, "DATABASE_URL", f"sqlite:///{data_dir}/aftercall.db", _database_url),
            redis_url=_read(env, "REDIS_URL", None, _redis_url),
            flows_dir=_read(env, "FLOWS_DIR", "flows", _folder),
            teams_file=Path(env.get("TEAMS_FILE", "alerts/teams.yaml")).resolve(),
            twilio_account_sid=sid,
            twilio_auth_tokens=tokens,
            twilio_api_url=_read(env, "TWILIO_API_URL", "https://api.twilio.com", _web_url).rstrip("/"),
            twilio_from=env.get("TWILIO_FROM"),
            recordings_url=_read(env, "RECORDINGS_URL", f"file:{data_dir}/recordings", _recordings_url),
            mail_url=_read(env, "MAIL_URL", f"file:{data_dir}/mail", _mail_url),
            mail_from=_read(env, "MAIL_FROM", "Aftercall <aftercall@localhost>", _mail_address),
            whisper_model=env.get("WHISPER_MODEL", "base"),
            whisper_device=_read(env, "WHISPER_DEVICE", "auto", _one_of("auto", "cpu", "cuda")),
            whisper_compute_type=_read(env, "WHISPER_COMPUTE_TYPE", "default", _one_of(*COMPUTE_TYPES)),
            api_tokens=_list(env.get("API_TOKENS", "")),
            trusted_proxies=_read(env, "TRUSTED_PROXIES", "0", _count),
            keep_carrier_copy=_read(env, "KEEP_CARRIER_COPY", "off", _on_off),
            call_silence_limit=_read(env, "CALL_SILENCE_LIMIT", "15min", _duration),
            phone=_read(env, "PHONE", "off" if sid else "on", _on_off),
            secret_key=env.get("SECRET_KEY") or _kept_secret(data_dir),
        )


def _dotenv() -> dict[str, str]:
    return {name: value for name, value in dotenv_values(".env").items() if value is not None}


def _with_files(env: Mapping[str, str]) -> dict[str, str]:
    """NAME_FILE gives NAME the content of that file; empty values count as not set."""
    known = {name.upper() for name in Settings.__dataclass_fields__} | {"TWILIO_AUTH_TOKEN"}
    merged = {name: value for name, value in env.items() if value.strip()}
    for name in known:
        path = merged.get(f"{name}_FILE")
        if path:
            try:
                merged[name] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise BadSetting(f"{name}_FILE: {path} cannot be read ({error.strerror})") from error
    return merged


def _read(env: Mapping[str, str], name: str, default: str | None, parse: Callable[[str], T]) -> T:
    text = env.get(name, default)
    if text is None:
        return None  # type: ignore[return-value]  # only where the default is None
    try:
        return parse(text.strip())
    except ValueError as error:
        shown = text if urlsplit(text).password is None else "(its value is not shown: it holds a password)"
        raise BadSetting(f"{name}: {shown!r} is not understood; write {error}") from error


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ValueError("a port number from 1 to 65535")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("a whole number, such as 0 or 1")
    return int(text)


def _on_off(text: str) -> bool:
    words = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}
    if text.lower() not in words:
        raise ValueError("on or off")
    return words[text.lower()]


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in words:
            raise ValueError("one of " + ", ".join(words))
        return text

    return parse


def _duration(text: str) -> timedelta:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|min|h)", text)
    if not found or not 0 < float(found[1]) <= LONGEST:
        raise ValueError("a number with its unit, such as 30s, 15min or 1h")
    return timedelta(seconds=float(found[1]) * {"s": 1, "min": 60, "h": 3600}[found[2]])


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise ValueError("a folder that is there")
    return Path(text).resolve()


def _account_sid(text: str) -> str:
    if not ACCOUNT_SID.fullmatch(text):
        raise ValueError("AC and 32 hexadecimal digits, as the carrier's console shows it")
    return text


def _url(text: str, schemes: Mapping[str, bool], example: str) -> str:
    """`schemes` maps a scheme to whether it needs a host."""
    parts = urlsplit(text)
    if parts.scheme not in schemes or (schemes[parts.scheme] and not parts.hostname):
        raise ValueError(example)
    try:
        _ = parts.port
    except ValueError as error:
        raise ValueError(example) from error
    return text


def _web_url(text: str) -> str:
    return _url(text, {"http": True, "https": True}, "an address such as https://survey.example.com")


def _base_url(text: str) -> str:
    """Other addresses are made of it by adding a path."""
    if set("?#").intersection(text):
        raise ValueError("an address without a query, such as https://survey.example.com")
    return _web_url(text)


def _database_url(text: str) -> str:
    if text.startswith("postgresql://"):
        text = text.replace("postgresql://", "postgresql+psycopg://", 1)
    if text.startswith("sqlite:") and not SQLITE_FILE.fullmatch(text):  # in memory, each process would have its own
        raise ValueError("sqlite:///FILE, or sqlite:////FILE from the root folder on")
    return _url(text, {"sqlite": False, "postgresql+psycopg": False}, "postgresql+psycopg://user:password@host/name")


def _redis_url(text: str) -> str:
    return _url(text, {"redis": True, "rediss": True, "unix": False}, "redis://host:6379 or rediss://…")


def _recordings_url(text: str) -> str:
    return _url(text, {"file": False, "s3": True}, "file:FOLDER or s3://bucket/prefix")


def _mail_url(text: str) -> str:
    schemes = {"file": False, "smtp": True, "smtps": True, "smtp+starttls": True, "ses": True}
    return _url(
        text, schemes, "smtp://user:password@host:port, smtps://…, smtp+starttls://…, ses://region or file:FOLDER"
    )


def _mail_address(text: str) -> str:
    if not MAILBOX.fullmatch(parseaddr(text)[1]) or not text.isprintable():
        raise ValueError("an address such as Aftercall <survey@example.com>")
    return text


def _made_folder(data_dir: Path) -> Path:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(f"DATA_DIR: {data_dir} cannot be a folder ({error.strerror}); name another") from error
    return data_dir


def _kept_secret(data_dir: Path) -> str:
    """The key made at the first start; every process with the same DATA_DIR shares it."""
    path = data_dir / "secret_key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
            made.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    except OSError as error:
        raise BadSetting(f"DATA_DIR: {data_dir} cannot be written ({error.strerror})") from error
    return path.read_text(encoding="utf-8").strip()
