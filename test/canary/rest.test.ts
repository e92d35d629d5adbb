import test from 'ava';
import type { Announcement, Run } from '../../canary/canary.ts';
import { isAtRest } from '../../canary/rest.ts';
import { inPhase } from './situations.ts';

const at = '2026-03-01T11:59:00.000Z';
const { status } = inPhase('Succeeded');
const run: Run = { id: 'run-two', lastSlot: 99, lastStepTime: at, checkErrors: 0, mirrored: false, said: ['a'] };

test('a canary that was promoted, or whose roll-back is complete, is at rest', (t) => {
  for (const phase of ['Initialized', 'Succeeded', 'Failed'] as const)
    t.true(isAtRest({ ...status, phase, run }), phase);
});

test('one that is under way, or that no step has come to, is not', (t) => {
  for (const phase of ['Initializing', 'Waiting', 'Progressing', 'WaitingPromotion'] as const) {
    t.false(isAtRest({ ...status, phase, run }), phase);
  }
  for (const phase of ['Promoting', 'Finalising', 'Terminating'] as const) {
    t.false(isAtRest({ ...status, phase, run }), phase);
  }
  const { phase: _none, ...fresh } = status;
  t.false(isAtRest(fresh));
});

const pending: Readonly<Record<string, Partial<Run>>> = {
  'a wait that its deadline ends': { waitingSince: at },
  'connections that end before the pods go': { drainingSince: at },
  'a size that the autoscaler is held to for a while': { sizing: { replicas: 5, own: 2, since: at } },
  'a decision that is to be carried out': { decision: { kind: 'rollback', cause: 'FailedChecks' } },
  'hooks that are to be asked': { owed: 'Succeeded' },
};

for (const [what, part] of Object.entries(pending)) {
  test(`nor is one that has left ${what}`, (t) => t.false(isAtRest({ ...status, run: { ...run, ...part } })));
}

test('nor is one whose announcements are to be delivered', (t) => {
  const counted: Announcement = { kind: 'count', id: 'a', outcome: 'success', analysis: 'completed' };
  t.false(isAtRest({ ...status, run, outbox: [counted] }));
});
