import { createHash } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { Queue } from 'bullmq';
import { createBoard } from '../../console/board.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createMetrics } from '../../platform/observability/metrics.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { alertJobId, deliveryId } from '../../queue/alert-job.ts';
import { stepsQueue } from '../../queue/queue-names.ts';
import { startRedisServer } from '../loadtester/redis-server.ts';

const token = createHash('sha256').update('a token of this test').digest('hex');
const authorized = { authorization: `Basic ${Buffer.from(`operator:${token}`).toString('base64')}` };

/** A board on a Redis of its own, with the queue of steps that it shows. */
async function aBoard(t: ExecutionContext): Promise<{ readonly url: string; readonly queue: Queue }> {
  const server = await startRedisServer();
  t.teardown(() => server.stop());
  const redis = createRedis({ url: server.url, role: 'producer', connectionName: 'test', log });
  t.teardown(() => redis.disconnect());
  const queue = new Queue(stepsQueue, { connection: redis, prefix: '{board}' });
  t.teardown(() => queue.close());
  const board = createBoard({
    host: '127.0.0.1',
    port: 0,
    basePath: '/queues',
    token,
    redis,
    prefix: '{board}',
    readiness: {},
    metrics: createMetrics(),
    clock,
    log,
  });
  const url = await board.start();
  t.teardown(() => board.close());
  return { url, queue };
}

test('the board shows the steps to whoever has the token, and lets nobody change a queue', async (t) => {
  const { url, queue } = await aBoard(t);
  await queue.add('step', { ns: 'shop', name: 'podinfo' }, { jobId: 's.shop.podinfo.1a2b3c4d.7' });

  const stranger = await fetch(`${url}/api/queues`);
  t.is(stranger.status, 401);
  t.regex(stranger.headers.get('www-authenticate') ?? '', /^Basic realm="Aviary queues"/);
  const wrong = await fetch(url, {
    headers: { authorization: `Basic ${Buffer.from('operator:guess').toString('base64')}` },
  });
  t.is(wrong.status, 401);

  const page = await fetch(url, { headers: authorized });
  t.is(page.status, 200);
  const listed = await fetch(`${url}/api/queues?activeQueue=steps&status=waiting`, { headers: authorized });
  const body = await listed.text();
  t.true(body.includes('"step shop/podinfo"'), 'a step is named after its canary');
  t.true(body.includes('s.shop.podinfo.1a2b3c4d.7'));

  const pause = await fetch(`${url}/api/queues/steps/pause`, { method: 'PUT', headers: authorized });
  t.is(pause.status, 405);
  const empty = await fetch(`${url}/api/queues/steps/empty`, { method: 'PUT', headers: authorized });
  t.is(empty.status, 405);
  const pauseAll = await fetch(`${url}/api/queues/pause`, { method: 'PUT', headers: authorized });
  t.is(pauseAll.status, 405);
  t.is(pauseAll.headers.get('allow'), 'GET, HEAD');
  t.false(await queue.isPaused());
  t.is(await queue.getWaitingCount(), 1);
});

test('the board opens a job however long the names of its canary are', async (t) => {
  const { url, queue } = await aBoard(t);
  const canary = { namespace: 'n'.repeat(63), name: 'c'.repeat(253), uid: '1a2b3c4d' };
  const jobId = alertJobId(canary, deliveryId('d'.repeat(20), 'r'.repeat(20)));
  await queue.add('step', { ns: canary.namespace, name: canary.name }, { jobId });
  const job = await fetch(`${url}/api/queues/steps/${jobId}`, { headers: authorized });
  t.is(job.status, 200);
  t.true((await job.text()).includes(jobId));
  const page = await fetch(`${url}/queue/steps/${jobId}`, { headers: authorized });
  t.is(page.status, 200);
});
