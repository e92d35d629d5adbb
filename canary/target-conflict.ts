/** Two Canaries may not share a target: each would undo what the other does. Rule: canary-api.md section 7. */
import type { Canary } from './canary.ts';
import type { CanarySpec } from './spec.ts';
import type { Refusal } from './validate.ts';

/** What a Canary says of its target; a Canary is one. */
export type TargetClaim = Pick<Canary, 'namespace' | 'name' | 'creationTimestamp'> & {
  readonly spec: Pick<CanarySpec, 'target'>;
};

/**
 * Refuses a Canary whose target an older one has, by creation time, then by name.
 *
 * @param others Canaries of the cluster or the namespace; the Canary itself may be among them
 */
export function targetConflict(canary: TargetClaim, others: Iterable<TargetClaim>): Refusal | undefined {
  const target = targetKey(canary);
  for (const other of others) {
    if (isSame(canary, other) || targetKey(other) !== target || !isOlder(other, canary)) continue;
    const { kind, name } = canary.spec.target;
    return {
      reason: 'TargetConflict',
      message:
        `${kind} ${name}.${canary.namespace} is already the target of the older canary ${other.name}.${other.namespace}: ` +
        'give each canary a target of its own',
    };
  }
  return undefined;
}

/** Names a target whatever version of its group it is written with. */
export function targetKey({ namespace, spec: { target } }: TargetClaim): string {
  const group = target.apiVersion.includes('/') ? target.apiVersion.split('/')[0] : '';
  return `${namespace}/${group}/${target.kind}/${target.name}`;
}

const isSame = (a: TargetClaim, b: TargetClaim): boolean => a.name === b.name && a.namespace === b.namespace;

function isOlder(a: TargetClaim, b: TargetClaim): boolean {
  const difference = Date.parse(a.creationTimestamp) - Date.parse(b.creationTimestamp);
  return difference === 0 ? a.name < b.name : difference < 0;
}
