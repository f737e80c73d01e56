"""Tells the addresses of clusters from other text, with nothing loaded: each run of pytest may ask."""

from urllib.parse import urlsplit


def is_cluster(address: str) -> bool:
    """Whether it is that of a Spark Connect server: `sc://host:port`, and maybe parameters after it."""
    return address.startswith("sc://") and bool(urlsplit(address).hostname)
