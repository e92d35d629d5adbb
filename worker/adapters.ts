/** Puts the adapters together: which one answers which action of the rules. */
import type { PlaceAnswer } from '../canary/queued.ts';
import type { Canary } from '../canary/canary.ts';
import type { Clock, Random } from '../platform/clock.ts';
import type { HttpSender } from '../platform/http/http.ts';
import type { KubernetesClient } from '../platform/kubernetes/client.ts';
import type { Logger } from '../platform/observability/logger.ts';
import type { WorkerConfig } from './config.ts';
import type { StepContext } from './context.ts';
import { createMetricChecker } from './metrics/check.ts';
import type { CheckObservation, MetricChecker } from './metrics/check.ts';
import type { QueryObserver } from './metrics/observed-provider.ts';
import { createKnativeRoutes } from './metrics/knative-route.ts';
import { createMetricTemplates } from './metrics/templates.ts';
import { createNamespaceCheck } from './reads/namespace-check.ts';
import { failureOf } from './step/perform.ts';
import type { Adapters } from './step/perform.ts';
import { meshOf } from './routers/kuma-cluster.ts';
import { createRouters } from './routers/registry.ts';
import { createRouteCluster } from './routers/route-object.ts';
import type { RunPlaces } from './runs/run-places.ts';
import { createScalers } from './scalers/registry.ts';
import { createPrimarySizer } from './primary-size.ts';
import { createServicesOfTargets } from './services/services-of-target.ts';
import { createTargets } from './targets/registry.ts';
import { createHookCaller } from './webhooks/call.ts';
import type { HookObserver } from './webhooks/call.ts';

export interface AdaptersOptions {
  /** Where the operator limits how many runs go on. */
  readonly places?: Pick<RunPlaces, 'admit'> | undefined;
  readonly client: KubernetesClient;
  readonly http: HttpSender;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly config: Pick<
    WorkerConfig,
    'metricsServer' | 'openNamespaces' | 'selectorLabels' | 'includeLabelPrefixes' | 'trackConfigs'
  >;
  readonly observed?: ChecksObserved | undefined;
}

/** Who is told of hooks, queries and values. */
export interface ChecksObserved extends Pick<CheckObservation, 'onValue'> {
  readonly onHook: HookObserver;
  readonly onQuery: QueryObserver;
}

export function createAdapters(options: AdaptersOptions): Adapters {
  const parts = workloadParts(options);
  const admitRun = async (step: StepContext, { since }: { readonly since: number }): Promise<PlaceAnswer> =>
    options.places?.admit(step.canary, since) ?? { kind: 'admitted' };
  return { ...workloadAdapters(parts), ...endAdapters(parts), ...checkAdapters(options), admitRun };
}

type WorkloadParts = ReturnType<typeof workloadParts>;

function workloadParts({ client, config }: AdaptersOptions) {
  const scalers = createScalers({ client });
  const scalerOf = ({ canary }: StepContext) => scalers(canary);
  const targets = createTargets({
    client,
    leastReplicas: async (step) => (await scalers(step.canary)?.minReplicas(step)) ?? 1,
    selectorLabels: config.selectorLabels,
    includeLabelPrefixes: config.includeLabelPrefixes,
    trackConfigs: config.trackConfigs,
  });
  const targetOf = ({ canary }: StepContext) => targets(canary);
  const services = createServicesOfTargets({
    client,
    selectorOf: (step) => targetOf(step).selector(step),
    includeLabelPrefixes: config.includeLabelPrefixes,
  });
  return {
    servicesOf: ({ canary }: StepContext) => services(canary),
    routers: createRouters(client),
    targetOf,
    scalerOf,
    sizer: createPrimarySizer({ client, scalerOf }),
    isLeaving: createNamespaceCheck(client),
  };
}

type WorkloadKind =
  | 'observeTarget'
  | 'observeEndpoints'
  | 'ensureServices'
  | 'ensureApex'
  | 'ensurePrimary'
  | 'ensureScaler'
  | 'sizePrimary'
  | 'ensureRoutes'
  | 'scaleTarget'
  | 'promote';

type EndKind = 'observeNamespace' | 'resumeScaler' | 'restoreTarget' | 'restoreApex' | 'restoreRoutes';

/** What acts on the user's workload and what leads to it. */
function workloadAdapters(parts: WorkloadParts): Pick<Adapters, WorkloadKind> {
  const { servicesOf, routers, targetOf, scalerOf, sizer } = parts;
  return {
    observeTarget: (step) => targetOf(step).observe(step),
    observeEndpoints: (step) => servicesOf(step).endpoints(step),
    ensureServices: (step) => servicesOf(step).ensurePair(step),
    ensureApex: (step) => servicesOf(step).ensureApex(step),
    ensurePrimary: (step, { follow, flaggerId }) => done(targetOf(step).ensurePrimary(step, { follow, flaggerId })),
    ensureScaler: (step, { atLeast }) => done(scalerOf(step)?.ensurePrimary(step, atLeast)),
    sizePrimary: (step, { replicas }) => sizer(step, replicas),
    ensureRoutes: (step, { weights, cookies }) =>
      routers(step.canary.spec.provider).ensure(step, { ...weights, ...(cookies && { cookies }) }),
    scaleTarget: async (step, { to }) => {
      const scaler = scalerOf(step);
      await (to === 'running' ? scaler?.resume(step) : scaler?.pause(step));
      return done(targetOf(step).scale(step, to));
    },
    promote: (step, { revision, flaggerId }) => targetOf(step).promote(step, { revision, flaggerId }),
  };
}

/** What gives everything back when the Canary goes. */
function endAdapters(parts: WorkloadParts): Pick<Adapters, EndKind> {
  const { servicesOf, routers, targetOf, scalerOf, isLeaving } = parts;
  return {
    observeNamespace: async (step) => ({ deleting: await isLeaving(step) }),
    resumeScaler: (step) => done(scalerOf(step)?.resume(step).catch(unlessGone)),
    restoreTarget: (step, { raise }) => targetOf(step).restore(step, { raise }),
    restoreApex: (step) => servicesOf(step).restoreApex(step),
    restoreRoutes: async (step) => routers(step.canary.spec.provider).restore(step),
  };
}

function unlessGone(error: unknown): void {
  if (failureOf(error).reason !== 'notFound') throw error;
}

type CheckKind = 'observeMetricProviders' | 'callHook' | 'queryMetric';

/** What asks others about the canary. */
function checkAdapters(options: AdaptersOptions): Pick<Adapters, CheckKind> {
  const { http, clock, random, observed } = options;
  const metrics = metricChecker(options);
  const callHook = createHookCaller({ http, clock, random, observe: observed?.onHook });
  return {
    observeMetricProviders: (step) => metrics.observe(step),
    callHook: (step, action) => callHook(step, action),
    queryMetric: (step, { metric, part }) => metrics.query(step, metric, part),
  };
}

function metricChecker({ client, http, log, config, clock, observed }: AdaptersOptions): MetricChecker {
  const cluster = createRouteCluster(client);
  return createMetricChecker({
    http,
    log,
    defaultMetricsServer: config.metricsServer,
    templates: createMetricTemplates({ client, http, log, openNamespaces: config.openNamespaces }),
    routeOf: createKnativeRoutes(client),
    meshOf: async (step) => (usesKuma(step.canary) ? meshOf(cluster, step) : undefined),
    observed: observed && { clock, observe: observed.onQuery, onValue: observed.onValue },
  });
}

const usesKuma = ({ spec }: Canary): boolean => spec.provider.startsWith('kuma');

async function done(work: Promise<void> | undefined): Promise<null> {
  await work;
  return null;
}
