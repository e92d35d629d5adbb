/**
 * The texts that the rules may say, as the specification of events and alerts lists them (sections 2 and 4), with its
 * numbers. Written down apart from the code, so that a text that is changed by mistake is found.
 */

export interface EventTemplate {
  /** As in the specification; a letter for texts that it describes without a number. */
  readonly number: string;
  readonly type: 'Normal' | 'Warning';
  readonly text: string;
}

const normal = (number: string, text: string): EventTemplate => ({ number, type: 'Normal', text });
const warning = (number: string, text: string): EventTemplate => ({ number, type: 'Warning', text });

const noTraffic =
  'Halt advancement no values found for {provider} metric {metric} probably {target}.{ns} is not receiving traffic';

/** Without 23 to 25 (said when a spec is parsed) and 39 (Knative), which no rule here says. */
export const eventTemplates: readonly EventTemplate[] = [
  normal('1', 'skipping canary run as object is suspended'),
  warning('2', 'Error checking metric providers: {err}'),
  normal('3', 'all the metrics providers are available!'),
  warning('4', 'scaling down canary {Kind} {target}.{ns} failed: {err}'),
  normal('5', 'Initialization done! {canary}.{ns}'),
  normal('6', 'New revision detected! Scaling up {target}.{ns}'),
  normal('Q', 'New revision detected! {canary}.{ns} is queued: {full}'),
  normal('7', 'New revision detected! Restarting analysis for {target}.{ns}'),
  normal('8', 'Starting canary analysis for {target}.{ns}'),
  normal('9', 'Advance {canary}.{ns} canary weight {n}'),
  normal('10', 'Advance {canary}.{ns} canary iteration {n}/{n}'),
  normal('11', 'Advance {canary}.{ns} primary weight {n}'),
  normal('12', 'Routing all traffic to canary'),
  normal('13', 'Stop traffic mirroring and route all traffic to canary'),
  normal('14', 'Routing all traffic to primary'),
  normal('15', 'Copying {target}.{ns} template spec to {target}-primary.{ns}'),
  normal('16', 'Promotion completed! Scaling down {target}.{ns}'),
  normal('17', 'Promotion completed! Canary analysis was skipped for {target}.{ns}'),
  warning('18', 'Rolling back {canary}.{ns} manual webhook invoked'),
  warning('19', 'Rolling back {canary}.{ns} failed checks threshold reached {n}'),
  warning('20', 'Rolling back {canary}.{ns} progress deadline exceeded {err}'),
  warning('21', 'Canary failed! Scaling down {canary}.{ns}'),
  warning('22', 'Promotion of {target}.{ns} failed, primary not ready: {err}'),
  warning('26', 'Halt {canary}.{ns} advancement external check {hook} failed {err}'),
  warning('27', 'Halt {canary}.{ns} advancement waiting for traffic increase approval {hook}'),
  normal('28', 'Confirm-traffic-increase check {hook} passed'),
  warning('29', 'Halt {canary}.{ns} advancement waiting for approval {hook}'),
  normal('30', 'Confirm-rollout check {hook} passed'),
  warning('31', 'Halt {canary}.{ns} advancement waiting for promotion approval {hook}'),
  normal('32', 'Confirm-promotion check {hook} passed'),
  warning('33', 'Halt {canary}.{ns} advancement pre-rollout check {hook} failed {err}'),
  normal('34', 'Pre-rollout check {hook} passed'),
  warning('35', 'Post-rollout hook {hook} failed {err}'),
  normal('36', 'Post-rollout check {hook} passed'),
  normal('37', 'Rollback hook {hook} not signaling a rollback'),
  warning('38', 'Rollback check {hook} passed'),
  warning('40', 'Error building Prometheus client for {server} {err}'),
  warning('41', `${noTraffic}: {err}`),
  warning('42', noTraffic),
  warning('43', 'Prometheus query failed: {err}'),
  warning('44', 'Halt {canary}.{ns} advancement success rate {val}% < {bound}%'),
  warning('44', 'Halt {canary}.{ns} advancement success rate {val}% > {bound}%'),
  warning('45', 'Halt {canary}.{ns} advancement request duration {duration} < {duration}'),
  warning('45', 'Halt {canary}.{ns} advancement request duration {duration} > {duration}'),
  warning('46', 'Halt advancement no values found for metric: {metric}'),
  warning('47', 'Prometheus query failed for {metric}: {err}'),
  warning('48', 'Halt {canary}.{ns} advancement {metric} {val} < {bound}'),
  warning('48', 'Halt {canary}.{ns} advancement {metric} {val} > {bound}'),
  warning('49', 'Metric template {template}.{ns} error: {err}'),
  warning('50', 'Metric template {template}.{ns} secret {secret} error: {err}'),
  warning('51', 'Metric template {template}.{ns} provider {type} error: {err}'),
  warning('52', 'Metric template {template}.{ns} query render error: {err}'),
  warning('53', 'Halt advancement no values found for custom metric: {metric}: {err}'),
  warning('54', 'Metric query failed for {metric}: {err}'),
  warning('55', 'Metric query failed for no usable metrics template and query were configured'),
  normal('56', 'Terminating canary {canary}.{ns}'),
  normal('57', 'Terminated canary {canary}.{ns}'),
  warning('a', 'Rolling back {canary}.{ns} checks could not be made {n} times in a row'),
  warning('b', '{target}-primary.{ns} not ready: {why}'),
  warning('c', 'canary deployment {target}.{ns} not ready: {why}'),
  warning('f', 'Rollback hook {hook} could not be asked: {err}'),
  warning('e', "Deletion of {canary}.{ns} leaves behind what it can't restore: {err}"),
];

/** A Warning whose whole text is the error of an effect. */
export const plainError: EventTemplate = warning('d', '{err}');

export interface AlertTemplate {
  readonly severity: 'info' | 'warn' | 'error';
  readonly text: string;
  readonly withMetadata: boolean;
}

const alert = (severity: AlertTemplate['severity'], text: string, withMetadata = false): AlertTemplate => ({
  severity,
  text,
  withMetadata,
});

export const alertTemplates: readonly AlertTemplate[] = [
  alert('info', 'New {Kind} detected, initialization completed.', true),
  alert('info', 'New revision detected, progressing canary analysis.', true),
  alert('warn', 'Canary is waiting for approval.'),
  alert('warn', 'Canary traffic increase is waiting for approval.'),
  alert('warn', 'Canary promotion is waiting for approval.'),
  alert('warn', 'Rolling back manual webhook invoked'),
  alert('error', 'Failed checks threshold reached {n}'),
  alert('error', 'Checks could not be made {n} times in a row'),
  alert('error', 'Progress deadline exceeded {err}'),
  alert('error', 'Promotion failed, primary not ready: {err}'),
  alert('info', 'Canary analysis completed successfully, promotion finished.'),
  alert('info', 'Canary analysis was skipped, promotion finished.'),
];

/** What may stand where a template has a name in braces. */
const patterns: Readonly<Record<string, string>> = {
  canary: 'podinfo',
  target: 'podinfo',
  ns: 'test|metrics',
  Kind: 'Deployment',
  n: '\\d+',
  val: '-?\\d+\\.\\d\\d',
  bound: '-?[\\d.]+(?:e[+-]\\d\\d+)?',
  duration: '[\\dhms.]+',
  err: '.+',
  full: '\\d+ of \\d+ runs of .+ go on; it is number \\d+ of \\d+ that wait\\.',
  why: 'waiting for rollout to finish: .+|deployment "podinfo.*" exceeded its progress deadline|its Service .+|the apex .+',
};
const oneWord = '[^\\s{}]+';

/** Whether a text is an instance of a template, to the letter. */
export function isInstance(template: string, text: string): boolean {
  const parts = template.split(/\{(\w+)\}/);
  const source = parts.map((part, index) => (index % 2 === 0 ? escaped(part) : `(?:${patterns[part] ?? oneWord})`));
  return new RegExp(`^${source.join('')}$`).test(text);
}

const escaped = (literal: string): string => literal.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
