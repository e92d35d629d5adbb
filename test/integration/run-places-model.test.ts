/**
 * The places that random histories of the rules are played with (test/canary/histories/limits) answer as those in Redis do,
 * whatever they were asked before.
 */
import { randomUUID } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { keyText } from '../../queue/step-job.ts';
import type { CanaryKey } from '../../queue/step-job.ts';
import type { WaitingCanary } from '../../worker/runs/place-sets.ts';
import type { RunLimits } from '../../worker/runs/places.ts';
import { createRunPlaces } from '../../worker/runs/run-places.ts';
import { createPlacesModel } from '../canary/histories/limits/places-model.ts';
import { startRedisServer } from '../loadtester/redis-server.ts';
import type { RedisServer } from '../loadtester/redis-server.ts';
import { createFakeClock } from '../support/fake-clock.ts';

let server: RedisServer;
let redis: Redis;
test.before(async () => {
  server = await startRedisServer();
  redis = createRedis({ url: server.url, role: 'consumer', connectionName: 'test', log });
});
test.after.always(async () => {
  redis?.disconnect();
  await server?.end();
});

const workers = 2;
const limits: RunLimits = {
  cluster: 3,
  namespace: 2,
  ofNamespaces: new Map([['team-0', 1]]),
  weights: new Map([['team-1', 2]]),
};
const canaries: readonly WaitingCanary[] = Array.from({ length: 8 }, (_, index) => ({
  namespace: `team-${index % 3}`,
  name: `app-${index}`,
  uid: '1a2b3c4d-0000',
  // Of some, four are longer than anybody else is believed to wait without asking.
  intervalMs: index % 2 === 0 ? 45_000 : 300_000,
}));

const one = fc.constantFrom(...canaries);
const some = fc.subarray([...canaries]);
const worker = fc.nat({ max: workers - 1 });
const asking = fc.record({ kind: fc.constant('asks' as const), worker, one, since: fc.nat({ max: 4 }) });
const deed = fc.oneof(
  { weight: 6, arbitrary: asking },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('keeps' as const), one }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('leaves' as const), one }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('hears' as const), worker, running: some, queued: some }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'emptied' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('passes' as const),
      ms: fc.constantFrom(300, 1_000, 20_000, 120_000, 600_000),
    }),
  },
);
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;

const intervalMs = 45_000;

/** Both kinds of places, with the same clock and the same statuses. */
function bothPlaces() {
  const clock = createFakeClock();
  const prefix = `{${randomUUID()}}`;
  const heard = Array.from({ length: workers }, () => ({ running: [] as CanaryKey[], queued: [] as WaitingCanary[] }));
  const real = heard.map((known) =>
    createRunPlaces({ redis, prefix, limits, clock, running: () => known.running, queued: () => known.queued }),
  );
  const model = createPlacesModel({
    limits,
    heard: (index) => ({
      running: new Set(heard[index]?.running.map(keyText)),
      queued: new Map(heard[index]?.queued.map((canary) => [keyText(canary), canary.intervalMs])),
    }),
  });
  const empty = async (): Promise<void> => {
    const keys = await redis.keys(`${prefix}*`);
    if (keys.length > 0) await redis.del(...keys);
  };
  return { clock, heard, real, model, empty };
}

type Both = ReturnType<typeof bothPlaces>;
type Of<Kind extends Deed['kind']> = Extract<Deed, { kind: Kind }>;

/** What each has to say; nothing where they were not asked. */
const deeds: { readonly [Kind in Deed['kind']]: (both: Both, what: Of<Kind>) => Promise<readonly unknown[]> } = {
  asks: async ({ real, model, clock }, { worker: index, one: canary, since }) => [
    await real[index]?.admit(canary, since),
    model.admit(canary, { worker: index, since, now: clock.now() }),
  ],
  keeps: async ({ real, model, clock }, { one: canary }) => [
    await real[0]?.keep(canary, intervalMs),
    model.keep(canary, { intervalMs, now: clock.now() }),
  ],
  leaves: async ({ real, model }, { one: canary }) => [await real[0]?.leave(canary), model.leave(canary)],
  hears: ({ heard }, { worker: index, running, queued }) => {
    Object.assign(heard[index] ?? {}, { running, queued });
    return Promise.resolve([]);
  },
  emptied: async ({ empty, model }) => [await empty(), model.empty()],
  passes: async ({ clock }, { ms }) => [await clock.advance(ms)],
};

const answersTo = (both: Both, what: Deed): Promise<readonly unknown[]> =>
  (deeds[what.kind] as (both: Both, what: Deed) => Promise<readonly unknown[]>)(both, what);

test('in random histories the model and Redis give the same answers', async (t) => {
  await t.notThrowsAsync(() =>
    fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 10, maxLength: 60 }), async (drawn) => {
        const both = bothPlaces();
        // Sets that are new count after a while only.
        const begin: readonly Deed[] = [
          { kind: 'asks', worker: 0, one: canaries[0] as WaitingCanary, since: 0 },
          { kind: 'passes', ms: 20_000 },
        ];
        for (const what of [...begin, ...drawn]) {
          const [real, model] = await answersTo(both, what);
          if (JSON.stringify(real) === JSON.stringify(model)) continue;
          throw new Error(`Redis: ${JSON.stringify(real)}, the model: ${JSON.stringify(model)}`);
        }
      }),
      { numRuns: 400 },
    ),
  );
});
