import { randomUUID } from 'node:crypto';
import test from 'ava';
import { systemClock as clock } from '../../platform/clock.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { alertJobId, alertJobName, deliveryId } from '../../queue/alert-job.ts';
import type { AlertJobData } from '../../queue/alert-job.ts';
import { createAlertLanes, createAlertQueue, openAlertQueue } from '../../queue/alert-queue.ts';
import { dueTimeOf, openJobs } from '../../queue/backlog.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { createAlertConsumer } from '../../worker/jobs/alerts.ts';
import type { AlertAnnouncement } from '../../worker/announcements/announce.ts';
import { drained } from '../../worker/drain.ts';
import { createSentMarkers } from '../../worker/announcements/sent-markers.ts';
import { startAlertWorker } from '../../worker/jobs/queue-workers.ts';
import { startRedisServer } from '../loadtester/redis-server.ts';
import type { RedisServer } from '../loadtester/redis-server.ts';
import { aCanary } from '../support/a-canary.ts';

let server: RedisServer;
test.before(async () => {
  server = await startRedisServer();
});
test.after.always(() => server.end());

const canary = aCanary();
const key = { namespace: canary.namespace, name: canary.name, uid: canary.uid };

const dataOf = (message: string, receiver: string): AlertJobData => ({
  ns: 'test',
  name: 'podinfo',
  uid: canary.uid,
  alert: { id: message, severity: 'info', message, withMetadata: false },
  delivery: deliveryId(message, receiver),
});

interface Receiver {
  /** What the receiver took, in order. */
  readonly took: string[];
  add(message: string, receiver?: string): Promise<void>;
  /** Adds one that BullMQ lets fail at its first attempt, which the consumer does not take for the last. */
  addForOneAttempt(message: string): Promise<void>;
  stateOf(message: string): Promise<string>;
  dueTimeOf(message: string): Promise<number | undefined>;
  /** How many may be sent now or are. */
  open(): Promise<number>;
  /** Begins to send, with this many processes. */
  start(workers?: number): void;
  close(): Promise<void>;
}

/** Two receivers that refuse the first attempts of some alerts. */
function aReceiver(refusals: Record<string, number> = {}): Receiver {
  const prefix = `{${randomUUID()}}`;
  const redis = createRedis({ url: server.url, role: 'consumer', connectionName: 'test', log });
  const consumer = createRedis({ url: server.url, role: 'consumer', connectionName: 'test', log });
  const connection = { redis, prefix, log, clock };
  const alerts = createAlertQueue(connection);
  const queue = openAlertQueue(connection);
  const took: string[] = [];
  const left = { ...refusals };
  const closers: (() => Promise<void>)[] = [];
  const deliver = async ({ message }: AlertAnnouncement): Promise<void> => {
    const refused = left[message] ?? 0;
    left[message] = refused - 1;
    if (refused > 0) throw new Error('503');
    took.push(message);
  };
  const consume = createAlertConsumer({
    read: async () => canary,
    route: (_canary, alert) =>
      ['global', 'other'].map((receiver) => ({ id: deliveryId(alert.id, receiver), send: () => deliver(alert) })),
    lanes: createAlertLanes(connection),
    isPending: async (id) =>
      ['wait', 'prioritized', 'delayed', 'active', 'waiting'].includes(await queue.getJobState(id)),
    dueTimeOf: (id) => dueTimeOf({ queue, redis }, id),
    markers: createSentMarkers({ redis, prefix }),
    warn: async () => undefined,
    onGivenUp: () => undefined,
    clock,
    log,
  });
  return {
    took,
    add: (message, receiver = 'global') => alerts.add(dataOf(message, receiver)),
    addForOneAttempt: async (message) => {
      const data = dataOf(message, 'global');
      await queue.add(alertJobName, data, { jobId: alertJobId(key, data.delivery), attempts: 1 });
    },
    stateOf: async (message) => queue.getJobState(alertJobId(key, deliveryId(message, 'global'))),
    dueTimeOf: (message) => dueTimeOf({ queue, redis }, alertJobId(key, deliveryId(message, 'global'))),
    open: () => openJobs({ queue, redis }, clock.now()),
    start: (workers = 1) => {
      for (let index = 0; index < workers; index += 1) {
        const worker = startAlertWorker({
          redis: consumer,
          prefix,
          concurrency: 5,
          keepFinishedMs: 60_000,
          clock,
          random: Math.random,
          log,
          consume,
        });
        closers.push(() => worker.close(0));
      }
    },
    close: async () => {
      await Promise.all(closers.map((close) => close()));
      await Promise.all([alerts.close(), queue.close()]);
      redis.disconnect();
      consumer.disconnect();
    },
  };
}

const taken = (receiver: Receiver, count: number): Promise<true> =>
  waitFor({ what: `${count} alerts`, seconds: 20, look: () => (receiver.took.length >= count ? true : undefined) });

test.serial('alerts of a canary arrive in the order in which they were raised', async (t) => {
  const receiver = aReceiver();
  t.teardown(() => receiver.close());
  const messages = Array.from({ length: 8 }, (_, index) => `alert ${index}`);
  for (const message of messages) await receiver.add(message);
  receiver.start(2);
  await taken(receiver, 8);
  t.deepEqual(receiver.took, messages);
});

test.serial('an alert that is not taken at first holds back those behind it, and is tried again', async (t) => {
  const receiver = aReceiver({ first: 1 });
  t.teardown(() => receiver.close());
  await receiver.add('first');
  await receiver.add('second');
  receiver.start();
  await taken(receiver, 2);
  t.deepEqual(receiver.took, ['first', 'second']);
});

test.serial('an alert that one receiver does not take holds back none to another', async (t) => {
  const receiver = aReceiver({ refused: 9 });
  t.teardown(() => receiver.close());
  await receiver.add('refused', 'other');
  await receiver.add('first');
  await receiver.add('second');
  receiver.start();
  await taken(receiver, 2);
  t.deepEqual(receiver.took, ['first', 'second']);
});

test.serial('an alert that is raised twice arrives once', async (t) => {
  const receiver = aReceiver();
  t.teardown(() => receiver.close());
  receiver.start();
  await receiver.add('first');
  await taken(receiver, 1);
  await receiver.add('first');
  await receiver.add('second');
  await taken(receiver, 2);
  t.deepEqual(receiver.took, ['first', 'second']);
});

test.serial('an alert whose attempts are used up without an end is tried anew when it is added again', async (t) => {
  const receiver = aReceiver({ first: 1 });
  t.teardown(() => receiver.close());
  await receiver.addForOneAttempt('first');
  receiver.start();
  await waitFor({
    what: 'its job to fail',
    seconds: 20,
    look: async () => ((await receiver.stateOf('first')) === 'failed' ? true : undefined),
  });
  await receiver.add('first');
  await taken(receiver, 1);
  t.deepEqual(receiver.took, ['first']);
});

test.serial('an alert is in the queue before it is sent', async (t) => {
  const receiver = aReceiver();
  t.teardown(() => receiver.close());
  await receiver.add('first');
  t.is(await receiver.stateOf('first'), 'waiting');
});

test.serial('a drain does not end before an alert that waits its turn has gone', async (t) => {
  const receiver = aReceiver();
  t.teardown(() => receiver.close());
  for (const message of ['first', 'second']) await receiver.add(message);
  receiver.start();
  await drained({ backlogs: [() => receiver.open()], patienceMs: 10_000, clock, log }, new AbortController().signal);
  t.deepEqual(receiver.took, ['first', 'second']);
});

test.serial('alerts behind one that is to be sent again are not due before that', async (t) => {
  const receiver = aReceiver({ first: 9 });
  t.teardown(() => receiver.close());
  for (const message of ['first', 'second', 'third']) await receiver.add(message);
  receiver.start();
  const dueTimes = () => Promise.all(['first', 'second', 'third'].map((message) => receiver.dueTimeOf(message)));
  await waitFor({
    what: 'those behind to be put back until the first is due',
    seconds: 30,
    look: async () => {
      const [first, ...behind] = await dueTimes();
      return first !== undefined && behind.every((time) => time === first) ? true : undefined;
    },
    explain: async () => (await dueTimes()).join(' '),
  });
  t.deepEqual(receiver.took, []);
});
