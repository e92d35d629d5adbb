/** Schema of a Canary's `spec`. Rules: canary-api.md section 2. */
import { z } from 'zod';
import { parseProvider, providerNames } from '../provider.ts';
import { analysisSchema } from './analysis.ts';
import { flag, integer, optionalText } from './fields.ts';
import { autoscalerRef, ingressRef, routeRef, targetRef, upstreamRef } from './references.ts';
import { serviceSchema } from './service.ts';
import { specRules } from './spec-rules.ts';

const DEFAULT_PROGRESS_DEADLINE_SECONDS = 600;

const provider = z
  .string({ error: `one of ${providerNames.join(', ')}` })
  .refine((name) => name === '' || parseProvider(name) !== undefined, { error: `one of ${providerNames.join(', ')}` })
  .optional()
  .default('')
  .meta({
    description: 'Mesh or ingress that splits the traffic. none is another name of kubernetes.',
    whenAbsent: "the operator's choice (`MESH_PROVIDER`)",
    admitted: { enum: [...providerNames].sort() },
  });

/** `spec` as it is written. */
export const specSchema = z
  .object(
    {
      provider,
      metricsServer: optionalText.meta({
        description: 'URL of the Prometheus that answers the built-in checks and inline queries of this Canary.',
        whenAbsent: "the operator's choice (`METRICS_SERVER`)",
      }),
      targetRef,
      autoscalerRef,
      ingressRef,
      routeRef,
      upstreamRef,
      service: serviceSchema.optional().meta({
        description: 'The Services that are made for the target, and the route in front of them.',
      }),
      analysis: analysisSchema.optional().meta({
        description: 'How a revision is tried before it is promoted. One of iterations, stepWeight and stepWeights.',
        admitted: {
          oneOf: ['iterations', 'stepWeight', 'stepWeights'].map((way) => ({
            required: ['interval', 'threshold', way],
          })),
        },
      }),
      progressDeadlineSeconds: integer(0).optional().default(DEFAULT_PROGRESS_DEADLINE_SECONDS).meta({
        description: 'How long a rollout of pods may stand still before the run is rolled back, in seconds.',
      }),
      skipAnalysis: flag.meta({ description: 'Promote every revision without checks, hooks or shifting.' }),
      revertOnDeletion: flag.meta({
        description: 'Give the target its traffic and its replicas back when this object is deleted.',
      }),
      suspend: flag.meta({ description: 'Take no steps. Deletion goes on.' }),
    },
    { error: 'an object with targetRef, service and analysis' },
  )
  .meta({
    description: 'What is wanted.',
    admitted: { required: ['targetRef', 'analysis'] },
    rules: specRules,
  });
