/** Ports of a pod template, for port discovery. Rules: spec of services, section 2. */
import { arrayAt, numberAt, stringAt } from '../../platform/json.ts';
import type { TargetSelector } from './target.ts';

/** Containers that a mesh puts beside the application. */
const sidecars: readonly string[] = ['istio-proxy', 'envoy'];

type Port = TargetSelector['ports'][number];

/** Ports of all containers but the sidecars; one without a name is called `tcp-{container}-{index}`. */
export const containerPorts = (template: unknown): readonly Port[] =>
  arrayAt(template, 'spec', 'containers')
    .filter((container) => !sidecars.includes(stringAt(container, 'name') ?? ''))
    .flatMap((container) => arrayAt(container, 'ports').flatMap((port, index) => named(container, port, index)));

function named(container: unknown, port: unknown, index: number): readonly Port[] {
  const number = numberAt(port, 'containerPort');
  if (number === undefined) return [];
  return [{ name: stringAt(port, 'name') ?? `tcp-${stringAt(container, 'name')}-${index}`, port: number }];
}
