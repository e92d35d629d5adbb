/**
 * What has to be known of a Canary to give back what it took over: its target, its Service, its provider and its scaler.
 * A mistake anywhere else in its spec must not keep it from being deleted.
 */
import { parseCanary } from './parse.ts';
import type { ParsedCanary, ParseOptions } from './parse.ts';

const essentials = ['provider', 'targetRef', 'autoscalerRef', 'progressDeadlineSeconds', 'revertOnDeletion'];
const serviceEssentials = ['name', 'port', 'portName', 'targetPort', 'portDiscovery'];

/** Parses a Canary that is being deleted: as it is, else as far as its deletion needs it. */
export function parseLeaving(object: unknown, options: ParseOptions): ParsedCanary {
  const whole = parseCanary(object, options);
  if (whole.ok) return whole;
  const spec = fieldOf(object, 'spec');
  const service = fieldOf(spec, 'service');
  const reduced = {
    ...picked(spec, essentials),
    ...(service === undefined ? {} : { service: picked(service, serviceEssentials) }),
  };
  const parsed = parseCanary({ ...recordOf(object), spec: reduced }, options);
  return parsed.ok ? { ...parsed, warnings: [] } : parsed;
}

const picked = (value: unknown, fields: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(recordOf(value)).filter(([field]) => fields.includes(field)));

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

const fieldOf = (value: unknown, key: string): unknown => recordOf(value)[key] ?? undefined;
