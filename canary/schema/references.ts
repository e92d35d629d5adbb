/** Schemas of what a Canary's spec points at: its target, the target's autoscaler, and objects of some providers. */
import { z } from 'zod';
import { present } from '../parse-fields.ts';
import type { Scaler } from '../spec.ts';
import { oneOf, optionalText, requiredText, storedInteger, textMap } from './fields.ts';

const threeFields = { error: 'an object with apiVersion, kind and name' };

const refOf = <const K extends string>(kinds: readonly K[]) => ({
  apiVersion: requiredText.meta({ description: 'Group and version, as apps/v1.' }),
  kind: oneOf(kinds).meta({ description: 'Kind of the object.' }),
  name: requiredText.meta({ description: 'Name of the object, in the namespace of this one.' }),
});

export const targetRef = z.object(refOf(['DaemonSet', 'Deployment', 'Service']), threeFields).meta({
  description: 'The workload that is released. A Service of serving.knative.dev/v1 is one of Knative.',
});

const replicas = z
  .object(
    {
      minReplicas: storedInteger(1).optional().meta({
        description: 'Least number of pods of the primary.',
        whenAbsent: "the target's",
      }),
      maxReplicas: storedInteger(1).optional().meta({
        description: 'Most pods of the primary.',
        whenAbsent: "the target's",
      }),
    },
    { error: 'an object' },
  )
  .optional()
  .default({});

export const autoscalerRef = z
  .object(
    {
      ...refOf(['HorizontalPodAutoscaler', 'ScaledObject']),
      primaryScalerQueries: textMap.meta({
        description: "Queries of the primary's scaler by name of the KEDA trigger.",
        whenAbsent: "the target's, with the primary's name in them",
      }),
      primaryScalerReplicas: replicas.meta({ description: "Bounds of the primary, instead of the target's." }),
    },
    threeFields,
  )
  .refine(
    ({ kind, primaryScalerReplicas: { minReplicas = 1, maxReplicas = minReplicas } }) =>
      kind !== 'HorizontalPodAutoscaler' || minReplicas <= maxReplicas,
    { path: ['primaryScalerReplicas'], error: 'minReplicas of at most maxReplicas' },
  )
  .transform(
    ({ primaryScalerReplicas: bounds, ...rest }): Scaler =>
      present({ ...rest, primaryMinReplicas: bounds.minReplicas, primaryMaxReplicas: bounds.maxReplicas }),
  )
  .optional()
  .meta({
    description: "The target's autoscaler. The primary gets one like it.",
    rules: [
      {
        rule:
          "self.kind != 'HorizontalPodAutoscaler' || !has(self.primaryScalerReplicas) || " +
          '!has(self.primaryScalerReplicas.minReplicas) || !has(self.primaryScalerReplicas.maxReplicas) || ' +
          'self.primaryScalerReplicas.minReplicas <= self.primaryScalerReplicas.maxReplicas',
        message: 'spec.autoscalerRef.primaryScalerReplicas: expected minReplicas of at most maxReplicas, got more',
        fieldPath: '.primaryScalerReplicas',
      },
    ],
  });

/** Of these the rules know the name alone; kind and version are the API server's to check. */
const namedRef = (kind: string, description: string) =>
  z
    .object(
      {
        apiVersion: optionalText.meta({ description: 'Group and version of the object.' }),
        kind: optionalText.meta({ description: 'Kind of the object.', admitted: { enum: [kind] } }),
        name: requiredText.meta({ description: 'Name of the object.' }),
      },
      { error: 'an object with a name' },
    )
    .meta({ description, admitted: { required: ['apiVersion', 'kind', 'name'] } });

export const ingressRef = namedRef('Ingress', 'The Ingress that the providers nginx and skipper copy.').optional();
export const routeRef = namedRef('ApisixRoute', 'The route that the provider apisix copies.').optional();

const upstream = namedRef('Upstream', 'The Upstream whose settings the provider gloo copies.');
export const upstreamRef = upstream
  .extend({
    namespace: optionalText.meta({
      description: 'Namespace of the object.',
      whenAbsent: 'the namespace of the Canary',
    }),
  })
  .optional()
  .meta({ ...upstream.meta() });
