/** Reads the answer of Prometheus' query API. Specification of metrics, section 9.1. */
import { arrayAt, isRecord, stringAt, valueAt } from '../../platform/json.ts';
import { excerpt } from '../shown.ts';
import { MetricError } from './provider.ts';

export interface PrometheusAnswer {
  /** Finite. */
  readonly value: number;
  /** Series that the query selected; the last one's value counts. */
  readonly series: number;
}

/** How much of what the server said is told. */
export type Shown = (text: string) => string;

/**
 * @param body what was answered with a status below 400
 * @throws MetricError `noValues` for an empty vector or NaN, `invalid` for everything else that is no finite number
 */
export function readPrometheusAnswer(body: string, shown: Shown = excerpt): PrometheusAnswer {
  const data = valueAt(parsed(body, shown), 'data');
  const samples = stringAt(data, 'resultType') === 'scalar' ? [valueAt(data, 'result')] : vectorSamples(data);
  const texts = samples.map((sample) => stringAt(sample, 1)).filter((text) => text !== undefined);
  const last = texts.at(-1);
  if (last === undefined) throw new MetricError('noValues', 'no values found');
  return { value: finite(last, shown), series: samples.length };
}

function parsed(body: string, shown: Shown): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Without its cause, which quotes the body as it is.
    throw new MetricError('invalid', `error unmarshaling result: expected JSON, got '${shown(body)}'`);
  }
}

function vectorSamples(data: unknown): unknown[] {
  if (!isRecord(data) || !Array.isArray(data['result'])) {
    throw new MetricError('invalid', 'error unmarshaling result: expected data.result to be a list of series');
  }
  return arrayAt(data, 'result').map((series) => {
    if (valueAt(series, 'values') !== undefined) throw new MetricError('invalid', 'query returned multiple values');
    const value = valueAt(series, 'value');
    if (value !== undefined) return value;
    throw new MetricError('invalid', 'expected a number for each series, got a native histogram or nothing');
  });
}

const infinities: ReadonlySet<string> = new Set(['+Inf', 'Inf', '-Inf']);

function finite(text: string, shown: Shown): number {
  if (text === 'NaN') throw new MetricError('noValues', 'no values found');
  const value = Number(text);
  if (infinities.has(text) || text.trim() === '' || !Number.isFinite(value)) {
    throw new MetricError('invalid', `expected a finite number, got ${shown(text)}`);
  }
  return value;
}
