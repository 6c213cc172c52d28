"""A smooth, seeded bending of the plane: straight borders drawn in the bent plane become natural ones on the ground."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# (wavelength m, root mean square of the shift m): the shift changes by less than itself over its length, so that
# the bending is one to one and lines that do not cross never come to cross.
OCTAVES = ((6500.0, 180.0), (2300.0, 62.0), (850.0, 22.0), (330.0, 6.5), (140.0, 2.0))
WAVES = 7


class Warp:
    """ground → drawing plane: u = p + shift(p), metres."""

    def __init__(self, rng: np.random.Generator) -> None:
        waves = []
        for length, shift in OCTAVES:
            angle = rng.uniform(0, 2 * np.pi, (2, WAVES))
            phase = rng.uniform(0, 2 * np.pi, (2, WAVES))
            frequency = 2 * np.pi / (length * rng.uniform(0.8, 1.25, (2, WAVES)))
            waves.append((frequency * np.cos(angle), frequency * np.sin(angle), phase, shift * np.sqrt(2 / WAVES)))
        self._waves = waves

    def shift(self, points: Floats) -> Floats:
        """The shift at each point; shapes (n, 2)."""
        x, y = points[:, 0, None, None], points[:, 1, None, None]
        total = np.zeros_like(points)
        for fx, fy, phase, amplitude in self._waves:
            total += amplitude * np.sin(x * fx + y * fy + phase).sum(axis=2)
        return total

    def to_plane(self, ground: Floats) -> Floats:
        """Ground points (n, 2) in the drawing plane."""
        return ground + self.shift(ground)

    def to_ground(self, plane: Floats) -> Floats:
        """The inverse of `to_plane`, by damped fixed point. Raises ValueError if the bending folds somewhere."""
        ground = plane.copy()
        for _ in range(400):
            miss = plane - self.to_plane(ground)
            if np.abs(miss).max() < 1e-4:
                return ground
            ground += 0.6 * miss
        raise ValueError("The bending folds: take another seed or smaller OCTAVES.")
