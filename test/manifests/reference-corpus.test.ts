/** The corpus leaves nothing out: a field or value that no object of it has is one that only ours has. */
import test from 'ava';
import { kinds } from '../../manifests/definitions/kinds.ts';
import { written, type Written } from '../../manifests/definitions/written.ts';
import { alertProviderSpecs, canarySpecs, metricTemplateSpecs } from '../support/reference-corpus.ts';

/** Paths of all fields, with `=value` for each value of an enumeration. */
function declared(field: Written, path: string): readonly string[] {
  const values = (field.admitted?.enum ?? field.enum ?? []).map((value) => `${path}=${value}`);
  const inner = field.properties ?? field.items?.properties;
  const fields = Object.entries(inner ?? {}).flatMap(([name, one]) => declared(one, `${path}.${name}`));
  const byName =
    field.additionalProperties && inner === undefined ? declared(field.additionalProperties, `${path}.*`) : [];
  return [...(values.length > 0 ? values : [path]), ...fields, ...byName];
}

/** The same of a value: each path that it has, and each with its value. */
function shown(value: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((item) => shown(item, path))];
  if (typeof value !== 'object' || value === null) return [path, `${path}=${String(value)}`];
  const below = Object.entries(value).flatMap(([name, inner]) => [
    ...shown(inner, `${path}.${name}`),
    ...shown(inner, `${path}.*`),
  ]);
  return [path, ...below];
}

const corpus = new Map([
  ['Canary', canarySpecs],
  ['MetricTemplate', metricTemplateSpecs],
  ['AlertProvider', alertProviderSpecs],
]);

const notShown = (kind: string): readonly string[] => {
  const spec = kinds.find((one) => one.kind === kind)?.spec;
  if (spec === undefined) throw new Error(`expected a definition of ${kind}`);
  const objects = new Set(Object.values(corpus.get(kind) ?? {}).flatMap((one) => shown(one, '')));
  return declared(written(spec), '').filter((path) => path !== '' && !objects.has(path));
};

/** What the reference's definitions do not have. */
const ours = [
  ['.provider=gatewayapi', '.provider=kuma:v2', '.provider=kuma:v3', '.provider=none'],
  ['uri', 'method'].flatMap((field) =>
    ['', '.exact', '.prefix', '.regex', '.suffix'].map((kind) => `.analysis.match.${field}${kind}`),
  ),
  ['', '.*', '.*.exact', '.*.prefix', '.*.regex'].map((kind) => `.analysis.match.withoutHeaders${kind}`),
  ['fail', 'hold', 'skip', 'pass'].map((policy) => `.analysis.metrics.onNoData=${policy}`),
].flat();

test('the objects of the reference show every field and value of a Canary that is not ours alone', (t) => {
  t.deepEqual([...notShown('Canary')].sort(), [...ours].sort());
});

for (const kind of ['MetricTemplate', 'AlertProvider']) {
  test(`the objects of the reference show every field and value of a ${kind}`, (t) => {
    t.deepEqual(notShown(kind), []);
  });
}
