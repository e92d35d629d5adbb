/**
 * Compares what lies in a namespace with a file that was written by hand from the specification.
 *
 * The file leaves out what the API server fills in: it is asked for that by a dry run, so an object is compared field by
 * field, defaults included. What differs from run to run stands as `<uid>`, `<time>`, `<hash>`, `<flagger-id>`, `<checksum>` and `<hooks>`.
 */
import { readFile } from 'node:fs/promises';
import { parseObjects } from '../../../sandbox/story/example.ts';
import { arrayAt, isRecord, recordAt, stringAt } from '../../../platform/json.ts';
import type { JsonRecord } from '../../../platform/json.ts';
import type { KubernetesClient } from '../../../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import {
  apiVersionOf,
  canaries,
  configMaps,
  daemonSets,
  deployments,
  horizontalPodAutoscalers,
  meshHttpRoutes,
  secrets,
  services,
} from '../../../platform/kubernetes/resources.ts';
import type { Resource } from '../../../platform/kubernetes/resources.ts';

const kinds: readonly Resource[] = [
  canaries,
  configMaps,
  daemonSets,
  deployments,
  horizontalPodAutoscalers,
  meshHttpRoutes,
  secrets,
  services,
];

/** Where the API server is asked for its defaults; nothing is ever stored there. */
export const defaultsNamespace = 'golden-defaults';

type Objects = Readonly<Record<string, unknown>>;

/** Everything in the namespace, by `Kind/name`, without what differs from run to run. */
export async function liveObjects(client: KubernetesClient, namespace: string): Promise<Objects> {
  const lists = await Promise.all(kinds.map(async (kind) => (await client.list(kind, { namespace })).items));
  return byName(lists.flat().filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt'));
}

/** The objects of a golden file, with the API server's defaults. */
export async function goldenObjects(client: KubernetesClient, name: string): Promise<Objects> {
  const file = new URL(`../../../../test/integration/golden/${name}.yaml`, import.meta.url);
  const objects = parseObjects(await readFile(file, 'utf8'));
  return byName(await Promise.all(objects.map((object) => withDefaults(client, object))));
}

async function withDefaults(client: KubernetesClient, object: KubernetesObject): Promise<KubernetesObject> {
  const kind = kinds.find((one) => one.kind === object.kind && apiVersionOf(one) === object.apiVersion);
  if (kind === undefined)
    throw new Error(`golden file: expected a known kind, got ${object.apiVersion} ${object.kind}`);
  const { name } = object.metadata;
  const stored = await client.create(
    kind,
    { ...object, metadata: { ...object.metadata, namespace: defaultsNamespace } },
    { dryRun: true },
  );
  return { ...stored, metadata: { ...stored.metadata, name }, status: object['status'] };
}

const byName = (objects: readonly KubernetesObject[]): Objects =>
  Object.fromEntries(
    objects
      .map((object) => [`${object.kind}/${object.metadata.name}`, comparable(object)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Written by the controllers of Kubernetes, not by us. */
const foreignAnnotations = ['deployment.kubernetes.io/revision', 'deprecated.daemonset.template.generation'];

function comparable({ metadata, status, apiVersion, kind, ...fields }: KubernetesObject): JsonRecord {
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => !foreignAnnotations.includes(key));
  return placeheld({
    apiVersion,
    kind,
    metadata: {
      labels: metadata.labels ?? {},
      annotations: Object.fromEntries(annotations),
      ownerReferences: metadata.ownerReferences ?? [],
      finalizers: metadata.finalizers ?? [],
    },
    ...fields,
    ...(kind === services.kind ? { spec: withoutAddresses(recordAt(fields, 'spec') ?? {}) } : {}),
    ...(kind === canaries.kind ? { status: referenceStatus(status) } : {}),
  }) as JsonRecord;
}

function withoutAddresses({ clusterIP, clusterIPs: _addresses, ...spec }: JsonRecord): JsonRecord {
  return { ...spec, isHeadless: clusterIP === 'None' };
}

/** The fields that the reference knows; ours beside them are bookkeeping, or tell of the machine, as `Stretched` does. */
function referenceStatus(status: unknown): JsonRecord {
  const { run: _run, outbox: _outbox, observedGeneration: _generation, ...rest } = isRecord(status) ? status : {};
  if (rest['conditions'] === undefined) return rest;
  return { ...rest, conditions: arrayAt(rest, 'conditions').filter((one) => stringAt(one, 'type') !== 'Stretched') };
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const placeholders: readonly (readonly [keys: readonly string[], form: RegExp, placeholder: string])[] = [
  [['uid'], uuid, '<uid>'],
  [['flagger-id'], uuid, '<flagger-id>'],
  [['lastAppliedSpec', 'lastPromotedSpec'], /^v1-[0-9a-f]{16}$/, '<hash>'],
  [['lastTransitionTime', 'lastUpdateTime'], /^\d{4}-\d\d-\d\dT[\d:.]+Z$/, '<time>'],
];

/** A value of another form stays, and so shows as a difference. */
function placeheld(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => placeheld(item));
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, placeheld(inner, name)]));
  }
  if (typeof value !== 'string') return value;
  if (key === 'url') return value.replace(/^http:\/\/127\.0\.0\.1:\d+/, 'http://<hooks>');
  if (/^(?:configmap|secret)\//.test(key) && /^[0-9a-f]{16}$/.test(value)) return '<checksum>';
  return placeholders.find(([keys, form]) => keys.includes(key) && form.test(value))?.[2] ?? value;
}
