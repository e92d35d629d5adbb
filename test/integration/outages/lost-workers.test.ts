/**
 * A worker is killed, or stands still for longer than its lease, between two writes of a step: another one goes on, the
 * sleeper changes nothing when it wakes up, and nobody can tell from the outcome.
 */
import test from 'ava';
import { numberAt, stringAt } from '../../../platform/json.ts';
import { silentLogger as log } from '../../../platform/observability/logger.ts';
import { createRedis } from '../../../platform/redis/redis.ts';
import { waitFor } from '../../../sandbox/wait.ts';
import type { GateRequest } from '../../support/api-gate.ts';
import { nextLine } from '../../support/aviary-process.ts';
import { canaryShare } from '../../support/canary-record.ts';
import { startHttpServer } from '../../support/local-http-server.ts';
import { startOutageBench } from '../../support/outage-bench.ts';
import type { OutageBench } from '../../support/outage-bench.ts';
import { setScene } from '../../support/outage-scene.ts';
import type { Scene } from '../../support/outage-scene.ts';
import { assertOneRun, weightsOfARun } from '../../support/outcome-of-a-run.ts';

let bench: OutageBench;
test.before(async () => {
  bench = await startOutageBench();
  await bench.fleet({});
});
test.after.always(() => bench.close());

/** The step to weight 20 writes the route, then the status. */
const routeWrite = ({ method, path, body }: GateRequest): boolean =>
  method === 'PATCH' && path.endsWith('/meshhttproutes/podinfo') && canaryShare(body) === 20;
const statusWrite = ({ method, path, body }: GateRequest): boolean =>
  method === 'PUT' && path.endsWith('/canaries/podinfo/status') && numberAt(body, 'status', 'canaryWeight') === 20;
const announcement = ({ method, path, body }: GateRequest): boolean =>
  method === 'POST' &&
  path.endsWith('/events') &&
  stringAt(body, 'message') === 'New revision detected! Scaling up podinfo.before-announcement';

/** Shares in the route of a step that wrote no status: it is brought back to the status, then the step is taken again. */
const sharesTakenBack = [0, 10, 20, 10, 20, 30, 0];

interface Moment {
  readonly namespace: string;
  readonly title: string;
  /** The request that never arrives, because its sender is dead by then. */
  readonly next: (request: GateRequest) => boolean;
  readonly shares: readonly number[];
}

const moments: readonly Moment[] = [
  { namespace: 'before-route', title: 'before it writes the route', next: routeWrite, shares: weightsOfARun },
  {
    namespace: 'before-status',
    title: 'after the route and before the status',
    next: statusWrite,
    shares: sharesTakenBack,
  },
  {
    namespace: 'before-announcement',
    title: 'after the status and before what it announces',
    next: announcement,
    shares: weightsOfARun,
  },
];

for (const { namespace, title, next, shares } of moments) {
  test.serial(`a worker that is killed ${title} changes nothing in the outcome`, async (t) => {
    const scene = await setScene(t, bench, { namespace });
    const reached = bench.gate.hold({ what: `the moment ${title}`, matches: next });
    await scene.release();
    const { client } = await reached;
    const holder = bench.workerNamed(client);
    holder.kill('SIGKILL');
    t.is(await holder.ended(), 'SIGKILL');
    await bench.worker(client, {});
    await assertOneRun(t, bench, { ...scene, shares });
  });
}

/** Another worker has taken the step that the frozen one was at. */
const overtaken = ({ record }: Scene): Promise<true> =>
  waitFor({
    what: 'another worker to get to weight 20',
    seconds: 40,
    look: () => (record.weights('podinfo').includes(20) ? true : undefined),
  });

const isOf = ({ podinfo }: Scene, { path }: GateRequest): boolean => path.includes(`/namespaces/${podinfo.namespace}/`);
/** What a step begins with. */
const isBeginning = ({ method, path }: GateRequest): boolean => method === 'GET' && path.endsWith('/canaries/podinfo');

/** The worker whose step of podinfo goes on, from its lease: what a step reads need not go through the gate. */
async function holderIn({ podinfo: { namespace, name } }: Scene): Promise<string> {
  const redis = createRedis({ url: bench.cluster.light.redisUrl, role: 'consumer', connectionName: 'test', log });
  try {
    const [key = ''] = await redis.keys(`*:lease:${namespace}.${name}.*`);
    return (await redis.get(key))?.split('/')[0] ?? '';
  } finally {
    redis.disconnect();
  }
}

test.serial('a worker that is frozen while it asks a hook writes nothing when it wakes up', async (t) => {
  const { gate } = bench;
  const pending: (() => void)[] = [];
  let asked = 0;
  const hook = await startHttpServer({
    // The first question is asked at weight 10, in the step to 20.
    answer: (_request, response) => {
      asked += 1;
      if (asked === 1) pending.push(() => response.end());
      else response.end();
    },
  });
  t.teardown(() => hook.close());
  const webhooks = [{ name: 'load-test', type: 'rollout', url: hook.url, timeout: '40s' }];
  const scene = await setScene(t, bench, { namespace: 'in-hook', analysis: { webhooks } });
  await scene.release();
  const answer = await waitFor({ what: 'the hook to be asked', seconds: 40, look: () => pending[0] });
  const client = await holderIn(scene);
  const zombie = bench.workerNamed(client);
  zombie.kill('SIGSTOP');
  await overtaken(scene);
  const before = gate.requests.length;
  const failure = nextLine([zombie], 'step failed');
  answer();
  zombie.kill('SIGCONT');
  await failure;
  const later = gate.requests.slice(before).filter((request) => request.client === client && isOf(scene, request));
  const next = later.findIndex(isBeginning);
  const ofTheStep = later.slice(0, next === -1 ? later.length : next);
  t.deepEqual(
    ofTheStep.filter(({ method }) => method !== 'GET'),
    [],
  );
  await assertOneRun(t, bench, scene);
});

interface LateWrite {
  readonly namespace: string;
  readonly what: string;
  readonly matches: (request: GateRequest) => boolean;
  readonly shares: readonly number[];
}

const lateWrites: readonly LateWrite[] = [
  { namespace: 'late-route', what: 'route', matches: routeWrite, shares: weightsOfARun },
  { namespace: 'late-status', what: 'status', matches: statusWrite, shares: sharesTakenBack },
];

for (const { namespace, what, matches, shares } of lateWrites) {
  test.serial(`the ${what} that a frozen worker had sent is refused when it arrives late`, async (t) => {
    const scene = await setScene(t, bench, { namespace });
    const sent = bench.gate.hold({ what: `the ${what} of weight 20`, matches, seconds: 40 });
    await scene.release();
    const held = await sent;
    const zombie = bench.workerNamed(held.client);
    zombie.kill('SIGSTOP');
    await overtaken(scene);
    t.is(await held.letThrough(), 409);
    zombie.kill('SIGCONT');
    await assertOneRun(t, bench, { ...scene, shares });
  });
}
