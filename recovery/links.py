"""Links that open one thing for some days without a login, signed so that nobody can make one up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from itsdangerous import BadSignature, TimestampSigner, URLSafeTimedSerializer

LIFETIME = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Links:
    """Signed links to cases and recordings under `public_url`. Each use has a salt, so no key opens anything else."""

    public_url: str
    secret_key: str
    lifetime: timedelta = LIFETIME

    @property
    def days(self) -> int:
        return self.lifetime.days

    def case(self, number: int) -> str:
        """The page of a case, to look at."""
        return f"{self.public_url}/cases/{number}?key={self.case_key(number)}"

    def recording(self, verbatim_id: int) -> str:
        """The MP3 of a verbatim, to listen to."""
        return f"{self.public_url}/recordings/{verbatim_id}.mp3?key={self.recording_key(verbatim_id)}"

    def case_key(self, number: int) -> str:
        return self._signer("case").dumps(number)

    def recording_key(self, verbatim_id: int) -> str:
        return self._signer("recording").dumps(verbatim_id)

    def recording_key_beside(self, case_key: str, verbatim_id: int) -> str:
        """A key for a recording of that case, as old as the key of the case: it ends with it."""
        _, made_at = self._signer("case").loads(case_key, return_timestamp=True)
        return self._signer("recording", signer=_SignedBefore, signer_kwargs={"at": made_at}).dumps(verbatim_id)

    def opens_case(self, number: int, key: str) -> bool:
        """Whether the key was made for this case and still works."""
        return self._opens("case", number, key)

    def opens_recording(self, verbatim_id: int, key: str) -> bool:
        return self._opens("recording", verbatim_id, key)

    def _opens(self, salt: str, wanted: int, key: str) -> bool:
        try:
            return bool(self._signer(salt).loads(key, max_age=int(self.lifetime.total_seconds())) == wanted)
        except BadSignature:  # forged, cut, or too old
            return False

    def _signer(self, salt: str, **how: Any) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.secret_key, salt=f"aftercall.{salt}", **how)


class _SignedBefore(TimestampSigner):
    """Signs as if it were the moment `at`."""

    def __init__(self, *keys: Any, at: datetime, **options: Any) -> None:
        super().__init__(*keys, **options)
        self.at = at

    def get_timestamp(self) -> int:
        return int(self.at.timestamp())
