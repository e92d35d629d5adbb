/** The key that names a question to a hook: another for what means something else, the same for every repetition. */
import test from 'ava';
import type { Canary, Phase } from '../../canary/canary.ts';
import type { HookType } from '../../canary/spec.ts';
import { answers, hooks, play } from './rows.ts';
import type { Row } from './rows.ts';
import { inPhase } from './situations.ts';
import type { Situation } from './situations.ts';

const analysis = hooks(
  ['confirm-rollout', 'gate'],
  ['confirm-rollout', 'gate'],
  ['rollback', 'gate'],
  ['confirm-traffic-increase', 'gate'],
  ['confirm-promotion', 'gate'],
);

type Asked = Pick<Row, 'seen' | 'facts' | 'at'>;

/** Keys of the hooks that one step asks, in order. */
function keysOf(canary: Canary, asked: Asked = {}): readonly string[] {
  const played = play({ title: '', asks: [], ends: { outcome: 'waiting' }, canary, ...asked });
  return played.asked.flatMap((action) => (action.kind === 'callHook' ? [action.idempotencyKey] : []));
}

const situation = (phase: Phase, more: Situation = {}): Canary => inPhase(phase, { analysis, ...more });

test('every hook of a step has a key of its own, namesakes too, and the same ones when the step is repeated', (t) => {
  const steps: readonly [Canary, Asked, number][] = [
    [situation('Waiting'), {}, 3],
    [situation('Progressing'), {}, 3],
    [situation('Progressing', { weight: 50 }), {}, 4],
  ];
  for (const [canary, asked, count] of steps) {
    const keys = keysOf(canary, asked);
    t.is(new Set(keys).size, count);
    t.deepEqual(keysOf(canary, asked), keys);
  }
});

const only = (type: HookType): object => ({ webhooks: [{ name: 'gate', type, url: 'http://gates.test/' }] });

for (const type of ['confirm-rollout', 'rollback'] as const) {
  const shut: Asked = { facts: { [`callHook ${type} gate`]: answers.refuses() } };
  const keyIn = (phase: Phase, asked: Asked = {}): string | undefined =>
    keysOf(inPhase(phase, { analysis: only(type) }), { ...shut, seen: { revision: 'v1-three' }, ...asked })[0];

  test(`${type}: another slot, phase or revision is another question`, (t) => {
    const other = type === 'confirm-rollout' ? 'Succeeded' : 'Progressing';
    const keys = [
      keyIn('Waiting'),
      keyIn('Waiting', { at: { slot: 101 } }),
      keyIn('Waiting', { seen: { revision: 'v1-four' } }),
      keyIn('Waiting', { seen: { revision: 'v1-three', configs: { 'configmap/a': '1111111111111111' } } }),
      keyIn(other),
    ];
    t.false(keys.includes(undefined));
    t.is(new Set(keys).size, keys.length);
    t.is(keyIn('Waiting'), keys[0]);
  });
}
