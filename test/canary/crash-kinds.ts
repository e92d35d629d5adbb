/** Every kind of action, as values: a kind that is added to canary/action.ts has to be added here to compile. */
import type { Action } from '../../canary/action.ts';

const kinds: Record<Action['kind'], true> = {
  observeTarget: true,
  observeMetricProviders: true,
  observeEndpoints: true,
  observeNamespace: true,
  callHook: true,
  together: true,
  queryMetric: true,
  ensureServices: true,
  ensurePrimary: true,
  ensureScaler: true,
  ensureApex: true,
  ensureRoutes: true,
  sizePrimary: true,
  scaleTarget: true,
  promote: true,
  resumeScaler: true,
  restoreTarget: true,
  restoreApex: true,
  restoreRoutes: true,
  admitRun: true,
  setFinalizer: true,
  record: true,
};

export const actionKinds: readonly string[] = Object.keys(kinds);
