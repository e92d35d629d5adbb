import test from 'ava';
import { noteRead, noteRequest } from '../../../platform/kubernetes/read-witness.ts';
import type { ReadSource } from '../../../platform/kubernetes/read-witness.ts';
import type { TargetClaim } from '../../../canary/target-conflict.ts';
import { dueAt } from '../../../canary/slot.ts';
import { createRests } from '../../../worker/step/rests.ts';
import type { Concluded } from '../../../worker/step/rests.ts';
import { aCanary } from '../../support/a-canary.ts';

const minuteMs = 60_000;
const key = { namespace: 'test', name: 'podinfo', uid: '1a2b3c4d-uid' };
const rhythm = { uid: '1a2b3c4d-uid', intervalMs: minuteMs };
const slot = 29_000_000;
const job = { name: 'step' as const, canary: key, slot };

/** What a worker knows around its rests; everything may be changed from outside. */
function world() {
  const state = {
    now: dueAt(rhythm, slot) + 5,
    ratio: 1,
    left: undefined as string | undefined,
    claims: [] as readonly TargetClaim[],
    asked: 0,
  };
  const rests = createRests({
    leases: {
      left: async () => {
        state.asked += 1;
        return state.left;
      },
    },
    ratio: async () => state.ratio,
    claims: () => state.claims,
    clock: { now: () => state.now },
  });
  /** Takes a step as a worker does. */
  const take = (over: Partial<Concluded> = {}, during: (signal: AbortSignal) => void = reads(always)): void => {
    const { signal } = new AbortController();
    const witness = rests.witness(signal);
    during(signal);
    witness.observe({ kind: 'observeTarget' });
    witness.conclude(key, { ...settled, ...over });
  };
  return { state, rests, take };
}

type IsStill = ReadSource['isStill'];
const always: IsStill = () => true;

/** Notes one read of each source. */
const reads =
  (...all: readonly IsStill[]) =>
  (signal: AbortSignal): void =>
    all.forEach((isStill) => noteRead(signal, { source: { isStill }, key: 'test/podinfo', version: 7 }));

const canary = aCanary({ status: { phase: 'Succeeded' } });
const settled: Concluded = {
  canary,
  status: canary.status,
  announcements: [],
  outcome: 'settled',
  rhythm,
  ratio: 1,
};

test('a canary of which nothing has changed rests in this slot and in later ones', async (t) => {
  const { state, rests, take } = world();
  t.is(await rests.find(job), undefined);
  take();
  t.like(await rests.find(job), { phase: 'Succeeded', rhythm });
  state.now += minuteMs;
  t.truthy(await rests.find({ ...job, slot: slot + 1 }));
});

test('whoever rests is told with the run that it came from', async (t) => {
  const { rests, take } = world();
  const run = { id: 'run-two', checkErrors: 0, mirrored: false, said: [] };
  take({ status: { ...settled.status, run } });
  t.like(await rests.find(job), { phase: 'Succeeded', run: 'run-two' });
});

test('one object that is no longer as it was wakes it, once and for all', async (t) => {
  const { rests, take } = world();
  let isSame = true;
  take(
    {},
    reads(always, () => isSame),
  );
  t.truthy(await rests.find(job));
  isSame = false;
  t.is(await rests.find(job), undefined);
  isSame = true;
  t.is(await rests.find(job), undefined, 'a step has to look first');
});

test('a cache that has not come as far as the last step cannot tell', async (t) => {
  const { state, rests, take } = world();
  const isStill: IsStill = (_key, version, notBefore) => (notBefore?.get('deployments.apps') ?? 0) <= version;
  take({}, reads(isStill));
  state.left = 'deployments.apps=7';
  t.truthy(await rests.find(job));
  state.left = 'deployments.apps=8';
  t.is(await rests.find(job), undefined);
});

test('what is not certain is not remembered', async (t) => {
  const { rests, take } = world();
  const nothing = (): void => undefined;
  const announcement = { kind: 'count', id: 'a', outcome: 'success', analysis: 'completed' } as const;
  const { status } = settled;
  const run = { id: 'r', checkErrors: 0, mirrored: false, said: [], drainingSince: '2026-11-26T10:00:00.000Z' };
  take({}, nothing);
  take({}, (signal) => (reads(always)(signal), noteRequest(signal)));
  take({ outcome: 'advanced' });
  take({ announcements: [announcement] });
  take({ status: { ...status, outbox: [announcement] } });
  take({ status: { ...status, phase: 'Progressing' } });
  take({ status: { ...status, run } });
  t.is(await rests.find(job), undefined);
});

test('a step that asked hooks or providers is not remembered', async (t) => {
  const { rests } = world();
  const { signal } = new AbortController();
  const witness = rests.witness(signal);
  reads(always)(signal);
  witness.observe({ kind: 'observeMetricProviders' });
  witness.observe({ kind: 'observeTarget' });
  witness.conclude(key, settled);
  t.is(await rests.find(job), undefined);
});

test('an older rival for its target, another stretch, and time end the rest', async (t) => {
  const rival = { ...canary, name: 'older', creationTimestamp: '2020-01-01T00:00:00Z' };
  const ends = { rival: { claims: [rival] }, stretch: { ratio: 2 }, time: {} };
  for (const [what, change] of Object.entries(ends)) {
    const { state, rests, take } = world();
    take();
    Object.assign(state, change);
    const later = what === 'time' ? 10 : 0;
    state.now += later * minuteMs;
    t.is(await rests.find({ ...job, slot: slot + later }), undefined, what);
  }
});

test('a wake, an end, a slot that is over and one that is to come are not looked up', async (t) => {
  const { state, rests, take } = world();
  take();
  t.is(await rests.find({ name: 'wake', canary: key }), undefined);
  t.is(await rests.find({ ...job, name: 'finalize' }), undefined);
  t.is(await rests.find({ ...job, slot: slot - 1 }), undefined);
  t.is(await rests.find({ ...job, slot: slot + 1 }), undefined);
  t.is(await rests.find({ ...job, canary: { ...key, uid: 'another' } }), undefined);
  t.is(state.asked, 0);
});
