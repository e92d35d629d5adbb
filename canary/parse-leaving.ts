/**
 * What has to be known of a Canary to give back what it took over: its target, its Service, its provider and its scaler.
 * A mistake anywhere else in its spec must not keep it from being deleted.
 */
import { parseCanary } from './parse.ts';
import type { ParsedCanary, ParseOptions } from './parse.ts';

const essentials = ['provider', 'targetRef', 'autoscalerRef', 'revertOnDeletion'];
const ofService = ['name', 'port', 'portName', 'targetPort', 'portDiscovery'];

/** Parses a Canary that is being deleted: as it is, else as far as its deletion needs it. */
export function parseLeaving(object: unknown, options: ParseOptions): ParsedCanary {
  const whole = parseCanary(object, options);
  const spec = recordOf(recordOf(object)['spec']);
  const service = recordOf(spec['service']);
  const readings = [
    { ...picked(spec, essentials), service: picked(service, ofService) },
    // The ports of an apex stay as they are; its name is what counts.
    { ...picked(spec, essentials), service: { ...picked(service, ['name']), port: 80 } },
  ];
  for (const reading of whole.ok ? [] : readings) {
    const parsed = parseCanary({ ...recordOf(object), spec: reading }, options);
    if (parsed.ok) return { ...parsed, warnings: [] };
  }
  return whole;
}

const picked = (value: Readonly<Record<string, unknown>>, fields: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([field]) => fields.includes(field)));

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
