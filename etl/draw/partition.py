"""Dividing land among sites by area: power diagrams whose cells get the areas that are wanted."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon, box

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def settle(
    points: Floats, point_m2: float, sites: Floats, wanted: Floats, rounds: int, pull: float
) -> tuple[Floats, Floats]:
    """Sites and weights of a power diagram that gives each site its share of `points` (a lattice, (n, 2)).

    `point_m2`: area that a point stands for. `wanted`: relative areas, (k,).
    `pull`: how far a site follows the centre of its cell in each round, 0…1; it is
    tied to its first place by the rest. Returns sites (k, 2) and weights (k,) in m².
    """
    first, sites = sites.copy(), sites.copy()
    weights = np.zeros(len(sites))
    share = wanted / wanted.sum() * len(points)
    for k in range(rounds):
        owner = owners(points, sites, weights)
        count = np.bincount(owner, minlength=len(sites))
        if k > 0.12 * rounds:  # sites spread first: two at one place would only take turns
            weights += 0.2 * (share - count) * point_m2 * (1.0 if k < 0.7 * rounds else 0.4)
        if k < 0.7 * rounds:
            for i in np.flatnonzero(count):
                centre = points[owner == i].mean(axis=0)
                sites[i] = pull * (0.6 * sites[i] + 0.4 * centre) + (1 - pull) * (0.9 * first[i] + 0.1 * centre)
    return sites, weights


def owners(points: Floats, sites: Floats, weights: Floats) -> Ints:
    """The site that each point belongs to; shape (n,)."""
    best = np.full(len(points), np.inf)
    owner = np.zeros(len(points), dtype=np.int64)
    for i, (site, weight) in enumerate(zip(sites, weights, strict=True)):
        power = ((points - site) ** 2).sum(axis=1) - weight
        nearer = power < best
        best[nearer], owner[nearer] = power[nearer], i
    return owner


def scatter(points: Floats, fixed: Floats, count: int, rng: np.random.Generator) -> Floats:
    """`count` further sites among `points`, each far from `fixed` and from one another; shape (count, 2)."""
    sites = list(fixed)
    for _ in range(count):
        tries = points[rng.integers(0, len(points), 60)]
        if sites:
            near = ((tries[:, None] - np.array(sites)) ** 2).sum(axis=2).min(axis=1)
            sites.append(tries[np.argmax(near)])
        else:
            sites.append(tries[0])
    return np.array(sites[len(fixed) :]).reshape(count, 2)


def power_cells(sites: Floats, weights: Floats, frame: tuple[float, float, float, float]) -> list[Polygon]:
    """The cells of the power diagram inside `frame` (west, south, east, north)."""
    return [_power_cell(i, sites, weights, box(*frame)) for i in range(len(sites))]


def _power_cell(i: int, sites: Floats, weights: Floats, cell: Polygon) -> Polygon:
    reach = 4 * max(cell.bounds[2] - cell.bounds[0], cell.bounds[3] - cell.bounds[1])
    for j in np.argsort(((sites - sites[i]) ** 2).sum(axis=1))[1:]:
        gap = sites[j] - sites[i]
        distance = np.hypot(*gap)
        along = gap / distance
        across = np.array([-along[1], along[0]])
        middle = sites[i] + along * (distance**2 + weights[i] - weights[j]) / (2 * distance)
        corners = [middle - across * reach, middle + across * reach]
        half = Polygon([*corners, corners[1] - along * 2 * reach, corners[0] - along * 2 * reach])
        cell = shapely.intersection(cell, half)
    return cell
