import type { Outcome } from '../../canary/action.ts';
import { answers, repairs, spent } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase } from './situations.ts';

const { invalid, noValues, routeUnknown, unavailable, value } = answers;

const templateRef = { name: 'latency', namespace: 'metrics' };
const rate = { name: 'request-success-rate', thresholdRange: { min: 99, max: 99.95 } };
const time = { name: 'request-duration', thresholdRange: { min: 5, max: 500 } };
const inline = { name: 'errors', query: 'sum(errors)', thresholdRange: { min: 0.0001, max: 1_000_000 } };
const template = { name: 'lag', templateRef, thresholdRange: { min: 1, max: 123_456_789 } };

const key = {
  rate: 'queryMetric builtin request-success-rate',
  time: 'queryMetric builtin request-duration',
  inline: 'queryMetric query errors',
  template: 'queryMetric template lag',
} as const;

/** One metric, one answer, one text. */
function halt(
  title: string,
  given: { metric: object; ask: string; answer: Outcome; spec?: object },
  text: string,
): Row {
  const kind = given.answer.ok ? (given.answer.value as { kind: string }).kind : 'unavailable';
  const isError = kind === 'unavailable';
  return {
    title,
    canary: inPhase('Progressing', {
      weight: 10,
      analysis: { metrics: [given.metric], webhooks: [] },
      ...(given.spec === undefined ? {} : { spec: given.spec }),
    }),
    facts: { [given.ask]: given.answer },
    asks: [...repairs('90/10'), given.ask],
    ends: {
      outcome: kind === 'noValues' ? 'noData' : isError ? 'checkError' : 'failedCheck',
      becomes: isError ? { checkErrors: 1, ...spent } : { failedChecks: 1, ...spent },
      says: [text],
    },
  };
}

const halted = 'Halt podinfo.test advancement';

const valueRows: readonly Row[] = [
  halt(
    'a success rate below its least value',
    { metric: rate, ask: key.rate, answer: value(98.999) },
    `${halted} success rate 99.00% < 99%`,
  ),
  halt(
    'a success rate above its greatest value',
    { metric: rate, ask: key.rate, answer: value(99.999_999) },
    `${halted} success rate 100.00% > 99.95%`,
  ),
  halt(
    'a success rate between two decimals, of which the even one is written',
    { metric: rate, ask: key.rate, answer: value(98.125) },
    `${halted} success rate 98.12% < 99%`,
  ),
  halt(
    'a success rate below its threshold',
    { metric: { name: 'request-success-rate', threshold: 99 }, ask: key.rate, answer: value(0) },
    `${halted} success rate 0.00% < 99%`,
  ),
  halt(
    'a duration above its greatest value',
    { metric: time, ask: key.time, answer: value(1515) },
    `${halted} request duration 1.515s > 500ms`,
  ),
  halt(
    'a duration below its least value',
    { metric: time, ask: key.time, answer: value(1.9) },
    `${halted} request duration 1ms < 5ms`,
  ),
  halt(
    'a duration above its threshold of a minute',
    { metric: { name: 'request-duration', threshold: 60_000 }, ask: key.time, answer: value(90_061_001) },
    `${halted} request duration 25h1m1.001s > 1m0s`,
  ),
  halt(
    'an inline query below its least value',
    { metric: inline, ask: key.inline, answer: value(0) },
    `${halted} errors 0.00 < 0.0001`,
  ),
  halt(
    'an inline query above its greatest value',
    { metric: inline, ask: key.inline, answer: value(1_000_000.5) },
    `${halted} errors 1000000.50 > 1e+06`,
  ),
  halt(
    'a template below its least value',
    { metric: template, ask: key.template, answer: value(0.996) },
    `${halted} lag 1.00 < 1`,
  ),
  halt(
    'a template above its greatest value',
    { metric: template, ask: key.template, answer: value(123_456_790) },
    `${halted} lag 123456790.00 > 1.23456789e+08`,
  ),
  halt(
    'a metric without bounds fails on any positive value',
    { metric: { name: 'lag', templateRef }, ask: key.template, answer: value(0.001) },
    `${halted} lag 0.00 > 0`,
  ),
];

const missingRows: readonly Row[] = [
  halt(
    'no values of a success rate',
    { metric: rate, ask: key.rate, answer: noValues('running query failed: no values found') },
    'Halt advancement no values found for kuma metric request-success-rate probably podinfo.test is not receiving traffic: running query failed: no values found',
  ),
  halt(
    'no values of a duration, which names no cause',
    { metric: time, ask: key.time, answer: noValues('running query failed: no values found') },
    'Halt advancement no values found for kuma metric request-duration probably podinfo.test is not receiving traffic',
  ),
  halt(
    'no values of an inline query',
    { metric: inline, ask: key.inline, answer: noValues('running query failed: no values found') },
    'Halt advancement no values found for metric: errors',
  ),
  halt(
    'no values of a template',
    { metric: template, ask: key.template, answer: noValues('no values found') },
    'Halt advancement no values found for custom metric: lag: no values found',
  ),
  halt(
    'a built-in query that the provider refuses',
    { metric: rate, ask: key.rate, answer: invalid('query', 'bad_data: parse error') },
    'Prometheus query failed: bad_data: parse error',
  ),
  halt(
    'a built-in query that gets no answer',
    { metric: time, ask: key.time, answer: unavailable('no answer within 5s') },
    'Prometheus query failed: no answer within 5s',
  ),
  halt(
    'a Knative Service that cannot be read',
    { metric: rate, ask: key.rate, answer: routeUnknown('403 Forbidden') },
    'Error fetching Knative service test/podinfo 403 Forbidden',
  ),
  halt(
    'an inline query that the provider refuses',
    { metric: inline, ask: key.inline, answer: invalid('query', 'bad_data: parse error') },
    'Prometheus query failed for errors: bad_data: parse error',
  ),
  halt(
    'an inline query that cannot be rendered',
    { metric: inline, ask: key.inline, answer: invalid('render', 'no such variable') },
    'Prometheus query failed for errors: no such variable',
  ),
  halt(
    'a template whose query is refused',
    { metric: template, ask: key.template, answer: invalid('query', 'bad_data: parse error') },
    'Metric query failed for lag: bad_data: parse error',
  ),
  halt(
    'a template whose provider gets no answer',
    { metric: template, ask: key.template, answer: unavailable('502 Bad Gateway') },
    'Metric query failed for lag: 502 Bad Gateway',
  ),
  halt(
    'a template that does not exist',
    { metric: template, ask: key.template, answer: invalid('template', 'not found') },
    'Metric template latency.metrics error: not found',
  ),
  halt(
    'a template whose Secret does not exist',
    { metric: template, ask: key.template, answer: invalid('secret', 'datadog error: not found') },
    'Metric template latency.metrics secret datadog error: not found',
  ),
  halt(
    'a template whose provider cannot be built',
    { metric: template, ask: key.template, answer: invalid('provider', 'datadog error: no api key') },
    'Metric template latency.metrics provider datadog error: no api key',
  ),
  halt(
    'a template that cannot be rendered',
    { metric: template, ask: key.template, answer: invalid('render', 'no such variable') },
    'Metric template latency.metrics query render error: no such variable',
  ),
  halt(
    'an address of Prometheus that is no URL is shown without user, password and query',
    {
      metric: rate,
      ask: key.rate,
      answer: invalid('client', 'expected an http or https URL'),
      spec: { metricsServer: 'http://reader:s/e#c?r@t@prometheus:bad/path?token=abc' },
    },
    'Error building Prometheus client for http://prometheus:bad/path expected an http or https URL',
  ),
  halt(
    'an address of Prometheus without a scheme is shown without a password too',
    {
      metric: rate,
      ask: key.rate,
      answer: invalid('client', 'expected an http or https URL'),
      spec: { metricsServer: 'reader:secret@prometheus:9090' },
    },
    'Error building Prometheus client for prometheus:9090 expected an http or https URL',
  ),
  halt(
    'an address of Prometheus that the Canary does not name',
    { metric: rate, ask: key.rate, answer: invalid('client', 'expected an http or https URL') },
    'Error building Prometheus client for the metrics server expected an http or https URL',
  ),
];

export const metricTexts: Table = {
  about: 'Metrics: what halts an advance, and how it is told',
  rows: [...valueRows, ...missingRows],
};
