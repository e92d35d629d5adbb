/** Canaries that exist by number only: every process of the simulation makes up the same ones, and none has to ask another. */
import { readSchedule } from '../../canary/schedule.ts';
import type { Schedule } from '../../canary/schedule.ts';
import type { Rhythm } from '../../canary/slot.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import type { CanaryKey } from '../../queue/step-job.ts';
import type { Inhabitant } from '../world/world.ts';

const canariesPerNamespace = 200;

/** Seconds, dealt out in turn: a canary has a step every twenty seconds on average. */
export const intervalsSeconds = [10, 20, 30, 60] as const;

/** Steps that fall due in a second, of all canaries together. */
export const stepsPerSecond = (count: number): number =>
  intervalsSeconds.reduce((sum, seconds) => sum + count / intervalsSeconds.length / seconds, 0);

const uidOf = (index: number): string => `${index.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;

const intervalSecondsOf = (index: number): number => intervalsSeconds[index % intervalsSeconds.length] ?? 60;

/** The canary of this number, from 0. */
export const keyOf = (index: number): CanaryKey => ({
  namespace: `tenant-${String(Math.floor(index / canariesPerNamespace)).padStart(3, '0')}`,
  name: `app-${String(index).padStart(6, '0')}`,
  uid: uidOf(index),
});

export const numberOf = (name: string): number => Number(name.slice(name.lastIndexOf('-') + 1));

export const rhythmOf = (index: number): Rhythm => ({
  uid: uidOf(index),
  intervalMs: intervalSecondsOf(index) * 1_000,
});

/** Canaries in whose slot an hour fits: jobs of theirs stay current while a backlog is worked off. */
const hourly = 'hour-';
export const hourlyKeyOf = (index: number): CanaryKey => ({
  ...keyOf(index),
  name: `${hourly}${String(index).padStart(6, '0')}`,
});
export const hourlyRhythm = (index: number): Rhythm => ({ uid: uidOf(index), intervalMs: 3_600_000 });

export const rhythmOfName = (name: string): Rhythm =>
  (name.startsWith(hourly) ? hourlyRhythm : rhythmOf)(numberOf(name));

/** A settled Canary as the API server returns it, as far as a scheduler reads it. */
export function canaryObject(index: number): KubernetesObject {
  const { namespace, name, uid } = keyOf(index);
  return {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { namespace, name, uid, generation: 1, resourceVersion: '1' },
    spec: {
      provider: 'kuma',
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      service: { port: 9898 },
      analysis: { interval: `${intervalSecondsOf(index)}s`, threshold: 5, stepWeight: 10, maxWeight: 50 },
    },
    status: {
      phase: 'Succeeded',
      observedGeneration: 1,
      trackedConfigs: { [`configmap/${name}-settings`]: '1', [`configmap/${name}-flags`]: '1' },
    },
  };
}

/** What the resident scheduler asks of the cluster besides Canaries: metadata of targets, primaries and configs. */
export function followedObjects(kind: string, index: number): readonly KubernetesObject[] {
  const { namespace, name } = keyOf(index);
  const names = namesOf(kind, name);
  return names.map((each) => ({
    apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
    kind,
    metadata: { namespace, name: each, uid: uidOf(index), generation: 1, resourceVersion: '1' },
  }));
}

function namesOf(kind: string, name: string): readonly string[] {
  if (kind === 'Deployment') return [name, `${name}-primary`];
  return kind === 'ConfigMap' ? [`${name}-settings`, `${name}-flags`] : [];
}

export function schedulesOf(count: number): readonly Schedule[] {
  return Array.from({ length: count }, (_, index) => readSchedule(canaryObject(index))).filter(
    (schedule) => schedule !== undefined,
  );
}

export const inhabitantsOf = (count: number): readonly Inhabitant[] =>
  Array.from({ length: count }, (_, index) => ({ ...keyOf(index), rhythm: rhythmOf(index) }));
