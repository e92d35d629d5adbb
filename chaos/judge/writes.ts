/** Invariant 10: no status is written that changes nothing. */
import type { Evidence, Ruling } from './evidence.ts';

const rule = 'no write without a change';

/** The API server answers such a write with the version that was there before. */
export function judgeWrites({ statusWrites }: Evidence): Ruling {
  const seen = new Map<string, string>();
  const violations = statusWrites.flatMap(({ canary, at, source, agent, revision }) => {
    const id = `${canary} ${revision}`;
    const first = seen.get(id);
    seen.set(id, source);
    if (first === undefined) return [];
    const what = `a status write by ${agent} that changes nothing`;
    return [{ rule, canary, at, what, lines: [first, source] }];
  });
  return { rule, looked: statusWrites.length, violations };
}
