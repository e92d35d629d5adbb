/** How a run that waits for a place says so. */
import type { Canary, CanaryStatus } from './canary.ts';
import type { Queued } from './conditions.ts';

/** Whether a run may begin, or which limit it waits for and where it stands in the line. */
export type PlaceAnswer =
  | { readonly kind: 'admitted' }
  /** It is not known yet how many runs go on: Redis is new or was emptied, or others took each place that was seen free. */
  | { readonly kind: 'counting' }
  | {
      readonly kind: 'queued';
      readonly by: 'cluster' | 'namespace';
      /** From 1, among those that wait for the same. */
      readonly position: number;
      readonly waiting: number;
      readonly runs: number;
      readonly most: number;
    };

/** Epoch milliseconds at which it began to wait; undefined when it does not. */
export function queuedSince({ conditions }: CanaryStatus): number | undefined {
  const queued = conditions.find(({ type }) => type === 'Queued');
  const since = Date.parse(queued?.lastTransitionTime ?? '');
  return queued?.status === 'True' && !Number.isNaN(since) ? since : undefined;
}

type Waiting = Exclude<PlaceAnswer, { readonly kind: 'admitted' }>;

export function whyQueued({ namespace }: Canary, answer: Waiting): Queued {
  if (answer.kind === 'counting') return { reason: 'Counting', message: 'the runs that go on are being counted.' };
  const { by, position, waiting, runs, most } = answer;
  const place = by === 'cluster' ? 'the cluster' : `namespace ${namespace}`;
  const full = `${runs} of ${most} runs of ${place} go on`;
  const line = `${placeInLine(position)} of ${roughly(waiting)} that wait`;
  return { reason: by === 'cluster' ? 'ClusterFull' : 'NamespaceFull', message: `${full}; it is ${line}.` };
}

/** Every place that moves up is a write of the status: told exactly only where one looks for the own turn. */
const exactUpTo = 10;

const placeInLine = (position: number): string =>
  position <= exactUpTo ? `number ${position}` : `beyond number ${floorOf(position)}`;

const roughly = (waiting: number): string => (waiting <= exactUpTo ? String(waiting) : `more than ${floorOf(waiting)}`);

/** 10, 20, 50, 100, 200, … : the highest below. */
function floorOf(count: number): number {
  let floor = exactUpTo;
  for (let step = exactUpTo; step < count; step *= 10) {
    for (const factor of [1, 2, 5]) if (step * factor < count) floor = step * factor;
  }
  return floor;
}
