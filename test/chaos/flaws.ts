/** How the judge's findings are told in tests: none on a run without a flaw, its own on the flaw that a rule is there for. */
import type { TestFn } from 'ava';
import type { Evidence } from '../../chaos/judge/evidence.ts';
import { judge } from '../../chaos/judge/judge.ts';
import { aHistory, evidence, goodRun } from './a-history.ts';
import type { Told } from './a-history.ts';

export type Flaw = readonly [what: string, judged: Evidence, violation: string];

/** The good run with one of its statuses replaced, or taken out. */
export const without = (index: number, ...instead: readonly Told[]): Evidence =>
  evidence({ histories: [aHistory(goodRun.toSpliced(index, 1, ...instead))] });

export const found = (judged: Evidence): readonly string[] => [
  ...new Set(judge(judged).map(({ rule, what }) => `${rule}: ${what}`)),
];

/** One test for each flaw. */
export function foundIn(test: TestFn, flaws: readonly Flaw[]): void {
  for (const [what, judged, violation] of flaws) {
    test(`found: ${what}`, (t) => {
      const all = found(judged);
      t.true(all.includes(violation), all.join('\n'));
    });
  }
}
