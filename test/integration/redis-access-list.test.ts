/** The user of docs/operations.md, and nothing beyond: every process of Aviary works with it, on Redis and on Valkey. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Redis } from 'ioredis';
import { createBoard } from '../../console/board.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createMetrics } from '../../platform/observability/metrics.ts';
import { checkRedis, createRedis } from '../../platform/redis/redis.ts';
import { laneOf } from '../../queue/alert-job.ts';
import { createAlertLanes, createAlertQueue, openAlertQueue } from '../../queue/alert-queue.ts';
import { dueTimeOf, openJobs } from '../../queue/backlog.ts';
import { waitingByTenant } from '../../queue/depth.ts';
import { stepJobId } from '../../queue/step-job.ts';
import { createTickMark } from '../../queue/tick-mark.ts';
import { freePorts } from '../../sandbox/ports.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { startAlertWorker } from '../../worker/jobs/queue-workers.ts';
import { createSentMarkers } from '../../worker/announcements/sent-markers.ts';
import { startReplica } from '../loadtester/replica.ts';
import type { RedisProgram } from '../../sandbox/lone-redis.ts';
import { createRedisHost } from '../support/redis-host.ts';
import { aDueStep, createBench, takesAtOnce } from '../support/step-workers.ts';
import type { StepBench } from '../support/step-workers.ts';

const prefix = '{aviary}';

/** The words after `user aviary` on the page, with a password of the test's. */
function rulesOf(user: string, password: string): readonly string[] {
  const page = readFileSync(join(process.cwd(), 'docs/operations.md'), 'utf8');
  const [, line] = new RegExp(`^user ${user} (.+)$`, 'm').exec(page) ?? [];
  if (line === undefined) throw new Error(`docs/operations.md: expected a line 'user ${user} …', found none`);
  return line.split(' ').map((word) => (word.startsWith('>') ? `>${password}` : word));
}

async function aServer(program: RedisProgram, users: Readonly<Record<string, string>>) {
  const host = await createRedisHost(program);
  const [port = 0] = await freePorts(1);
  await host.launch(port);
  const admin = new Redis({ port });
  for (const [user, password] of Object.entries(users)) {
    await admin.acl('SETUSER', user, 'reset', ...rulesOf(user, password));
  }
  const denied = async (): Promise<readonly string[]> => {
    const entries = await admin.call('ACL', 'LOG');
    return Array.isArray(entries) ? entries.map((entry) => JSON.stringify(entry)) : [];
  };
  const release = async (): Promise<void> => {
    admin.disconnect();
    await host.release();
  };
  return { port, admin, denied, release };
}

/** Steps that pass, fail for good, are retried, are delayed; a tick's mark; what metrics and the drain ask; a relief. */
async function workSteps(bench: StepBench): Promise<void> {
  bench.startWorker({
    timing: { lockDuration: 1_000, stalledInterval: 200 },
    takeStep: async (turn) => {
      if (turn.job.canary.name === 'failing') throw new Error('no');
      return takesAtOnce(turn);
    },
  });
  const [podinfo, failing] = [aDueStep('podinfo'), aDueStep('failing')];
  const later = aDueStep('later', { dueAt: clock.now() + 500 });
  await bench.queue.addDue([podinfo, failing, later]);
  await bench.queue.wake(podinfo.canary, 'canary-1');
  await bench.queue.finalize(podinfo.canary, 'canary-1');
  await createTickMark(bench).set(clock.now());
  await createTickMark(bench).read();
  await waitingByTenant(bench.jobs);
  await bench.ended(stepJobId(podinfo.canary, podinfo.slot));
  await bench.ended(stepJobId(later.canary, later.slot));
  const jobs = { queue: bench.jobs, redis: bench.redis };
  await openJobs(jobs, clock.now());
  await dueTimeOf(jobs, stepJobId(later.canary, later.slot));
  const { removed } = await bench.queue.relieve();
  if (removed.completed === 0) throw new Error('expected ended jobs to be removed, got none');
}

async function sendAlerts(url: string): Promise<void> {
  const connection = {
    redis: createRedis({ url, role: 'producer', connectionName: 'alerts', log }),
    prefix,
    log,
    clock,
  };
  await checkRedis(connection.redis, connection);
  const consumer = createRedis({ url, role: 'consumer', connectionName: 'alerts', log });
  const alerts = createAlertQueue(connection);
  const queue = openAlertQueue(connection);
  const lanes = createAlertLanes(connection);
  const markers = createSentMarkers(connection);
  const took: string[] = [];
  const worker = startAlertWorker({
    redis: consumer,
    prefix,
    concurrency: 2,
    keepFinishedMs: 1_000,
    clock,
    random: Math.random,
    log,
    consume: async ({ data, id = '' }) => {
      const lane = laneOf(data);
      await lanes.head(lane);
      await markers.claim(data.alert.id);
      took.push(data.alert.id);
      await lanes.leave(lane, id);
      return { canary: `${data.ns}/${data.name}`, outcome: 'delivered' };
    },
  });
  const alert = { id: randomUUID(), severity: 'info', message: 'hello', withMetadata: false } as const;
  await alerts.add({ ns: 'test', name: 'podinfo', uid: 'abcdefgh', alert, delivery: 'slack' });
  await waitFor({ what: 'the alert', seconds: 10, look: () => (took.length > 0 ? true : undefined) });
  await worker.close(0);
  await Promise.all([alerts.close(), queue.close()]);
  for (const redis of [connection.redis, consumer]) redis.disconnect();
}

async function lookAtBoard(url: string, jobId: string): Promise<readonly number[]> {
  const redis = createRedis({ url, role: 'producer', connectionName: 'board', log });
  const token = randomUUID();
  const board = createBoard({
    host: '127.0.0.1',
    port: 0,
    basePath: '/queues',
    token,
    redis,
    prefix,
    metrics: createMetrics(),
    clock,
    log,
  });
  const address = await board.start();
  const headers = { authorization: `Basic ${Buffer.from(`me:${token}`).toString('base64')}` };
  const states = ['latest', 'active', 'waiting', 'prioritized', 'delayed', 'completed', 'failed', 'paused'];
  const paths = [
    ...states.map((status) => `queues?activeQueue=steps&status=${status}`),
    `queues/steps/${jobId}`,
    `queues/steps/${jobId}/logs`,
  ];
  const answers = await Promise.all(paths.map((path) => fetch(`${address}/api/${path}`, { headers })));
  await board.close();
  redis.disconnect();
  return answers.map(({ status }) => status);
}

for (const program of ['redis-server', 'valkey-server'] as const) {
  test(`${program}: the user on the page is enough for scheduler, workers, alerts, board and load tester`, async (t) => {
    const { port, admin, denied, release } = await aServer(program, { aviary: 'pa55word' });
    t.teardown(release);
    const url = `redis://aviary:pa55word@127.0.0.1:${port}`;
    const bench = createBench(url, prefix);
    t.teardown(() => bench.close());
    await checkRedis(bench.redis, { clock, log, prefix });
    await workSteps(bench);
    await sendAlerts(url);
    const shown = aDueStep('shown');
    await bench.queue.addDue([shown]);
    await bench.ended(stepJobId(shown.canary, shown.slot));
    const answers = await lookAtBoard(url, stepJobId(shown.canary, shown.slot));
    t.deepEqual(
      answers.filter((status) => status !== 200),
      [],
    );
    t.true(answers.length > 0);
    const replica = await startReplica({ redisUrl: url, prefix });
    const gate = { name: 'podinfo', namespace: 'test' };
    for (const path of ['/gate/open', '/gate/check', '/gate/close']) await replica.post(path, gate);
    await replica.post('/', { ...gate, metadata: { type: 'bash', cmd: 'true', returnCmdOutput: '1' } });
    await replica.stop();
    t.deepEqual(await denied(), []);
    t.true((await admin.keys('*')).every((key) => key.startsWith(`${prefix}:`)));
  });

  test(`${program}: that user may touch no other key and change no setting`, async (t) => {
    const { port, release } = await aServer(program, { aviary: 'pa55word', loadtester: 'other' });
    t.teardown(release);
    const as = (user: string, password: string): Redis => {
      const redis = new Redis({ port, username: user, password, disableClientInfo: true });
      t.teardown(() => redis.disconnect());
      return redis;
    };
    const aviary = as('aviary', 'pa55word');
    const forbidden = [
      () => aviary.get('other'),
      () => aviary.eval("return redis.call('GET', 'other')", 0),
      () => aviary.config('GET', '*'),
      () => aviary.flushall(),
      () => aviary.keys('*'),
      () => aviary.acl('LIST'),
      () => aviary.publish('other', 'x'),
      () => aviary.call('SHUTDOWN'),
    ];
    for (const attempt of forbidden) await t.throwsAsync(attempt, { message: /NOPERM|ermission|can't access/ });
    const loadTester = as('loadtester', 'other');
    await t.throwsAsync(() => loadTester.hget('{aviary}:steps:meta', 'x'), { message: /NOPERM/ });
    const url = `redis://loadtester:other@127.0.0.1:${port}`;
    const replica = await startReplica({ redisUrl: url, prefix: 'test' });
    t.is((await replica.post('/gate/open', { name: 'podinfo', namespace: 'test' })).status, 202);
    await replica.stop();
  });
}
