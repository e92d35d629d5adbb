/** What the live view shows, as lines of text. Pure, so that it can be looked at in a test. */
import { styleText } from 'node:util';

export interface Picture {
  readonly phase: string;
  readonly weight: number;
  readonly failedChecks: number;
  readonly threshold: number;
  /** Percent and milliseconds; undefined while there is no traffic to measure. */
  readonly successRate: number | undefined;
  readonly duration: number | undefined;
  /** Of the visitors since the chapter began; undefined where there are none. */
  readonly traffic: { readonly requests: number; readonly failed: number } | undefined;
  readonly events: readonly { readonly type: string; readonly message: string; readonly count: number }[];
  /** Seconds since the chapter began. */
  readonly elapsed: number;
}

const barWidth = 40;

/** A share of the traffic as a bar. @param percent 0 to 100 */
export const bar = (percent: number): string => {
  const filled = Math.round((percent / 100) * barWidth);
  return '█'.repeat(filled) + '░'.repeat(barWidth - filled);
};

const padded = (value: number, width: number): string => String(value).padStart(width);

function check(name: string, value: string | undefined, verdict: { bound: string; ok: boolean }): string {
  if (value === undefined)
    return `  ${name.padEnd(14)} ${styleText('dim', 'no traffic yet'.padEnd(12))}  ${verdict.bound}`;
  const mark = verdict.ok ? styleText('green', '✔') : styleText('red', '✘');
  return `  ${name.padEnd(14)} ${value.padEnd(12)}  ${verdict.bound}  ${mark}`;
}

/** @param columns width of the terminal */
export function paint(picture: Picture, columns: number): string {
  const { successRate, duration, weight, traffic } = picture;
  const lines = [
    `  phase          ${styleText('cyan', picture.phase)}${styleText('dim', `   ${Math.round(picture.elapsed)} s`)}`,
    `  primary ${padded(100 - weight, 4)} % ${styleText('blue', bar(100 - weight))}`,
    `  canary  ${padded(weight, 4)} % ${styleText('yellow', bar(weight))}`,
    '',
    check('success rate', successRate === undefined ? undefined : `${successRate.toFixed(2)} %`, {
      bound: 'at least 99 %',
      ok: (successRate ?? 0) >= 99,
    }),
    check('duration p99', duration === undefined ? undefined : `${Math.round(duration)} ms`, {
      bound: 'at most 500 ms',
      ok: (duration ?? 0) <= 500,
    }),
    `  failed checks  ${picture.failedChecks} of ${picture.threshold}`,
    ...(traffic === undefined ? [] : [`  visitors       ${traffic.requests} requests, ${traffic.failed} failed`]),
    '',
    ...picture.events.slice(-6).map((event) => eventLine(event, columns)),
  ];
  return lines.join('\n');
}

/** One event on one line. */
export function eventLine(event: Picture['events'][number], columns: number): string {
  const times = event.count > 1 ? ` (×${event.count})` : '';
  const text = `${event.type.padEnd(8)} ${event.message}${times}`;
  const shown = text.length > columns - 3 ? `${text.slice(0, columns - 4)}…` : text;
  return `  ${event.type === 'Warning' ? styleText('yellow', shown) : shown}`;
}
