"""Which addresses a target's name may resolve to, checked as each connection is opened.

A public name that resolves to a private address is how a gateway is turned against its own network: such an address is
allowed only where the registry names it, as the host of the url itself or in `allow_private`.
"""

import os
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

import pycurl

from batch_service.domain.entity import Entity


class Address(NamedTuple):
    """An address as pycurl hands it over."""

    family: int
    kind: int
    protocol: int
    address: tuple[str, int]


class OpenedSocket:
    """A socket that pycurl duplicates; this one of the two is closed as soon as nobody holds it."""

    def __init__(self, family: int, kind: int, protocol: int) -> None:
        self._fd = socket.socket(family, kind, protocol).detach()

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._fd

    def __del__(self) -> None:
        os.close(self._fd)


class AddressFence:
    """The check of one transfer; `refused` says afterwards that it was the fence that kept it from being sent."""

    def __init__(self, entity: Entity) -> None:
        self._allowed = entity.allow_private
        self._named = _literal(entity.origin.hostname or "")
        self.reset()

    def reset(self) -> None:
        """Forget what the last transfer met."""
        self._some_refused = self._some_opened = False

    @property
    def refused(self) -> bool:
        """Say whether every address that was tried was refused."""
        return self._some_refused and not self._some_opened

    def open_socket(self, purpose: int, address: Address) -> OpenedSocket | int:
        """Open a socket for libcurl to this address, or refuse to; a name with several addresses asks for each."""
        family, kind, protocol, (host, *_) = address
        if not self._allows(ip_address(host)):
            self._some_refused = True
            return int(pycurl.SOCKET_BAD)
        self._some_opened = True
        return OpenedSocket(family, kind, protocol)

    def _allows(self, address: IPv4Address | IPv6Address) -> bool:
        plain = _plain(address)
        if plain.is_global and not plain.is_multicast:
            return True
        return plain in self._named or any(plain in network for network in self._allowed)


def _literal(host: str) -> frozenset[IPv4Address | IPv6Address]:
    """The addresses that a host names by itself, without a resolver that could be lied to."""
    if host == "localhost":
        return frozenset({IPv4Address("127.0.0.1"), IPv6Address("::1")})
    try:
        return frozenset({_plain(ip_address(host))})
    except ValueError:
        return frozenset()


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address stands for, or else the address itself."""
    return getattr(address, "ipv4_mapped", None) or address
