import test from 'ava';
import fc from 'fast-check';
import { type LossMark, createRecentLosses } from '../../platform/recent-losses.ts';

const names = ['a', 'b', 'c', 'd', 'e'];
const plans = fc.array(fc.constantFrom(...names, 'all', 'mark'), { maxLength: 40 });

/** A mark, and what was lost after it. */
interface Marked {
  readonly mark: LossMark;
  readonly lost: Set<string>;
  isAllLost: boolean;
}

test('a loss is never overlooked, and none is invented while there are no more than are remembered', (t) => {
  const limit = 3;
  const property = fc.property(plans, (plan) => {
    const losses = createRecentLosses(limit);
    const marked: Marked[] = [];
    for (const step of plan) {
      if (step === 'mark') marked.push({ mark: losses.mark(), lost: new Set(), isAllLost: false });
      else if (step === 'all') losses.loseAll();
      else losses.lose(step);
      if (step !== 'mark') for (const one of marked) note(one, step);
    }
    return marked.every(({ mark, lost, isAllLost }) =>
      names.every((name) => losses.since(mark, name) === (isAllLost || lost.size > limit || lost.has(name))),
    );
  });
  t.notThrows(() => fc.assert(property, { numRuns: 10_000 }));
});

function note(marked: Marked, step: string): void {
  if (step === 'all') marked.isAllLost = true;
  else marked.lost.add(step);
}
