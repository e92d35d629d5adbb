/** Scheduler and workers at their everyday work: whether each slot that is due is taken, once, and how late. */
import type { Span } from '../../canary/slot.ts';
import { slotsWithin } from '../../canary/slot.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { nameOf } from '../../platform/kubernetes/object.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { openPace } from '../measure/pace.ts';
import { spreadOf } from '../measure/percentile.ts';
import type { Spread } from '../measure/percentile.ts';
import type { Inhabitant } from '../world/world.ts';
import { inhabitantsOf } from './population.ts';
import type { RedisProbe, RedisSpan } from './redis-probe.ts';
import type { Scheduler } from './scheduler.ts';
import type { TakenSlot, Workers } from './worker.ts';

export interface Judgement {
  /** Slots that fell due in the span. */
  readonly due: number;
  readonly taken: number;
  /** Slots that were taken more than once. */
  readonly doubles: number;
  /** Jobs that came when their slot had passed. */
  readonly passed: number;
  /** Milliseconds. */
  readonly lateness: Spread | undefined;
}

/** Pure. @param slots all that was taken, also beyond the span */
export function judge(inhabitants: readonly Inhabitant[], slots: readonly TakenSlot[], span: Span): Judgement {
  const due = new Map<string, number>();
  for (const inhabitant of inhabitants) {
    for (const slot of slotsWithin(inhabitant.rhythm, span)) due.set(`${nameOf(inhabitant)} ${slot}`, 0);
  }
  const lateness: number[] = [];
  let passed = 0;
  for (const { canary, slot, latenessMs, isTaken } of slots) {
    const key = `${canary} ${slot}`;
    const times = due.get(key);
    if (times === undefined) continue;
    if (!isTaken) {
      passed += 1;
      continue;
    }
    due.set(key, times + 1);
    lateness.push(latenessMs);
  }
  const counts = [...due.values()];
  return {
    due: due.size,
    taken: counts.filter((times) => times > 0).length,
    doubles: counts.filter((times) => times > 1).length,
    passed,
    lateness: spreadOf(lateness),
  };
}

export interface SteadyResult {
  readonly canaries: number;
  readonly workers: number;
  readonly judgement: Judgement;
  /** Of so many slots one is taken, at the end. */
  readonly stretch: number;
  readonly redis: RedisSpan;
  /** Steps in a second, of all workers together. */
  readonly perSecond: number;
  /** Milliseconds of the ticks meanwhile. */
  readonly tickMs: readonly number[];
  readonly longestBlockMs: number;
}

export interface SteadyOptions {
  readonly url: string;
  readonly probe: RedisProbe;
  readonly canaries: number;
  readonly scheduler: Scheduler;
  readonly workers: Workers;
  /** Seconds that are measured. */
  readonly window: number;
}

export async function measureSteady(options: SteadyOptions): Promise<SteadyResult> {
  const { url, probe, canaries, scheduler, workers, window } = options;
  await workers.taken();
  const ticksBefore = scheduler.ticks().length;
  const { result, span } = await probe.during(async () => {
    const after = clock.now();
    await clock.sleep(window * 1_000);
    return { after, until: clock.now() };
  });
  const ticks = scheduler.ticks().slice(ticksBefore);
  const atEnd = await workers.count();
  const stretch = await ratioNow(url);
  const seconds = stretch > 1 ? 0 : patienceSeconds;
  const judgement = await untilTaken(workers, { inhabitants: inhabitantsOf(canaries), span: result, seconds });
  return {
    canaries,
    workers: workers.pids.length,
    judgement,
    stretch,
    redis: span,
    perSecond: atEnd / span.seconds,
    tickMs: ticks.map(({ durationMs }) => durationMs),
    longestBlockMs: Math.max(0, ...ticks.map(({ longestBlockMs }) => longestBlockMs)),
  };
}

/** A slot may be taken until the next one is due; with stretched intervals some never are. */
const patienceSeconds = 60;

interface LateSteps {
  readonly inhabitants: readonly Inhabitant[];
  readonly span: Span;
  /** How long late steps are waited for. */
  readonly seconds: number;
}

async function untilTaken(workers: Workers, { inhabitants, span, seconds }: LateSteps): Promise<Judgement> {
  let taken: readonly TakenSlot[] = [];
  const look = async (): Promise<Judgement> => {
    taken = taken.concat(await workers.taken());
    return judge(inhabitants, taken, span);
  };
  let last = await look();
  const isDone = async (): Promise<true | undefined> => {
    last = await look();
    return last.taken === last.due ? true : undefined;
  };
  await waitFor({ what: 'late steps', seconds, every: 1_000, look: isDone }).catch(() => undefined);
  return last;
}

async function ratioNow(url: string): Promise<number> {
  const pace = openPace(url);
  try {
    return await pace.ratio();
  } finally {
    pace.close();
  }
}
