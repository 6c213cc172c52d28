"""A mapping proposed from a ledger and a pack: shown with its reasons, written where asked, never used unseen."""
