/** Whether the gateways have taken up a route. Pure. Rules: routers/gatewayapi.md, row "Read" and the Ours line on the gate. */
import type { Canary } from '../../canary/canary.ts';
import type { GatewayRef } from '../../canary/spec.ts';
import { arrayAt, numberAt, recordAt, stringAt, type JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';

/** Why a parent of the route does not carry the route's newest version yet; undefined when all do, or don't say. */
export function whyNotReady(route: KubernetesObject, canary: Canary): string | undefined {
  const statuses = arrayAt(route, 'status', 'parents');
  for (const ref of canary.spec.service.gatewayRefs) {
    for (const status of statuses.filter((one) => isStatusOf(one, ref, canary.namespace))) {
      const reason = refusal(status, route.metadata.generation ?? 0);
      if (reason !== undefined) return `${ref.kind} ${ref.name}: ${reason}`;
    }
  }
  return undefined;
}

/** Parents are the same by kind, group, name and namespace with their defaults, and by section and port if the spec says them. */
function isStatusOf(status: unknown, ref: GatewayRef, namespace: string): boolean {
  const parent = recordAt(status, 'parentRef') ?? {};
  const sameParent =
    (stringAt(parent, 'group') ?? 'gateway.networking.k8s.io') === ref.group &&
    (stringAt(parent, 'kind') ?? 'Gateway') === ref.kind &&
    stringAt(parent, 'name') === ref.name &&
    (stringAt(parent, 'namespace') ?? namespace) === (ref.namespace ?? namespace);
  return sameParent && saysNothingElse(parent, ref);
}

function saysNothingElse(parent: JsonRecord, { sectionName, port }: GatewayRef): boolean {
  return (
    (sectionName === undefined || stringAt(parent, 'sectionName') === sectionName) &&
    (port === undefined || numberAt(parent, 'port') === port)
  );
}

function refusal(status: unknown, generation: number): string | undefined {
  const accepted = arrayAt(status, 'conditions').find((condition) => stringAt(condition, 'type') === 'Accepted');
  const observed = numberAt(accepted, 'observedGeneration');
  // Some controllers never tell which version they speak of; what they say can't be relied on.
  if (observed === undefined) return undefined;
  if (observed < generation) return `it has not taken up version ${generation} of the route yet, only ${observed}`;
  if (stringAt(accepted, 'status') === 'True') return undefined;
  return `it does not accept the route: ${stringAt(accepted, 'reason') ?? ''} ${stringAt(accepted, 'message') ?? ''}`.trimEnd();
}
