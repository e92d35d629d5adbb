/** Schema of `spec.service`. Rules: canary-api.md section 3. */
import { z } from 'zod';
import { present } from '../parse-fields.ts';
import type { GatewayRef, HeaderOperations, MirrorBackend, ServiceMetadata } from '../spec.ts';
import { flag, integer, optionalText, requiredText, storedPort, text, textMap, texts } from './fields.ts';
import { istioFields } from './istio.ts';
import { serviceMatches } from './match.ts';

const targetPort = z
  .union([z.number(), z.string()], { error: 'a port number or the name of a port' })
  .optional()
  .transform((value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value))
  .refine((value) => typeof value !== 'number' || (Number.isInteger(value) && value >= 0 && value <= 65535), {
    error: 'a port number or the name of a port',
  })
  // 0 and the empty text are Go's "unset": the Service's own port.
  .transform((value) => (value === 0 || value === '' ? undefined : value))
  .meta({
    description: 'Port of the containers, by number or name.',
    whenAbsent: 'the port of the Service',
    admitted: { 'x-kubernetes-int-or-string': true },
  });

const metadata = (whose: string) =>
  z
    .object(
      {
        labels: textMap.meta({ description: 'Labels by name.' }),
        annotations: textMap.meta({ description: 'Annotations by name.' }),
      },
      { error: 'an object with labels and annotations' },
    )
    .optional()
    .default({ labels: {}, annotations: {} })
    .meta({ description: `Labels and annotations of ${whose}.` }) satisfies z.ZodType<ServiceMetadata>;

/** Forms of names as the Gateway API's own definitions have them. */
const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const groupForm = { maxLength: 253, pattern: `^$|^${label}(\\.${label})*$` };
const kindForm = { minLength: 1, maxLength: 63, pattern: '^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$' };
const nameForm = { minLength: 1, maxLength: 253 };
const namespaceForm = { minLength: 1, maxLength: 63, pattern: `^${label}$` };
const sectionForm = { minLength: 1, maxLength: 253, pattern: `^${label}(\\.${label})*$` };

const gatewayRef = z
  .object(
    {
      group: text.optional().default('gateway.networking.k8s.io').meta({
        description: 'API group of the gateway.',
        storedDefault: 'gateway.networking.k8s.io',
        admitted: groupForm,
      }),
      kind: text.optional().default('Gateway').meta({
        description: 'Kind of the gateway: Gateway, or Service in a mesh.',
        storedDefault: 'Gateway',
        admitted: kindForm,
      }),
      name: requiredText.meta({ description: 'Name of the gateway.', admitted: nameForm }),
      namespace: optionalText.meta({
        description: 'Namespace of the gateway.',
        whenAbsent: 'the namespace of the Canary',
        admitted: namespaceForm,
      }),
      sectionName: optionalText.meta({
        description: 'Listener of the gateway, or port of the Service, by name.',
        whenAbsent: 'all of them',
        admitted: sectionForm,
      }),
      port: storedPort.optional().meta({ description: 'Listener or port by its number.', whenAbsent: 'all of them' }),
    },
    { error: 'an object' },
  )
  // `core` is how the docs of a mesh name the core group, whose real name is empty.
  .transform((ref): GatewayRef => present({ ...ref, group: ref.group === 'core' ? '' : ref.group }));

const headerOperations = (which: string) =>
  z
    .object(
      {
        set: textMap.meta({ description: 'Headers that get this value, whatever they had.' }),
        add: textMap.meta({ description: 'Headers that get this value beside what they had.' }),
        remove: texts.meta({ description: 'Headers that are taken away.' }),
      },
      { error: 'an object with set, add, remove' },
    )
    .optional()
    .meta({ description: `Changes of the headers of ${which}.` }) satisfies z.ZodType<HeaderOperations | undefined>;

const mirrorTarget = z
  .object(
    {
      backendRef: z
        .object(
          {
            group: text.optional().meta({
              description: 'API group of the backend; empty for Services.',
              storedDefault: '',
              admitted: groupForm,
            }),
            kind: text.optional().meta({
              description: 'Kind of the backend.',
              storedDefault: 'Service',
              admitted: kindForm,
            }),
            name: requiredText.meta({ description: 'Name of the backend.', admitted: nameForm }),
            namespace: optionalText.meta({
              description: 'Namespace of the backend.',
              whenAbsent: 'the namespace of the Canary',
              admitted: namespaceForm,
            }),
            port: storedPort.optional().meta({ description: 'Port of the backend; a Service needs it.' }),
          },
          { error: 'an object with a name' },
        )
        .refine(({ group = '', kind = 'Service', port }) => group !== '' || kind !== 'Service' || port !== undefined, {
          path: ['port'],
          error: 'a port, because the backend is a Service',
        })
        .meta({
          description: 'Where the copies go.',
          rules: [
            {
              rule: "self.group != '' || self.kind != 'Service' || has(self.port)",
              message:
                'spec.service.mirror[].backendRef.port: expected a port, because the backend is a Service, got nothing',
              fieldPath: '.port',
              reason: 'FieldValueRequired',
            },
          ],
        }),
    },
    { error: 'an object with a backendRef' },
  )
  .transform(
    ({ backendRef: { group = '', kind = 'Service', name, namespace, port } }): MirrorBackend =>
      present({ group, kind, name, namespace, port }),
  );

const rewrite = z
  .object(
    {
      uri: optionalText.meta({ description: 'Path that the request gets.' }),
      authority: optionalText.meta({ description: 'Host that the request gets.' }),
      type: optionalText.meta({
        description: 'ReplacePrefixMatch replaces what uri.prefix matched; anything else replaces the whole path.',
        whenAbsent: 'ReplaceFullPath',
      }),
    },
    { error: 'an object' },
  )
  .transform((value) => present(value))
  .optional();

/** `spec.service` as it is written. */
export const serviceSchema = z.object(
  {
    name: optionalText.meta({
      description: 'Name that callers use. The Services behind it are called so with -primary and -canary.',
      whenAbsent: 'the name of the target',
    }),
    port: integer(1, 65535).meta({ description: 'Port that callers use.' }),
    portName: optionalText.meta({ description: 'Name of that port.', whenAbsent: 'http' }),
    targetPort,
    appProtocol: optionalText.meta({
      description: 'Protocol of the port, as http, grpc or tcp.',
      whenAbsent: 'nothing; http with Kuma',
    }),
    trafficDistribution: optionalText.meta({
      description: 'Which pods a Service prefers. Set when the Service is made.',
      admitted: { enum: ['PreferClose', 'PreferSameZone', 'PreferSameNode'] },
    }),
    portDiscovery: flag.meta({ description: 'Offer the other ports of the containers too.' }),
    headless: flag.meta({
      description: 'Make Services without an address of their own. Set when the Service is made.',
    }),
    timeout: optionalText.meta({ description: 'Bound of one request with all its tries, as 15s.' }),
    backendTimeout: optionalText.meta({ description: 'Bound of one try of a request, as 5s (Gateway API).' }),
    hosts: texts.meta({ description: 'Host names that the route is for.', whenAbsent: 'all' }),
    gatewayRefs: z
      .array(gatewayRef, { error: 'a list of at most 32 references' })
      .max(32, { error: 'a list of at most 32 references' })
      .optional()
      .default([])
      .meta({
        description: 'What an HTTPRoute is attached to: Gateways or, in a mesh, a Service. The Gateway API needs one.',
      }),
    match: serviceMatches.meta({
      description: 'Requests that the route is for: those that meet one of the items.',
      whenAbsent: 'all',
    }),
    headers: z
      .object(
        { request: headerOperations('requests'), response: headerOperations('responses') },
        { error: 'an object' },
      )
      .optional()
      .default({})
      .meta({ description: 'Changes of headers on the way.' }),
    rewrite: rewrite.meta({ description: 'Changes of path and host on the way.' }),
    mirror: z.array(mirrorTarget, { error: 'a list' }).optional().default([]).meta({
      description: 'Backends that get a copy of every request, apart from the analysis (Gateway API).',
    }),
    apex: metadata('the Service that callers use, and of the route'),
    primary: metadata('the Service of the primary'),
    canary: metadata('the Service of the canary'),
    unmanagedMetadata: z
      .object(
        {
          labels: texts.meta({ description: 'Names of labels.' }),
          annotations: texts.meta({ description: 'Names of annotations.' }),
        },
        { error: 'an object with labels and annotations' },
      )
      .optional()
      .default({ labels: [], annotations: [] })
      .meta({ description: 'Labels and annotations whose values in the cluster win over those written here.' }),
    ...istioFields,
  },
  { error: 'an object with a port' },
);
