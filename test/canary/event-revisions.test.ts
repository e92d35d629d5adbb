/** The revision that event webhooks are told with each event. Rule: events-alerts.md section 6, webhooks.md section 4. */
import test from 'ava';
import { checksumOf } from '../../canary/checksum.ts';
import { answers, hooks, play } from './rows.ts';
import type { Row } from './rows.ts';
import { inPhase } from './situations.ts';

const asked = checksumOf({ 'configmap/colors': '2222222222222222' }, 'v1-three');
const seen = { revision: 'v1-three', configs: { 'configmap/colors': '2222222222222222' } };
const analysis = hooks(['confirm-rollout', 'gate'], ['rollback', 'abort']);
const gate = 'callHook confirm-rollout gate';
const abort = 'callHook rollback abort';

const told = (row: Pick<Row, 'canary' | 'facts'>): Readonly<Record<string, string>> => {
  const played = play({ title: '', asks: [], ends: { outcome: 'waiting' }, seen, ...row });
  return Object.fromEntries(
    played.announcements.flatMap((one) => (one.kind === 'event' ? [[one.message, one.checksum]] : [])),
  );
};

test('what waits for approval is the new revision, not the one that was run before', (t) => {
  const canary = inPhase('Succeeded', { analysis });
  t.is(
    told({ canary, facts: { [gate]: answers.refuses() } })['Halt podinfo.test advancement waiting for approval gate'],
    asked,
  );
});

test('what was approved is the new revision', (t) => {
  const events = told({ canary: inPhase('Waiting', { analysis }) });
  t.is(events['Confirm-rollout check gate passed'], asked);
  t.is(events['New revision detected! Scaling up podinfo.test'], asked);
});

test('in Waiting a rollback is signalled, or not, for the revision that waits', (t) => {
  const canary = inPhase('Waiting', { analysis });
  t.is(told({ canary, facts: { [abort]: answers.passes } })['Rollback check abort passed'], asked);
  t.is(told({ canary })['Rollback hook abort not signaling a rollback'], asked);
});

test('two revisions of one slot are two questions to a gate', (t) => {
  const keyOf = (revision: string): unknown => {
    const canary = inPhase('Waiting', { analysis });
    const row = { title: '', asks: [], ends: { outcome: 'waiting' }, canary, seen: { revision } } as const;
    const call = play(row).asked.find((action) => action.kind === 'callHook' && action.hook.name === 'gate');
    return call?.kind === 'callHook' ? call.idempotencyKey : undefined;
  };
  t.is(typeof keyOf('v1-three'), 'string');
  t.is(keyOf('v1-three'), keyOf('v1-three'));
  t.not(keyOf('v1-three'), keyOf('v1-four'));
});

test('post-rollout hooks of a failed run are told with the phase that it ended in', (t) => {
  const canary = inPhase('Failed', { owed: 'Failed', analysis: hooks(['post-rollout', 'report']) });
  const { announcements } = play({ title: '', asks: [], ends: { outcome: 'rolledBack' }, canary });
  t.deepEqual(
    announcements.map((one) => one.kind === 'event' && [one.message, one.phase]),
    [['Post-rollout check report passed', 'Failed']],
  );
});
