/**
 * Turns what the API server returns into a Canary: defaults filled in, aliases resolved, problems listed with their path.
 *
 * The only way in: the rules trust the types that come out of here. Rules: canary-api.md.
 */
import { z } from 'zod';
import type { Canary, CanaryStatus } from './canary.ts';
import type { CanarySpec, ObjectRef, Provider } from './spec.ts';
import { parseExtensions } from './parse-annotations.ts';
import type { Extensions } from './parse-annotations.ts';
import { analysisWarnings, toAnalysis } from './parse-analysis.ts';
import { inNamespace } from './parse-checks.ts';
import { present } from './parse-fields.ts';
import { toProblem, valueAt, withoutNulls, type Issue, type Problem } from './parse-problems.ts';
import { serviceWarnings, toService } from './parse-service.ts';
import { parseStatus } from './parse-status.ts';
import { parseProvider } from './provider.ts';
import { analysisSchema } from './schema/analysis.ts';
import { specSchema } from './schema/canary.ts';
import { serviceSchema } from './schema/service.ts';

/** What is known of a Canary even if its spec can't be used: enough to say so in its status. */
export interface CanaryIdentity {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly generation: number;
  readonly resourceVersion: string;
  readonly deleting: boolean;
  readonly finalizers: readonly string[];
  readonly status: CanaryStatus;
}

export type ParsedCanary =
  | {
      readonly ok: true;
      readonly canary: Canary;
      /** Said as Warning events once per run: what the spec asks for and does not get. */
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly identity: CanaryIdentity };

const KNATIVE_PORT = 80;

const metadataSchema = z.object({
  name: z.string().catch(''),
  namespace: z.string().catch(''),
  uid: z.string().catch(''),
  generation: z.number().catch(0),
  creationTimestamp: z.string().catch(''),
  resourceVersion: z.string().catch(''),
  deletionTimestamp: z.string().optional().catch(undefined),
  finalizers: z.array(z.string()).catch([]),
  labels: z.record(z.string(), z.string()).catch({}),
  annotations: z.record(z.string(), z.string()).catch({}),
});

const emptyObject = z.record(z.string(), z.unknown()).catch({});

export interface ParseOptions {
  /** What an object without `spec.provider` gets. */
  readonly defaultProvider: Provider;
  /** What an object without the annotation gets, in milliseconds; 0, as in the reference, when left out. */
  readonly defaultDrainMs?: number;
}

/**
 * Parses one Canary object.
 *
 * @param object JSON as the API server returned it
 */
export function parseCanary(object: unknown, options: ParseOptions): ParsedCanary {
  const raw = emptyObject.parse(object);
  const { deletionTimestamp, ...metadata } = metadataSchema.parse(emptyObject.parse(raw['metadata']));
  const status = parseStatus(withoutNulls(raw['status']));
  const deleting = deletionTimestamp !== undefined;
  const spec = withoutNulls(raw['spec']);
  const parsed = specSchema.safeParse(spec);
  const serviceless = parsed.success && parsed.data.service === undefined && parsed.data.targetRef.kind !== 'Service';
  if (!parsed.success || serviceless) {
    const issues = parsed.success ? [missingPort] : parsed.error.issues;
    const where = `canary ${metadata.namespace}/${metadata.name}`;
    const { name, namespace, uid, generation, resourceVersion, finalizers } = metadata;
    const identity = { name, namespace, uid, generation, resourceVersion, deleting, finalizers, status };
    return { ok: false, problems: issues.map((issue) => toProblem(issue, spec, where)), identity };
  }
  const provider = parseProvider(parsed.data.provider) ?? options.defaultProvider;
  const extensions = parseExtensions(metadata.annotations);
  const { defaultDrainMs = 0 } = options;
  const surroundings = { provider, namespace: metadata.namespace, extensions, defaultDrainMs };
  const canary = { ...metadata, deleting, spec: toSpec(parsed.data, surroundings), status };
  const warnings = canary.spec.skipAnalysis ? [] : warningsOf(parsed.data, spec, provider);
  return { ok: true, canary, warnings: [...extensions.warnings, ...warnings] };
}

function warningsOf({ analysis }: z.output<typeof specSchema>, raw: unknown, provider: Provider): string[] {
  const onAnalysis = analysis === undefined ? [] : analysisWarnings(analysis, provider);
  return [...onAnalysis, ...serviceWarnings(valueAt(raw, ['service']), provider)];
}

function toSpec(
  raw: z.output<typeof specSchema>,
  surroundings: {
    readonly provider: Provider;
    readonly namespace: string;
    readonly extensions: Extensions;
    readonly defaultDrainMs: number;
  },
): CanarySpec {
  const { targetRef, autoscalerRef, ingressRef, routeRef, upstreamRef, progressDeadlineSeconds, ...rest } = raw;
  return present({
    ...rest,
    provider: surroundings.provider,
    target: targetRef satisfies ObjectRef,
    scaler: autoscalerRef,
    ingressName: ingressRef?.name,
    routeName: routeRef?.name,
    upstream: upstreamRef && inNamespace(upstreamRef, surroundings.namespace),
    // A target of kind Service brings its own ports; ours are never created for it.
    service: toService(raw.service ?? serviceSchema.parse({ port: KNATIVE_PORT }), targetRef, surroundings.provider),
    analysis: toAnalysis(raw.analysis ?? analysisSchema.parse({}), surroundings),
    progressDeadlineMs: progressDeadlineSeconds * 1000,
    drainDelayMs: surroundings.extensions.drainDelayMs ?? surroundings.defaultDrainMs,
    skipAnalysis: raw.skipAnalysis || raw.analysis === undefined,
  });
}

const missingPort: Issue = { path: ['service', 'port'], message: 'an integer from 1 to 65535' };
