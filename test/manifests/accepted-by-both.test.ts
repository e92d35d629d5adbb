/** The definition and the parser are made of one source: what one takes the other can read, and the other way round. */
import test from 'ava';
import fc from 'fast-check';
import { parseCanary, type ParsedCanary } from '../../canary/parse.ts';
import { parseLeaving } from '../../canary/parse-leaving.ts';
import { parseStatus } from '../../canary/parse-status.ts';
import { specSchema } from '../../canary/schema/canary.ts';
import { statusSchema } from '../../canary/schema/status.ts';
import { validateCanary } from '../../canary/validate.ts';
import { structural } from '../../manifests/definitions/structural.ts';
import { written, type Written } from '../../manifests/definitions/written.ts';
import { canarySpecs } from '../support/reference-corpus.ts';
import { complaintsOf, mutated, valueOf, type Schema } from '../support/structural-values.ts';

const spec = structural(written(specSchema)) as Schema;
const status = structural(written(statusSchema)) as Schema;
const objectWith = (fields: object): object => ({ metadata: { name: 'podinfo', namespace: 'test' }, ...fields });
const parse = (fields: object): ParsedCanary => parseCanary(objectWith(fields), { defaultProvider: 'gatewayapi:v1' });

const little = canarySpecs['little'] ?? {};
const fieldsOf = (schema: Schema | undefined): readonly [string, Schema][] => Object.entries(schema?.properties ?? {});

/** A small spec with one of its fields as the definition takes it: a spec that is random as a whole is hardly ever right. */
const withOneField: fc.Arbitrary<object> = fc.oneof(
  ...fieldsOf(spec).map(([name, field]) => valueOf(field).map((value) => ({ ...little, [name]: value }))),
  ...(['service', 'analysis'] as const).flatMap((part) =>
    fieldsOf(spec.properties?.[part]).map(([name, field]) =>
      valueOf(field).map((value) => ({ ...little, [part]: { ...(little[part] as object), [name]: value } })),
    ),
  ),
);

test('what the definition takes is a Canary, or a problem with its path', (t) => {
  const outcomes = { ok: 0, problems: 0 };
  const property = fc.property(fc.oneof(valueOf(spec), withOneField), (value) => {
    const parsed = parse({ spec: value });
    outcomes[parsed.ok ? 'ok' : 'problems'] += 1;
    if (parsed.ok)
      return validateCanary(parsed.canary, { allowedNamespaces: [] }).every(({ message }) => message !== '');
    return parsed.problems.every(
      ({ path, message }) => /^spec[.[]/.test(path) && message.startsWith(`${path}: expected `),
    );
  });
  t.notThrows(() => fc.assert(property, { numRuns: 300 }));
  t.true(outcomes.ok > 50 && outcomes.problems > 50, JSON.stringify(outcomes));
});

test('whatever is written, deletion and status can be read', (t) => {
  const property = fc.property(mutated(valueOf(spec)), mutated(valueOf(status)), (anySpec, anyStatus) => {
    parseLeaving(objectWith({ spec: anySpec, status: anyStatus }), { defaultProvider: 'kuma' });
    parseStatus(anyStatus);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 200 }));
});

test('a status of the definition that was read can be written again', (t) => {
  const property = fc.property(valueOf(status), (value) => complaintsOf(status, parseStatus(value)).length === 0);
  t.notThrows(() => fc.assert(property, { numRuns: 300 }));
});

/** Without what the API server checks alone: patterns and lengths, closed sets of the mesh's, how fields go together. */
const parsersShare = (field: Written): Written => ({
  ...field,
  ...(field.admitted && { admitted: formOnly(field.admitted) }),
  ...(field.properties && { properties: mapFields(field.properties) }),
  ...(field.items && { items: parsersShare(field.items) }),
  ...(field.additionalProperties && { additionalProperties: parsersShare(field.additionalProperties) }),
});
const mapFields = (fields: NonNullable<Written['properties']>): NonNullable<Written['properties']> =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, parsersShare(field)]));
const formOnly = (form: NonNullable<Written['admitted']>): NonNullable<Written['admitted']> =>
  form['x-kubernetes-int-or-string'] ? { 'x-kubernetes-int-or-string': true } : {};

test('what the parser takes has the form of the definition', (t) => {
  const form = structural(parsersShare(written(specSchema))) as Schema;
  const taken = fc.constantFrom(...Object.values(canarySpecs));
  const counts = { ok: 0, refused: 0 };
  const property = fc.property(mutated(fc.oneof(taken, withOneField)), (value) => {
    if (!parse({ spec: value }).ok) return void (counts.refused += 1);
    counts.ok += 1;
    t.deepEqual(complaintsOf(form, value), [], JSON.stringify(value));
    return undefined;
  });
  fc.assert(property, { numRuns: 500 });
  t.true(counts.ok > 20 && counts.refused > 20, JSON.stringify(counts));
});

test('the checker of this test finds what is wrong', (t) => {
  const wrong = {
    targetRef: { apiVersion: 'apps/v1', kind: 'Pod' },
    service: { port: '80', targetPort: true, match: [{ uri: { exact: 'a', prefix: 'b' } }] },
    analysis: { interval: '1h', threshold: 1, stepWeight: 1, iterations: 1 },
  };
  t.deepEqual([...complaintsOf(spec, wrong)].sort(), [
    '.analysis',
    '.analysis.interval',
    '.service.match[0].uri',
    '.service.port',
    '.service.targetPort',
    '.targetRef.kind',
    '.targetRef.name',
  ]);
});
