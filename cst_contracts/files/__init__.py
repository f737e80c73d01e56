"""The disk: contracts, snapshots and manifests, read and written as text."""
