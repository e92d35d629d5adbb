import test from 'ava';
import { readSchedule } from '../../canary/schedule.ts';

const metadata = { namespace: 'shop', name: 'podinfo', uid: 'u-1', generation: 3 };
const withInterval = (interval: unknown) => ({ metadata, spec: { analysis: { interval } } });

test('the interval of the analysis is the rhythm of the canary', (t) => {
  t.is(readSchedule(withInterval('1m30s'))?.uid, 'u-1');
  t.deepEqual(readSchedule(withInterval('1m30s'))?.rhythm, { uid: 'u-1', intervalMs: 90_000 });
});

for (const { interval, ms, title } of [
  { title: 'an absent interval is a minute', interval: undefined, ms: 60_000 },
  { title: 'an empty interval is a minute', interval: '', ms: 60_000 },
  { title: 'an interval that is no duration is a minute', interval: '1min', ms: 60_000 },
  { title: 'an interval of another type is a minute', interval: { seconds: 5 }, ms: 60_000 },
  { title: 'an interval below a second is a second', interval: '500ms', ms: 1_000 },
  { title: 'a negative interval is a second', interval: '-5s', ms: 1_000 },
  { title: 'an interval is rounded to whole milliseconds', interval: '1.0004s', ms: 1_000 },
]) {
  test(title, (t) => {
    t.is(readSchedule(withInterval(interval))?.rhythm.intervalMs, ms);
  });
}

test('a Canary without any spec still has a schedule', (t) => {
  t.like(readSchedule({ metadata }), { namespace: 'shop', name: 'podinfo', generation: 3, idle: false });
});

test('a suspended Canary is idle only once a step has seen this generation', (t) => {
  const suspended = { metadata, spec: { suspend: true } };
  t.is(readSchedule({ ...suspended, status: { observedGeneration: 2 } })?.idle, false);
  t.is(readSchedule({ ...suspended, status: { observedGeneration: 3 } })?.idle, true);
  t.is(readSchedule({ metadata, spec: {}, status: { observedGeneration: 3 } })?.idle, false);
});

test('a suspended Canary is not idle while it has something to deliver: without a step that would never be known', (t) => {
  const event = { kind: 'event', id: 'e-1', type: 'Normal', message: 'skipping canary run as object is suspended' };
  const status = { observedGeneration: 3, outbox: [event] };
  t.is(readSchedule({ metadata, spec: { suspend: true }, status })?.idle, false);
  t.is(readSchedule({ metadata, spec: { suspend: true }, status: { ...status, outbox: [] } })?.idle, true);
});

test('a Canary that is being deleted is led to its end while it has our finalizer, suspended or not', (t) => {
  const deleting = { ...metadata, deletionTimestamp: '2026-01-02T03:04:05Z', finalizers: ['finalizer.flagger.app'] };
  const object = { metadata: deleting, spec: { suspend: true }, status: { observedGeneration: 3 } };
  t.like(readSchedule(object), { idle: false, leaving: true });
});

test('a Canary that is being deleted and that only others hold is idle', (t) => {
  const deleting = { ...metadata, deletionTimestamp: '2026-01-02T03:04:05Z', finalizers: ['foregroundDeletion'] };
  t.like(readSchedule({ metadata: deleting, spec: {} }), { idle: true, leaving: true });
});

test('a Canary is unseen while a step has seen another generation of it, and not before its first step', (t) => {
  t.is(readSchedule({ metadata, status: { observedGeneration: 2 } })?.unseen, true);
  t.is(readSchedule({ metadata, status: { observedGeneration: 3 } })?.unseen, undefined);
  t.is(readSchedule({ metadata, status: {} })?.unseen, undefined);
});

for (const { title, spec, status, follows } of [
  {
    title: 'also where that is a Deployment',
    spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' } },
    follows: ['Deployment/podinfo'],
  },
  {
    title: 'a canary follows its target',
    spec: { targetRef: { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'podinfo' } },
    follows: ['DaemonSet/podinfo'],
  },
  {
    title: 'a Knative Service is told from a Service by its group',
    spec: { targetRef: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'podinfo' } },
    follows: ['KnativeService/podinfo'],
  },
  {
    title: 'a canary follows the configs that it was last seen to read, and no key that names none',
    spec: { targetRef: { apiVersion: 'v1', kind: 'Service', name: 'podinfo' } },
    status: { trackedConfigs: { 'configmap/app': '1', 'secret/tls': '2', 'volume/x': '3', configmap: '4' } },
    follows: ['Service/podinfo', 'ConfigMap/app', 'Secret/tls'],
  },
  { title: 'a target without a name is not followed', spec: { targetRef: { kind: 'Deployment' } }, follows: [] },
  {
    title: 'a target of an unknown kind is not followed',
    spec: { targetRef: { kind: 'Job', name: 'x' } },
    follows: [],
  },
]) {
  test(title, (t) => {
    t.deepEqual(readSchedule({ metadata, spec, status })?.follows, follows);
  });
}

test('only annotations of ours are wishes, in whatever order they are written', (t) => {
  const wishesOf = (annotations: Record<string, string>) =>
    readSchedule({ metadata: { ...metadata, annotations } })?.wishes;
  const wishes = wishesOf({ 'aviary.dev/adopt': 'true', 'kubectl.kubernetes.io/x': '1', 'aviary.dev/a': '2' });
  t.is(wishes, 'aviary.dev/a=2\naviary.dev/adopt=true');
  t.is(wishesOf({ 'aviary.dev/a': '2', 'aviary.dev/adopt': 'true', other: '1' }), wishes);
  t.not(wishesOf({ 'aviary.dev/a': '3', 'aviary.dev/adopt': 'true' }), wishes);
  t.is(readSchedule({ metadata })?.wishes, '');
});

for (const { object, title } of [
  { title: 'nothing has no schedule', object: undefined },
  { title: 'a text has no schedule', object: 'canary' },
  { title: 'an object without a name has no schedule', object: { metadata: { namespace: 'shop', uid: 'u-1' } } },
  { title: 'an object without a namespace has no schedule', object: { metadata: { name: 'podinfo', uid: 'u-1' } } },
  { title: 'an object without a uid has no schedule', object: { metadata: { namespace: 'shop', name: 'podinfo' } } },
]) {
  test(title, (t) => {
    t.is(readSchedule(object), undefined);
  });
}

const rolling = (
  status: Record<string, unknown>,
  { analysis = { threshold: 5 }, annotations = {} }: { readonly analysis?: object; readonly annotations?: object } = {},
) => readSchedule({ metadata: { ...metadata, annotations }, spec: { analysis }, status })?.urgent;

test('a canary whose next step rolls it back is urgent, and so is one that is being deleted', (t) => {
  t.true(rolling({ phase: 'Progressing', run: { decision: { kind: 'rollback' } } }));
  t.true(rolling({ phase: 'Progressing', failedChecks: 5 }));
  t.false(rolling({ phase: 'Progressing', failedChecks: 4 }));
  t.false(rolling({ phase: 'Failed', failedChecks: 5 }));
  t.false(rolling({ phase: 'Progressing', run: { decision: { kind: 'promote' } } }));
  t.false(rolling({ phase: 'Progressing', failedChecks: 3 }, { analysis: { threshold: 'many' } }));
  t.true(rolling({ phase: 'Progressing', failedChecks: 1 }, { analysis: { threshold: 0 } }));
  t.true(rolling({ phase: 'Progressing', failedChecks: 1 }, { analysis: {} }), 'the default is 1');
  const deletionTimestamp = '2026-01-01T00:00:00Z';
  t.true(readSchedule({ metadata: { name: 'podinfo', namespace: 'test', uid: 'a', deletionTimestamp } })?.urgent);
});

test('checks that could not be made make a roll-back urgent, too, by their own limit where there is one', (t) => {
  const failing = (checkErrors: number) => ({ phase: 'Progressing', failedChecks: 0, run: { checkErrors } });
  t.true(rolling(failing(5)));
  t.false(rolling(failing(4)));
  t.false(rolling({ ...failing(5), phase: 'Succeeded' }));
  const limited = (limit: string) => ({ annotations: { 'aviary.dev/check-error-limit': limit } });
  t.true(rolling(failing(2), limited('2')));
  t.false(rolling(failing(5), limited(' 7 ')));
  t.true(rolling(failing(5), limited('none')), 'what is no number is the default');
});
