/**
 * When the steps of a Canary are due, read from the object with as little as possible.
 *
 * A Canary whose spec can't be used must still get its steps, because a step is what says so in its status. So
 * nothing here is ever a problem: what can't be read gets the default, and scheduler and worker agree on it.
 */
import { isRunPhase } from './canary.ts';
import { finalizerName } from './finalizer.ts';
import { parseGoDuration } from './go-duration.ts';
import { errorLimitAnnotation, parseErrorLimit } from './parse-annotations.ts';
import { exceededLimit, limitsOf } from './rollback-due.ts';
import type { Rhythm } from './slot.ts';

export interface Schedule {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly rhythm: Rhythm;
  /** Suspended, and a step has said so and seen it delivered; or being deleted and not held by us: nothing is due. */
  readonly idle: boolean;
  /** A roll-back is decided or due, or it is being deleted: its steps go before those of others. */
  readonly urgent?: boolean;
  /** Being deleted: what is due is its end. */
  readonly leaving: boolean;
  /** Edited or deleted since the last step that saw its spec. Not told of one that no step has come to. */
  readonly unseen?: boolean;
  /** Objects of its namespace whose changes it must not wait long for: its target, and the configs that it was last seen to read. */
  readonly follows?: readonly FollowedObject[];
  /** What it is told by annotations of ours: an edit of them changes no generation. */
  readonly wishes?: string;
}

export const followedKinds = ['Deployment', 'DaemonSet', 'Service', 'KnativeService', 'ConfigMap', 'Secret'] as const;
export type FollowedKind = (typeof followedKinds)[number];
/** `Deployment/podinfo`. */
export type FollowedObject = `${FollowedKind}/${string}`;

const defaultIntervalMs = 60_000;
const shortestIntervalMs = 1_000;
const defaultThreshold = 1;

/** @returns undefined for what has no name, namespace or uid, which the API server never returns */
export function readSchedule(object: unknown): Schedule | undefined {
  const metadata = fieldOf(object, 'metadata');
  const [namespace, name, uid] = [textOf(metadata, 'namespace'), textOf(metadata, 'name'), textOf(metadata, 'uid')];
  if (namespace === undefined || name === undefined || uid === undefined) return undefined;
  const spec = fieldOf(object, 'spec');
  const generation = numberOf(metadata, 'generation') ?? 0;
  const status = fieldOf(object, 'status');
  // A step leaves what it announces for the next one, which sees that it was delivered.
  const isSaid = numberOf(status, 'observedGeneration') === generation && listOf(status, 'outbox').length === 0;
  const leaving = fieldOf(metadata, 'deletionTimestamp') !== undefined;
  const isHeld = listOf(metadata, 'finalizers').includes(finalizerName);
  const isSuspended = fieldOf(spec, 'suspend') === true && isSaid;
  return {
    namespace,
    name,
    uid,
    generation,
    rhythm: { uid, intervalMs: readInterval(object) },
    idle: leaving ? !isHeld : isSuspended,
    urgent: leaving || isRollingBack(object),
    leaving,
    ...(isUnseen(status, generation) && { unseen: true }),
    follows: [...targetOf(fieldOf(spec, 'targetRef')), ...configsOf(status)],
    wishes: wishesOf(fieldOf(metadata, 'annotations')),
  };
}

function isUnseen(status: unknown, generation: number): boolean {
  const observed = numberOf(status, 'observedGeneration');
  return observed !== undefined && observed !== generation;
}

/** What is bad leaves its users alone as soon as possible, however many steps of others wait. */
function isRollingBack(object: unknown): boolean {
  const status = fieldOf(object, 'status');
  const run = fieldOf(status, 'run');
  if (textOf(fieldOf(run, 'decision'), 'kind') === 'rollback') return true;
  if (!isRunPhase(textOf(status, 'phase'))) return false;
  const threshold = fieldOf(fieldOf(fieldOf(object, 'spec'), 'analysis'), 'threshold') ?? defaultThreshold;
  // With what is no number nothing is rolled back: the Canary is refused.
  if (typeof threshold !== 'number') return false;
  const counts = {
    failedChecks: numberOf(status, 'failedChecks') ?? 0,
    checkErrors: numberOf(run, 'checkErrors') ?? 0,
  };
  return exceededLimit(counts, limitsOf(threshold, errorLimitOf(object))) !== undefined;
}

function errorLimitOf(object: unknown): number | undefined {
  const written = textOf(fieldOf(fieldOf(object, 'metadata'), 'annotations'), errorLimitAnnotation);
  return written === undefined ? undefined : parseErrorLimit(written.trim());
}

/** Milliseconds from one step to the next while intervals are not stretched. */
export function readInterval(object: unknown): number {
  const written = parseGoDuration(textOf(fieldOf(fieldOf(object, 'spec'), 'analysis'), 'interval') ?? '');
  return Math.max(Math.round(written ?? defaultIntervalMs), shortestIntervalMs);
}

const knativeGroup = 'serving.knative.dev/';

function targetOf(ref: unknown): readonly FollowedObject[] {
  const [kind, name] = [textOf(ref, 'kind'), textOf(ref, 'name')];
  if (name === undefined) return [];
  if (kind === 'Service') {
    const isKnative = textOf(ref, 'apiVersion')?.startsWith(knativeGroup) === true;
    return [isKnative ? `KnativeService/${name}` : `Service/${name}`];
  }
  return kind === 'Deployment' || kind === 'DaemonSet' ? [`${kind}/${name}`] : [];
}

/** Keys of `status.trackedConfigs`, as `configmap/app-config`. */
function configsOf(status: unknown): readonly FollowedObject[] {
  return keysOf(fieldOf(status, 'trackedConfigs')).flatMap((key): readonly FollowedObject[] => {
    const [kind = '', name = ''] = key.split('/');
    if (name === '') return [];
    if (kind === 'configmap') return [`ConfigMap/${name}`];
    return kind === 'secret' ? [`Secret/${name}`] : [];
  });
}

const ourAnnotations = 'aviary.dev/';

const wishesOf = (annotations: unknown): string =>
  keysOf(annotations)
    .filter((key) => key.startsWith(ourAnnotations))
    .toSorted()
    .map((key) => `${key}=${String(fieldOf(annotations, key))}`)
    .join('\n');

const keysOf = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null ? Object.keys(value) : [];

function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key] ?? undefined;
}

function listOf(value: unknown, key: string): readonly unknown[] {
  const found = fieldOf(value, key);
  return Array.isArray(found) ? found : [];
}

function textOf(value: unknown, key: string): string | undefined {
  const found = fieldOf(value, key);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

function numberOf(value: unknown, key: string): number | undefined {
  const found = fieldOf(value, key);
  return typeof found === 'number' ? found : undefined;
}
