import { createHash } from 'node:crypto';
import test from 'ava';
import { Queue } from 'bullmq';
import { createBoard } from '../../console/board.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { silentLogger as log } from '../../platform/logger.ts';
import { createMetrics } from '../../platform/metrics.ts';
import { createRedis } from '../../platform/redis.ts';
import { stepsQueue } from '../../queue/queue-names.ts';
import { startRedisServer } from '../loadtester/redis-server.ts';

const token = createHash('sha256').update('a token of this test').digest('hex');
const authorized = { authorization: `Basic ${Buffer.from(`operator:${token}`).toString('base64')}` };

test('the board shows the steps to whoever has the token, and lets nobody change a queue', async (t) => {
  const server = await startRedisServer();
  t.teardown(() => server.stop());
  const redis = createRedis({ url: server.url, role: 'producer', connectionName: 'test', log });
  t.teardown(() => redis.disconnect());
  const queue = new Queue(stepsQueue, { connection: redis, prefix: '{board}' });
  t.teardown(() => queue.close());
  await queue.add('step', { ns: 'shop', name: 'podinfo' }, { jobId: 's.shop.podinfo.1a2b3c4d.7' });
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
  t.false(await queue.isPaused());
  t.is(await queue.getWaitingCount(), 1);
});
