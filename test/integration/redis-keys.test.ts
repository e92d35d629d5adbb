/** Every key of ours in Redis has an end or a bound: what grows for ever fills a Redis that evicts nothing. */
import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { systemClock as clock } from '../../platform/clock.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createAlertLanes } from '../../queue/alert-queue.ts';
import { createMissedSlots } from '../../queue/missed-slots.ts';
import { createPaceStore } from '../../queue/pace-store.ts';
import { createQueueLife } from '../../queue/queue-life.ts';
import { createTickMark } from '../../queue/tick-mark.ts';
import { stepJobId } from '../../queue/step-job.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { createLeases } from '../../worker/step/lease.ts';
import { createSentMarkers } from '../../worker/announcements/sent-markers.ts';
import { redisBenches } from '../support/redis-benches.ts';
import { aDueStep, takesAtOnce } from '../support/step-workers.ts';
import type { StepBench } from '../support/step-workers.ts';

const { aBench } = redisBenches();

/** By what follows the prefix: `ends` by itself, or what bounds it. */
const ours: Readonly<Record<string, string>> = {
  lease: 'ends',
  left: 'ends',
  lane: 'ends',
  sent: 'ends',
  pace: 'ends',
  command: 'ends',
  life: 'one value',
  'last-tick': 'one value',
  missed: 'one value',
  'runs-state': 'one value',
  runs: 'a member for each run that goes on; those that expired are taken out',
  'runs-waiting': 'a member for each canary that waits for a place',
  'runs-waiting-seen': 'the same',
  analysis: 'a field for each metric of a target; one worker takes out those that no analysis checks any more',
  gates: 'a field for each open gate',
  probe: 'only asked for',
};

/** Of one queue of BullMQ. */
const ofQueue: Readonly<Record<string, string>> = {
  id: 'one value',
  pc: 'one value',
  meta: 'settings',
  marker: 'one member of each kind',
  events: 'a stream of some 10,000 entries',
  wait: 'jobs of slots up to the horizon; swept when they have passed',
  prioritized: 'the same',
  delayed: 'the same',
  active: 'jobs that run',
  stalled: 'the same',
  completed: 'by age, or what a full Redis leaves',
  failed: 'by age and number, or what a full Redis leaves',
  'stalled-check': 'ends',
};

const folders = ['queue', 'scheduler', 'worker', 'loadtester', 'console', 'platform'];

function namesInSources(): readonly string[] {
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => readFileSync(join(folder, path), 'utf8')),
  );
  const names = files.flatMap((text) =>
    [...text.matchAll(/\$\{\w*[pP]refix\}:([a-z-]+)/g)].map(([, name = '']) => name),
  );
  return [...new Set(names)].toSorted();
}

test('every key that a process names is in the table, and nothing else', (t) => {
  t.deepEqual(namesInSources(), Object.keys(ours).toSorted());
});

/** Has written what ends by itself; the load tester's claims have a test of their own. */
async function writeWhatEnds(bench: StepBench): Promise<void> {
  const canary = { namespace: 'test', name: 'podinfo', uid: '1a2b3c4d-uid' };
  await createAlertLanes({ ...bench, clock }).enter({ ...canary, receiver: 'global' }, 'a.an-alert');
  await createSentMarkers(bench).mark(['an-event']);
  await createSentMarkers(bench).claim('a-counter');
  await createPaceStore(bench).replace(undefined, '{}');
  const leases = createLeases({ ...bench, clock, newToken: randomUUID, ttlMs: 60_000, log });
  await (await leases.take('left', () => undefined))?.release('deployments.apps=1');
  await leases.take('held', () => undefined);
}

async function writeTheRest(bench: StepBench): Promise<void> {
  await createQueueLife({ ...bench, newToken: randomUUID })();
  await createTickMark(bench).set(clock.now());
  createMissedSlots(bench).note();
  bench.startWorker({ takeStep: async (turn) => takesAtOnce(turn) });
  const step = aDueStep('podinfo');
  await bench.queue.addDue([step, aDueStep('later', { dueAt: clock.now() + 60_000 })]);
  await bench.ended(stepJobId(step.canary, step.slot));
}

const isJob = (name: string): boolean => /^[swf]\./.test(name);

test.serial('what is to end has an end in Redis, and nothing lies there that has no bound', async (t) => {
  const bench = aBench();
  await bench.jobs.waitUntilReady();
  await writeWhatEnds(bench);
  await writeTheRest(bench);
  const seen = new Set<string>();
  for (const key of await bench.redis.keys(`${bench.prefix}:*`)) {
    const [name = '', queued = ''] = key.slice(bench.prefix.length + 1).split(':');
    if (name === 'steps' && isJob(queued)) continue;
    const bound = name === 'steps' ? ofQueue[queued] : ours[name];
    t.true(bound !== undefined, `${key} is in no table`);
    if (bound !== 'ends') continue;
    t.true((await bench.redis.pttl(key)) > 0, `${key} has no end`);
    seen.add(name);
  }
  t.deepEqual([...seen].filter((name) => name in ours).toSorted(), ['lane', 'lease', 'left', 'pace', 'sent']);
});

const isThere = async (bench: StepBench, id: string): Promise<boolean> => (await bench.jobs.getJob(id)) !== undefined;

test.serial('a job that has ended lies there for its time, and goes when another one ends after it', async (t) => {
  const bench = aBench();
  bench.startWorker({ takeStep: async (turn) => takesAtOnce(turn), keepFinishedMs: 1_000 });
  const first = aDueStep('podinfo');
  await bench.queue.addDue([first]);
  const id = stepJobId(first.canary, first.slot);
  await bench.ended(id);
  t.true(await isThere(bench, id));
  let slot = first.slot;
  await waitFor({
    what: 'the first job to be gone',
    seconds: 20,
    look: async () => {
      slot += 1;
      await bench.queue.addDue([{ ...first, slot }]);
      return (await isThere(bench, id)) ? undefined : true;
    },
    explain: async () => `${await bench.jobs.getCompletedCount()} jobs that have ended`,
  });
  const newest = stepJobId(first.canary, slot);
  await bench.ended(newest);
  t.true(await isThere(bench, newest), 'those that have just ended stay');
});

test.serial('the events of a queue are bounded', async (t) => {
  const bench = aBench();
  await bench.queue.addDue([aDueStep('podinfo')]);
  t.is(await bench.redis.hget(bench.jobs.toKey('meta'), 'opts.maxLenEvents'), '10000');
});
