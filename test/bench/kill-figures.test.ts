import test from 'ava';
import { heldIn } from '../../bench/measure/holder.ts';
import { distancesOf, questionsOf, resumptionOf } from '../../bench/measure/kill-figures.ts';
import type { KillSeen } from '../../bench/measure/kill-figures.ts';
import { lastStepOf } from '../../bench/measure/steps-taken.ts';
import type { TakenStep } from '../../bench/measure/steps-taken.ts';
import type { HookCall } from '../../bench/stage/hooks.ts';
import { idempotencyKey } from '../../canary/identity.ts';
import { dueAt } from '../../canary/slot.ts';

const intervalMs = 10_000;
const [app, other] = ['app', 'other'].map((name) => ({
  namespace: 'shop',
  name,
  rhythm: { uid: `uid-of-${name}`, intervalMs },
}));
const [phase, checksum, hook] = ['Progressing', '1234', 'rollout/check'];
const firstSlot = 1_000;
const timeOf = (slot: number): number => dueAt(app?.rhythm ?? { uid: '', intervalMs }, firstSlot + slot);

const aStep = (slot: number, changes: Partial<TakenStep> = {}): TakenStep => ({
  canary: 'shop/app',
  run: 'one',
  slot: firstSlot + slot,
  at: timeOf(slot) + 20,
  ...changes,
});

const keyOf = (slot: number, about = checksum): string =>
  idempotencyKey({
    canary: { uid: 'uid-of-app' },
    run: 'one',
    slot: firstSlot + slot,
    hook: `${hook}/${phase}/${about}`,
  });

const aCall = (slot: number, changes: Partial<HookCall> = {}): HookCall => ({
  at: timeOf(slot) + 40,
  canary: 'shop/app',
  key: keyOf(slot),
  hook: hook ?? '',
  phase: phase ?? '',
  checksum: checksum ?? '',
  ...changes,
});

const seen = (changes: Partial<KillSeen> = {}): KillSeen => ({
  inhabitants: [app, other].filter((one) => one !== undefined),
  killedAt: timeOf(1) + 500,
  held: ['shop/app'],
  steps: [aStep(0), aStep(2), aStep(3)],
  calls: [aCall(1), aCall(2), aCall(3)],
  ...changes,
});

test('the gap lasts from the end of the worker to the next step of what it was at', (t) => {
  t.deepEqual(resumptionOf(seen()), { held: 1, neverAgain: 0, longestGapMs: 9_520 });
});

test('of several gaps the longest counts, and a canary that never goes on is counted', (t) => {
  const steps = [aStep(2), aStep(3, { canary: 'shop/other' })];
  const held = ['shop/app', 'shop/other', 'shop/third'];
  t.deepEqual(resumptionOf(seen({ held, steps })), { held: 3, neverAgain: 1, longestGapMs: 19_520 });
  t.is(resumptionOf(seen({ steps: [aStep(0)] })).longestGapMs, undefined);
});

test('distances are those of neighbours in one run of one canary', (t) => {
  const steps = [aStep(0), aStep(1, { canary: 'shop/other' }), aStep(1, { at: timeOf(1) - 980 }), aStep(3)];
  t.deepEqual(distancesOf(seen({ steps })), { count: 2, tooShort: 0, least: 0.9, most: 2.1 });
  t.deepEqual(distancesOf(seen({ steps: [aStep(0), aStep(1, { at: timeOf(1) - 981 })] })).tooShort, 1);
  const none = { count: 0, tooShort: 0, least: undefined, most: undefined };
  t.deepEqual(distancesOf(seen({ steps: [aStep(0), aStep(1, { run: 'two' })] })), none);
});

test('a step that was lost has asked and is not recorded', (t) => {
  t.deepEqual(questionsOf(seen()), { asked: 3, repeated: 0, underNewKey: 0, unrecorded: 1 });
});

test('the same question under the same key is a repetition', (t) => {
  const calls = [aCall(2), aCall(2, { at: timeOf(2) + 9_000 })];
  t.deepEqual(questionsOf(seen({ calls })), { asked: 2, repeated: 1, underNewKey: 0, unrecorded: 0 });
});

test('a second key of one step is found, and a key that no step gives', (t) => {
  const changed = aCall(2, { checksum: '5678', key: keyOf(2, '5678'), at: timeOf(2) + 900 });
  t.is(questionsOf(seen({ calls: [aCall(2), changed] })).underNewKey, 1);
  t.is(questionsOf(seen({ calls: [aCall(2), aCall(3, { key: 'drawn' })] })).underNewKey, 1);
});

test('a lease tells its holder by the name before the stroke', (t) => {
  const { inhabitants } = seen();
  t.deepEqual(heldIn(inhabitants, ['worker-1/abc', 'worker-2/def'], 'worker-1'), ['shop/app']);
  t.deepEqual(heldIn(inhabitants, [null, 'worker-10/abc'], 'worker-1'), []);
});

test('the last step is read from the status, where there is one', (t) => {
  const aCanary = (run: object) => ({
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { namespace: 'shop', name: 'app' },
    status: { run },
  });
  const at = timeOf(2);
  const run = { id: 'one', lastSlot: 7, lastStepTime: new Date(at).toISOString() };
  t.deepEqual(lastStepOf(aCanary(run)), { canary: 'shop/app', run: 'one', slot: 7, at });
  t.is(lastStepOf(aCanary({ id: 'one' })), undefined);
});
