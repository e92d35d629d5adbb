import { createHash } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { createBoard } from '../../console/board.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createMetrics } from '../../platform/observability/metrics.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { alertJobId, deliveryId } from '../../queue/alert-job.ts';
import { stepsQueue } from '../../queue/queue-names.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { startRedisServer } from '../loadtester/redis-server.ts';
import type { RedisServer } from '../loadtester/redis-server.ts';

const token = createHash('sha256').update('a token of this test').digest('hex');
const authorized = { authorization: `Basic ${Buffer.from(`operator:${token}`).toString('base64')}` };

async function aServer(t: ExecutionContext): Promise<RedisServer> {
  const server = await startRedisServer();
  t.teardown(() => server.end());
  return server;
}

/** A board on a Redis of its own, with the queue of steps that it shows. */
async function aBoard(t: ExecutionContext): Promise<{ readonly url: string; readonly queue: Queue }> {
  const server = await aServer(t);
  const queue = new Queue(stepsQueue, { connection: connectionTo(t, server.url), prefix: '{board}' });
  t.teardown(() => queue.close());
  return { url: await boardOn(t, server.url), queue };
}

function connectionTo(t: ExecutionContext, url: string): Redis {
  const redis = createRedis({ url, role: 'producer', connectionName: 'test', log });
  t.teardown(() => redis.disconnect());
  return redis;
}

async function boardOn(t: ExecutionContext, redisUrl: string): Promise<string> {
  const redis = connectionTo(t, redisUrl);
  const board = createBoard({
    host: '127.0.0.1',
    port: 0,
    basePath: '/queues',
    token,
    redis,
    prefix: '{board}',
    metrics: createMetrics(),
    clock,
    log,
  });
  const url = await board.start();
  t.teardown(() => board.close());
  return url;
}

/** A page, what it shows, and whether the process may be given work. */
const looks = (url: string) => ({ page: url, queues: `${url}/api/queues`, readiness: new URL('/readyz', url).href });

/** Bounded generously: what hangs has to fail. */
const get = (url: string): Promise<Response> =>
  fetch(url, { headers: authorized, signal: AbortSignal.timeout(60_000) });

const isShown = async (url: string): Promise<true | undefined> => {
  const answers = await Promise.all(Object.values(looks(url)).map(get));
  return answers.every(({ status }) => status === 200) ? true : undefined;
};

async function isRefused(t: ExecutionContext, url: string): Promise<void> {
  const { readiness, ...shown } = looks(url);
  for (const [what, address] of Object.entries(shown)) {
    const answer = await get(address);
    t.is(answer.status, 503, what);
    t.regex(await answer.text(), /expected Redis, which holds the queues, got no answer/, what);
  }
  const answer = await get(readiness);
  t.is(answer.status, 503);
  t.regex(await answer.text(), /"redis":"(the connection to Redis is lost|not finished within)/);
  t.is((await get(new URL('/healthz', url).href)).status, 200, 'a restart would not help');
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

test('a board whose Redis is away at its start, goes away or hangs says so at once, and shows the queues when it is back', async (t) => {
  const server = await aServer(t);
  await server.stop();
  const url = await boardOn(t, server.url);
  const whenShown = () => waitFor({ what: 'the board to show the queues', seconds: 60, look: () => isShown(url) });
  await isRefused(t, url);
  await server.start();
  await whenShown();
  await server.stop('kill');
  await isRefused(t, url);
  await server.start();
  await whenShown();
  server.freeze();
  t.teardown(() => server.thaw());
  await isRefused(t, url);
  server.thaw();
  t.true(await whenShown());
});

test('the board asks Redis nothing whose refusal at its start it would never get over', async (t) => {
  const server = await aServer(t);
  const admin = new Redis(server.url);
  t.teardown(() => admin.disconnect());
  await admin.call('ACL', 'SETUSER', 'board', 'on', '>pa55word', '~*', '&*', '+@all', '-info');
  const url = await boardOn(t, server.url.replace('redis://', 'redis://board:pa55word@'));
  t.true(await waitFor({ what: 'the board to show the queues', seconds: 30, look: () => isShown(url) }));
});
