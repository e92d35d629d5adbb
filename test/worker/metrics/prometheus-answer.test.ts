import test from 'ava';
import { readPrometheusAnswer } from '../../../worker/metrics/prometheus-answer.ts';
import { MetricError } from '../../../worker/metrics/provider.ts';

const body = (data: unknown): string => JSON.stringify({ status: 'success', data });
const vector = (...values: unknown[]): string =>
  body({ resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [1700000000, value] })) });

test('the value of a series is read from its text', (t) => {
  t.deepEqual(readPrometheusAnswer(vector('99.5')), { value: 99.5, series: 1 });
  t.deepEqual(readPrometheusAnswer(vector('1e+06')), { value: 1e6, series: 1 });
  t.deepEqual(readPrometheusAnswer(vector('-0.25')), { value: -0.25, series: 1 });
});

test('of several series the last one counts', (t) => {
  t.deepEqual(readPrometheusAnswer(vector('1', '2', '3')), { value: 3, series: 3 });
});

test('a scalar is a value', (t) => {
  t.is(readPrometheusAnswer(body({ resultType: 'scalar', result: [1700000000, '7'] })).value, 7);
});

interface Row {
  readonly body: string;
  readonly kind: MetricError['kind'];
  readonly message: string | RegExp;
}
const rows: Record<string, Row> = {
  'an empty vector has no values': { body: vector(), kind: 'noValues', message: 'no values found' },
  'NaN is no value': { body: vector('NaN'), kind: 'noValues', message: 'no values found' },
  'NaN as the last of several is no value': { body: vector('1', 'NaN'), kind: 'noValues', message: 'no values found' },
  'a value that is no text is no value': { body: vector(5), kind: 'noValues', message: 'no values found' },
  'infinity is refused': { body: vector('+Inf'), kind: 'invalid', message: 'expected a finite number, got +Inf' },
  'negative infinity is refused': {
    body: vector('-Inf'),
    kind: 'invalid',
    message: 'expected a finite number, got -Inf',
  },
  'a word is refused': { body: vector('many'), kind: 'invalid', message: 'expected a finite number, got many' },
  'an empty text is refused': { body: vector(''), kind: 'invalid', message: /expected a finite number/ },
  'a range of values is refused': {
    body: body({ resultType: 'matrix', result: [{ metric: {}, values: [[1, '1']] }] }),
    kind: 'invalid',
    message: 'query returned multiple values',
  },
  'a native histogram is refused': {
    body: body({ resultType: 'vector', result: [{ metric: {}, histogram: [1, {}] }] }),
    kind: 'invalid',
    message: /got a native histogram/,
  },
  'an answer without a result is refused': {
    body: body({ resultType: 'vector' }),
    kind: 'invalid',
    message: /expected data.result to be a list/,
  },
  'an answer that is no JSON is refused and shown': {
    body: '<html>hello</html>',
    kind: 'invalid',
    message: /expected JSON, got '<html>hello<\/html>'/,
  },
};

for (const [title, row] of Object.entries(rows)) {
  test(title, (t) => {
    const error = t.throws(() => readPrometheusAnswer(row.body), { instanceOf: MetricError, message: row.message });
    t.is(error?.kind, row.kind);
  });
}

test('a long answer is cut before it is shown', (t) => {
  const error = t.throws(() => readPrometheusAnswer('x'.repeat(10_000)));
  t.true((error?.message.length ?? 0) < 700);
});
