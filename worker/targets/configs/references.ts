/** The ConfigMaps and Secrets that a pod template reads. Pure. Rules: spec of targets, section 8. */
import { arrayAt, isRecord, recordAt, stringAt, valueAt } from '../../../platform/json.ts';

export type ConfigKind = 'configmap' | 'secret';

export interface ConfigReference {
  readonly kind: ConfigKind;
  readonly name: string;
  /** Whether the pods start without it. One place that cannot makes it mandatory. */
  readonly optional: boolean;
}

/** As `status.trackedConfigs` names it: `configmap/podinfo-config`. */
export const configKey = ({ kind, name }: Pick<ConfigReference, 'kind' | 'name'>): string => `${kind}/${name}`;

/** What a key names. @throws Error when it is none of ours */
export function configOf(key: string): Pick<ConfigReference, 'kind' | 'name'> {
  const [kind, name] = key.split('/');
  if ((kind === 'configmap' || kind === 'secret') && name !== undefined) return { kind, name };
  throw new Error(`status.trackedConfigs: expected keys such as configmap/<name> and secret/<name>, got '${key}'`);
}

/** Each object once, sorted by key. Pull secrets, ephemeral containers and volumes of drivers are none of them. */
export function configReferences(template: unknown): readonly ConfigReference[] {
  const podSpec = recordAt(template, 'spec');
  const sightings = [
    ...arrayAt(podSpec, 'volumes').flatMap(ofVolume),
    ...[...arrayAt(podSpec, 'containers'), ...arrayAt(podSpec, 'initContainers')].flatMap(ofContainer),
  ];
  const merged = new Map<string, ConfigReference>();
  for (const sighting of sightings) {
    const key = configKey(sighting);
    const known = merged.get(key);
    merged.set(key, { ...sighting, optional: sighting.optional && (known?.optional ?? true) });
  }
  return [...merged.values()].toSorted((a, b) => (configKey(a) < configKey(b) ? -1 : 1));
}

/** A name that is left out names nothing: the API server refuses it, or the pods do. */
function sighted(kind: ConfigKind, source: unknown, nameField = 'name'): readonly ConfigReference[] {
  const name = stringAt(source, nameField);
  if (!isRecord(source) || name === undefined || name === '') return [];
  return [{ kind, name, optional: valueAt(source, 'optional') === true }];
}

const ofVolume = (volume: unknown): readonly ConfigReference[] => [
  ...sighted('configmap', recordAt(volume, 'configMap')),
  ...sighted('secret', recordAt(volume, 'secret'), 'secretName'),
  ...arrayAt(volume, 'projected', 'sources').flatMap((source) => [
    ...sighted('configmap', recordAt(source, 'configMap')),
    ...sighted('secret', recordAt(source, 'secret')),
  ]),
];

const ofContainer = (container: unknown): readonly ConfigReference[] => [
  ...arrayAt(container, 'env').flatMap((variable) => [
    ...sighted('configmap', recordAt(variable, 'valueFrom', 'configMapKeyRef')),
    ...sighted('secret', recordAt(variable, 'valueFrom', 'secretKeyRef')),
  ]),
  ...arrayAt(container, 'envFrom').flatMap((source) => [
    ...sighted('configmap', recordAt(source, 'configMapRef')),
    ...sighted('secret', recordAt(source, 'secretRef')),
  ]),
];
