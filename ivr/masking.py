"""Telephone numbers for those who need not know them whole."""


def mask_number(number: str | None) -> str | None:
    """The country and area, and the last four digits; what is too short to hide that way is hidden whole.

    >>> mask_number("+12025550199")
    '+1202…0199'
    """
    if number is None:
        return None
    return f"{number[:5]}…{number[-4:]}" if number.startswith("+") and len(number) > 10 else "…"
