"""The Civilization Weather Map's core: what is true. Knows no HTTP, no feeds, no files but the city pack."""
