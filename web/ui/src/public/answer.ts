// The answer of /api/v1/public/weather.

import type { AreaShape, Both, Named, Sky, Thresholds } from "../types";

export interface PublicArea extends Pick<AreaShape, "id" | "code" | "name" | "name_en" | "label" | "label_width_m" | "label_height_m"> {
  weather: Sky | null;
}

export interface PublicAnswer {
  city: Named & { timezone: string };
  levels: string[];
  level: Both;
  bbox: [number, number, number, number];
  at: string;
  from: string | null;
  boundary_version: number;
  demo: boolean;
  snap: boolean; // whether citizens may report at /snap
  review_number: string;
  attribution: string;
  schematic_note: Both | null;
  coverage: boolean;
  thresholds: Thresholds;
  sentence: Both;
  totals: { notified: number; rectified: number; open: number; due: number; on_time: number; rectification_rate: number | null; on_time_rate: number | null; weather: Sky | null };
  areas: PublicArea[];
}
