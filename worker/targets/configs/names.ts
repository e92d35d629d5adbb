/** The pod spec of a primary reads the primary's own copies. Pure. Rules: spec of targets, section 8. */
import { isRecord } from '../../../platform/json.ts';
import type { JsonRecord } from '../../../platform/json.ts';
import { configKey } from './references.ts';
import type { ConfigKind } from './references.ts';

/** Keys (`configmap/{name}`) of the objects that have a copy. */
export type CopiedConfigs = ReadonlySet<string>;

export const copyName = (name: string): string => `${name}-primary`;

/** Field that names an object → its kind, and how the name's own field is called. */
const sources: Readonly<Record<string, readonly [kind: ConfigKind, nameField: string]>> = {
  configMap: ['configmap', 'name'],
  configMapRef: ['configmap', 'name'],
  configMapKeyRef: ['configmap', 'name'],
  secret: ['secret', 'secretName'],
  secretRef: ['secret', 'name'],
  secretKeyRef: ['secret', 'name'],
};

const parts: readonly string[] = ['volumes', 'containers', 'initContainers'];

/** The pod spec with the names of copied objects in place of their originals; anything else is kept. */
export function withCopyNames(podSpec: JsonRecord, copied: CopiedConfigs): JsonRecord {
  if (copied.size === 0) return podSpec;
  return Object.fromEntries(
    Object.entries(podSpec).map(([field, value]) => [field, parts.includes(field) ? renamed(value, copied) : value]),
  );
}

/** Only below these parts: there the fields of `sources` mean nothing else. */
function renamed(value: unknown, copied: CopiedConfigs): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, copied));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => [
      field,
      renamedSource(field, inner, copied) ?? renamed(inner, copied),
    ]),
  );
}

function renamedSource(field: string, source: unknown, copied: CopiedConfigs): JsonRecord | undefined {
  const known = sources[field];
  if (known === undefined || !isRecord(source)) return undefined;
  // A projected secret is named like the others, the Secret of a volume is not.
  const [kind, usual] = known;
  const nameField = usual in source ? usual : 'name';
  const name = source[nameField];
  if (typeof name !== 'string' || !copied.has(configKey({ kind, name }))) return undefined;
  return { ...source, [nameField]: copyName(name) };
}
