/** The verdict as a person reads it. */
import { formatInstant } from '../platform/clock.ts';
import { describeFault } from './faults/fault.ts';
import type { Violation } from './judge/evidence.ts';
import { violationsIn } from './judge/judge.ts';
import type { RunOptions, Verdict } from './run.ts';

/** Faults around the moment of a violation that are named with it. */
const namedFaults = 4;

export function reportOf({ rulings, faults, figures }: Verdict, options: Pick<RunOptions, 'seed'>): string {
  const violations = violationsIn(rulings);
  const { canaries, rounds, runs, states, hooks, alerts } = figures;
  const judged =
    `seed ${options.seed}: ${faults.length} faults; ${canaries} canaries, ${rounds} rounds, ${runs} runs, ` +
    `${states} statuses, ${hooks} hooks, ${alerts} alerts judged`;
  const looked = rulings.map(({ rule, looked: count }) => `  ${rule}: ${count} looked at`);
  const found = violations.length === 0 ? 'no violation' : `${violations.length} violations`;
  const around = ({ at }: Violation): readonly string[] =>
    faults
      .filter(({ from }) => from <= at)
      .toSorted((a, b) => b.from - a.from)
      .slice(0, namedFaults)
      .map(({ from, until, fault }) => `${formatInstant(from)} to ${formatInstant(until)}: ${describeFault(fault)}`);
  const told = violations.map((one) =>
    [
      `${one.canary}: ${one.rule}: ${one.what}`,
      `  at ${formatInstant(one.at)}, seed ${options.seed}`,
      ...one.lines.map((line) => `  ${line}`),
      ...around(one).map((line) => `  before: ${line}`),
    ].join('\n'),
  );
  return [...told, judged, ...looked, found].join('\n');
}
