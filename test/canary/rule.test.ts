import test from 'ava';
import type { Action, Done, Outcome } from '../../canary/action.ts';
import { actionKey } from '../../canary/action-key.ts';
import { attempt, end, replay } from '../../canary/rule.ts';
import type { Rule } from '../../canary/rule.ts';
import { inPhase } from './situations.ts';

const done = (outcome: Done['outcome']): Done => ({
  kind: 'done',
  status: inPhase('Succeeded').status,
  announcements: [],
  outcome,
});
const ok = (value: unknown = null): Outcome => ({ ok: true, value });
const failure: Outcome = { ok: false, failure: { reason: 'other', message: 'broken' } };

function* threeThings(seen: string[]): Rule<Done> {
  seen.push('begun');
  const first = yield* attempt({ kind: 'ensureServices' });
  seen.push(first.ok ? 'first' : first.failure.message);
  yield* attempt({ kind: 'ensureApex' });
  return done('settled');
}

test('a rule is played up to its first action without an answer', (t) => {
  t.deepEqual(replay(threeThings([]), new Map()), { kind: 'ensureServices' });
  t.deepEqual(replay(threeThings([]), new Map([['ensureServices', ok()]])), { kind: 'ensureApex' });
});

test('with every answer it is played to its end', (t) => {
  const facts = new Map([
    ['ensureServices', ok()],
    ['ensureApex', ok()],
  ]);
  t.deepEqual(replay(threeThings([]), facts), done('settled'));
});

test('a failure is an answer like any other', (t) => {
  const seen: string[] = [];
  replay(threeThings(seen), new Map([['ensureServices', failure]]));
  t.deepEqual(seen, ['begun', 'broken']);
});

test('an action that was answered is not asked again, however often the rule wants it', (t) => {
  function* twice(): Rule<Done> {
    yield* attempt({ kind: 'ensureApex' });
    yield* attempt({ kind: 'ensureApex' });
    return done('settled');
  }
  t.deepEqual(replay(twice(), new Map([['ensureApex', ok()]])), done('settled'));
});

test('an end ends the rule from any depth', (t) => {
  function* inner(): Rule<string> {
    return yield* end(done('stopped'));
  }
  function* outer(): Rule<Done> {
    yield* inner();
    throw new Error('the rule went on');
  }
  t.deepEqual(replay(outer(), new Map()), done('stopped'));
});

test('a rule that is made to go on after its end says so', (t) => {
  const rule = end(done('stopped'));
  rule.next();
  t.throws(() => rule.next(ok()), { message: 'a rule went on after its end' });
});

test('a rule that never ends is stopped', (t) => {
  function* endless(): Rule<Done> {
    for (;;) yield* attempt({ kind: 'ensureApex' });
  }
  t.throws(() => replay(endless(), new Map([['ensureApex', ok()]])), {
    message: 'a step asked for more than 200 actions',
  });
});

const hook = {
  kind: 'callHook',
  hook: inPhase('Progressing').spec.analysis.webhooks[0],
  phase: 'Progressing',
  checksum: '',
  idempotencyKey: '',
} as Extract<Action, { kind: 'callHook' }>;

const keys: readonly (readonly [Action, string])[] = [
  [{ kind: 'observeTarget' }, 'observeTarget'],
  [{ kind: 'observeEndpoints', of: 'apex' }, 'observeEndpoints apex'],
  [hook, 'callHook pre-rollout acceptance-test'],
  [{ ...hook, occurrence: 2 }, 'callHook pre-rollout acceptance-test #2'],
  [{ kind: 'ensureRoutes', weights: { primary: 80, canary: 20, mirrored: false } }, 'ensureRoutes 80/20'],
  [{ kind: 'ensureRoutes', weights: { primary: 100, canary: 0, mirrored: true } }, 'ensureRoutes 100/0 mirrored'],
  [{ kind: 'scaleTarget', to: 'zero' }, 'scaleTarget zero'],
  [{ kind: 'together', actions: [{ kind: 'observeTarget' }, { kind: 'ensureApex' }] }, 'observeTarget + ensureApex'],
  [
    {
      kind: 'record',
      status: inPhase('Failed', { decision: { kind: 'promote' }, owed: 'Failed' }).status,
      announcements: [],
    },
    'record Failed promote owing Failed',
  ],
];

for (const [action, key] of keys) {
  test(`an action is named within its step: ${key}`, (t) => t.is(actionKey(action), key));
}
