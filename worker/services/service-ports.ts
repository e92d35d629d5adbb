/** The ports of a canary's Services. Rules: spec of services, sections 2 and 3. */
import type { CanaryService } from '../../canary/spec.ts';
import { arrayAt, isRecord, numberAt, stringAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { itemStep } from '../objects/managed-fields.ts';
import type { FieldPath } from '../objects/managed-fields.ts';
import type { TargetSelector } from '../targets/target.ts';

export interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly targetPort: number | string;
  readonly protocol: string;
  readonly appProtocol?: string;
}

/** The Service's own port, then the discovered ones; no two of them share a number or a name. */
export function servicePorts(service: CanaryService, discovered: TargetSelector['ports']): readonly ServicePort[] {
  const { portName, port, targetPort, appProtocol } = service;
  const first: ServicePort = {
    name: portName,
    port,
    targetPort,
    protocol: 'TCP',
    ...(appProtocol === undefined ? {} : { appProtocol }),
  };
  if (!service.portDiscovery) return [first];
  const further = discovered.filter((found) => found.port !== targetPort && found.name !== targetPort);
  return further.reduce<readonly ServicePort[]>(addDiscovered, [first]);
}

function addDiscovered(ports: readonly ServicePort[], found: TargetSelector['ports'][number]): readonly ServicePort[] {
  if (ports.some(({ port }) => port === found.port)) return ports;
  const isTaken = ports.some(({ name }) => name === found.name);
  const name = isTaken ? `tcp-${found.port}` : found.name;
  return [...ports, { name, port: found.port, targetPort: found.port, protocol: 'TCP' }];
}

/**
 * The port of a user's Service that has no name, under one: a Service of several ports has to name each. Left out where
 * it is one of ours by number.
 *
 * @param original the ports that the Service had before it was changed first, or has now, with the names that it was given
 */
export const nameGiven = (original: readonly unknown[], ours: readonly ServicePort[]): readonly ServicePort[] =>
  original
    .filter((item) => [undefined, givenName(item)].includes(stringAt(item, 'name')))
    .filter((item) => !ours.some((port) => sameItem(item, port)))
    .map((item) => {
      const { port, protocol } = keysOf(item);
      const targetPort = numberAt(item, 'targetPort') ?? stringAt(item, 'targetPort') ?? port;
      return { name: givenName(item), port, targetPort, protocol };
    });

function givenName(item: unknown): string {
  const { port, protocol } = keysOf(item);
  return `${protocol.toLowerCase()}-${port}`;
}

const sameItem = (live: unknown, { port, protocol }: ServicePort): boolean =>
  numberAt(live, 'port') === port && stringAt(live, 'protocol') === protocol;

/**
 * Ports of the live Service that stand in the way of ours, as fields to be claimed: applying without them removes them.
 * On a Service of our own these are all that we do not want, on a user's only those with a name of ours.
 */
export function portsToRemove(
  live: KubernetesObject,
  wanted: readonly ServicePort[],
  { isOwned }: { readonly isOwned: boolean },
): readonly FieldPath[] {
  return arrayAt(live, 'spec', 'ports')
    .filter(isRecord)
    .filter((item) => !wanted.some((port) => sameItem(item, port)))
    .filter((item) => isOwned || wanted.some(({ name }) => name === item['name']))
    .map((item) => ['f:spec', 'f:ports', itemStep({ ...keysOf(item) })]);
}

/** Application protocols of ports of ours that the Canary does not have, whoever set them. */
export const protocolsToRemove = (live: KubernetesObject, wanted: readonly ServicePort[]): readonly FieldPath[] =>
  wanted
    .filter(({ appProtocol }) => appProtocol === undefined)
    .flatMap((port) => arrayAt(live, 'spec', 'ports').filter((item) => sameItem(item, port)))
    .map((item) => ['f:spec', 'f:ports', itemStep({ ...keysOf(item) }), 'f:appProtocol']);

const keysOf = (item: unknown): Pick<ServicePort, 'port' | 'protocol'> => ({
  port: numberAt(item, 'port') ?? 0,
  protocol: stringAt(item, 'protocol') ?? 'TCP',
});
