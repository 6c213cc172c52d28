// Words of the time line, Chinese first.

import type { Lang } from "../types";
import type { RangeName } from "./ranges";

const zh = {
  title: (where: string, range: string) => `${where}天气 · ${range}`,
  range: { week: "近7日逐时", "30": "近30日", "90": "近90日", "365": "近一年", own: "自选" } as Record<RangeName, string>,
  short: { week: "7日逐时", "30": "30日", "90": "90日", "365": "一年", own: "自选" } as Record<RangeName, string>,
  ranges: "回放哪些天",
  from: "自",
  to: "至",
  now: "现在",
  back: "回到现在",
  play: "回放",
  pause: "暂停",
  next: "下一日",
  head: (at: string, sky: string) => `${at}，${sky}`,
  slider: "时间轴",
  pace: ["1×", "4×", "快"],
  paces: "回放速度",
  as: { looked: "当日所见", known: "今日所知" },
  asTitle: "按当日已知并按当日标准，或按今日所知并按今日标准",
  ahead: "预报 · 七日内到期",
  aheadDay: (day: string, n: string) => `${day}到期 ${n} 件，打开清单`,
  today: "今",
  changed: "变色",
  none: "无一处变色",
  turned: (name: string, from: string, to: string) => `${name} ${from}→${to}`,
  more: (n: number) => `等 ${n} 处`,
  busy: "正在取数",
  failed: "时间轴取不到",
  since: "较前一日",
  sinceHour: "较前一时",
  unvisited: "巡查点位进出 30 日之窗",
};

type StripWords = typeof zh;

const en: StripWords = {
  title: (where, range) => `${where} · ${range}`,
  range: { week: "last 7 days by the hour", "30": "last 30 days", "90": "last 90 days", "365": "last year", own: "chosen days" },
  short: { week: "hours", "30": "30 d", "90": "90 d", "365": "1 y", own: "own" },
  ranges: "Days to replay",
  from: "from",
  to: "to",
  now: "now",
  back: "Back to now",
  play: "Replay",
  pause: "Pause",
  next: "Next day",
  head: (at, sky) => `${at}, ${sky}`,
  slider: "Time line",
  pace: ["1×", "4×", "fast"],
  paces: "Speed of the replay",
  as: { looked: "as seen", known: "as known" },
  asTitle: "By what was known and by the limits of that day, or by those of today",
  ahead: "Due in 7 days",
  aheadDay: (day, n) => `${day}: ${n} fall due, open the list`,
  today: "",
  changed: "Changed",
  none: "Nothing changed colour",
  turned: (name, from, to) => `${name} ${from} → ${to}`,
  more: (n) => `and others, ${n} in all`,
  busy: "Loading",
  failed: "The time line cannot be had",
  since: "since the day before",
  sinceHour: "since the hour before",
  unvisited: "Visits came into or left the 30 days",
};

export const stripWords = (lang: Lang): StripWords => (lang === "en" ? en : zh);
