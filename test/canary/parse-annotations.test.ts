import test from 'ava';
import { parseCanary } from '../../canary/parse.ts';
import { aCanary, aCanaryObject } from '../support/a-canary.ts';

const annotated = (annotations: Record<string, string>, options: object = {}) =>
  aCanary({ metadata: { annotations }, ...options });

const warningsOf = (annotations: Record<string, string>): readonly string[] => {
  const parsed = parseCanary(aCanaryObject({ metadata: { annotations } }), { defaultProvider: 'kuma' });
  return parsed.ok ? parsed.warnings : ['not parsed'];
};

for (const [text, milliseconds] of [
  ['0', 0],
  ['0s', 0],
  ['1m30s', 90_000],
  [' 500ms ', 500],
  ['1h', 3_600_000],
] as const) {
  test(`drain delay '${text}' is ${milliseconds} ms`, (t) => {
    t.is(annotated({ 'aviary.dev/drain-delay': text }).spec.drainDelayMs, milliseconds);
  });
}

for (const text of ['', 'soon', '-5s', '1h1s', '30']) {
  test(`drain delay '${text}' is answered with a warning and the default`, (t) => {
    const annotations = { 'aviary.dev/drain-delay': text };
    const object = aCanaryObject({ metadata: { annotations } });
    const parsed = parseCanary(object, { defaultProvider: 'kuma', defaultDrainMs: 5_000 });
    t.like(parsed, { ok: true, canary: { spec: { drainDelayMs: 5_000 } } });
    t.deepEqual(warningsOf(annotations), [
      `metadata.annotations[aviary.dev/drain-delay]: expected a duration from 0s to 1h, got '${text}': using the default`,
    ]);
  });
}

test('without annotations everything is as in the reference', (t) => {
  const { drainDelayMs, analysis } = annotated({}, { analysis: { threshold: 7 } }).spec;
  t.is(drainDelayMs, 0);
  t.is(analysis.checkErrorLimit, 7);
  t.deepEqual(warningsOf({}), []);
});

test('the limit of checks that could not be made is an integer of 1 or more', (t) => {
  t.is(annotated({ 'aviary.dev/check-error-limit': '12' }).spec.analysis.checkErrorLimit, 12);
  t.is(annotated({ 'aviary.dev/check-error-limit': '0' }).spec.analysis.checkErrorLimit, 5);
  t.deepEqual(warningsOf({ 'aviary.dev/check-error-limit': 'many' }), [
    "metadata.annotations[aviary.dev/check-error-limit]: expected an integer of 1 or more, got 'many': using the default",
  ]);
});

const policies = (annotation: string): readonly (string | undefined)[] =>
  annotated(
    { 'aviary.dev/on-no-data': annotation },
    { analysis: { metrics: [{ name: 'a', onNoData: 'pass' }, { name: 'b' }, { name: 'c=d' }] } },
  ).spec.analysis.metrics.map(({ onNoData }) => onNoData);

test('what no values mean is said by the metric, else by its name in the annotation, else by the annotation', (t) => {
  t.deepEqual(policies('hold'), ['pass', 'hold', 'hold']);
  t.deepEqual(policies('b=skip, hold'), ['pass', 'skip', 'hold']);
  t.deepEqual(policies('a=fail,c=d=hold'), ['pass', undefined, 'hold']);
});

test('a policy that does not exist is answered with a warning, and none of the annotation is used', (t) => {
  t.deepEqual(policies('b=skip, maybe'), ['pass', undefined, undefined]);
  t.deepEqual(warningsOf({ 'aviary.dev/on-no-data': 'maybe' }), [
    'metadata.annotations[aviary.dev/on-no-data]: expected fail, hold, skip, pass, or a list like "skip, my-metric=hold", got \'maybe\': using the default',
  ]);
});
