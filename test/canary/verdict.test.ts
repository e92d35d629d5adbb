import test from 'ava';
import * as fc from 'fast-check';
import type { MetricPart } from '../../canary/action.ts';
import type { Metric } from '../../canary/spec.ts';
import { judge, type Verdict } from '../../canary/verdict.ts';

const pass: Verdict = { kind: 'pass' };
const below = (bound: number): Verdict => ({ kind: 'halt', relation: '<', bound });
const above = (bound: number): Verdict => ({ kind: 'halt', relation: '>', bound });

type Demand = Pick<Metric, 'threshold' | 'thresholdRange'>;
const metric = (name: string, demand: Demand): Metric => ({ name, interval: '1m', templateVariables: {}, ...demand });
const successRate = (demand: Demand): Metric => metric('request-success-rate', demand);
const duration = (demand: Demand): Metric => metric('request-duration', demand);

interface Row {
  readonly metric: Metric;
  readonly part: MetricPart;
  readonly value: number;
  readonly verdict: Verdict;
}
const builtin = (of: Metric, value: number, verdict: Verdict): Row => ({ metric: of, part: 'builtin', value, verdict });

const rows: Record<string, Row> = {
  'a success rate below its minimum halts': builtin(successRate({ thresholdRange: { min: 99 } }), 98.99, below(99)),
  'a success rate equal to its minimum passes': builtin(successRate({ thresholdRange: { min: 99 } }), 99, pass),
  'a success rate above its maximum halts': builtin(successRate({ thresholdRange: { max: 99.5 } }), 99.6, above(99.5)),
  'the threshold of a success rate is a minimum': builtin(successRate({ threshold: 99 }), 98, below(99)),
  'a success rate equal to its threshold passes': builtin(successRate({ threshold: 99 }), 99, pass),
  'a success rate without any bound passes at zero': builtin(successRate({}), 0, pass),
  'a range wins over the threshold': builtin(successRate({ threshold: 99, thresholdRange: { min: 50 } }), 60, pass),
  'an empty range passes whatever the threshold says': builtin(
    successRate({ threshold: 99, thresholdRange: {} }),
    1,
    pass,
  ),
  'the threshold of a duration is a maximum': builtin(duration({ threshold: 500 }), 501, above(500)),
  'a duration equal to its threshold passes': builtin(duration({ threshold: 500 }), 500, pass),
  'a duration without any bound halts at one millisecond': builtin(duration({}), 1, above(0)),
  'a duration without any bound passes below one millisecond': builtin(duration({}), 0.9, pass),
  'a duration below its minimum halts': builtin(duration({ thresholdRange: { min: 10 } }), 9, below(10)),
  'the minimum of a duration is cut to whole milliseconds': builtin(
    duration({ thresholdRange: { min: 0.9 } }),
    0,
    pass,
  ),
  'the maximum of a duration is cut to whole milliseconds': builtin(
    duration({ thresholdRange: { max: 500.9 } }),
    501,
    above(500),
  ),
  'the threshold of a duration is cut to whole milliseconds': builtin(duration({ threshold: 0.5 }), 1, above(0)),
  'a measured duration is cut to whole milliseconds': builtin(duration({ thresholdRange: { max: 500 } }), 500.9, pass),
  'the threshold of an inline query is a maximum': {
    metric: metric('errors', { threshold: 5 }),
    part: 'query',
    value: 5.1,
    verdict: above(5),
  },
  'an inline query without any bound halts on a positive value': {
    metric: metric('errors', {}),
    part: 'query',
    value: 0.001,
    verdict: above(0),
  },
  'an inline query under a built-in name is compared as any query': {
    metric: successRate({ threshold: 99 }),
    part: 'query',
    value: 100,
    verdict: above(99),
  },
  'an inline query named like the duration keeps its fractions': {
    metric: duration({ thresholdRange: { max: 0.5 } }),
    part: 'query',
    value: 0.6,
    verdict: above(0.5),
  },
  'the threshold of a template is a maximum': {
    metric: metric('latency', { threshold: 5 }),
    part: 'template',
    value: 6,
    verdict: above(5),
  },
  'a template below its minimum halts': {
    metric: metric('orders', { thresholdRange: { min: 10 } }),
    part: 'template',
    value: -1,
    verdict: below(10),
  },
};

for (const [title, row] of Object.entries(rows)) {
  test(title, (t) => t.deepEqual(judge(row.metric, row.part, row.value), row.verdict));
}

for (const value of [NaN, Infinity, -Infinity]) {
  test(`a value of ${value} is refused instead of compared`, (t) => {
    t.throws(() => judge(successRate({ threshold: 99 }), 'builtin', value), {
      instanceOf: RangeError,
      message: `metric 'request-success-rate': expected a finite value, got ${value}`,
    });
  });
}

test('a range passes exactly the values between its bounds', (t) => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
  const passesBetween = fc.property(finite, finite, finite, (min, max, value) => {
    const verdict = judge(metric('any', { thresholdRange: { min, max } }), 'query', value);
    return (verdict.kind === 'pass') === (min <= value && value <= max);
  });
  t.notThrows(() => fc.assert(passesBetween));
});
