"""Tells public IP addresses from private, local and reserved ones.

`ip_address(...).is_global` is wrong for some networks before Python 3.12.4, so that the networks
of IANA's special-purpose registries are listed here.
"""

from ipaddress import IPv6Address, ip_address, ip_network

NON_PUBLIC_NETWORKS = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared between a provider's customers
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local: also the clouds' metadata services
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "2001::/23",  # protocol assignments: also Teredo, which embeds an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which embeds an IPv4 address
        "3fff::/20",  # documentation
    )
)
# The rest of IPv6 is loopback, mapped or translated IPv4, local, multicast or reserved.
GLOBAL_UNICAST = ip_network("2000::/3")


def is_public(text: str) -> bool:
    """Return whether the text is an IP address of the public internet."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and not _is_global(address):
        return False
    return not any(address in network for network in NON_PUBLIC_NETWORKS)


def _is_global(address: IPv6Address) -> bool:
    return address.scope_id is None and address in GLOBAL_UNICAST
