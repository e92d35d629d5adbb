/** docs/canary.md: every field of the three kinds, and what the API server refuses. */
import { durationPattern } from '../../canary/schema/fields.ts';
import type { AdmissionRule } from '../../canary/schema/meta.ts';
import { kinds, type Kind } from './kinds.ts';
import { absence, written, type Written } from './written.ts';

export const fieldsPagePath = 'docs/canary.md';

export const fieldsPage = (): string => `${[introduction, ...kinds.map(pageOf)].join('\n\n')}\n`;

const introduction = `# Fields

What a Canary, a MetricTemplate and an AlertProvider may say, field by field; \`kubectl explain canary.spec\` says the same.
Flagger's objects are taken as they are. *Default* is what counts where a field is left out; only the defaults in **bold**
are written into the object by the API server. This page and the definitions in \`manifests/crds/\` are written by
\`npm run crds\` from \`canary/schema/\`, and a test fails when they are older than it.`;

/** An object with at least so many fields has a table of its own. */
const ownTable = 5;

interface Section {
  /** `spec.analysis.webhooks[]` */
  readonly path: string;
  readonly field: Written;
}

function pageOf({ kind, description, spec, status }: Kind): string {
  const roots: readonly Section[] = [
    { path: 'spec', field: written(spec) },
    ...(status === undefined || kind !== 'Canary' ? [] : [{ path: 'status', field: written(status) }]),
  ];
  const sections = roots.flatMap((root) => [root, ...sectionsBelow(root)]);
  return [`## ${kind}`, description, ...sections.map((one) => tableOf(kind, one)), ...refusals(roots)].join('\n\n');
}

/** Fields of an object, or of the items of a list. */
const fieldsOf = (field: Written): Readonly<Record<string, Written>> =>
  field.properties ?? field.items?.properties ?? {};

const pathOf = (path: string, name: string, field: Written): string =>
  `${path}.${name}${field.items?.properties === undefined ? '' : '[]'}`;

const isSection = (field: Written): boolean => Object.keys(fieldsOf(field)).length >= ownTable;

function sectionsBelow({ path, field }: Section): readonly Section[] {
  return Object.entries(fieldsOf(field)).flatMap(([name, inner]) => {
    const section = { path: pathOf(path, name, inner), field: inner };
    return [...(isSection(inner) ? [section] : []), ...sectionsBelow(section)];
  });
}

function tableOf(kind: string, { path, field }: Section): string {
  return [
    `### ${kind}: ${path}`,
    '',
    '| Field | Type | Default | Meaning |',
    '| --- | --- | --- | --- |',
    ...rowsOf(field, ''),
  ].join('\n');
}

function rowsOf(field: Written, prefix: string): readonly string[] {
  const required = field.admitted?.required ?? field.required ?? field.items?.required ?? [];
  return Object.entries(fieldsOf(field)).flatMap(([name, inner]) => {
    const path = `${prefix}${name}`;
    const cells = [code(path), typeOf(inner), defaultOf(inner, required.includes(name)), meaningOf(inner)];
    const below = isSection(inner) ? [] : rowsOf(inner, `${path}${inner.items === undefined ? '.' : '[].'}`);
    return [`| ${cells.join(' | ')} |`, ...below];
  });
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
const code = (text: string): string => `\`${cell(text)}\``;

function typeOf({ admitted = {}, ...field }: Written): string {
  if (admitted['x-kubernetes-int-or-string']) return 'number or text';
  return admitted.pattern === durationPattern ? 'duration, as `1m30s`' : plainType(field);
}

function plainType({ type, items, additionalProperties, properties }: Written): string {
  if (items !== undefined) return `list of ${plural(items)}`;
  if (additionalProperties !== undefined && properties === undefined) return `map of ${plural(additionalProperties)}`;
  return type === undefined ? 'anything' : (words[type]?.[0] ?? type);
}

const words: Readonly<Record<string, readonly [string, string]>> = {
  string: ['text', 'texts'],
  boolean: ['true or false', 'true or false'],
  number: ['number', 'numbers'],
  integer: ['integer', 'integers'],
  object: ['object', 'objects'],
};

function plural(field: Written): string {
  if (field.items !== undefined) return `lists of ${plural(field.items)}`;
  return words[field.type ?? '']?.[1] ?? 'anything';
}

function defaultOf(field: Written, isRequired: boolean): string {
  if (isRequired) return 'required';
  const absent = absence(field);
  if (field.storedDefault !== undefined) return `**${absent === '' ? 'empty' : absent}**`;
  return absent === undefined || absent === '' ? '' : cell(absent);
}

function meaningOf({ description = '', enum: own, admitted }: Written): string {
  const values = (admitted?.enum ?? own ?? []).filter((value) => value !== '');
  const [only] = values;
  if (only === undefined) return cell(description);
  return cell(`${description} ${values.length === 1 ? 'Only' : 'One of'} ${values.map(code).join(', ')}.`);
}

function refusals(roots: readonly Section[]): readonly string[] {
  const rules = roots.flatMap(rulesBelow);
  if (rules.length === 0) return [];
  const lines = rules.map(({ path, rule }) => `| ${code(`${path}${rule.fieldPath ?? ''}`)} | ${cell(rule.message)} |`);
  return [
    ['Beyond types the API server refuses:', '', '| Where | What it says |', '| --- | --- |', ...lines].join('\n'),
  ];
}

function rulesBelow({ path, field }: Section): readonly { readonly path: string; readonly rule: AdmissionRule }[] {
  const own = (field.rules ?? []).map((rule) => ({ path, rule }));
  const below = Object.entries(fieldsOf(field)).flatMap(([name, inner]) =>
    rulesBelow({ path: pathOf(path, name, inner), field: inner }),
  );
  return [...own, ...below];
}
