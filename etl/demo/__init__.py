"""A believable year of a city, drawn from a seed: reports, what became of them, and visits, as a batch."""
