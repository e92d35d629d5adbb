import test from 'ava';
import type { Readiness, WorkloadFact } from '../../canary/action.ts';
import { forgetPrimary, noteSteady, readinessOf } from '../../canary/readiness.ts';
import { beginStep, runOf } from '../../canary/step.ts';
import type { Step } from '../../canary/step.ts';
import { inPhase, usual } from './situations.ts';
import type { Situation } from './situations.ts';

const waiting: Readiness = { kind: 'waiting', why: '2 of 4 updated replicas are available' };

const many: WorkloadFact = { readiness: waiting, replicas: 4, available: 2 };
const { available: _nobodyCounts, ...uncounted } = many;

for (const { title, workload, steady, seen } of [
  {
    title: 'ready pods need no past',
    workload: { ...many, readiness: { kind: 'ready' } },
    steady: undefined,
    seen: 'ready',
  },
  { title: 'more pods than were ready once, and as many ready as then', workload: many, steady: 2, seen: 'ready' },
  { title: 'fewer ready ones than then', workload: { ...many, available: 1 }, steady: 2, seen: 'waiting' },
  { title: 'as many as then, which are others by now', workload: { ...many, replicas: 2 }, steady: 2, seen: 'waiting' },
  { title: 'fewer than then', workload: { ...many, replicas: 1 }, steady: 2, seen: 'waiting' },
  { title: 'pods that were never ready', workload: many, steady: undefined, seen: 'waiting' },
  { title: 'a workload that had none', workload: { ...many, available: 0 }, steady: 0, seen: 'waiting' },
  { title: 'pods that nobody counts', workload: uncounted, steady: 2, seen: 'waiting' },
] as const) {
  test(`${title}: ${seen}`, (t) => t.is(readinessOf(workload, steady).kind, seen));
}

const stepOf = (situation: Situation): Step => beginStep(inPhase('Progressing', situation), usual);
const steadyOf = (step: Step) => runOf(step).steady;
const ready = (replicas: number): WorkloadFact => ({ replicas, readiness: { kind: 'ready' } });
const notReady = (replicas: number): WorkloadFact => ({ replicas, readiness: waiting });
const revision = { template: 'v1-two' };

test('how many pods were ready is remembered of each workload for itself', (t) => {
  const fresh = stepOf({});
  const seen = (target: WorkloadFact, primary?: WorkloadFact) =>
    primary === undefined ? { target, revision } : { target, revision, primary: { ...primary, equalsTarget: true } };
  t.deepEqual(steadyOf(noteSteady(fresh, seen(ready(3), ready(2)))), { canary: 3, primary: 2 });
  t.deepEqual(steadyOf(noteSteady(fresh, seen(ready(3), notReady(2)))), { canary: 3 });
  t.deepEqual(steadyOf(noteSteady(fresh, seen(notReady(3), ready(2)))), { primary: 2 });
  const known = stepOf({ steady: { canary: 3, primary: 2 } });
  t.deepEqual(steadyOf(noteSteady(known, seen(ready(4), notReady(5)))), { canary: 4, primary: 2 });
  t.deepEqual(steadyOf(noteSteady(known, seen(ready(3), ready(1)))), { canary: 3, primary: 1 });
  t.deepEqual(steadyOf(noteSteady(known, seen(ready(4)))), { canary: 4, primary: 2 }, 'a primary that is gone');
});

test('where nothing is new the status stays the same one', (t) => {
  const known = stepOf({ steady: { canary: 3, primary: 2 } });
  t.is(noteSteady(known, { target: ready(3), primary: { ...ready(2), equalsTarget: true }, revision }), known);
  t.is(forgetPrimary(stepOf({ steady: { canary: 3 } })).status.run?.steady?.canary, 3);
});

test('of a primary that becomes another revision nothing is known, of the canary it is', (t) => {
  t.deepEqual(steadyOf(forgetPrimary(stepOf({ steady: { canary: 3, primary: 2 } }))), { canary: 3 });
});
