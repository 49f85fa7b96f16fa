"""
Which addresses may be called: a URL that somebody gives must not lead into our own network.

Judged are the addresses that a name has at the moment of the call, and the call goes to those: a
name that means something else a moment later leads nowhere else.
"""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Address, IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def refusal(address: str, *, secure: bool, private: bool) -> str | None:
    """
    Return why an address may not be called, or None if it may.

    ``private`` lets calls go to addresses of one's own network, there also without TLS.
    """
    inner = _inner(ipaddress.ip_address(address.partition("%")[0]))
    if inner.is_multicast or inner.is_unspecified:
        return f"{address} is the address of no single machine"
    if inner.is_global:
        return None if secure else f"{address} is called by https only"
    return None if private else f"{address} is an address of a private network"


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return (
        address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address
    )
