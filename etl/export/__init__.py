"""Out in bulk: reports as files."""
