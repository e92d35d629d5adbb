/** Whether Kuma may copy requests to the canary. Pure. Rules: routers/kuma.md sections 2 and 7.3. */
import type { Canary, Weights } from '../../canary/canary.ts';
import { strategyOf } from '../../canary/spec.ts';
import type { DialectKind } from './kuma-cluster.ts';

/** Annotation of a Canary: `"true"` has requests copied on Kuma 2.x, while the canary's pods are ready. */
export const mirrorAnnotation = 'aviary.dev/mirror-on-kuma-2';

export type Mirroring =
  | {
      readonly kind: 'possible';
      readonly mirrored: boolean;
      /** Why requests are not copied although they should be. */
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * In Kuma 2.x a mirror whose Service has no ready pod keeps every client from new configuration. The rules ask for one
 * only while the canary is ready, but pods may go at any moment: so the user decides.
 *
 * Blue/Green goes on without a mirror. A run by weight is refused: it checks what the mirror brought before it gives the
 * canary its first share, and without one a good release fails for want of values.
 */
export function mirroringOf({ annotations, spec }: Canary, { mirrored }: Weights, kind: DialectKind): Mirroring {
  const isAllowed = kind === 'v3' || (kind === 'v2' && annotations[mirrorAnnotation] === 'true');
  if (!mirrored || isAllowed) return { kind: 'possible', mirrored, warnings: [] };
  const { why, wayOut } = kind === 'v2' ? unsafe : unknown;
  if (strategyOf(spec.analysis) !== 'canary') {
    return { kind: 'possible', mirrored: false, warnings: [`${why}, so the run goes on without a mirror${wayOut}`] };
  }
  const instead = 'remove spec.analysis.mirror, or use iterations';
  return { kind: 'refused', why: `${why}, and a run by weight begins with what it brings: ${instead}${wayOut}` };
}

const unsafe = {
  why: 'Kuma 2.x gives clients no new configuration while a mirrored Service has no ready pod',
  wayOut: `; annotate the canary with ${mirrorAnnotation}: "true" to have one all the same`,
};
const unknown = { why: 'this mesh has TrafficRoute only, which copies no requests', wayOut: '' };
