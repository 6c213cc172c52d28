"""In which order to walk to points: a travelling salesman's open path on great-circle distance, by OR-Tools."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

EARTH_M = 6_371_008.8  # mean radius, metres
LONGEST_S = 1.0  # of searching
EACH_S = 0.004  # for each point: longer gains a hundredth or two
MOST = 1_500  # points of one walk: their distances take some 100 MB while it is searched for


def distances(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Great-circle distances (haversine), metres; shape (n, n). Degrees, EPSG:4326."""
    x, y = np.radians(lon), np.radians(lat)
    s = np.sin((y[:, None] - y) / 2) ** 2 + np.cos(y[:, None]) * np.cos(y) * np.sin((x[:, None] - x) / 2) ** 2
    return np.asarray(2 * EARTH_M * np.arcsin(np.sqrt(s)))


def walking_order(lon: Sequence[float], lat: Sequence[float], begins: bool) -> list[int]:
    """The rows in the order of a short walk that ends anywhere; `begins`: the first row is where it begins.

    The search takes EACH_S a point, at most LONGEST_S; what lies beyond the first MOST rows follows in the given order.
    """
    n = min(len(lon), MOST)
    rest = list(range(n, len(lon)))
    if n < 3:
        return [*range(n), *rest]
    metres = distances(np.asarray(lon[:n], dtype=np.float64), np.asarray(lat[:n], dtype=np.float64))
    return [*_solve(np.rint(metres).astype(np.int64), begins, min(LONGEST_S, EACH_S * n)), *rest]


def _solve(metres: NDArray[np.int64], begins: bool, seconds: float) -> list[int]:
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2  # takes half a second to load: only who walks

    n = len(metres)
    costs = np.zeros((n + 1, n + 1), dtype=np.int64)  # the last node is nowhere: free to reach, so that a walk may end
    costs[:n, :n] = metres
    nodes = pywrapcp.RoutingIndexManager(n + 1, 1, [0 if begins else n], [n])
    routing = pywrapcp.RoutingModel(nodes)
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(costs.tolist()))
    asked = pywrapcp.DefaultRoutingSearchParameters()
    asked.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    asked.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    asked.time_limit.FromMilliseconds(int(seconds * 1000))
    found = routing.SolveWithParameters(asked)
    if found is None:  # none within the time: as given
        return list(range(n))
    order, at = [], routing.Start(0)
    while not routing.IsEnd(at):
        node = nodes.IndexToNode(at)
        if node < n:
            order.append(node)
        at = found.Value(routing.NextVar(at))
    return order
