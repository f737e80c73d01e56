"""Rows that an existing cluster measures, by way of Spark Connect (extra `[spark]`)."""
