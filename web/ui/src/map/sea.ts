// Depth lines: the sea a little lighter towards the coast, in steps at fixed distances. Drawn under the map's own canvas
// (which is clear where there is neither land nor area), from the land that is in sight, whenever the map rests.

import type { Geometry } from "geojson";
import type { Map as GlMap } from "maplibre-gl";

const STEPS_M = [3600, 2200, 1200, 500];
const LAND = ["neighbours", "land"];
const EQUATOR_M = 40_075_016.686;

export class Sea {
  private readonly canvas = document.createElement("canvas");
  private drawn = "";

  constructor(
    private readonly map: GlMap,
    private readonly tones: readonly { step: string; line: string }[],
  ) {
    this.canvas.className = "sea";
    this.canvas.setAttribute("aria-hidden", "true");
    map.getContainer().prepend(this.canvas);
    map.on("movestart", () => this.canvas.classList.add("away"));
    map.on("idle", () => this.draw());
  }

  private draw(): void {
    const { map, canvas } = this;
    const { lng, lat } = map.getCenter();
    const { clientWidth, clientHeight } = map.getContainer();
    const view = [lng, lat, map.getZoom(), clientWidth, clientHeight].join(" ");
    // A city whose surroundings nobody has drawn lies on plain ground, not in a sea.
    const known = map.querySourceFeatures("neighbours").length > 0;
    map.getContainer().classList.toggle("ashore", !known);
    canvas.hidden = !known;
    if (!known) return;
    canvas.classList.remove("away");
    if (view === this.drawn) return;
    this.drawn = view;
    [canvas.width, canvas.height] = [clientWidth, clientHeight];
    const pen = canvas.getContext("2d");
    if (!pen) return;
    const land = new Path2D();
    for (const { geometry } of map.queryRenderedFeatures({ layers: LAND })) outline(map, geometry, land);
    const metre = (512 * 2 ** map.getZoom()) / (EQUATOR_M * Math.cos((lat * Math.PI) / 180));
    pen.lineJoin = "round";
    pen.lineCap = "round";
    const scale = clientWidth / 1024;
    STEPS_M.forEach((distance, at) => {
      const width = 2 * distance * metre;
      const tone = this.tones[at];
      if (!tone || width > 3 * clientWidth) return; // one tone all over
      stroke(pen, land, tone.line, width + 2 * Math.max(1, scale));
      stroke(pen, land, tone.step, width);
    });
  }
}

/** One tone over another, opaque, so that what overlaps does not add up. */
function stroke(pen: CanvasRenderingContext2D, land: Path2D, tone: string, width: number): void {
  pen.strokeStyle = tone;
  pen.lineWidth = width;
  pen.stroke(land);
}

function outline(map: GlMap, geometry: Geometry, path: Path2D): void {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
  for (const ring of polygons.flat()) {
    ring.forEach((position, at) => {
      const { x, y } = map.project([position[0] ?? 0, position[1] ?? 0]);
      if (at) path.lineTo(x, y);
      else path.moveTo(x, y);
    });
    path.closePath();
  }
}
