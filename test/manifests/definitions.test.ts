import { readFileSync } from 'node:fs';
import test from 'ava';
import { parse } from 'yaml';
import { z } from 'zod';
import { definitionFile, definitionPath } from '../../manifests/definitions/definition.ts';
import { fieldsPage, fieldsPagePath } from '../../manifests/definitions/fields-page.ts';
import { kinds } from '../../manifests/definitions/kinds.ts';
import { structural } from '../../manifests/definitions/structural.ts';
import { written, type Written } from '../../manifests/definitions/written.ts';
import { valueAt } from '../../platform/json.ts';

for (const kind of kinds) {
  test(`${definitionPath(kind)} is what the schema says`, (t) => {
    t.is(readFileSync(definitionPath(kind), 'utf8'), definitionFile(kind), 'write it anew: npm run crds');
  });
}

test('a definition outlives what installs it, since all of its objects go with it', (t) => {
  for (const kind of kinds) {
    const definition: unknown = parse(readFileSync(definitionPath(kind), 'utf8'));
    t.like(valueAt(definition, 'metadata', 'annotations'), {
      'helm.sh/resource-policy': 'keep',
      'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
      'kustomize.toolkit.fluxcd.io/prune': 'disabled',
    });
  }
});

test(`${fieldsPagePath} is what the schemas say`, (t) => {
  t.is(readFileSync(fieldsPagePath, 'utf8'), fieldsPage(), 'write it anew: npm run crds');
});

function undescribed(field: Written, path: string): readonly string[] {
  const inner = Object.entries(field.properties ?? field.items?.properties ?? {});
  const below = inner.flatMap(([name, one]) => undescribed(one, `${path}.${name}`));
  return field.description === undefined ? [path, ...below] : below;
}

test('every field says what it means, in a sentence', (t) => {
  const roots = kinds.flatMap(({ kind, spec, status }) => [
    ...undescribed(written(spec), `${kind}.spec`),
    ...(status === undefined ? [] : undescribed(written(status), `${kind}.status`)),
  ]);
  t.deepEqual(roots, []);
  t.deepEqual(undescribed({ type: 'object', properties: { a: { type: 'string' } } }, 'x'), ['x', 'x.a']);
});

test('what is checked after the first stage does not reach the API server, and a default of ours is only told', (t) => {
  const schema = z.object({
    weight: z.number().pipe(z.number().int().max(100)).optional().default(5).meta({ description: 'A share.' }),
    name: z
      .string()
      .refine((value) => value !== '')
      .meta({ description: 'A name.' }),
    age: z.number().optional().meta({ description: 'An age.', storedDefault: 7 }),
  });
  t.deepEqual(structural(written(schema)), {
    type: 'object',
    required: ['name'],
    properties: {
      weight: { description: 'A share. Default: 5.', type: 'number' },
      name: { description: 'A name.', type: 'string' },
      age: { description: 'An age. Default: 7.', type: 'number', default: 7 },
    },
  });
});

test('alternatives become one object: the fields of all, and those that all need', (t) => {
  const schema = z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('a'), size: z.number() }),
    z.object({ kind: z.literal('b'), word: z.string().optional() }),
  ]);
  t.deepEqual(structural(written(schema)), {
    type: 'object',
    required: ['kind'],
    properties: { kind: { type: 'string', enum: ['a', 'b'] }, size: { type: 'number' }, word: { type: 'string' } },
  });
});

test('a port by number or name has no type, and an open object keeps what it is not told of', (t) => {
  const open = { 'x-kubernetes-preserve-unknown-fields': true } as const;
  const either = { 'x-kubernetes-int-or-string': true } as const;
  const port = z.union([z.number(), z.string()]).meta({ admitted: either });
  t.deepEqual(structural(written(port)), either);
  t.deepEqual(structural(written(z.looseObject({ a: z.string().optional() }).meta({ admitted: open }))), {
    type: 'object',
    ...open,
    properties: { a: { type: 'string' } },
  });
});
