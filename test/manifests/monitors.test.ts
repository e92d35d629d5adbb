/** What the Prometheus operator makes of our labels. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { parseAllDocuments } from 'yaml';
import { arrayAt, stringAt, valueAt } from '../../platform/json.ts';

/** It gives each target these; a series that has one of its own keeps it as `exported_…`, unless labels are honored. */
const ofTarget = new Set(['namespace', 'pod', 'container', 'endpoint', 'job', 'instance']);

interface Row {
  readonly metric: string;
  readonly labels: readonly string[];
  readonly where: string;
}

const page = readFileSync('docs/metrics.md', 'utf8');
const rows = [...page.matchAll(/^\| `([a-z_]+)` \| \w+ \| ([^|]*)\| ([^|]+) \|/gm)].map(
  ([, metric = '', labels = '', where = '']): Row => ({
    metric,
    labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label),
    where,
  }),
);

const clashing = (isShown: (row: Row) => boolean): readonly string[] =>
  rows.filter((row) => isShown(row) && row.labels.some((label) => ofTarget.has(label))).map(({ metric }) => metric);

const monitors = parseAllDocuments(readFileSync('manifests/monitoring/pod-monitors.yaml', 'utf8')).map((one): unknown =>
  one.toJS(),
);

const honors = (name: string): unknown => {
  const monitor = monitors.find((one) => stringAt(one, 'metadata', 'name') === name);
  return valueAt(arrayAt(monitor, 'spec', 'podMetricsEndpoints')[0], 'honorLabels');
};

test('series of Canaries keep the namespace of the Canary, as rules and dashboards read it', (t) => {
  const shown = clashing(({ where }) => where !== 'load tester');
  t.true(shown.includes('flagger_canary_status') && shown.includes('aviary_queue_waiting_steps'));
  t.true(honors('aviary'));
});

test('a load tester, where tenants run commands, has no say in where it is', (t) => {
  t.true(rows.some(({ where }) => where === 'load tester'));
  t.deepEqual(
    clashing(({ where }) => where === 'load tester'),
    [],
  );
  t.not(honors('aviary-loadtester'), true);
});
