"""One HTML page that tells a person what a run found. It holds all that it needs, and opens from a file."""
