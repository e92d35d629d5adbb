/** The three kinds of `flagger.app/v1beta1`: names, columns of `kubectl get`, and the schemas of `canary/schema/`. */
import type { z } from 'zod';
import { alertProviderSpec, alertProviderStatus } from '../../canary/schema/alert-provider.ts';
import { specSchema } from '../../canary/schema/canary.ts';
import { metricTemplateSpec } from '../../canary/schema/metric-template.ts';
import { statusSchema } from '../../canary/schema/status.ts';

export interface Column {
  readonly name: string;
  readonly type: 'string' | 'boolean';
  readonly jsonPath: string;
  /** 1 is shown with `-o wide` only. */
  readonly priority?: 1;
}

export interface Kind {
  readonly kind: string;
  readonly plural: string;
  readonly description: string;
  readonly columns: readonly Column[];
  readonly spec: z.ZodType;
  readonly status?: z.ZodType;
}

/** Columns and their order are the reference's; canary-api.md section 1. */
const canaryColumns: readonly Column[] = [
  { name: 'Status', type: 'string', jsonPath: '.status.phase' },
  { name: 'Weight', type: 'string', jsonPath: '.status.canaryWeight' },
  { name: 'Suspended', type: 'boolean', jsonPath: '.spec.suspend', priority: 1 },
  { name: 'FailedChecks', type: 'string', jsonPath: '.status.failedChecks', priority: 1 },
  { name: 'Interval', type: 'string', jsonPath: '.spec.analysis.interval', priority: 1 },
  { name: 'Mirror', type: 'boolean', jsonPath: '.spec.analysis.mirror', priority: 1 },
  { name: 'StepWeight', type: 'string', jsonPath: '.spec.analysis.stepWeight', priority: 1 },
  { name: 'StepWeights', type: 'string', jsonPath: '.spec.analysis.stepWeights', priority: 1 },
  { name: 'MaxWeight', type: 'string', jsonPath: '.spec.analysis.maxWeight', priority: 1 },
  { name: 'LastTransitionTime', type: 'string', jsonPath: '.status.lastTransitionTime' },
];

export const kinds: readonly Kind[] = [
  {
    kind: 'Canary',
    plural: 'canaries',
    description: 'A workload whose releases are analysed before all traffic reaches them.',
    columns: canaryColumns,
    spec: specSchema,
    status: statusSchema,
  },
  {
    kind: 'MetricTemplate',
    plural: 'metrictemplates',
    description: 'A question to a metric provider that Canaries share.',
    columns: [{ name: 'Provider', type: 'string', jsonPath: '.spec.provider.type' }],
    spec: metricTemplateSpec,
  },
  {
    kind: 'AlertProvider',
    plural: 'alertproviders',
    description: 'A receiver of alerts that Canaries share.',
    columns: [{ name: 'Type', type: 'string', jsonPath: '.spec.type' }],
    spec: alertProviderSpec,
    status: alertProviderStatus,
  },
];
