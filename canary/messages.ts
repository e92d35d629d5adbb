/**
 * Every text that a user of a Canary reads: events and alerts, worded as the reference words them, because
 * people match on them. The table of the spec (events and alerts, sections 2 and 4) numbers the templates.
 */
import type { Canary } from './canary.ts';
import type { Severity, Webhook } from './spec.ts';
import { primaryName } from './canary.ts';

/** An event before it is given an id. */
export interface EventText {
  readonly type: 'Normal' | 'Warning';
  readonly message: string;
}

/** An alert before it is given an id. */
export interface AlertText {
  readonly severity: Severity;
  readonly message: string;
  readonly withMetadata: boolean;
}

const normal = (message: string): EventText => ({ type: 'Normal', message });
/** A Warning whose whole text is an error. */
export const warning = (message: string): EventText => ({ type: 'Warning', message });

const id = (canary: Canary): string => `${canary.name}.${canary.namespace}`;
const target = (canary: Canary): string => `${canary.spec.target.name}.${canary.namespace}`;
const primary = (canary: Canary): string => `${primaryName(canary)}.${canary.namespace}`;

const isDaemonSet = ({ spec }: Canary): boolean => spec.target.kind === 'DaemonSet';

/** A DaemonSet tells no times: past the Canary's deadline that is said of it, and not what it waits for. */
const whyNot = (c: Canary, why: string, isLate: boolean): string =>
  isDaemonSet(c) && isLate ? `exceeded its progressDeadlineSeconds: ${c.spec.progressDeadlineMs / 1000}` : why;

/** Errors that readiness is reported with, alone or within other texts. `why` as a rollout of pods words it. */
export const readinessErrors = {
  /** @param isLate it is past the Canary's deadline */
  primary: (c: Canary, why: string, isLate = false) =>
    `${isDaemonSet(c) ? 'primary daemonset ' : ''}${primary(c)} not ready: ${whyNot(c, why, isLate)}`,
  /** @param isFinal nothing more is to be expected */
  canary: (c: Canary, why: string, isFinal = false) =>
    isDaemonSet(c)
      ? // Spelt as users match it.
        `canary damonset ${target(c)} not ready with retryable ${!isFinal}: ${whyNot(c, why, isFinal)}`
      : `canary ${c.spec.target.kind.toLowerCase()} ${target(c)} not ready: ${why}`,
} as const;

/** What a rollout of pods waits for, where the object itself does not say it. */
export const rolloutWaits = {
  /** Of an object that is only just made. */
  notObserved: (c: Canary) =>
    `waiting for rollout to finish: observed ${isDaemonSet(c) ? 'daemonset' : 'deployment'} generation less than desired generation`,
  /** It has been asked for pods and has none yet. */
  noPods: (c: Canary, wanted: number) =>
    `waiting for rollout to finish: 0 out of ${Math.max(1, wanted)} new ${isDaemonSet(c) ? 'pods' : 'replicas'} have been updated`,
} as const;

export const events = {
  suspended: () => normal('skipping canary run as object is suspended'),
  providersUnavailable: (error: string) => warning(`Error checking metric providers: ${error}`),
  providersAvailable: () => normal('all the metrics providers are available!'),
  initialized: (c: Canary) => normal(`Initialization done! ${id(c)}`),
  queued: (c: Canary, why: string) => normal(`New revision detected! ${id(c)} is queued: ${why}`),
  newRevision: (c: Canary) => normal(`New revision detected! Scaling up ${target(c)}`),
  restarting: (c: Canary) => normal(`New revision detected! Restarting analysis for ${target(c)}`),
  starting: (c: Canary) => normal(`Starting canary analysis for ${target(c)}`),
  canaryWeight: (c: Canary, weight: number) => normal(`Advance ${id(c)} canary weight ${weight}`),
  iteration: (c: Canary, done: number) =>
    normal(`Advance ${id(c)} canary iteration ${done}/${c.spec.analysis.iterations}`),
  primaryWeight: (c: Canary, weight: number) => normal(`Advance ${id(c)} primary weight ${weight}`),
  allToCanary: () => normal('Routing all traffic to canary'),
  mirrorToCanary: () => normal('Stop traffic mirroring and route all traffic to canary'),
  allToPrimary: () => normal('Routing all traffic to primary'),
  copying: (c: Canary) => normal(`Copying ${target(c)} template spec to ${primary(c)}`),
  promoted: (c: Canary) => normal(`Promotion completed! Scaling down ${target(c)}`),
  promotedUnanalysed: (c: Canary) => normal(`Promotion completed! Canary analysis was skipped for ${target(c)}`),
  rollbackHook: (c: Canary) => warning(`Rolling back ${id(c)} manual webhook invoked`),
  rollbackThreshold: (c: Canary, count: number) =>
    warning(`Rolling back ${id(c)} failed checks threshold reached ${count}`),
  rollbackCheckErrors: (c: Canary, count: number) =>
    warning(`Rolling back ${id(c)} checks could not be made ${count} times in a row`),
  rollbackDeadline: (c: Canary, error: string) => warning(`Rolling back ${id(c)} progress deadline exceeded ${error}`),
  canaryFailed: (c: Canary) => warning(`Canary failed! Scaling down ${id(c)}`),
  promotionFailed: (c: Canary, error: string) =>
    warning(`Promotion of ${target(c)} failed, primary not ready: ${error}`),
  rolloutHookFailed: (c: Canary, hook: Webhook, error: string) =>
    warning(`Halt ${id(c)} advancement external check ${hook.name} failed ${error}`),
  waitingForTraffic: (c: Canary, hook: Webhook) =>
    warning(`Halt ${id(c)} advancement waiting for traffic increase approval ${hook.name}`),
  trafficApproved: (hook: Webhook) => normal(`Confirm-traffic-increase check ${hook.name} passed`),
  waitingForApproval: (c: Canary, hook: Webhook) =>
    warning(`Halt ${id(c)} advancement waiting for approval ${hook.name}`),
  rolloutApproved: (hook: Webhook) => normal(`Confirm-rollout check ${hook.name} passed`),
  waitingForPromotion: (c: Canary, hook: Webhook) =>
    warning(`Halt ${id(c)} advancement waiting for promotion approval ${hook.name}`),
  promotionApproved: (hook: Webhook) => normal(`Confirm-promotion check ${hook.name} passed`),
  preRolloutFailed: (c: Canary, hook: Webhook, error: string) =>
    warning(`Halt ${id(c)} advancement pre-rollout check ${hook.name} failed ${error}`),
  preRolloutPassed: (hook: Webhook) => normal(`Pre-rollout check ${hook.name} passed`),
  postRolloutFailed: (hook: Webhook, error: string) => warning(`Post-rollout hook ${hook.name} failed ${error}`),
  postRolloutPassed: (hook: Webhook) => normal(`Post-rollout check ${hook.name} passed`),
  noRollbackSignal: (hook: Webhook) => normal(`Rollback hook ${hook.name} not signaling a rollback`),
  rollbackHookUnanswered: (hook: Webhook, error: string) =>
    warning(`Rollback hook ${hook.name} could not be asked: ${error}`),
  rollbackSignal: (hook: Webhook) => warning(`Rollback check ${hook.name} passed`),
  unusableMetric: () => warning('Metric query failed for no usable metrics template and query were configured'),
  scalingDownFailed: (c: Canary, error: string) =>
    warning(`scaling down canary ${c.spec.target.kind} ${target(c)} failed: ${error}`),
  terminating: (c: Canary) => normal(`Terminating canary ${id(c)}`),
  terminated: (c: Canary) => normal(`Terminated canary ${id(c)}`),
  notRestored: (c: Canary, error: string) =>
    warning(`Deletion of ${id(c)} leaves behind what it can't restore: ${error}`),
  invalidSpec: (error: string) => warning(`invalid canary spec: ${error}`),
} as const;

const alert = (severity: Severity, message: string, withMetadata = false): AlertText => ({
  severity,
  message,
  withMetadata,
});

export const alerts = {
  initialized: (c: Canary) => alert('info', `New ${c.spec.target.kind} detected, initialization completed.`, true),
  newRevision: () => alert('info', 'New revision detected, progressing canary analysis.', true),
  waitingForApproval: () => alert('warn', 'Canary is waiting for approval.'),
  waitingForTraffic: () => alert('warn', 'Canary traffic increase is waiting for approval.'),
  waitingForPromotion: () => alert('warn', 'Canary promotion is waiting for approval.'),
  rollbackHook: () => alert('warn', 'Rolling back manual webhook invoked'),
  rollbackThreshold: (count: number) => alert('error', `Failed checks threshold reached ${count}`),
  rollbackCheckErrors: (count: number) => alert('error', `Checks could not be made ${count} times in a row`),
  rollbackDeadline: (error: string) => alert('error', `Progress deadline exceeded ${error}`),
  promotionFailed: (error: string) => alert('error', `Promotion failed, primary not ready: ${error}`),
  promoted: () => alert('info', 'Canary analysis completed successfully, promotion finished.'),
  promotedUnanalysed: () => alert('info', 'Canary analysis was skipped, promotion finished.'),
} as const;
