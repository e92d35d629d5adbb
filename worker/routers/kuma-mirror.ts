/** Whether Kuma may copy requests to the canary. Pure. Rules: routers/kuma.md sections 2 and 7.3. */
import type { Canary, Weights } from '../../canary/canary.ts';
import type { DialectKind } from './kuma-cluster.ts';

/** Annotation of a Canary: `"true"` has requests copied on Kuma 2.x, while the canary's pods are ready. */
export const mirrorAnnotation = 'aviary.dev/mirror-on-kuma-2';

export interface Mirroring {
  readonly mirrored: boolean;
  /** Why requests are not copied although they should be. */
  readonly warnings: readonly string[];
}

/**
 * In Kuma 2.x a mirror whose Service has no ready pod keeps every client from new configuration. The rules ask for one
 * only while the canary is ready, but pods may go at any moment: so the user decides.
 */
export function mirroringOf({ annotations }: Canary, { mirrored }: Weights, kind: DialectKind): Mirroring {
  const isAllowed = kind === 'v3' || (kind === 'v2' && annotations[mirrorAnnotation] === 'true');
  if (!mirrored || isAllowed) return { mirrored, warnings: [] };
  const why =
    kind === 'v2'
      ? 'Kuma 2.x gives clients no new configuration while a mirrored Service has no ready pod, so the run goes on without ' +
        `a mirror: annotate the canary with ${mirrorAnnotation}: "true" to have one all the same`
      : 'this mesh has TrafficRoute only, which copies no requests: the run goes on without a mirror';
  return { mirrored: false, warnings: [why] };
}
