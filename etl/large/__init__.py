"""Ledgers of hundreds of thousands of rows: read twice, in pieces, and stored chunk by chunk."""
