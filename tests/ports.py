"""Ports of this machine that nobody listens at."""

import random
import socket

# Below those from which the system gives ports to whoever asks for any: nobody is given it meanwhile.
PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A port that will be listened at later, or never."""
    for port in random.sample(PORTS, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no port is free")
