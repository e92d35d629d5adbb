/**
 * Fields of `spec.service` in the shape of Istio and App Mesh. They are stored as they are written; where a provider has
 * no use for one, a Warning says so. The forms inside are Istio's own, so the API server checks their outlines only.
 */
import { z } from 'zod';
import { optionalFlag, text, texts } from './fields.ts';

/** An object whose known fields are told, and that may have others. */
const open = (fields: z.ZodRawShape, description: string) =>
  z
    .looseObject(fields, { error: 'an object' })
    .optional()
    .meta({ description, admitted: { 'x-kubernetes-preserve-unknown-fields': true } });

/** A value of any form. */
const anything = (description: string) =>
  z
    .unknown()
    .optional()
    .meta({ description, admitted: { 'x-kubernetes-preserve-unknown-fields': true } });

const retries = open(
  {
    attempts: anything('How often a request is tried again.'),
    perTryTimeout: anything('Bound of one try, as 2s.'),
    retryOn: anything('What is tried again, as 5xx,connect-failure.'),
  },
  'How requests are tried again (Istio).',
);

const corsPolicy = open(
  {
    allowOrigins: anything(
      'Origins that may ask: a list of objects with one of exact, prefix, regex; the Gateway API knows exact only.',
    ),
    allowOrigin: anything('Origins that may ask; the older form, a list of texts.'),
    allowMethods: anything('HTTP methods that they may use.'),
    allowHeaders: anything('Headers that they may send.'),
    exposeHeaders: anything('Headers of the answer that they may read.'),
    maxAge: anything('How long an answer may be remembered, as 24h.'),
    allowCredentials: anything('Whether cookies go along.'),
  },
  'Which other origins may call from a browser (Istio, gatewayapi:v1).',
);

const trafficPolicy = open(
  {
    connectionPool: anything('Limits of connections and requests.'),
    loadBalancer: anything('How a pod is chosen.'),
    outlierDetection: anything('When a pod is left out because it fails.'),
    tls: anything('TLS towards the pods.'),
  },
  'Policy of the DestinationRules (Istio).',
);

/** Of these only `corsPolicy` is read; see `carried` in `parse-service.ts`. */
export const istioFields = {
  gateways: texts.meta({ description: 'Gateways of the VirtualService (Istio).', whenAbsent: 'the mesh' }),
  delegation: optionalFlag.meta({ description: 'Make the VirtualService a delegate of another one (Istio).' }),
  retries,
  corsPolicy,
  trafficPolicy,
  meshName: text.optional().meta({ description: 'Name of the mesh (App Mesh).' }),
  backends: texts.meta({ description: 'Services that the pods call (App Mesh).' }),
};
