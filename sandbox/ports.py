"""Taking the ports before anything else is done."""

import errno
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

HOST = "127.0.0.1"


class PortError(Exception):
    """A port cannot be had; the text says which and what to do, in one line."""


@contextmanager
def taken(ports: Mapping[str, int]) -> Iterator[dict[str, socket.socket]]:
    """Listening sockets by name, on loopback; port 0 is any free one. PortError names the first busy one."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(_bound(name, port)) for name, port in ports.items()}


def _bound(name: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Without it a port stays "in use" for a minute after a sandbox with open connections has ended.
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((HOST, port))
        bound.listen(128)
    except OSError as error:
        bound.close()
        why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be had ({error.strerror})"
        raise PortError(
            f"Port {port} {why}: end what listens there, or choose another with --{name}-port (0: any free)."
        ) from error
    return bound


def address(bound: socket.socket) -> str:
    """The URL at which a socket is reached, without a slash at its end."""
    host, port = bound.getsockname()
    return f"http://{host}:{port}"
