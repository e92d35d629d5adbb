import { DelayedError, UnrecoverableError } from 'bullmq';
import test from 'ava';
import { KubernetesError } from '../../../platform/kubernetes/error.ts';
import { silentLogger as log } from '../../../platform/observability/logger.ts';
import { alertAttempts } from '../../../queue/alert-job.ts';
import type { AlertJobData } from '../../../queue/alert-job.ts';
import { UnreadableCanary } from '../../../worker/announcements/alerted-canaries.ts';
import { createAlertConsumer, deliveryTimeoutMs } from '../../../worker/jobs/alerts.ts';
import type { AlertConsumerOptions, AlertJob } from '../../../worker/jobs/alerts.ts';
import type { Delivery } from '../../../worker/notifiers/alert-router.ts';
import { AlertSetupError } from '../../../worker/notifiers/provider.ts';
import { aCanary } from '../../support/a-canary.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const canary = aCanary();
const data: AlertJobData = {
  ns: 'test',
  name: 'podinfo',
  uid: canary.uid,
  alert: { id: 'x', severity: 'error', message: 'Failed checks threshold reached 5', withMetadata: false },
  delivery: 'x.global',
};
const signal = new AbortController().signal;

interface World {
  readonly options: AlertConsumerOptions;
  readonly log: string[];
  readonly lane: string[];
  /** Jobs that count as ended. */
  readonly ended: string[];
}

/** One canary's lane, and receivers that do what they are told. */
function aWorld(over: Partial<AlertConsumerOptions> & { lane?: string[]; pending?: string[] } = {}): World {
  const { lane = ['job'], pending = lane.slice(), ...rest } = over;
  const said: string[] = [];
  const ended: string[] = [];
  const delivery: Delivery = { id: 'x.global', send: async () => void said.push('sent') };
  const options: AlertConsumerOptions = {
    read: async () => canary,
    route: () => [delivery],
    lanes: {
      enter: async () => undefined,
      head: async () => lane[0],
      leave: async (_canary, id) => void lane.splice(0, lane.length, ...lane.filter((one) => one !== id)),
    },
    isPending: async (id) => pending.includes(id),
    dueTimeOf: async () => undefined,
    markers: {
      known: async (ids) => new Set(ids.filter((id) => ended.includes(id))),
      mark: async (ids) => void ended.push(...ids),
    },
    warn: async (_canary, { message }) => void said.push(`warn ${message}`),
    onGivenUp: () => void said.push('given up'),
    clock: createFakeClock(),
    log,
    ...rest,
  };
  return { options, log: said, lane, ended };
}

function aJob(over: Partial<AlertJob> = {}): AlertJob & { readonly moved: number[] } {
  const moved: number[] = [];
  return { id: 'job', data, attemptsMade: 0, moved, moveToDelayed: async (until) => void moved.push(until), ...over };
}

const refusing = (error: Error): Pick<AlertConsumerOptions, 'route'> => ({
  route: () => [
    {
      id: 'x.global',
      send: async () => {
        throw error;
      },
    },
  ],
});

test('an alert whose turn it is goes out and makes way', async (t) => {
  const world = aWorld({ lane: ['job', 'next'] });
  const report = await createAlertConsumer(world.options)(aJob(), 'token', signal);
  t.deepEqual(report, { canary: 'test/podinfo', outcome: 'delivered' });
  t.deepEqual(world.log, ['sent']);
  t.deepEqual(world.lane, ['next']);
  t.deepEqual(world.ended, ['end of job']);
});

test('an alert that is sent while Redis is full is noted as soon as there is room, and not sent again', async (t) => {
  const clock = createFakeClock();
  let refusals = 2;
  const world = aWorld({ clock });
  const { markers } = world.options;
  const mark: typeof markers.mark = async (ids) => {
    refusals -= 1;
    if (refusals >= 0) throw new Error("OOM command not allowed when used memory > 'maxmemory'.");
    await markers.mark(ids);
  };
  const consumed = createAlertConsumer({ ...world.options, markers: { ...markers, mark } })(aJob(), 'token', signal);
  await clock.whenWaiting();
  t.deepEqual(world.ended, []);
  await clock.advance(1_000);
  t.deepEqual(await consumed, { canary: 'test/podinfo', outcome: 'delivered' });
  t.deepEqual([world.log, world.ended], [['sent'], ['end of job']]);
});

test('an alert behind another one of its canary waits its turn', async (t) => {
  const world = aWorld({ lane: ['earlier', 'job'] });
  const job = aJob();
  await t.throwsAsync(createAlertConsumer(world.options)(job, 'token', signal), { instanceOf: DelayedError });
  t.deepEqual(job.moved, [world.options.clock.now() + 1_000]);
  t.deepEqual(world.log, []);
});

test('behind one that is to be tried again it waits as long as that one', async (t) => {
  const clock = createFakeClock();
  const dueAt = clock.now() + 128_000;
  const world = aWorld({ lane: ['earlier', 'job'], clock, dueTimeOf: async () => dueAt });
  const job = aJob();
  await t.throwsAsync(createAlertConsumer(world.options)(job, 'token', signal), { instanceOf: DelayedError });
  t.deepEqual(job.moved, [dueAt]);
});

test('an alert does not wait for one whose job is gone', async (t) => {
  const world = aWorld({ lane: ['lost', 'job'], pending: ['job'] });
  await createAlertConsumer(world.options)(aJob(), 'token', signal);
  t.deepEqual(world.log, ['sent']);
  t.deepEqual(world.lane, []);
});

test('an alert whose lane was lost with Redis goes out all the same', async (t) => {
  const world = aWorld({ lane: [] });
  await createAlertConsumer(world.options)(aJob(), 'token', signal);
  t.deepEqual(world.log, ['sent']);
});

test('an alert that its receiver did not take keeps its place for the next attempt', async (t) => {
  const world = aWorld(refusing(new Error('503')));
  await t.throwsAsync(createAlertConsumer(world.options)(aJob(), 'token', signal), { message: '503' });
  t.deepEqual(world.lane, ['job']);
  t.deepEqual(world.log, []);
  t.deepEqual(world.ended, []);
});

test('after its last attempt an alert is counted as given up, told on the Canary, and makes way', async (t) => {
  const world = aWorld(refusing(new Error('503')));
  const job = aJob({ attemptsMade: alertAttempts - 1 });
  await t.throwsAsync(createAlertConsumer(world.options)(job, 'token', signal), { message: '503' });
  t.deepEqual(world.lane, []);
  t.deepEqual(world.log, ['warn 503', 'given up']);
  t.deepEqual(world.ended, ['end of job']);
});

const away = new KubernetesError({ kind: 'unavailable', action: 'get Canary test/podinfo', detail: '503' });
const lastJob = (): AlertJob => aJob({ attemptsMade: alertAttempts - 1 });

test('an alert whose last attempt does not come to its receiver is not given up', async (t) => {
  const world = aWorld({ read: async () => Promise.reject(away) });
  t.is(await t.throwsAsync(createAlertConsumer(world.options)(lastJob(), 'token', signal)), away);
  t.deepEqual([world.log, world.ended], [[], []]);
});

test('nor is one that nobody could be told of on its Canary', async (t) => {
  const world = aWorld({ ...refusing(new Error('503')), warn: async () => Promise.reject(away) });
  t.is(await t.throwsAsync(createAlertConsumer(world.options)(lastJob(), 'token', signal)), away);
  t.deepEqual([world.log, world.ended], [[], []]);
});

test('nor is one whose sender shuts down in its last attempt', async (t) => {
  const shutdown = new AbortController();
  const reason = new Error('the process shuts down');
  const send = async (): Promise<never> => {
    shutdown.abort(reason);
    throw reason;
  };
  const world = aWorld({ route: () => [{ id: 'x.global', send }] });
  t.is(await t.throwsAsync(createAlertConsumer(world.options)(lastJob(), 'token', shutdown.signal)), reason);
  t.deepEqual([world.log, world.ended], [[], []]);
});

test('a receiver that holds the last attempt for longer than it may is given up on', async (t) => {
  const clock = createFakeClock();
  const send = (bound: AbortSignal): Promise<never> =>
    new Promise((_resolve, reject) => bound.addEventListener('abort', () => reject(new Error('took too long'))));
  const world = aWorld({ clock, route: () => [{ id: 'x.global', send }] });
  const consumed = t.throwsAsync(createAlertConsumer(world.options)(lastJob(), 'token', signal));
  await clock.whenWaiting();
  await clock.advance(deliveryTimeoutMs);
  await consumed;
  t.deepEqual(world.log.toSorted(), ['given up', 'warn took too long']);
  t.deepEqual(world.ended, ['end of job']);
});

test('a receiver that is not set up is told on the Canary and not tried again', async (t) => {
  const world = aWorld(refusing(new AlertSetupError('alert provider slack.test error: not found')));
  const error = await t.throwsAsync(createAlertConsumer(world.options)(aJob(), 'token', signal));
  t.true(error instanceof UnrecoverableError);
  t.deepEqual(world.log, ['warn alert provider slack.test error: not found', 'given up']);
  t.deepEqual(world.lane, []);
});

test('an alert that has arrived is not sent again by the worker that takes its job over', async (t) => {
  const world = aWorld({ lane: ['job', 'next'] });
  world.ended.push('end of job');
  const report = await createAlertConsumer(world.options)(aJob(), 'token', signal);
  t.deepEqual(report, { canary: 'test/podinfo', outcome: 'delivered' });
  t.deepEqual(world.log, []);
  t.deepEqual(world.lane, ['next']);
});

test('an alert that has arrived and cannot be noted is no alert that was not taken', async (t) => {
  const markers = {
    known: async () => new Set<string>(),
    mark: async () => Promise.reject(new Error('Redis is away')),
  };
  const world = aWorld({ markers });
  const job = aJob({ attemptsMade: alertAttempts - 1 });
  await t.throwsAsync(createAlertConsumer(world.options)(job, 'token', signal), { message: 'Redis is away' });
  t.deepEqual(world.log, ['sent'], 'not given up');
});

test('an alert of a Canary that is gone is unwanted', async (t) => {
  const world = aWorld({ read: async () => undefined });
  t.is((await createAlertConsumer(world.options)(aJob(), 'token', signal)).outcome, 'unwanted');
  t.deepEqual(world.lane, []);
  t.deepEqual(world.ended, ['end of job']);
});

test('an alert of a Canary that cannot be parsed is tried again, and not given up', async (t) => {
  const unreadable = new UnreadableCanary('spec.analysis: expected an object');
  const world = aWorld({ read: async () => Promise.reject(unreadable) });
  for (const job of [aJob(), lastJob()]) {
    t.is(await t.throwsAsync(createAlertConsumer(world.options)(job, 'token', signal)), unreadable);
  }
  t.deepEqual([world.log, world.ended], [[], []]);
});

test('an alert for a receiver that the Canary names no more is unwanted', async (t) => {
  const world = aWorld({ route: () => [] });
  t.is((await createAlertConsumer(world.options)(aJob(), 'token', signal)).outcome, 'unwanted');
});
