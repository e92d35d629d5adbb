/** The pod spec of a primary reads the primary's own copies. Pure. Rules: spec of targets, section 8. */
import { isRecord } from '../../../platform/json.ts';
import type { JsonRecord } from '../../../platform/json.ts';
import { configKey } from './references.ts';
import type { ConfigKind } from './references.ts';

/** Keys (`configmap/{name}`) of the objects that have a copy. */
export type CopiedConfigs = ReadonlySet<string>;

/** The primary's copy of a ConfigMap or Secret is called so, as in the reference. */
export const copyName = (name: string): string => `${name}-primary`;

type Rewrite = (value: unknown, copied: CopiedConfigs) => unknown;

/** Rewrites only these fields; what else has the name of a Secret (a driver's volume, say) keeps it. */
const fields =
  (rewrites: Readonly<Record<string, Rewrite>>): Rewrite =>
  (value, copied) =>
    isRecord(value)
      ? Object.fromEntries(
          Object.entries(value).map(([field, inner]) => [field, rewrites[field]?.(inner, copied) ?? inner]),
        )
      : value;

const each =
  (rewrite: Rewrite): Rewrite =>
  (value, copied) =>
    Array.isArray(value) ? value.map((item) => rewrite(item, copied)) : value;

const source =
  (kind: ConfigKind, nameField = 'name'): Rewrite =>
  (value, copied) => {
    const name = isRecord(value) ? value[nameField] : undefined;
    if (!isRecord(value) || typeof name !== 'string' || !copied.has(configKey({ kind, name }))) return value;
    return { ...value, [nameField]: copyName(name) };
  };

const container = fields({
  env: each(fields({ valueFrom: fields({ configMapKeyRef: source('configmap'), secretKeyRef: source('secret') }) })),
  envFrom: each(fields({ configMapRef: source('configmap'), secretRef: source('secret') })),
});

const volume = fields({
  configMap: source('configmap'),
  secret: source('secret', 'secretName'),
  projected: fields({ sources: each(fields({ configMap: source('configmap'), secret: source('secret') })) }),
});

const podSpecFields: Readonly<Record<string, Rewrite>> = {
  volumes: each(volume),
  containers: each(container),
  initContainers: each(container),
};

/** The pod spec with the names of copied objects in place of their originals; anything else is kept. */
export function withCopyNames(podSpec: JsonRecord, copied: CopiedConfigs): JsonRecord {
  if (copied.size === 0) return podSpec;
  return Object.fromEntries(
    Object.entries(podSpec).map(([field, value]) => [field, podSpecFields[field]?.(value, copied) ?? value]),
  );
}
