import pytest

from tests.ivr.twilio.carrier import Carrier, listening


@pytest.fixture
def carrier():
    """The carrier, over real HTTP; a test gives it its answers."""
    with listening(Carrier()) as carrier:
        yield carrier
