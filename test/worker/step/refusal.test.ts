import test from 'ava';
import type { CanaryIdentity } from '../../../canary/parse.ts';
import type { Refusal } from '../../../canary/validate.ts';
import { refuse, specWarnings } from '../../../worker/step/refusal.ts';
import { aCanary } from '../../support/a-canary.ts';

const at = { now: Date.UTC(2026, 0, 2, 3, 4, 5), slot: 9 };
const refusal = (message: string, reason: Refusal['reason'] = 'InvalidSpec'): Refusal => ({ reason, message });
const identity: CanaryIdentity = aCanary({
  metadata: { generation: 4 },
  status: {
    phase: 'Progressing',
    canaryWeight: 20,
    conditions: [
      {
        type: 'Promoted',
        status: 'Unknown',
        reason: 'Progressing',
        message: 'New revision detected, progressing canary analysis.',
        lastUpdateTime: '2026-01-01T00:00:00Z',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ],
  },
});

const conditionOf = (status: CanaryIdentity['status'], type: string) =>
  status.conditions.find((condition) => condition.type === type);

test('a refused Canary is stalled and not ready, with every error in full', (t) => {
  const { status } = refuse(identity, [refusal('first', 'ProviderUnsupported'), refusal('second')], at);
  for (const [type, value] of [
    ['Ready', 'False'],
    ['Stalled', 'True'],
  ] as const) {
    t.deepEqual(conditionOf(status, type), {
      type,
      status: value,
      reason: 'ProviderUnsupported',
      message: 'first; second',
      lastUpdateTime: '2026-01-02T03:04:05.000Z',
      lastTransitionTime: '2026-01-02T03:04:05.000Z',
    });
  }
  t.is(status.observedGeneration, 4);
});

test('phase, weight and the Promoted condition of a refused Canary stay as they are', (t) => {
  const { status } = refuse(identity, [refusal('first')], at);
  t.is(status.phase, 'Progressing');
  t.is(status.canaryWeight, 20);
  t.is(conditionOf(status, 'Promoted'), identity.status.conditions[0]);
});

test('every error gives one Warning', (t) => {
  const { announcements } = refuse(identity, [refusal('first'), refusal('second')], at);
  t.deepEqual(
    announcements.map((one) => (one.kind === 'event' ? `${one.type} ${one.message}` : one.kind)),
    ['Warning invalid canary spec: first', 'Warning invalid canary spec: second'],
  );
});

test('a Canary that is refused as before changes nothing and says nothing', (t) => {
  const first = refuse(identity, [refusal('first')], at);
  const second = refuse({ ...identity, status: first.status }, [refusal('first')], { ...at, now: at.now + 60_000 });
  t.deepEqual(second.status, first.status);
  t.deepEqual(second.announcements, []);
});

test('only the error that is new is said', (t) => {
  const first = refuse(identity, [refusal('first')], at);
  const second = refuse({ ...identity, status: first.status }, [refusal('first'), refusal('second')], at);
  t.deepEqual(
    second.announcements.map((one) => one.kind === 'event' && one.message),
    ['invalid canary spec: second'],
  );
});

test('a condition that only changes its message keeps its transition time', (t) => {
  const first = refuse(identity, [refusal('first')], at);
  const later = { slot: 10, now: at.now + 60_000 };
  const second = refuse({ ...identity, status: first.status }, [refusal('other')], later);
  t.like(conditionOf(second.status, 'Stalled'), {
    message: 'other',
    lastUpdateTime: '2026-01-02T03:05:05.000Z',
    lastTransitionTime: '2026-01-02T03:04:05.000Z',
  });
});

test('the id of a Warning is the same whenever the step is repeated', (t) => {
  const ids = [1, 2].map(() => refuse(identity, [refusal('first')], at).announcements[0]?.id);
  t.is(ids[0], ids[1]);
  t.not(ids[0], refuse(identity, [refusal('first')], { ...at, slot: 10 }).announcements[0]?.id);
});

test('warnings of a spec are said when its generation is first seen, and when a run begins', (t) => {
  t.is(specWarnings(identity, ['using 60s']).length, 1);
  const seen = { ...identity, status: { ...identity.status, observedGeneration: 4 } };
  t.deepEqual(specWarnings(seen, ['using 60s']), []);
  const ofRuns = ['one', 'two'].map((run) => specWarnings(seen, ['using 60s'], run)[0]?.id);
  t.is(new Set([...ofRuns, undefined]).size, 3, 'each run says it anew');
  t.is(specWarnings(seen, ['using 60s'], 'one')[0]?.id, ofRuns[0]);
});
