"""What the carrier complains of, by the numbers of its error dictionary."""


class CarrierError(Exception):
    """The carrier could not do what the app asked; `code` is Twilio's, such as 12100 for a document that is no XML.

    Source: https://www.twilio.com/docs/api/errors
    """

    def __init__(self, code: int, what: str) -> None:
        super().__init__(code, what)
        self.code = code
        self.what = what

    def __str__(self) -> str:
        return f"{self.code} {self.what}"


class PhoneMisused(Exception):
    """The script did what nobody can do on a telephone, such as pressing a key after the call has ended."""
