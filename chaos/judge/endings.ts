/** Every round of a script ends as the script says, and none is left in a state in which nothing happens any more. */
import type { Evidence, Ruling } from './evidence.ts';

const rule = 'every canary ends where its script says';

/** The creation of a canary is round 0, and no round. */
export const judgeEndings = ({ endings }: Evidence): Ruling => ({
  rule,
  looked: endings.filter(({ round }) => round > 0).length,
  violations: endings.flatMap(({ canary, round, at, missed }) => {
    if (missed === undefined) return [];
    const what = `round ${round}: expected ${missed.expected} when time was up`;
    return [{ rule, canary, at, what, lines: [missed.got] }];
  }),
});
