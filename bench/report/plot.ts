/** Line plots as SVG files that can be read on light and on dark pages. */
import { LineChart } from 'echarts/charts';
import type { LineSeriesOption } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import type { GridComponentOption, LegendComponentOption, TitleComponentOption } from 'echarts/components';
import { init, use } from 'echarts/core';
import type { ComposeOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { fixed } from './table.ts';

export interface Series {
  readonly name: string;
  /** By ascending x. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** One line for each series, over an axis of numbers. */
export interface Plot {
  readonly title: string;
  /** What the numbers below are: `canaries`. */
  readonly x: string;
  /** What the numbers at the side are: `MiB`. */
  readonly y: string;
  /** The side in powers of ten, from 1 on: what is less stands at 1. For numbers that are far apart. */
  readonly isLogarithmic?: boolean;
  readonly series: readonly Series[];
}

use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

type Option = ComposeOption<LineSeriesOption | GridComponentOption | LegendComponentOption | TitleComponentOption>;

const width = 760;
const height = 400;

const fontFamily = "Inter, 'Segoe UI', Helvetica, Arial, sans-serif";

/** Every colour of a plot that is no line's: on a light page, and on a dark one. */
const shades = {
  card: ['#fbfcfd', '#111820'],
  ink: ['#1f2937', '#e5e7eb'],
  quiet: ['#4b5563', '#a9b4c2'],
  axis: ['#8a94a3', '#6b7788'],
  grid: ['#e1e5ea', '#2a3441'],
  /** Within the marks that are hollow: the library's own. */
  hollow: ['#fff', '#111820'],
} as const;

/** Of the lines, in their order. Each has a mark of its own, too, for people who see few colours. */
const lines = [
  ['#0b63c5', '#6cb2ff'],
  ['#c2410c', '#ff9d5c'],
  ['#047857', '#45d19d'],
  ['#7c3aed', '#bd9bff'],
  ['#b91c5c', '#ff86b8'],
  ['#7a6200', '#e3c341'],
  ['#475569', '#b6c2d1'],
] as const;

const symbols = ['circle', 'rect', 'triangle', 'diamond', 'emptyCircle', 'emptyRect', 'emptyTriangle'] as const;

/** Of the lines that come when all colours are used. */
const laps = ['solid', 'dashed', 'dotted'] as const;

/** More points than this are a course of time, whose single points say nothing. */
const mostMarks = 20;

const axis = {
  type: 'value',
  nameTextStyle: { fontSize: 13, color: shades.quiet[0] },
  axisLabel: { fontSize: 13, color: shades.quiet[0], formatter: (value: number) => fixed(value, digitsOf(value)) },
  axisLine: { show: true, lineStyle: { color: shades.axis[0] } },
  axisTick: { show: true, lineStyle: { color: shades.axis[0] } },
  splitLine: { lineStyle: { color: shades.grid[0] } },
} as const;

/** @throws Error for more series than there are colours and strokes */
export function renderPlot(plot: Plot): string {
  const most = lines.length * laps.length;
  if (plot.series.length > most) {
    throw new Error(`plot '${plot.title}': expected at most ${most} series, got ${plot.series.length}`);
  }
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption(optionOf(plot));
    return finished(chart.renderToSVGString(), plot);
  } finally {
    chart.dispose();
  }
}

const optionOf = ({ title, x, y, isLogarithmic = false, series }: Plot): Option => ({
  animation: false,
  backgroundColor: shades.card[0],
  color: lines.map(([light]) => light),
  textStyle: { fontFamily },
  title: { text: title, left: 16, top: 14, textStyle: { fontSize: 16, fontWeight: 600, color: shades.ink[0] } },
  legend: {
    left: 16,
    top: 44,
    itemGap: 18,
    textStyle: { fontSize: 13, color: shades.ink[0] },
    data: series.map(({ name }) => name),
  },
  grid: { left: 72, right: 30, top: 106, bottom: 58 },
  xAxis: { ...axis, name: x, nameLocation: 'middle', nameGap: 32, min: 0 },
  yAxis: {
    ...axis,
    ...(isLogarithmic ? { type: 'log', min: 1 } : { min: 0 }),
    name: y,
    nameTextStyle: { ...axis.nameTextStyle, align: 'right' },
  },
  series: series.map((one, index) => lineOf(isLogarithmic ? fromOne(one) : one, index)),
});

const fromOne = ({ name, points }: Series): Series => ({
  name,
  points: points.map(([x, y]) => [x, Math.max(1, y)]),
});

const lineOf = ({ name, points }: Series, index: number): LineSeriesOption => ({
  type: 'line',
  name,
  data: points.map(([x, y]) => [x, y]),
  symbol: symbols[index % symbols.length] ?? 'circle',
  symbolSize: 7,
  showSymbol: points.length <= mostMarks,
  lineStyle: { width: 2, type: laps[Math.floor(index / lines.length)] ?? 'solid' },
  silent: true,
});

/** `0.5`, `12`: a scale of small numbers needs a digit after the point. */
const digitsOf = (value: number): number => (Number.isInteger(value) ? 0 : 1);

/** What the library draws for a mouse is left out; what a reader without eyes or with a dark screen needs is put in. */
function finished(svg: string, { title, x, y, series }: Plot): string {
  const names = series.map(({ name }) => name).join(', ');
  const head =
    `<title>${escaped(title)}</title>\n<desc>${escaped(`${y} by ${x}: ${names}`)}</desc>\n` +
    `<style>\n@media (prefers-color-scheme: dark) {\n${darkRules()}\n}\n</style>\n`;
  return `${svg
    .replace(/<style\s*>[\s\S]*?<\/style>\s*/, '')
    .replaceAll(/ (?:class|pointer-events|ecmeta_\w+)="[^"]*"/g, '')
    // The library counts its plots, and the same one should always be the same file.
    .replaceAll(/\bzr\d+-/g, 'plot-')
    .replace(/^(<svg [^>]*)>\s*/, `$1 role="img">\n${head}`)}\n`;
}

const darkRules = (): string =>
  [...Object.values(shades), ...lines]
    .flatMap(([light, dark]) => ['fill', 'stroke'].map((what) => `[${what}="${light}"] { ${what}: ${dark} }`))
    .join('\n');

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
