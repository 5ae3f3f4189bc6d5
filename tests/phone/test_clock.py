from datetime import timedelta

from phone.clock import VirtualClock, WallClock


def test_virtual_time_passes_only_when_it_is_let_pass(now):
    clock = VirtualClock(now)

    assert clock.now() == clock.now() == now
    clock.sleep(90)
    assert clock.now() == now + timedelta(seconds=90)


def test_real_time_is_waited_for(monkeypatch):
    waited = []
    monkeypatch.setattr("phone.clock.time.sleep", waited.append)

    WallClock().sleep(7)

    assert waited == [7]
    assert WallClock().now().tzinfo is not None
