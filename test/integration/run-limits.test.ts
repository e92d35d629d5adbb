/**
 * Limits of runs with whole processes: a dozen releases at once, three places, two of them at most for a namespace, and one
 * of two workers killed when it has been given a place and has not yet said so in a status.
 */
import test from 'ava';
import type { Redis } from 'ioredis';
import { systemClock } from '../../platform/clock.ts';
import { numberAt, stringAt } from '../../platform/json.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { canaries } from '../../platform/kubernetes/resources.ts';
import { keyText } from '../../queue/step-job.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { keysOf } from '../../worker/runs/place-sets.ts';
import type { GateRequest } from '../support/api-gate.ts';
import { startOutageBench } from '../support/outage-bench.ts';
import type { OutageBench } from '../support/outage-bench.ts';
import { initialize, reaches, release } from '../support/released-canary.ts';
import { recordRuns } from '../support/run-record.ts';

const limits = { cluster: 3, namespace: 2 };
const env = {
  MAX_RUNS: String(limits.cluster),
  MAX_RUNS_PER_NAMESPACE: String(limits.namespace),
};

let bench: OutageBench;
test.before(async () => {
  bench = await startOutageBench();
  await bench.fleet(env);
});
test.after.always(() => bench?.close());

const named = (namespace: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ namespace, name: `app-${index + 1}` }));
const all = [...named('large', 8), ...named('small', 4)];

/** Two checks and no traffic to shift. */
const short = {
  spec: { provider: 'kubernetes' },
  analysis: { interval: '1s', threshold: 2, iterations: 2 },
};

/** The first status of a run, written right after it was given its place. */
const begins = ({ method, path, body }: GateRequest): boolean =>
  method === 'PUT' &&
  path.endsWith('/status') &&
  stringAt(body, 'status', 'phase') === 'Progressing' &&
  numberAt(body, 'status', 'iterations') === 0;

const { runs } = keysOf('{outages}');

async function onRedis<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = createRedis({ url: bench.cluster.light.redisUrl, role: 'consumer', connectionName: 'test', log });
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

/** Names that have a place, from the set itself. */
const taken = (): Promise<readonly string[]> => onRedis((redis) => redis.zrange(runs, '0', '-1'));

const allGivenBack = () =>
  waitFor({
    what: 'all places to be given back',
    seconds: 60,
    look: async () => ((await taken()).length === 0 ? true : undefined),
    explain: async () => (await taken()).join(', '),
  });

test.serial(
  'of a dozen releases at once no more go on than may, whoever is killed, and all have their turn',
  async (t) => {
    t.timeout(300_000);
    for (const name of ['large', 'small']) await bench.cluster.namespace(name);
    await initialize(
      bench.cluster,
      all.map((canary) => ({ ...canary, ...short })),
    );
    const record = await recordRuns(bench.cluster.user);
    t.teardown(() => record.stop());
    const given = bench.gate.hold({ what: 'the first status of a run', matches: begins, seconds: 90 });
    await Promise.all(all.map((canary) => release(bench.cluster, canary, 2)));
    const { client } = await given;
    const killed = bench.workerNamed(client);
    killed.kill('SIGKILL');
    t.is(await killed.ended(), 'SIGKILL');
    for (const canary of all) await reaches(bench.cluster, canary, { phase: 'Succeeded', seconds: 120 });

    t.is(record.most(), limits.cluster, 'all places were in use, and never more');
    t.true(record.most('large') <= limits.namespace);
    t.true(record.most('small') <= limits.namespace);
    t.is(record.began().length, all.length, 'each has run once');
    const waits = record.waits();
    for (const reason of ['Counting', 'ClusterFull', 'NamespaceFull']) {
      t.true(
        waits.some((wait) => wait.reason === reason),
        `somebody has waited for ${reason}`,
      );
    }
    const inLine = waits.filter(({ reason }) => reason !== 'Counting');
    t.deepEqual(
      inLine.filter(
        ({ message }) => !/^[0-3] of [23] runs of .* go on; it is number \d+ of \d+ that wait\.$/.test(message),
      ),
      [],
    );
    await allGivenBack();
  },
);

test.serial('a Canary that is deleted gives back the place of its run, which no step of it will', async (t) => {
  const namespace = 'deleted';
  await bench.cluster.namespace(namespace);
  const { metadata } = await bench.cluster.canary({ namespace, analysis: { interval: '1s' } });
  const canary = { namespace, name: metadata.name, uid: metadata.uid ?? '' };
  await waitFor({
    what: 'a worker to know of the Canary',
    seconds: 60,
    look: async () => (await bench.cluster.read(namespace))['status'],
  });
  await onRedis((redis) => redis.zadd(runs, String(systemClock.now() + 4 * 3_600_000), keyText(canary)));
  t.deepEqual(await taken(), [keyText(canary)]);
  await bench.cluster.user.delete(canaries, canary);
  await allGivenBack();
});
