"""Drawing of a schematic pack: a real outline, real names and codes, invented borders inside (`python -m etl.draw`)."""
