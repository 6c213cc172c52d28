// The citizens' words, Chinese first.

import type { Lang, Sky } from "../types";

const percent = (share: number): string => `${Number((share * 100).toFixed(1))}%`;

const zh = {
  title: (city: string) => `${city}文明天气`,
  other: "English",
  today: "今日天气",
  notified: "发现并交办",
  rectified: "已整改",
  open: "正在整改",
  pieces: "件",
  since: (from: string) => `${from} 起`,
  rectificationRate: "整改率",
  rectificationOf: "已整改 ÷ 交办",
  onTimeRate: "按期率",
  onTimeOf: (onTime: string, due: string) => `按期 ${onTime} ÷ 到期 ${due}`,
  map: "天气地图",
  areas: (level: string) => `各${level}的天气`,
  legend: "怎么看",
  meaning: (flow: readonly number[], stock: readonly number[], coverage: readonly number[]): Record<Sky, string> => ({
    sunny: `按期率 ≥ ${percent(flow[0] ?? 0)}，逾期 ≤ ${stock[0]} 天的量`,
    cloudy: `按期率 ≥ ${percent(flow[1] ?? 0)}，逾期 ≤ ${stock[1]} 天的量`,
    overcast: `按期率 ≥ ${percent(flow[2] ?? 0)}，逾期 ≤ ${stock[2]} 天的量`,
    rain: "低于以上任一项",
    unvisited: `近 30 天巡查点位 < ${percent(coverage[0] ?? 0)}，不下结论`,
  }),
  worse: "看近 7 天到期问题的按期率，和逾期问题合几天的发现量，取差者。天气说的是问题解决得快不快，不是哪里问题多。",
  as_of: (clock: string) => `数据截至 ${clock}`,
  age: (minutes: number) => (minutes < 1 ? "刚刚更新" : minutes < 60 ? `${minutes} 分钟前` : minutes < 2880 ? `${Math.floor(minutes / 60)} 小时前` : `${Math.floor(minutes / 1440)} 天前`),
  stale: "暂时取不到新数据，以下为旧数据",
  failed: "暂时取不到数据",
  retry: "正在自动重试",
  demo: "演示数据，非实际情况",
  review: (number: string) => `审图号：${number}`,
  source: "资料来源",
  noSky: "无天气",
  snap: "看到不文明，随手拍给我们",
};

export type PublicWords = typeof zh;

const en: PublicWords = {
  title: (city) => `${city} Civilization Weather`,
  other: "中文",
  today: "The weather today",
  notified: "Handed over",
  rectified: "Rectified",
  open: "Being rectified",
  pieces: "",
  since: (from) => `since ${from}`,
  rectificationRate: "Rectification rate",
  rectificationOf: "rectified ÷ handed over",
  onTimeRate: "On-time rate",
  onTimeOf: (onTime, due) => `${onTime} of ${due} that fell due`,
  map: "Weather map",
  areas: (level) => `The weather by ${level.toLowerCase()}`,
  legend: "How to read it",
  meaning: (flow, stock, coverage) => ({
    sunny: `≥ ${percent(flow[0] ?? 0)} on time, overdue ≤ ${stock[0]} days' intake`,
    cloudy: `≥ ${percent(flow[1] ?? 0)} on time, overdue ≤ ${stock[1]}`,
    overcast: `≥ ${percent(flow[2] ?? 0)} on time, overdue ≤ ${stock[2]}`,
    rain: "Worse than either",
    unvisited: `< ${percent(coverage[0] ?? 0)} of points visited in 30 days: not judged`,
  }),
  worse: "On time: of what fell due in 7 days. Overdue: in days of what is found. The worse counts. The weather says how fast problems are solved, not where there are many.",
  as_of: (clock) => `Data as of ${clock}`,
  age: (minutes) => (minutes < 1 ? "just now" : minutes < 60 ? `${minutes} min ago` : minutes < 2880 ? `${Math.floor(minutes / 60)} h ago` : `${Math.floor(minutes / 1440)} days ago`),
  stale: "New data cannot be had at the moment; these are older",
  failed: "The data cannot be had at the moment",
  retry: "Trying again by itself",
  demo: "Demo data, not real events",
  review: (number) => `Map review no.: ${number}`,
  source: "Source",
  noSky: "No weather",
  snap: "See something wrong? Show us",
};

export const publicWords = (lang: Lang): PublicWords => (lang === "en" ? en : zh);
