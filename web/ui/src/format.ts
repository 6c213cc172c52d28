// Numbers, rates and times as people read them. Unknown is 「–」, never 0.

import type { Lang, Named } from "./types";

export const NONE = "–";

export const count = (value: number): string => value.toLocaleString("en-US");

/** 0.98734 → 98.73; what is below one is never rounded up to 100. */
export function rate(share: number | null, places = 2): string {
  if (share === null) return NONE;
  const shown = (share * 100).toFixed(places);
  return share < 1 && Number(shown) >= 100 ? (100 - 10 ** -places).toFixed(places) : shown;
}

export const nameOf = (named: Pick<Named, "name" | "name_en"> & Partial<Named>, lang: Lang): string => (lang === "en" && named.name_en ? named.name_en : named.name);

/** A name for the map: without 镇, 街道, 社区, 村 where something is left to read. */
export function shortName(named: Named, lang: Lang): string {
  const name = nameOf(named, lang);
  if (lang === "en") return name;
  const short = name.replace(/(街道|社区|镇|乡|村|区)$/u, "");
  return [...short].length >= 2 ? short : name;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** One of a kind: making one costs more than a frame of a replay may. */
function formatOf(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${JSON.stringify(options)}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat(language, options);
  formats.set(key, known);
  return known;
}

export class Calendar {
  private readonly parts: Intl.DateTimeFormat;
  private readonly days: Intl.DateTimeFormat;

  constructor(
    zone: string,
    private readonly lang: Lang,
  ) {
    this.days = formatOf("sv-SE", { timeZone: zone });
    this.parts = formatOf(lang === "zh" ? "zh-CN" : "en-GB", {
      timeZone: zone,
      year: "numeric",
      month: lang === "zh" ? "numeric" : "short",
      day: "numeric",
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    });
  }

  private read(at: Date): Record<string, string> {
    return Object.fromEntries(this.parts.formatToParts(at).map((part) => [part.type, part.value]));
  }

  /** 11月23日 周一 09:42 · Mon 23 Nov 09:42 */
  clock(at: Date): string {
    return `${this.date(at)} ${this.time(at)}`;
  }

  /** Days of its month that are left after a day. */
  left(at: Date): number {
    const [year = 0, month = 0, day = 0] = this.days.format(at).split("-").map(Number);
    return new Date(Date.UTC(year, month, 0)).getUTCDate() - day;
  }

  date(at: Date): string {
    const p = this.read(at);
    return this.lang === "zh" ? `${p["month"]}月${p["day"]}日 ${p["weekday"]}` : `${p["weekday"]} ${p["day"]} ${p["month"]}`;
  }

  /** 11月23日 · 23 Nov */
  shortDate(at: Date): string {
    const p = this.read(at);
    return this.lang === "zh" ? `${p["month"]}月${p["day"]}日` : `${p["day"]} ${p["month"]}`;
  }

  time(at: Date): string {
    const p = this.read(at);
    return `${p["hour"]}:${p["minute"]}`;
  }

  seconds(at: Date): string {
    return `${this.time(at)}:${this.read(at)["second"]}`;
  }

  /** 2026-11-23, the same in both languages */
  day(at: Date): string {
    return this.days.format(at);
  }

  /** 11-23 09:42 · 23 Nov 09:42; the year where it is not this one */
  listed(at: Date, now: Date): string {
    const day = this.day(at);
    if (day === this.day(now)) return this.time(at);
    const p = this.read(at);
    const year = day.slice(0, 4) === this.day(now).slice(0, 4) ? "" : day.slice(0, 4);
    if (this.lang === "zh") return `${year && `${year}-`}${day.slice(5)} ${this.time(at)}`;
    return `${p["day"]} ${p["month"]}${year && ` ${year}`} ${this.time(at)}`;
  }
}

const UNITS: [number, string, string][] = [
  [86_400, "天", "day"],
  [3_600, "时", "hour"],
  [60, "分", "min"],
];

/** 3 天 1 时 · 3 days; the two largest units in Chinese, the largest in English. */
export function duration(seconds: number, lang: Lang): string {
  const at = UNITS.findIndex(([size]) => seconds >= size);
  const [size, zh, en] = UNITS[at < 0 ? 2 : at] ?? [60, "分", "min"];
  const whole = Math.floor(seconds / size);
  if (lang === "en") return `${count(whole)} ${en}${en === "min" || whole === 1 ? "" : "s"}`;
  const below = UNITS[at + 1];
  const rest = below && at >= 0 ? Math.floor((seconds - whole * size) / below[0]) : 0;
  return `${count(whole)} ${zh}${below && rest && whole < 30 ? ` ${rest} ${below[1]}` : ""}`;
}
