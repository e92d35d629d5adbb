import test, { type ExecutionContext } from 'ava';
import { Redis } from 'ioredis';
import { type Claims, createRedisClaims } from '../../loadtester/claims.ts';
import { StoreUnavailableError, createStoreCall } from '../../loadtester/store-call.ts';
import { systemClock } from '../../platform/clock.ts';
import { type Logger, silentLogger } from '../../platform/observability/logger.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { startRedisServer } from '../loadtester/redis-server.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';

interface ClaimRig {
  readonly claims: Claims;
  readonly clock: FakeClock;
  readonly client: Redis;
  readonly key: string;
  readonly warnings: string[];
}

const lifeMs = 30_000;

/** Claims whose renewals the test sets off, and a client that looks at them in Redis. */
async function aClaimRig(t: ExecutionContext, id: string): Promise<ClaimRig> {
  const server = await startRedisServer();
  const client = new Redis(server.url);
  t.teardown(async () => {
    client.disconnect();
    await server.end();
  });
  const clock = createFakeClock();
  const warnings: string[] = [];
  let tokens = 0;
  const log: Logger = { ...silentLogger, warn: (_fields, message) => void warnings.push(message) };
  const storeCall = createStoreCall(systemClock, 10_000);
  const common = { redis: client, prefix: '{test}', storeCall, clock, log, lifeMs };
  return {
    claims: createRedisClaims({ ...common, newToken: () => ((tokens += 1) === 1 ? 'mine' : `mine, ${tokens}`) }),
    clock,
    client,
    key: `{test}:command:${id}`,
    warnings,
  };
}

test('a claim is renewed while it is held, also after Redis was emptied, and is gone when it is released', async (t) => {
  const { claims, clock, client, key, warnings } = await aClaimRig(t, 'a');
  const claim = await claims.acquire('a');
  t.is(await claims.acquire('a'), undefined);
  await client.pexpire(key, 5_000);
  await clock.advance(lifeMs / 3);
  await waitFor({
    what: 'the claim to be renewed',
    seconds: 5,
    every: 5,
    look: async () => ((await client.pttl(key)) > 5_000 ? true : undefined),
  });
  await client.flushall();
  await clock.advance(lifeMs / 3);
  await waitFor({
    what: 'the claim to be back',
    seconds: 5,
    every: 5,
    look: async () => (await client.get(key)) ?? undefined,
  });
  await claim?.release();
  t.is(await client.exists(key), 0);
  t.deepEqual(clock.waiting(), [], 'nothing is renewed any more');
  t.deepEqual(warnings, []);
});

test('the claim of a replica that died ends by itself', async (t) => {
  const { claims, client, key } = await aClaimRig(t, 'b');
  await claims.acquire('b');
  const life = await client.pttl(key);
  t.true(life > 0 && life <= lifeMs, `${life}`);
});

test('a claim that somebody else has taken is neither renewed nor released, and that is logged once', async (t) => {
  const { claims, clock, client, key, warnings } = await aClaimRig(t, 'c');
  const claim = await claims.acquire('c');
  await client.set(key, 'theirs');
  await clock.advance(lifeMs / 3);
  await waitFor({ what: 'a warning', seconds: 5, every: 5, look: () => warnings[0] });
  t.deepEqual(warnings, ['claim lost, another replica runs the same command']);
  t.deepEqual(clock.waiting(), []);
  await claim?.release();
  t.is(await client.get(key), 'theirs');
});

test('a command refused because Redis hung is held by nobody when Redis is back', async (t) => {
  const server = await startRedisServer();
  const client = new Redis(server.url);
  t.teardown(async () => {
    server.thaw();
    client.disconnect();
    await server.end();
  });
  // The bound of a call passes as soon as the call is on its way to Redis.
  const clock = createFakeClock();
  const common = {
    redis: client,
    prefix: '{test}',
    storeCall: createStoreCall(clock, 2_000),
    clock,
    log: silentLogger,
  };
  let tokens = 0;
  const claims = createRedisClaims({ ...common, newToken: () => `token ${(tokens += 1)}`, lifeMs });
  await client.ping();
  server.freeze();
  const refused = t.throwsAsync(claims.acquire('hung'), { instanceOf: StoreUnavailableError });
  await clock.whenWaiting();
  await clock.advance(2_000);
  await refused;
  server.thaw();
  t.not(await claims.acquire('hung'), undefined);
});

test('a claim that a broken connection asks for twice is its own', async (t) => {
  const { claims, client, key } = await aClaimRig(t, 'twice');
  // What the first time did before the connection broke.
  await client.set(key, 'mine', 'PX', lifeMs);
  t.not(await claims.acquire('twice'), undefined);
});
