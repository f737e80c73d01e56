"""The disk: contracts, snapshots and the manifest as text."""
