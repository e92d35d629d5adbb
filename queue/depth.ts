/** How much lies in the queues, in numbers that stay few however many tenants there are. */
import type { Queue } from 'bullmq';
import { namespaceOfJobId } from './step-job.ts';

export interface QueueCounts {
  /** Due, and waiting for a worker. */
  readonly waiting: number;
  readonly active: number;
  /** Not due yet. */
  readonly delayed: number;
  /** Failed for good, as long as they are kept. */
  readonly failed: number;
}

type CountedQueue = Pick<Queue, 'getJobCounts'>;

/** Numbers of jobs. Rejects when Redis cannot be asked. */
export async function countsOf(queue: CountedQueue): Promise<QueueCounts> {
  const counts = await queue.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'failed');
  const of = (state: string): number => counts[state] ?? 0;
  return {
    waiting: of('wait') + of('prioritized'),
    active: of('active'),
    delayed: of('delayed'),
    failed: of('failed'),
  };
}

/** Names no namespace: theirs have no underscore. */
export const otherTenants = '_other';

export interface TenantBounds {
  /** Namespaces that are named; the rest is {@link otherTenants}. */
  readonly named: number;
  /** Ids that are read, in pages, those that are next first; what waits behind them counts as {@link otherTenants}. */
  readonly mostIds: number;
}

const defaultBounds: TenantBounds = { named: 10, mostIds: 20_000 };
const pageSize = 2_000;

type WaitingIds = Pick<Queue, 'getRanges' | 'getJobCounts'>;

/** Jobs that wait for a worker by namespace, the longest queues first. Reads ids only. Rejects when Redis cannot be asked. */
export async function waitingByTenant(queue: WaitingIds, bounds = defaultBounds): Promise<ReadonlyMap<string, number>> {
  const { waiting } = await countsOf(queue);
  const byNamespace = await countNamespaces(queue, Math.min(waiting, bounds.mostIds));
  return mostOf(byNamespace, { named: bounds.named, total: waiting });
}

export interface Ranking {
  /** Namespaces that are named; the rest is {@link otherTenants}. */
  readonly named: number;
  /** Of all namespaces together. */
  readonly total: number;
}

/** The highest counts first, and what is left of the total under {@link otherTenants}. */
export function mostOf(
  byNamespace: ReadonlyMap<string, number>,
  { named, total }: Ranking,
): ReadonlyMap<string, number> {
  const first = new Map([...byNamespace].toSorted(([, a], [, b]) => b - a).slice(0, named));
  const shown = [...first.values()].reduce((sum, count) => sum + count, 0);
  return first.set(otherTenants, Math.max(0, total - shown));
}

async function countNamespaces(queue: WaitingIds, most: number): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (let start = 0; start < most; start += pageSize) {
    const ids = await queue.getRanges(['prioritized', 'wait'], start, Math.min(start + pageSize, most) - 1, true);
    for (const id of ids) {
      const namespace = namespaceOfJobId(id);
      if (namespace !== undefined) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
    }
  }
  return counts;
}
