/**
 * How far a step has seen the cluster: the highest version of each kind that it read or wrote. The canary's next step,
 * in whichever process, begins from there: a cache that has not come so far does not answer it.
 */
import type { SeenVersions } from '../../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { versionOf } from '../../platform/kubernetes/object-store.ts';
import { resourceLabel } from '../../platform/kubernetes/path.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';

export interface SeenLog {
  /** For reads of this step. */
  readonly notBefore: SeenVersions;
  /** Nobody has left anything, as after a loss of Redis: a cache may answer with what is long over, and nobody would notice. */
  readonly isUnsure: boolean;
  /** From now on no cache may answer this step. */
  distrust(): void;
  note(resource: Resource, object: KubernetesObject): void;
  /** For the next step; the same pairs of kind and version, as text. */
  text(): string;
}

/**
 * A text of another form tells nothing.
 *
 * @param left what the step before has left
 * @param told of what woke the canary
 */
export function createSeenLog(left: string | undefined, told?: string): SeenLog {
  const seen = new Map(pairsOf(left ?? ''));
  const isBlank = seen.size === 0;
  for (const [kind, version] of pairsOf(told ?? '')) seen.set(kind, Math.max(version, seen.get(kind) ?? 0));
  let isDistrusted = false;
  return {
    notBefore: { get: (kind) => (isDistrusted ? Infinity : seen.get(kind)) },
    get isUnsure() {
      return isBlank && !isDistrusted;
    },
    distrust: () => {
      isDistrusted = true;
    },
    note: (resource, object) => {
      const kind = resourceLabel(resource);
      const version = versionOf(object);
      if (version > (seen.get(kind) ?? 0)) seen.set(kind, version);
    },
    text: () => [...seen].map(([kind, version]) => `${kind}=${version}`).join(' '),
  };
}

const pairsOf = (text: string): readonly (readonly [string, number])[] =>
  text.split(' ').flatMap((pair) => {
    const [kind = '', version = ''] = pair.split('=');
    return /^\d+$/.test(version) ? [[kind, Number(version)] as const] : [];
  });
