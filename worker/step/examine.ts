/**
 * Whether a Canary may run at all: parsed, validated, and alone on its target. Checked at every step. One that is being
 * deleted only has to be understood as far as its deletion goes, and alone on its target.
 */
import type { Canary } from '../../canary/canary.ts';
import { parseLeaving } from '../../canary/parse-leaving.ts';
import { parseCanary } from '../../canary/parse.ts';
import type { CanaryIdentity, ParseOptions } from '../../canary/parse.ts';
import { targetConflict } from '../../canary/target-conflict.ts';
import type { TargetClaim } from '../../canary/target-conflict.ts';
import { validateCanary } from '../../canary/validate.ts';
import type { Refusal } from '../../canary/validate.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { slowHookWarnings } from '../webhooks/slow-hooks.ts';

export type Examined =
  | { readonly kind: 'accepted'; readonly canary: Canary; readonly warnings: readonly string[] }
  | { readonly kind: 'refused'; readonly identity: CanaryIdentity; readonly refusals: readonly Refusal[] };

export interface ExamineOptions extends ParseOptions {
  /** Namespaces that references may name beside the Canary's own. */
  readonly allowedNamespaces: readonly string[];
  /** Whether the operator limits how many runs go on at the same time. */
  readonly isLimited?: boolean;
  /** Bound of a step in milliseconds. */
  readonly stepTimeoutMs: number;
  /** The Canaries that have the same target. */
  readonly claims: (canary: TargetClaim) => Iterable<TargetClaim>;
}

export type Examine = (object: KubernetesObject) => Examined;

export function createExamine(all: ExamineOptions): Examine {
  const { allowedNamespaces, claims, stepTimeoutMs, isLimited = false, ...options } = all;
  return (object) => {
    const isLeaving = object.metadata.deletionTimestamp !== undefined;
    const parsed = (isLeaving ? parseLeaving : parseCanary)(object, options);
    if (!parsed.ok) return { kind: 'refused', identity: parsed.identity, refusals: parsed.problems.map(invalidSpec) };
    const { canary, warnings } = parsed;
    const rival = targetConflict(canary, claims(canary));
    const invalid = isLeaving ? [] : validateCanary(canary, { allowedNamespaces });
    const refusals = [...invalid, ...(rival === undefined ? [] : [rival])];
    if (refusals.length > 0) return { kind: 'refused', identity: canary, refusals };
    return {
      kind: 'accepted',
      canary: { ...canary, isLimited },
      warnings: [...warnings, ...slowHookWarnings(canary, stepTimeoutMs)],
    };
  };
}

const invalidSpec = ({ message }: { readonly message: string }): Refusal => ({ reason: 'InvalidSpec', message });
