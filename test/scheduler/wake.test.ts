import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Schedule } from '../../canary/schedule.ts';
import type { CanaryKey } from '../../queue/step-job.ts';
import type { Waking } from '../../queue/step-queue.ts';
import { silentLogger } from '../../platform/observability/logger.ts';
import type { FollowedChange } from '../../scheduler/followed-watch.ts';
import { createFollowers } from '../../scheduler/followers.ts';
import { createWaker } from '../../scheduler/wake.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createRecordingLogger } from '../support/recording-logger.ts';

const aSchedule = (name: string, over: Partial<Schedule> = {}): Schedule => ({
  namespace: 'shop',
  name,
  uid: `uid-of-${name}`,
  generation: 3,
  rhythm: { uid: `uid-of-${name}`, intervalMs: 10_000 },
  idle: false,
  leaving: false,
  follows: [`Deployment/${name}`],
  ...over,
});

const aChange = (version: number, over: Partial<FollowedChange> = {}): FollowedChange => ({
  namespace: 'shop',
  object: 'Deployment/podinfo',
  cause: `deployment-1a2b3c4d-${version}`,
  seen: `deployments.apps=${version}`,
  ...over,
});

function wakesOf(canaries: readonly Schedule[]) {
  const wakes: string[] = [];
  const queue = {
    wake: async ({ namespace, name }: CanaryKey, cause: string, how?: { isUrgent?: boolean }) =>
      void wakes.push(`${namespace}/${name} ${cause}${how?.isUrgent === true ? ' first' : ''}`),
    finalize: async ({ namespace, name }: CanaryKey, cause: string) =>
      void wakes.push(`${namespace}/${name} ${cause} at its end`),
  };
  const clock = createFakeClock();
  const followers = createFollowers({ onKind: () => undefined });
  for (const schedule of canaries) followers.put(schedule, undefined);
  return { wakes, clock, followers, waker: createWaker({ queue, followers, clock, log: silentLogger }) };
}

const newSpec = { kind: 'spec', resourceVersion: '411' } as const;

test('a wake says what its step must have seen', (t) => {
  const sights: (string | undefined)[] = [];
  const note = async (_canary: CanaryKey, _cause: string, how?: Waking) => void sights.push(how?.seen);
  const followers = createFollowers({ onKind: () => undefined });
  followers.put(aSchedule('podinfo'), undefined);
  const queue = { wake: note, finalize: note };
  const waker = createWaker({ queue, followers, clock: createFakeClock(), log: silentLogger });
  waker.canaryChanged(aSchedule('podinfo'), newSpec);
  waker.canaryChanged(aSchedule('podinfo', { leaving: true }), { kind: 'spec', resourceVersion: '412' });
  waker.followedChanged(aChange(8));
  t.deepEqual(sights, ['canaries.flagger.app=411', 'canaries.flagger.app=412', 'deployments.apps=8']);
});

test('a changed Canary is woken for its generation', (t) => {
  const { wakes, waker } = wakesOf([]);
  waker.canaryChanged(aSchedule('podinfo'), newSpec);
  t.deepEqual(wakes, ['shop/podinfo canary-3']);
});

test('a Canary that is told something by an annotation is woken for that version of it, before those of releases', (t) => {
  const { wakes, waker } = wakesOf([]);
  waker.canaryChanged(aSchedule('podinfo'), { kind: 'wishes', resourceVersion: '412' });
  t.deepEqual(wakes, ['shop/podinfo wishes-412 first']);
});

test('a Canary that is being deleted is led to its end', (t) => {
  const { wakes, waker } = wakesOf([]);
  waker.canaryChanged(aSchedule('podinfo', { leaving: true }), newSpec);
  t.deepEqual(wakes, ['shop/podinfo canary-3 at its end']);
});

test('a Canary that is being deleted and that others hold is left alone', (t) => {
  const left = aSchedule('podinfo', { leaving: true, idle: true });
  const { wakes, waker } = wakesOf([left]);
  waker.canaryChanged(left, newSpec);
  waker.followedChanged(aChange(8));
  t.deepEqual(wakes, []);
});

test('a changed object wakes those that follow it only', (t) => {
  const { wakes, waker } = wakesOf([
    aSchedule('podinfo'),
    aSchedule('other'),
    aSchedule('podinfo', { namespace: 'elsewhere', uid: 'another' }),
    aSchedule('daemon', { follows: ['DaemonSet/podinfo'] }),
  ]);
  waker.followedChanged(aChange(8));
  t.deepEqual(wakes, ['shop/podinfo deployment-1a2b3c4d-8']);
});

test('who follows an object no more, or is gone, is not woken by it', (t) => {
  const { wakes, waker, followers } = wakesOf([]);
  const [before, gone] = [aSchedule('podinfo'), aSchedule('gone', { follows: ['Deployment/podinfo'] })];
  followers.put(before, undefined);
  followers.put(gone, undefined);
  followers.put(aSchedule('podinfo', { follows: ['Deployment/other'] }), before);
  followers.remove(gone);
  waker.followedChanged(aChange(8));
  t.deepEqual(wakes, []);
  t.false(followers.has('shop', 'Deployment/podinfo'));
});

test('a storm of changes of one object wakes three times at once, then once a second, and ends with the last change', async (t) => {
  const { wakes, clock, waker } = wakesOf([aSchedule('podinfo')]);
  for (let version = 1; version <= 25; version += 1) {
    waker.followedChanged(aChange(version));
    await clock.advance(100);
  }
  await clock.advance(5_000);
  t.deepEqual(
    wakes,
    [1, 2, 3, 10, 20, 25].map((version) => `shop/podinfo deployment-1a2b3c4d-${version}`),
  );
});

test('a storm of one object holds up no wake by another one', (t) => {
  const follows = ['Deployment/podinfo', 'ConfigMap/app'] as const;
  const { wakes, waker } = wakesOf([aSchedule('podinfo', { follows })]);
  for (let version = 1; version <= 4; version += 1) waker.followedChanged(aChange(version));
  waker.followedChanged(aChange(7, { object: 'ConfigMap/app', cause: 'configmap-5e6f7a8b-7' }));
  t.is(wakes.length, 4);
  t.is(wakes.at(-1), 'shop/podinfo configmap-5e6f7a8b-7');
});

test('a wake that is held back is not sent after the end', async (t) => {
  const { wakes, clock, waker } = wakesOf([aSchedule('podinfo')]);
  for (let version = 1; version <= 4; version += 1) waker.followedChanged(aChange(version));
  waker.stop();
  await clock.advance(5_000);
  t.is(wakes.length, 3);
  t.deepEqual(clock.waiting(), []);
});

test('a kind is told of when the first canary follows an object of it', (t) => {
  const kinds: string[] = [];
  const followers = createFollowers({ onKind: (kind) => kinds.push(kind) });
  followers.put(aSchedule('a'), undefined);
  followers.put(aSchedule('b', { follows: ['Deployment/b', 'Secret/tls'] }), undefined);
  t.deepEqual(kinds, ['Deployment', 'Secret']);
});

/** A waker on a queue that refuses wakes, all of them or those of some canaries. */
function refusedWakes(t: ExecutionContext) {
  const log = createRecordingLogger();
  const clock = createFakeClock();
  const followers = createFollowers({ onKind: () => undefined });
  const refuses = { all: true, names: new Set<string>() };
  const [tried, taken]: [string[], string[]] = [[], []];
  const take = async ({ name }: CanaryKey, cause: string): Promise<void> => {
    tried.push(`${name} ${cause}`);
    if (refuses.all || refuses.names.has(name)) throw new Error('Redis is away');
    taken.push(`${name} ${cause}`);
  };
  const waker = createWaker({ queue: { wake: take, finalize: take }, followers, clock, log });
  t.teardown(() => waker.stop());
  const release = (name: string, version: number): void => {
    followers.put(aSchedule(name), undefined);
    waker.followedChanged(aChange(version, { object: `Deployment/${name}` }));
  };
  return { log, clock, refuses, tried, taken, waker, release };
}

test('a wake that the queue refuses is logged once, and sent again until the queue takes it', async (t) => {
  const { log, clock, refuses, taken, waker } = refusedWakes(t);
  waker.canaryChanged(aSchedule('podinfo'), newSpec);
  await clock.advance(60_000);
  const warnings = log.lines.filter(({ level }) => level === 'warn');
  t.is(warnings.length, 1);
  t.like(warnings[0], { fields: { canary: 'shop/podinfo', cause: 'canary-3' } });
  refuses.all = false;
  await clock.advance(1_000);
  t.deepEqual(taken, ['podinfo canary-3']);
  await clock.advance(60_000);
  t.is(taken.length, 1);
  t.deepEqual(clock.waiting(), []);
});

test('of several changes of an object that the queue refuses only the last wakes', async (t) => {
  const { clock, refuses, taken, release } = refusedWakes(t);
  for (const version of [1, 2, 3]) release('podinfo', version);
  await clock.advance(10_000);
  refuses.all = false;
  await clock.advance(1_000);
  t.deepEqual(taken, ['podinfo deployment-1a2b3c4d-3']);
});

test('a queue that refuses everything is asked once a second, however many wakes it owes', async (t) => {
  const { clock, refuses, tried, taken, release } = refusedWakes(t);
  for (let index = 0; index < 50; index += 1) release(`app-${index}`, index);
  await clock.advance(0);
  t.is(tried.length, 50);
  await clock.advance(10_000);
  t.is(tried.length, 60);
  refuses.all = false;
  await clock.advance(1_000);
  t.is(new Set(taken).size, 50);
});

test('a wake that is refused for ever holds up no other one', async (t) => {
  const { clock, refuses, taken, release } = refusedWakes(t);
  for (const [version, name] of ['bad', 'one', 'two'].entries()) release(name, version);
  await clock.advance(0);
  refuses.all = false;
  refuses.names.add('bad');
  await clock.advance(3_000);
  t.deepEqual(taken, ['one deployment-1a2b3c4d-1', 'two deployment-1a2b3c4d-2']);
});

test('a wake that was refused is not sent after the end', async (t) => {
  const { clock, tried, waker } = refusedWakes(t);
  waker.canaryChanged(aSchedule('podinfo'), newSpec);
  await clock.advance(0);
  waker.stop();
  await clock.advance(5_000);
  t.is(tried.length, 1);
  t.deepEqual(clock.waiting(), []);
});
