// Who stands on which square of a grid: the cheapest assignment, exactly (Kuhn–Munkres with potentials, O(n²·m)).

/** `cost[i][j]`: of putting item i on square j; no fewer squares than items. Returns each item's square. */
export function assign(cost: readonly (readonly number[])[]): number[] {
  const n = cost.length;
  const m = cost[0]?.length ?? 0;
  const u = new Float64Array(n + 1);
  const v = new Float64Array(m + 1);
  const row = new Int32Array(m + 1); // the item on each square, from 1; 0 none
  const way = new Int32Array(m + 1);
  for (let i = 1; i <= n; i += 1) {
    row[0] = i;
    let j0 = 0;
    const least = new Float64Array(m + 1).fill(Infinity);
    const used = new Uint8Array(m + 1);
    do {
      used[j0] = 1;
      const i0 = row[j0] ?? 0;
      let delta = Infinity;
      let next = 0;
      for (let j = 1; j <= m; j += 1) {
        if (used[j]) continue;
        const reduced = (cost[i0 - 1]?.[j - 1] ?? 0) - (u[i0] ?? 0) - (v[j] ?? 0);
        if (reduced < (least[j] ?? 0)) [least[j], way[j]] = [reduced, j0];
        if ((least[j] ?? 0) < delta) [delta, next] = [least[j] ?? 0, j];
      }
      for (let j = 0; j <= m; j += 1) {
        if (used[j]) {
          const i1 = row[j] ?? 0;
          u[i1] = (u[i1] ?? 0) + delta;
          v[j] = (v[j] ?? 0) - delta;
        } else least[j] = (least[j] ?? 0) - delta;
      }
      j0 = next;
    } while (row[j0] !== 0);
    do {
      const before = way[j0] ?? 0;
      row[j0] = row[before] ?? 0;
      j0 = before;
    } while (j0);
  }
  const found = new Array<number>(n).fill(-1);
  for (let j = 1; j <= m; j += 1) if (row[j]) found[(row[j] ?? 0) - 1] = j - 1;
  return found;
}
