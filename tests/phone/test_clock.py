from datetime import timedelta

from phone.clock import VirtualClock


def test_virtual_time_passes_only_when_it_is_let_pass(now):
    clock = VirtualClock(now)

    assert clock.now() == clock.now() == now
    clock.sleep(90)
    assert clock.now() == now + timedelta(seconds=90)
