"""Bulletins (通报): facts frozen at an instant, and their forms."""
