/** Parses `spec.service`. Rules: canary-api.md section 3. */
import { z } from 'zod';
import type { CanaryService, GatewayRef, HeaderOperations, ObjectRef, Provider, ServiceMetadata } from './spec.ts';
import { capabilitiesOf } from './capabilities.ts';
import { flag, integer, isSet, optionalText, present, requiredText, text, textMap, texts } from './parse-fields.ts';
import { requestMatches } from './parse-match.ts';

const port = integer(1, 65535);

const targetPort = z
  .union([z.number(), z.string()], { error: 'a port number or the name of a port' })
  .optional()
  .transform((value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value))
  .refine((value) => typeof value !== 'number' || (Number.isInteger(value) && value >= 0 && value <= 65535), {
    error: 'a port number or the name of a port',
  })
  // 0 and the empty text are Go's "unset": the Service's own port.
  .transform((value) => (value === 0 || value === '' ? undefined : value));

const metadata = z
  .object({ labels: textMap, annotations: textMap }, { error: 'an object with labels and annotations' })
  .optional()
  .default({ labels: {}, annotations: {} }) satisfies z.ZodType<ServiceMetadata>;

const gatewayRef = z
  .object(
    {
      group: text.optional().default('gateway.networking.k8s.io'),
      kind: text.optional().default('Gateway'),
      name: requiredText,
      namespace: optionalText,
      sectionName: optionalText,
      port: port.optional(),
    },
    { error: 'an object' },
  )
  // `core` is how the docs of a mesh name the core group, whose real name is empty.
  .transform((ref): GatewayRef => present({ ...ref, group: ref.group === 'core' ? '' : ref.group }));

const headerOperations = z
  .object({ set: textMap, add: textMap, remove: texts }, { error: 'an object with set, add, remove' })
  .optional() satisfies z.ZodType<HeaderOperations | undefined>;

const mirrorTarget = z
  .object(
    {
      backendRef: z.object(
        { name: requiredText, namespace: optionalText, port: port.optional() },
        { error: 'an object with a name' },
      ),
    },
    { error: 'an object with a backendRef' },
  )
  .transform(({ backendRef }) => present(backendRef));

const rewrite = z
  .object({ uri: optionalText, authority: optionalText, type: optionalText }, { error: 'an object' })
  .transform((value) => present(value))
  .optional();

/** Schema of `spec.service` as it is written. */
export const serviceSchema = z.object(
  {
    name: optionalText,
    port,
    portName: optionalText,
    targetPort,
    appProtocol: optionalText,
    portDiscovery: flag,
    headless: flag,
    trafficDistribution: optionalText,
    timeout: optionalText,
    backendTimeout: optionalText,
    hosts: texts,
    gatewayRefs: z
      .array(gatewayRef, { error: 'a list of at most 32 references' })
      .max(32, { error: 'a list of at most 32 references' })
      .optional()
      .default([]),
    match: requestMatches,
    headers: z
      .object({ request: headerOperations, response: headerOperations }, { error: 'an object' })
      .optional()
      .default({}),
    rewrite,
    mirror: z.array(mirrorTarget, { error: 'a list' }).optional().default([]),
    apex: metadata,
    primary: metadata,
    canary: metadata,
    unmanagedMetadata: z
      .object({ labels: texts, annotations: texts }, { error: 'an object with labels and annotations' })
      .optional()
      .default({ labels: [], annotations: [] }),
  },
  { error: 'an object with a port' },
);

/** Sentences to be said as Warnings once per run: fields that are set and that the provider's routes don't have. */
export function serviceWarnings(raw: unknown, provider: Provider): string[] {
  const fields = z.record(z.string(), z.unknown()).catch({}).parse(raw);
  return (capabilitiesOf(provider)?.ignoredServiceFields ?? [])
    .filter((field) => isSet(fields[field]))
    .map((field) => `spec.service.${field} is not supported when using the ${provider} provider`);
}

/** Fills in the defaults that depend on target and provider: name, port name, target port, application protocol. */
export function toService(raw: z.output<typeof serviceSchema>, target: ObjectRef, provider: Provider): CanaryService {
  const { headers, ...rest } = raw;
  // Kuma takes a port that does not say so for TCP, and then ignores its routes silently.
  const appProtocol = raw.appProtocol ?? (provider.startsWith('kuma') ? 'http' : undefined);
  return present({
    ...rest,
    appProtocol,
    name: raw.name ?? target.name,
    portName: raw.portName ?? 'http',
    targetPort: raw.targetPort ?? raw.port,
    requestHeaders: headers.request,
    responseHeaders: headers.response,
  });
}
