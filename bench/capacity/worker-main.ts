/**
 * A worker without a cluster: the real BullMQ worker and processor, with what they ask of Redis. In the place of a step it
 * notes how late it is.
 *
 *   node out/bench/capacity/worker-main.js REDIS_URL rest|step KEEP_FINISHED_MS
 *
 * `rest`: the canary is at rest, as most are; `step`: it takes the lease, as a run under way does.
 */
import { randomUUID } from 'node:crypto';
import { positionOf } from '../../canary/slot.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { createPaceStore } from '../../queue/pace-store.ts';
import { keyText } from '../../queue/step-job.ts';
import type { StepJob } from '../../queue/step-job.ts';
import { createLeases } from '../../worker/step/lease.ts';
import { createPaceReader } from '../../worker/step/pace-reader.ts';
import { createProcessor } from '../../worker/jobs/processor.ts';
import type { JobObservation } from '../../worker/jobs/processor.ts';
import { startStepWorker } from '../../worker/jobs/queue-workers.ts';
import type { Rest } from '../../worker/step/rests.ts';
import { placeOf, timesOf } from '../../worker/step/slot-place.ts';
import type { TakeStep } from '../../worker/step/take-step.ts';
import { redisPrefix as prefix } from '../stage/aviary.ts';
import { answerQuestions, say } from './child.ts';
import { rhythmOfName } from './population.ts';
import type { TakenSlot } from './worker.ts';

const [url = '', kind = 'rest', keepFinishedMs = '0'] = process.argv.slice(2);
/** The default of CONCURRENCY. */
const concurrency = 50;

let taken: TakenSlot[] = [];

const nothing = (): void => undefined;

function note({ report, lagMs = 0 }: JobObservation): void {
  const { canary, slot = 0, outcome } = report;
  taken.push({ canary, slot, latenessMs: lagMs, finishedAt: clock.now(), isTaken: outcome !== 'skipped' });
}

async function findRest(job: StepJob): Promise<Rest | undefined> {
  const rhythm = rhythmOfName(job.canary.name);
  if (job.slot === undefined || positionOf(rhythm, job.slot, clock.now()).kind !== 'current') return undefined;
  await Promise.all([leases.left(keyText(job.canary)), ratio()]);
  return { phase: 'Succeeded', rhythm };
}

const takeStep: TakeStep = async ({ job, cameAt, onSlot }) => {
  const rhythm = rhythmOfName(job.canary.name);
  const place = placeOf(job, rhythm, { now: clock.now(), cameAt });
  if (place.kind !== 'current') return place;
  onSlot(timesOf(rhythm, place.slot));
  return { kind: 'taken', outcome: 'advanced', phase: 'Progressing', slot: place.slot };
};

const redis = createRedis({ url, role: 'producer', connectionName: 'aviary-worker-commands', log });
const leases = createLeases({ redis, prefix, clock, newToken: randomUUID, ttlMs: 6_000, log });
const ratio = createPaceReader({ store: createPaceStore({ redis, prefix }), clock, log });
await new Promise((resolve) => redis.once('ready', resolve));

function begin(): void {
  startStepWorker({
    redis: createRedis({ url, role: 'consumer', connectionName: 'aviary-worker', log }),
    prefix,
    process: createProcessor({
      takeStep,
      leases,
      ...(kind === 'rest' && { rests: { find: findRest } }),
      clock,
      stepTimeoutMs: 60_000,
      isServed: () => true,
      log,
      onAction: nothing,
      onEnd: note,
      onBusy: nothing,
    }),
    concurrency,
    keepFinishedMs: Number(keepFinishedMs),
    clock,
    random: Math.random,
    log,
    onFailed: nothing,
  });
}

answerQuestions({
  begin,
  /** What was taken since this was last asked. */
  taken: () => {
    const all = taken;
    taken = [];
    return all;
  },
  count: () => taken.length,
});
say({ started: true });
