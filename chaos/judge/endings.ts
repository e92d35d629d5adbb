/** Every round of a script ends as the script says, and none is left in a state in which nothing happens any more. */
import type { Evidence, Violation } from './evidence.ts';

export const judgeEndings = ({ endings }: Evidence): readonly Violation[] =>
  endings.flatMap(({ canary, round, at, missed }) => {
    if (missed === undefined) return [];
    const what = `round ${round}: expected ${missed.expected} when time was up`;
    return [{ rule: 'every canary ends where its script says', canary, at, what, lines: [missed.got] }];
  });
