/** Makes a CanaryService of `spec.service`. Rules: canary-api.md section 3. */
import { z } from 'zod';
import { capabilitiesOf } from './capabilities.ts';
import { isSet, present, without } from './parse-fields.ts';
import { istioFields } from './schema/istio.ts';
import type { serviceSchema } from './schema/service.ts';
import type { CanaryService, ObjectRef, Provider } from './spec.ts';

const { corsPolicy: _read, ...unread } = istioFields;
/** Stored for providers that have no router yet. */
const carried = Object.keys(unread) as readonly (keyof typeof unread)[];

/** Sentences to be said as Warnings once per run: fields that are set and that the provider's routes don't have. */
export function serviceWarnings(raw: unknown, provider: Provider): string[] {
  const fields = z.record(z.string(), z.unknown()).catch({}).parse(raw);
  return (capabilitiesOf(provider)?.ignoredServiceFields ?? [])
    .filter((field) => isSet(fields[field]))
    .map((field) => `spec.service.${field} is not supported when using the ${provider} provider`);
}

/** Fills in the defaults that depend on target and provider: name, port name, target port, application protocol. */
export function toService(raw: z.output<typeof serviceSchema>, target: ObjectRef, provider: Provider): CanaryService {
  const { headers, ...rest } = without(raw, carried);
  // Kuma takes a port that does not say so for TCP, and then ignores its routes silently.
  const appProtocol = raw.appProtocol ?? (provider.startsWith('kuma') ? 'http' : undefined);
  return present({
    ...rest,
    appProtocol,
    corsPolicy: isSet(raw.corsPolicy) ? raw.corsPolicy : undefined,
    name: raw.name ?? target.name,
    portName: raw.portName ?? 'http',
    targetPort: raw.targetPort ?? raw.port,
    requestHeaders: headers.request,
    responseHeaders: headers.response,
  });
}
