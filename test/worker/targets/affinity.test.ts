import test from 'ava';
import type { JsonRecord } from '../../../platform/json.ts';
import { withPrimaryAffinity } from '../../../worker/targets/affinity.ts';

const rewrite = { name: 'podinfo', selectorLabels: ['app', 'name'] };

const labels = (value: string, key = 'app'): JsonRecord => ({ labelSelector: { matchLabels: { [key]: value } } });
const values = (list: string[], key = 'app'): JsonRecord => ({
  labelSelector: { matchExpressions: [{ key, operator: 'In', values: list }] },
});
const required = (term: JsonRecord): JsonRecord => ({ requiredDuringSchedulingIgnoredDuringExecution: [term] });
const preferred = (podAffinityTerm: JsonRecord): JsonRecord => ({
  preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }],
});
const anti = (podAntiAffinity: JsonRecord): JsonRecord => ({ affinity: { podAntiAffinity } });

interface Row {
  readonly given: JsonRecord;
  /** Absent: it stays as it is. */
  readonly expect?: JsonRecord;
}

const rows: Record<string, Row> = {
  'a pod spec without scheduling rules stays as it is': { given: { containers: [] } },
  'required anti-affinity by label is rewritten': {
    given: anti(required(labels('podinfo'))),
    expect: anti(required(labels('podinfo-primary'))),
  },
  'preferred anti-affinity by label is rewritten': {
    given: anti(preferred(labels('podinfo'))),
    expect: anti(preferred(labels('podinfo-primary'))),
  },
  'anti-affinity by expression is rewritten': {
    given: anti(required(values(['podinfo', 'other']))),
    expect: anti(required(values(['podinfo-primary', 'other']))),
  },
  'only the first of equal values is rewritten': {
    given: anti(required(values(['other', 'podinfo', 'podinfo']))),
    expect: anti(required(values(['other', 'podinfo-primary', 'podinfo']))),
  },
  'spread constraints are rewritten': {
    given: { topologySpreadConstraints: [{ maxSkew: 1, ...labels('podinfo', 'name') }] },
    expect: { topologySpreadConstraints: [{ maxSkew: 1, ...labels('podinfo-primary', 'name') }] },
  },
  'another value stays': { given: anti(required(labels('other'))) },
  'another label stays': { given: anti(required(labels('podinfo', 'tier'))) },
  'an expression over another label stays': { given: anti(required(values(['podinfo'], 'tier'))) },
  'a term without a selector stays': { given: anti(required({ topologyKey: 'zone' })) },
  'affinity to other pods and to nodes stays': {
    given: { affinity: { podAffinity: required(labels('podinfo')), nodeAffinity: required(labels('podinfo')) } },
  },
};

for (const [title, { given, expect = given }] of Object.entries(rows)) {
  test(title, (t) => {
    const before = structuredClone(given);
    t.deepEqual(withPrimaryAffinity(given, rewrite), expect);
    t.deepEqual(given, before);
  });
}
