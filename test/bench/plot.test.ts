import test from 'ava';
import { renderPlot } from '../../bench/report/plot.ts';
import type { Plot } from '../../bench/report/plot.ts';
import { wellFormed } from './well-formed.ts';

const aPlot = (changes: Partial<Plot> = {}): Plot => ({
  title: 'Lateness & more',
  x: 'canaries',
  y: 'ms',
  series: [
    { name: 'p50', points: [[100, 3], [1_000, 8], [5_000, 21]] }, // prettier-ignore
    { name: 'p99 <all>', points: [[100, 30], [1_000, 80], [5_000, 210]] }, // prettier-ignore
  ],
  ...changes,
});

test('a plot is well-formed SVG with a line, a mark for each point and a name for each series', (t) => {
  const svg = renderPlot(aPlot());
  t.is(wellFormed(svg), undefined);
  t.regex(svg, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]* role="img">/);
  t.regex(svg, /<title>Lateness &amp; more<\/title>/);
  for (const name of ['p50', 'p99 &lt;all&gt;', 'canaries', 'ms']) t.true(svg.includes(`>${name}</text>`), name);
  t.is([...svg.matchAll(/<path d="[^"]*" fill="none" stroke="#\w+" stroke-width="2" stroke-linejoin/g)].length, 2);
  t.is([...svg.matchAll(/transform="matrix\([^"]*" fill="#(?:0b63c5|c2410c)"/g)].length, 6);
});

test('it says the same each time it is drawn', (t) => {
  t.is(renderPlot(aPlot()), renderPlot(aPlot()));
});

test('on a dark page every colour of it is another one', (t) => {
  const svg = renderPlot(aPlot());
  const [, dark = ''] = /<style>([\s\S]*?)<\/style>/.exec(svg) ?? [];
  t.regex(dark, /prefers-color-scheme: dark/);
  const drawn = svg.replace(/<style>[\s\S]*?<\/style>/, '').replaceAll(/<clipPath[\s\S]*?<\/clipPath>/g, '');
  const painted = [...drawn.matchAll(/ (fill|stroke)="(#\w+)"(?! fill-opacity="0")(?! stroke-width="0")/g)];
  const colours = new Set(painted.map(([, what, colour]) => `[${what}="${colour}"]`));
  t.true(colours.size > 5, 'colours were found');
  // The inside of a line, of which there is none.
  colours.delete('[fill="#000"]');
  t.deepEqual(
    [...colours].filter((colour) => !dark.includes(colour)),
    [],
  );
});

test('a course of time has no marks', (t) => {
  const points = Array.from({ length: 180 }, (_, index): [number, number] => [index / 6, 100]);
  const svg = renderPlot(aPlot({ series: [{ name: 'worker', points }] }));
  t.notRegex(svg, /transform="matrix/);
});

test('numbers that are far apart stand in powers of ten, nothing among them at one', (t) => {
  const series = [{ name: 'late', points: [[0, 0], [1, 1], [2, 1_000]] as const }]; // prettier-ignore
  const svg = renderPlot(aPlot({ series, isLogarithmic: true }));
  for (const label of ['1', '10', '100', '1,000']) t.true(svg.includes(`>${label}</text>`), label);
  const heights = [...svg.matchAll(/transform="matrix\([^"]*,([\d.]+)\)"/g)].map(([, height]) => Number(height));
  t.is(heights.length, 3);
  t.is(heights[0], heights[1]);
  t.true((heights[2] ?? 0) < (heights[1] ?? 0));
});

test('more series than can be told apart are refused', (t) => {
  const series = Array.from({ length: 22 }, (_, index) => ({ name: `line ${index}`, points: [] }));
  t.throws(() => renderPlot(aPlot({ series })), { message: /'Lateness & more': expected at most 21 series, got 22/ });
});
