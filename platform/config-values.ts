import { z } from 'zod';

/** A field from text: `read` returns undefined when the text is not what `expected` says. */
function field<T>(expected: string, read: (text: string) => T | undefined) {
  return z.string({ error: expected }).transform((text, context) => {
    const value = read(text.trim());
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
}

interface Bounds {
  min?: number | undefined;
  max?: number | undefined;
}

const isWithin = (value: number, { min = -Infinity, max = Infinity }: Bounds): boolean => value >= min && value <= max;

function describeBounds({ min, max }: Bounds, show: (value: number) => string): string {
  if (min !== undefined && max !== undefined) return ` from ${show(min)} to ${show(max)}`;
  if (min !== undefined) return `, at least ${show(min)}`;
  return max === undefined ? '' : `, at most ${show(max)}`;
}

/** Any text that is not empty. `expected` words the complaint, as 'the name of a namespace'. */
export const text = (expected: string) => field(expected, (value) => (value === '' ? undefined : value));

/** A whole number within the bounds. */
export const integer = (bounds: Bounds = {}) =>
  field(`an integer${describeBounds(bounds, String)}`, (value) => {
    const number = /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN;
    return Number.isSafeInteger(number) && isWithin(number, bounds) ? number : undefined;
  });

/** `true`, `false`, `1`, `0`, `yes`, `no`, `on`, `off`, in any case. */
export const boolean = () =>
  field('true or false', (value) => {
    if (/^(true|1|yes|on)$/i.test(value)) return true;
    return /^(false|0|no|off)$/i.test(value) ? false : undefined;
  });

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a Go-style duration of h, m, s and ms, as `1m30s` or `1.5s`; undefined when it is none. */
export function durationMs(value: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(value)) return undefined;
  const parts = value.matchAll(/([\d.]+)(ms|s|m|h)/g);
  return Math.round([...parts].reduce((sum, [, count, unit = '']) => sum + Number(count) * (unitMs[unit] ?? 0), 0));
}

/** As a setting is written, in the largest unit that leaves no rest: `1h`, `90s`, `250ms`. */
export function shownDuration(ms: number): string {
  if (ms === 0) return '0s';
  const [unit, size] = Object.entries(unitMs).findLast(([, one]) => ms % one === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

/** A Go-style duration, in milliseconds; bounds in milliseconds. */
export const duration = (bounds: Bounds = {}) =>
  field(`a duration such as 30s or 1m30s${describeBounds(bounds, shownDuration)}`, (value) => {
    const ms = durationMs(value);
    return ms !== undefined && isWithin(ms, bounds) ? ms : undefined;
  });

/** Items between commas, blanks around them dropped, empty ones left out. */
export const commaList = (expected = 'a comma-separated list') => field(expected, itemsOf);

/** Go-style durations between commas, in milliseconds. */
export const durationList = (bounds: Bounds = {}) =>
  field(`durations between commas, such as 1s,10s,1m${describeBounds(bounds, shownDuration)}`, (value) => {
    const list = itemsOf(value).map(durationMs);
    return list.every((ms) => ms !== undefined && isWithin(ms, bounds))
      ? list.filter((ms) => ms !== undefined)
      : undefined;
  });

/** Whole numbers by name, as `team-a=3,team-b=1`. */
export const numberTable = (bounds: Bounds = {}) =>
  field(
    `pairs such as team-a=3 between commas, each number${describeBounds(bounds, String)}`,
    (value): ReadonlyMap<string, number> | undefined => {
      const table = new Map<string, number>();
      for (const item of itemsOf(value)) {
        const [name = '', written = '', ...rest] = item.split('=').map((part) => part.trim());
        const number = /^\d+$/.test(written) ? Number(written) : Number.NaN;
        if (name === '' || rest.length > 0 || table.has(name) || !isWithin(number, bounds)) return undefined;
        table.set(name, number);
      }
      return table;
    },
  );

const itemsOf = (value: string): string[] =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** One of a few words. */
export const oneOf = <const Word extends string>(words: readonly Word[]) =>
  field(`one of ${words.join(', ')}`, (value) => words.find((word) => word === value));

/** A URL of one of these schemes (without colon), kept as text. */
export const url = (...schemes: readonly [string, ...string[]]) =>
  field(`a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`, (value) =>
    URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1)) ? value : undefined,
  );
