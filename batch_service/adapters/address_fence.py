"""Which addresses a target's name may resolve to, checked as each connection is opened.

A public name that resolves to a private address is how a gateway is turned against its own network: such an address is
allowed only where the registry names it, as the host of the url itself or in `allow_private`.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

import pycurl

from batch_service.domain.entity import Entity


class _Address(NamedTuple):
    family: int
    kind: int
    protocol: int
    address: tuple[str, int]


class AddressFence:
    """The check of one connection; `refused` says afterwards that it was the fence that kept it from opening."""

    def __init__(self, entity: Entity) -> None:
        self._allowed = entity.allow_private
        self._named = _literal(entity.origin.hostname or "")
        self.refused = False

    def reset(self) -> None:
        """Forget what the last transfer met."""
        self.refused = False

    def open_socket(self, purpose: int, address: _Address) -> socket.socket | int:
        """Open a socket for libcurl to this address, or refuse to."""
        family, kind, protocol, (host, *_) = address
        if not self._allows(ip_address(host)):
            self.refused = True
            return int(pycurl.SOCKET_BAD)
        return socket.socket(family, kind, protocol)

    def _allows(self, address: IPv4Address | IPv6Address) -> bool:
        plain = getattr(address, "ipv4_mapped", None) or address
        if plain.is_global and not plain.is_multicast:
            return True
        return plain in self._named or any(plain in network for network in self._allowed)


def _literal(host: str) -> frozenset[IPv4Address | IPv6Address]:
    """The addresses that a host names by itself, without a resolver that could be lied to."""
    if host == "localhost":
        return frozenset({IPv4Address("127.0.0.1"), IPv6Address("::1")})
    try:
        return frozenset({ip_address(host)})
    except ValueError:
        return frozenset()
