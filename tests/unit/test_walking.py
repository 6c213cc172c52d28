"""Walking orders: sensible at the size of a town, and from where one stands."""

from __future__ import annotations

import random

import numpy as np

from weathermap.visit.walking import distances, walking_order


def length(order: list[int], lon: list[float], lat: list[float]) -> float:
    metres = distances(np.array(lon)[order], np.array(lat)[order])
    return float(np.diagonal(metres, 1).sum())


def test_five_hundred_points_along_a_road_are_walked_along_it() -> None:
    chance = random.Random(3)
    along = [k / 500 for k in range(500)]
    chance.shuffle(along)
    lon, lat = [118.6 + 0.1 * x for x in along], [24.7 + 0.02 * float(np.sin(9 * x)) for x in along]
    order = walking_order(lon, lat, begins=False)
    assert sorted(order) == list(range(500))
    road = length(sorted(range(500), key=along.__getitem__), lon, lat)
    assert road <= length(order, lon, lat) < 1.1 * road
    near = walking_order(lon[:40], lat[:40], begins=True)
    assert near[0] == 0 and sorted(near) == list(range(40))
