import test from 'ava';
import { parseStatus } from '../../canary/parse-status.ts';

const empty = { failedChecks: 0, canaryWeight: 0, iterations: 0, conditions: [], outbox: [] };

for (const raw of [
  undefined,
  null,
  {},
  'x',
  [],
  { phase: '' },
  { phase: 'Terminated' },
  { iterations: -1, canaryWeight: 'x' },
]) {
  test(`the status ${JSON.stringify(raw) ?? 'undefined'} reads as one that nobody has written`, (t) => {
    t.deepEqual(parseStatus(raw), empty);
  });
}

test('a status of the reference is read as it is, its hashes as texts', (t) => {
  const raw = {
    phase: 'WaitingPromotion',
    failedChecks: 2,
    canaryWeight: 0,
    iterations: -1,
    lastAppliedSpec: '4cb74184589',
    lastPromotedSpec: '5f56684589',
    trackedConfigs: {},
    lastTransitionTime: '2026-01-02T03:04:05Z',
    conditions: [
      {
        type: 'Promoted',
        status: 'Unknown',
        reason: 'WaitingPromotion',
        message: 'Waiting for approval.',
        lastUpdateTime: 'a',
        lastTransitionTime: 'b',
      },
    ],
  };
  t.deepEqual(parseStatus(raw), { ...raw, phase: 'WaitingPromotion', iterations: 0, outbox: [] } as never);
});

test('our own bookkeeping survives the way through the cluster', (t) => {
  const status = {
    ...empty,
    phase: 'Progressing',
    observedGeneration: 3,
    run: {
      id: 'r1',
      lastStepTime: '2026-01-02T03:04:05.678Z',
      lastSlot: 12,
      waitingSince: '2026-01-02T03:04:05.678Z',
      decision: { kind: 'rollback', cause: 'FailedChecks' },
      checkErrors: 1,
      mirrored: false,
      owed: 'Failed',
      said: ['a'],
    },
    outbox: [
      { kind: 'event', id: 'e1', type: 'Normal', message: 'm', phase: 'Progressing', checksum: 'c' },
      { kind: 'alert', id: 'a1', severity: 'error', message: 'm', withMetadata: true },
      { kind: 'count', id: 'c1', outcome: 'failure', analysis: 'completed' },
    ],
  };
  t.deepEqual(parseStatus(structuredClone(status)), status as never);
});

test('a condition without times can be written back', (t) => {
  const bare = { type: 'Promoted', status: 'True', reason: 'Succeeded' };
  const time = '1970-01-01T00:00:00Z';
  const condition = { ...bare, message: '', lastUpdateTime: time, lastTransitionTime: time };
  t.deepEqual(parseStatus({ conditions: [bare] }).conditions, [condition] as never);
});

test('a run that has just begun has little to remember', (t) => {
  const run = { id: 'r1', checkErrors: 0, mirrored: false, said: [] };
  t.deepEqual(parseStatus({ phase: 'Progressing', run }).run, run);
});

test('bookkeeping that cannot be read counts as absent, and the rest is kept', (t) => {
  const status = parseStatus({
    phase: 'Failed',
    run: { id: 5 },
    outbox: [{ kind: 'fax' }, { kind: 'count', id: 'c', outcome: 'success', analysis: 'skipped' }],
  });
  t.is(status.phase, 'Failed');
  t.false('run' in status);
  t.deepEqual(
    status.outbox.map((one) => one.id),
    ['c'],
  );
});
