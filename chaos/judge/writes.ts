/** Invariant 10: no status is written that changes nothing. */
import type { Evidence, Violation } from './evidence.ts';

/** The API server answers such a write with the version that was there before. */
export function judgeWrites({ statusWrites }: Evidence): readonly Violation[] {
  const seen = new Map<string, string>();
  return statusWrites.flatMap(({ canary, at, source, agent, revision }) => {
    const id = `${canary} ${revision}`;
    const first = seen.get(id);
    seen.set(id, source);
    if (first === undefined) return [];
    const what = `a status write by ${agent} that changes nothing`;
    return [{ rule: 'no write without a change', canary, at, what, lines: [first, source] }];
  });
}
