import test from 'ava';
import { exceededLimit, isRollbackDue, limitsOf } from '../../canary/rollback-due.ts';
import { inPhase } from './situations.ts';

test('a limit of no checks is one, and checks that cannot be made have as many where nothing else is said', (t) => {
  t.deepEqual(limitsOf(0, undefined), { threshold: 1, checkErrorLimit: 1 });
  t.deepEqual(limitsOf(4, undefined), { threshold: 4, checkErrorLimit: 4 });
  t.deepEqual(limitsOf(4, 9), { threshold: 4, checkErrorLimit: 9 });
});

for (const { title, failedChecks, checkErrors, exceeded } of [
  { title: 'nothing is exceeded below both limits', failedChecks: 2, checkErrors: 4, exceeded: undefined },
  { title: 'failed checks exceed at their limit', failedChecks: 3, checkErrors: 0, exceeded: 'FailedChecks' },
  { title: 'check errors exceed at theirs', failedChecks: 0, checkErrors: 5, exceeded: 'CheckErrors' },
  { title: 'of both, what the checks said is the cause', failedChecks: 3, checkErrors: 5, exceeded: 'FailedChecks' },
] as const) {
  test(title, (t) => {
    t.is(exceededLimit({ failedChecks, checkErrors }, { threshold: 3, checkErrorLimit: 5 }), exceeded);
  });
}

const isDue = (...[phase, situation]: Parameters<typeof inPhase>): boolean => isRollbackDue(inPhase(phase, situation));
const analysis = { threshold: 3 };

test('a roll-back is due when it is decided, and in a run when checks failed or could not be made too often', (t) => {
  t.true(isDue('Progressing', { decision: { kind: 'rollback', cause: 'RollbackHook' } }));
  t.true(isDue('Progressing', { analysis, failedChecks: 3 }));
  t.true(isDue('WaitingPromotion', { analysis, checkErrors: 3 }));
  t.false(isDue('Progressing', { analysis, failedChecks: 2, checkErrors: 2 }));
  t.false(isDue('Failed', { analysis, failedChecks: 3, checkErrors: 3 }));
  t.false(isDue('Progressing', { decision: { kind: 'promote' } }));
});

test('a limit of its own for checks that cannot be made holds', (t) => {
  const annotations = { 'aviary.dev/check-error-limit': '5' };
  t.false(isDue('Progressing', { analysis, annotations, checkErrors: 4 }));
  t.true(isDue('Progressing', { analysis, annotations, checkErrors: 5 }));
});
