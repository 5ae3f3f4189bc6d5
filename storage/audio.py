"""Where the callers' voices are kept: a folder on this machine, or an S3 bucket."""

import hashlib
import io
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import parse_qsl, urlsplit

KEY = re.compile(r"\w[\w.-]*(/\w[\w.-]*)*", re.ASCII)  # no part begins with a dot, so none leads out of the folder
UNFINISHED = ".unfinished"  # a name no key can have
ABANDONED_AFTER_S = 3600
MOST_KNOWN = 10_000  # objects that a process remembers to have read through
PIECE = 64 * 1024  # bytes that are held at a time


class AudioMissing(Exception):
    """There is no audio of that key."""


class AudioDamaged(Exception):
    """The bytes are not those that were stored."""


class AudioStoreDown(Exception):
    """The store cannot be used now: disk full, bucket unreachable, access refused. Trying again may help."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Audio whose bytes are those that were stored; `pieces(start, stop)` reads those from `start` to before `stop`."""

    size: int
    pieces: Callable[[int, int], Iterator[bytes]]


class AudioStore(Protocol):
    """Audio by key, a relative name such as `2026/11/21/RE….mp3`. Every method may raise AudioStoreDown."""

    def put(self, key: str, data: bytes) -> None:
        """Keep `data`, over what was there: all of it or nothing, and still there after a power cut."""

    def get(self, key: str, sha256: str | None = None) -> bytes:
        """What was kept.

        Raises:
            AudioMissing: nothing was.
            AudioDamaged: `sha256` is given, in hexadecimal, and the bytes have another.
        """

    def check(self, key: str, sha256: str) -> Checked:
        """What was kept, to be read in parts, after all of its bytes have been read through once.

        Raises:
            AudioMissing, AudioDamaged: as `get`.
        """

    def delete(self, key: str) -> None:
        """Keep it no longer. Deleting what is not there changes nothing."""


def open_audio_store(url: str) -> AudioStore:
    """The store that RECORDINGS_URL names.

    `file:FOLDER` or `s3://bucket/prefix`, which may end in `?sse=AES256` or `?sse=aws:kms&kms_key=…` for
    encryption at rest.

    Raises:
        ValueError: an unknown word after the question mark.
        AudioStoreDown: the folder cannot be written.
    """
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return Bucket(parts.netloc, parts.path.strip("/"), **_read_options(parts.query))
    return Folder(Path(url.removeprefix("file:").removeprefix("//")))


class Folder:
    """Audio as files that only our own user can read."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._unfinished = root / UNFINISHED
        self._synced: set[Path] = set()  # a folder a day
        with suppress(OSError):  # a folder that cannot be had yet holds up no start
            self._unfinished.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sweep(self._unfinished)

    def put(self, key: str, data: bytes) -> None:
        path = self._path(key)
        with _folder_errors(key):
            for folder in (self._unfinished, path.parent):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, unfinished = tempfile.mkstemp(dir=self._unfinished)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(unfinished).replace(path)
            self._sync_names(path.parent)

    def _sync_names(self, folder: Path) -> None:
        """The new file's name, and once in a process those of the folders above it: who made them may have died."""
        _sync(folder)
        if folder not in self._synced:
            for above in folder.parents[: len(folder.relative_to(self._root).parts)]:
                _sync(above)
            self._synced.add(folder)

    def get(self, key: str, sha256: str | None = None) -> bytes:
        with _folder_errors(key):
            return _checked(self._path(key).read_bytes(), key, sha256)

    def check(self, key: str, sha256: str) -> Checked:
        path = self._path(key)
        with _folder_errors(key), path.open("rb") as file:
            _compare(hashlib.file_digest(file, "sha256").hexdigest(), key, sha256)
            stamp = _stamp(file)
        return Checked(stamp[0], lambda start, stop: _read_file(path, key, stamp, start, stop))

    def delete(self, key: str) -> None:
        path = self._path(key)
        with _folder_errors(key), suppress(FileNotFoundError):
            path.unlink()
            _sync(path.parent)

    def _path(self, key: str) -> Path:
        return self._root / _safe(key)


class Bucket:
    """Audio in S3, under a prefix. boto3's own variables give keys, region and endpoint."""

    def __init__(self, bucket: str, prefix: str, sse: str | None = None, kms_key: str | None = None) -> None:
        import boto3  # a third of a second that a start with a folder need not wait
        from botocore.config import Config

        bounds = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 3})
        self._s3 = boto3.client("s3", config=bounds)
        self._bucket = bucket
        self._prefix = prefix
        encryption = {"ServerSideEncryption": sse, "SSEKMSKeyId": kms_key}
        self._extra = {"ChecksumAlgorithm": "SHA256"} | {name: value for name, value in encryption.items() if value}
        self._known: set[tuple[str, str, str]] = set()

    def put(self, key: str, data: bytes) -> None:
        with _bucket_errors(key):
            # Long recordings go up in parts, each with its checksum.
            self._s3.upload_fileobj(io.BytesIO(data), **self._named(key), ExtraArgs=self._extra)

    def get(self, key: str, sha256: str | None = None) -> bytes:
        with _bucket_errors(key):
            body: bytes = self._s3.get_object(ChecksumMode="ENABLED", **self._named(key))["Body"].read()
        return _checked(body, key, sha256)

    def check(self, key: str, sha256: str) -> Checked:
        """An object is read through once in a process: S3 gives another ETag to other bytes."""
        with _bucket_errors(key):
            known = self._s3.head_object(**self._named(key))
        etag, size = known["ETag"], known["ContentLength"]
        if (key, etag, sha256) not in self._known:
            digest = hashlib.sha256()
            for piece in self._read(key, etag, 0, size):
                digest.update(piece)
            _compare(digest.hexdigest(), key, sha256)
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known.add((key, etag, sha256))
        return Checked(size, lambda start, stop: self._read(key, etag, start, stop))

    def _read(self, key: str, etag: str, start: int, stop: int) -> Iterator[bytes]:
        part = {"Range": f"bytes={start}-{stop - 1}", "IfMatch": etag, **self._named(key)}
        with _bucket_errors(key), closing(self._s3.get_object(**part)["Body"]) as body:
            yield from body.iter_chunks(PIECE)

    def delete(self, key: str) -> None:
        with _bucket_errors(key):
            self._s3.delete_object(**self._named(key))

    def _named(self, key: str) -> dict[str, Any]:
        return {"Bucket": self._bucket, "Key": f"{self._prefix}/{_safe(key)}".lstrip("/")}


def _read_options(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query))
    unknown = sorted(options.keys() - {"sse", "kms_key"})
    if unknown:
        raise ValueError(f"RECORDINGS_URL: {unknown[0]!r} is not an option; write sse or kms_key")
    return options


def _safe(key: str) -> str:
    if not KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key of audio")
    return key


def _checked(data: bytes, key: str, sha256: str | None) -> bytes:
    if sha256 is not None:
        _compare(hashlib.sha256(data).hexdigest(), key, sha256)
    return data


def _compare(found: str, key: str, sha256: str) -> None:
    if found != sha256:
        raise AudioDamaged(key)


def _read_file(path: Path, key: str, stamp: tuple[int, ...], start: int, stop: int) -> Iterator[bytes]:
    """The file that was checked and none that has taken its place since."""
    with _folder_errors(key), path.open("rb") as file:
        if _stamp(file) != stamp:
            raise AudioDamaged(key)
        file.seek(start)
        while start < stop and (piece := file.read(min(PIECE, stop - start))):
            start += len(piece)
            yield piece


def _stamp(file: BinaryIO) -> tuple[int, ...]:
    found = os.fstat(file.fileno())
    return found.st_size, found.st_ino, found.st_mtime_ns


def _sweep(unfinished: Path) -> None:
    """Remove what a process left when it was killed while writing."""
    for file in unfinished.iterdir():
        if time.time() - file.stat().st_mtime > ABANDONED_AFTER_S:
            file.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """A new or removed name survives a power cut only once its folder is written too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _folder_errors(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise AudioMissing(key) from error
    except OSError as error:
        raise AudioStoreDown(f"{error.filename or 'the recordings folder'}: {error.strerror}") from error


@contextmanager
def _bucket_errors(key: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in ("NoSuchKey", "404"):
            raise AudioMissing(key) from error
        raise AudioStoreDown(f"S3 answered {code}") from error
    except BotoCoreError as error:
        raise AudioStoreDown(f"S3 cannot be reached: {type(error).__name__}") from error
