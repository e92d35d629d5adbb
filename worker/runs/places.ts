/** Who of those that wait may begin a run, where the operator limits how many go on. Pure. */
import type { PlaceAnswer } from '../../canary/queued.ts';

/** Undefined: as many as want to. */
export interface RunLimits {
  readonly cluster: number | undefined;
  readonly namespace: number | undefined;
  /** Limits of single namespaces, in place of the common one. */
  readonly ofNamespaces: ReadonlyMap<string, number>;
  /** How many runs a namespace may have for one of another, while places are short; 1 where it is left out. */
  readonly weights?: ReadonlyMap<string, number>;
}

export interface Waiting {
  readonly key: string;
  readonly namespace: string;
  /** Epoch milliseconds. */
  readonly since: number;
}

export interface Standing {
  readonly waiting: readonly Waiting[];
  /** Runs that go on, by namespace. */
  readonly runs: ReadonlyMap<string, number>;
}

/** Whether there is any limit at all. */
export const areLimited = ({ cluster, namespace, ofNamespaces }: RunLimits): boolean =>
  cluster !== undefined || namespace !== undefined || ofNamespaces.size > 0;

/** How many runs may go on in a namespace; Infinity without a limit. */
export const limitOf = ({ namespace, ofNamespaces }: RunLimits, home: string): number =>
  ofNamespaces.get(home) ?? namespace ?? Number.POSITIVE_INFINITY;

/**
 * The answer to everybody who waits. Of a namespace, those who began to wait first come first; of the namespaces, the
 * one with the fewest runs for its weight, so that a tenant with many releases leaves places to the others; what is
 * left is decided by who has waited longer.
 */
export function placesFor(limits: RunLimits, { waiting, runs }: Standing): ReadonlyMap<string, PlaceAnswer> {
  const answers = new Map<string, PlaceAnswer>();
  const line: Turn[] = [];
  for (const [namespace, ofNamespace] of grouped(waiting)) {
    const going = runs.get(namespace) ?? 0;
    const most = limitOf(limits, namespace);
    const weight = limits.weights?.get(namespace) ?? 1;
    for (const [index, one] of ofNamespace.entries()) {
      const turn = going + index + 1;
      if (turn <= most) line.push({ ...one, turn: turn / weight });
      else answers.set(one.key, queued('namespace', { position: index + 1, waiting: ofNamespace.length, going, most }));
    }
  }
  const going = [...runs.values()].reduce((sum, count) => sum + count, 0);
  const most = limits.cluster ?? Number.POSITIVE_INFINITY;
  const inOrder = line.toSorted((a, b) => a.turn - b.turn || a.since - b.since || (a.key < b.key ? -1 : 1));
  for (const [index, { key }] of inOrder.entries()) {
    const isFree = going + index < most;
    const full = { position: index + 1, waiting: inOrder.length, going, most };
    answers.set(key, isFree ? { kind: 'admitted' } : queued('cluster', full));
  }
  return answers;
}

/** How many runs its namespace would have with it, for its weight. */
interface Turn extends Waiting {
  readonly turn: number;
}

function grouped(waiting: readonly Waiting[]): ReadonlyMap<string, readonly Waiting[]> {
  const groups = new Map<string, Waiting[]>();
  const ordered = waiting.toSorted((a, b) => a.since - b.since || (a.key < b.key ? -1 : 1));
  for (const one of ordered) {
    const group = groups.get(one.namespace);
    if (group === undefined) groups.set(one.namespace, [one]);
    else group.push(one);
  }
  return groups;
}

interface Full {
  readonly position: number;
  readonly waiting: number;
  readonly going: number;
  readonly most: number;
}

const queued = (by: 'cluster' | 'namespace', { position, waiting, going, most }: Full): PlaceAnswer => ({
  kind: 'queued',
  by,
  position,
  waiting,
  runs: going,
  most,
});
