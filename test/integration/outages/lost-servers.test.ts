/**
 * Prometheus, Redis or the API server is away: what cannot go on says what, where and what to do; what can goes on; and
 * the run ends as if nothing had happened.
 */
import test from 'ava';
import { freePorts } from '../../../sandbox/ports.ts';
import { waitFor } from '../../../sandbox/wait.ts';
import { startRedisServer } from '../../loadtester/redis-server.ts';
import type { RedisServer } from '../../loadtester/redis-server.ts';
import { nextLine } from '../../support/aviary-process.ts';
import type { AviaryProcess } from '../../support/aviary-process.ts';
import { startOutageBench } from '../../support/outage-bench.ts';
import type { OutageBench } from '../../support/outage-bench.ts';
import { setScene } from '../../support/outage-scene.ts';
import type { Scene } from '../../support/outage-scene.ts';
import {
  alertsOfARun,
  assertAlerts,
  assertOneRun,
  concludes,
  weightsOfARun,
  withoutWaiting,
} from '../../support/outcome-of-a-run.ts';
import { startRealPrometheus } from '../../support/real-prometheus.ts';
import { eventsOf } from '../../support/released-canary.ts';

let bench: OutageBench;
/** Without a file: what was in it is gone when it is. */
let redis: RedisServer;
/** Where Prometheus should be. */
let port: number;
let fleet: readonly AviaryProcess[];
test.before(async () => {
  [port = 0] = await freePorts(1);
  bench = await startOutageBench();
  redis = await startRedisServer();
  const METRICS_SERVER = `http://127.0.0.1:${port}`;
  await bench.fleet({ REDIS_URL: redis.url, METRICS_SERVER, NAMESPACE: 'metrics,meanwhile,restart,mid-run' });
  fleet = [...bench.processes];
});
test.after.always(async () => {
  await bench?.close();
  await redis?.end();
});

/** The run has begun to shift traffic. */
const firstShare = ({ record }: Scene): Promise<true> =>
  waitFor({
    what: 'the first share of traffic',
    seconds: 40,
    look: () => (record.weights('podinfo').includes(10) ? true : undefined),
  });

/** A query that any Prometheus answers, whatever it has scraped. */
const metrics = [{ name: 'uptime', query: 'vector(100)', thresholdRange: { min: 99 } }];

test.serial('a release whose checks cannot be made is halted, then rolled back with words of its own', async (t) => {
  const scene = await setScene(t, bench, { namespace: 'metrics', analysis: { metrics } });
  const { podinfo, neighbour, record } = scene;
  const refused = `connect ECONNREFUSED 127.0.0.1:${port}`;
  const said = withoutWaiting(await eventsOf(bench.cluster, podinfo));
  t.true(
    said.some((text) => text.startsWith('1 × Warning Error checking metric providers: ') && text.includes(refused)),
  );

  await scene.release();
  await concludes(bench, podinfo, 'Failed');
  await concludes(bench, neighbour, 'Succeeded');
  t.deepEqual(record.weights('podinfo'), [0, 10, 0]);
  t.deepEqual(record.shares('podinfo'), [0, 10, 0]);
  const counted = record.statuses('podinfo');
  t.deepEqual(
    counted.filter(({ failedChecks }) => failedChecks > 0),
    [],
  );
  t.is(Math.max(...counted.map(({ checkErrors }) => checkErrors)), 2);
  const failed = withoutWaiting(await eventsOf(bench.cluster, podinfo));
  const halts = failed.filter((text) => text.includes('Prometheus query failed'));
  t.is(halts.length, 1);
  t.regex(halts[0] ?? '', /^2 × Warning Prometheus query failed for uptime: /);
  t.true(halts[0]?.includes(refused));
  t.true(failed.includes('1 × Warning Rolling back podinfo.metrics checks could not be made 2 times in a row'));
  t.true(failed.includes('1 × Warning Canary failed! Scaling down podinfo.metrics'));
  t.false(failed.some((text) => text.includes('failed checks threshold')));
  const [initialized = '', begun = ''] = alertsOfARun;
  const alerts = [initialized, begun, 'Checks could not be made 2 times in a row'];
  await assertAlerts(t, bench, { canary: podinfo, alerts });
  await assertAlerts(t, bench, { canary: neighbour });

  const prometheus = await startRealPrometheus(() => '', port);
  t.teardown(() => prometheus.close());
  await scene.release(3);
  await concludes(bench, podinfo, 'Succeeded');
  t.deepEqual(record.weights('podinfo'), [0, 10, ...weightsOfARun]);
  await assertAlerts(t, bench, { canary: podinfo, alerts: [...alerts, ...alertsOfARun.slice(1)] });
});

test.serial('a process that finds no Redis says where it looked and what to do, and exits 1', async (t) => {
  const scene = await setScene(t, bench, { namespace: 'meanwhile' });
  await scene.release();
  const [closed = 0] = await freePorts(1);
  const env = { REDIS_URL: `redis://user:hunter2@127.0.0.1:${closed}`, REDIS_WAIT: '1500ms', NAMESPACE: 'nowhere' };
  for (const program of ['scheduler', 'worker'] as const) {
    const process = bench.run({ program, env });
    t.is(await process.ended(60), 1);
    t.is(
      process.errors(),
      `aviary-${program}: Redis at 127.0.0.1:${closed}: expected an answer within 1500 ms, got none ` +
        `(connect ECONNREFUSED 127.0.0.1:${closed}); check that it runs and that its URL, user and password are right\n`,
    );
    t.false(JSON.stringify(process.lines()).includes('hunter2'));
  }
  await assertOneRun(t, bench, scene);
});

test.serial('a process that began before Redis takes up its work when Redis comes', async (t) => {
  const late = await startRedisServer();
  t.teardown(() => late.end());
  await late.stop();
  const env = { REDIS_URL: late.url, REDIS_WAIT: '60s', NAMESPACE: 'in-time' };
  const processes = (['scheduler', 'worker'] as const).map((program) => bench.run({ program, env }));
  for (const process of processes) await process.said('redis connection failed, trying again', 60);
  await late.start();
  const scene = await setScene(t, bench, { namespace: 'in-time' });
  await scene.release();
  await assertOneRun(t, bench, scene);
  for (const process of processes) process.kill('SIGTERM');
  for (const process of processes) t.is(await process.ended(), 0);
});

test.serial('a run goes on from its status when the API server is killed and comes back', async (t) => {
  const scene = await setScene(t, bench, { namespace: 'restart' });
  await scene.release();
  await firstShare(scene);
  const { light } = bench.cluster;
  const failure = nextLine(fleet, 'step failed');
  await light.stopApiServer('kill');
  t.regex(JSON.stringify((await failure)['err']), /no answer from the API server/);
  await light.startApiServer();
  // A step that the end of the server met in a write says so, once the server is back.
  const disturbance = /^\d+ × Warning .*: no answer from the API server: /;
  await assertOneRun(t, bench, { ...scene, disturbance });
});

test.serial('a run goes on from its status when Redis is killed and comes back empty', async (t) => {
  const scene = await setScene(t, bench, { namespace: 'mid-run' });
  // The alerts of the run wait in Redis, are lost with it, and arrive all the same, once.
  bench.refuseAlerts(true);
  await scene.release();
  await firstShare(scene);
  await waitFor({
    what: 'an alert that waits for another attempt',
    seconds: 40,
    look: () => (bench.refusedAlerts('mid-run', 'podinfo').length > 0 ? true : undefined),
  });
  // The API server's absence in the test before has failed ticks, too.
  const failure = nextLine(fleet, 'tick failed; the next one adds what is missing');
  await redis.stop('kill');
  bench.refuseAlerts(false);
  await failure;
  await redis.start();
  await assertOneRun(t, bench, scene);
  for (const process of fleet) {
    process.kill('SIGTERM');
    t.is(await process.ended(), 0);
    t.is(process.errors(), '');
  }
});
