/** What Prometheus is shown, and what is expected of its rules, in the form of `promtool test rules`. */

interface ExpectedAlert {
  readonly exp_labels: Readonly<Record<string, string>>;
  readonly exp_annotations: Readonly<Record<string, string>>;
}

interface AlertTest {
  readonly eval_time: string;
  readonly alertname: string;
  readonly exp_alerts: readonly ExpectedAlert[];
}

export interface RuleTest {
  readonly name: string;
  readonly interval: string;
  readonly input_series: readonly { readonly series: string; readonly values: string }[];
  readonly alert_rule_test: readonly AlertTest[];
}

/** Alerts that stand at this time, by name with their labels; an annotation is compared only where it is given. */
export const at = (time: string, alertname: string, alerts: readonly ExpectedAlert[] = []): AlertTest => ({
  eval_time: time,
  alertname,
  exp_alerts: alerts,
});

export const raised = (
  severity: string,
  said: Readonly<Record<string, string>>,
  labels = {},
): readonly ExpectedAlert[] => [{ exp_labels: { severity, ...labels }, exp_annotations: said }];

/** One series as `promtool` reads it. */
export const series = (text: string, values: string) => ({ series: text, values });

/** A cluster in which all is well, for an hour. */
export const healthy = [
  series('flagger_info{version="1",mesh_provider="kuma"}', '1x60'),
  series('flagger_canary_total{namespace="shop"}', '3x60'),
  series('aviary_scheduler_last_tick_timestamp_seconds', '0+60x60'),
  series('aviary_step_lag_seconds_bucket{le="0.1"}', '0+100x60'),
  series('aviary_step_lag_seconds_bucket{le="30"}', '0+100x60'),
  series('aviary_step_lag_seconds_bucket{le="+Inf"}', '0+100x60'),
  series('aviary_step_lag_seconds_count{instance="worker-1"}', '0+100x60'),
  series('aviary_step_lag_seconds_count{instance="worker-2"}', '0x60'),
  series('aviary_watch_unsynced{instance="worker-1",resource="canaries.flagger.app"}', '0x60'),
  series('aviary_watch_unsynced{instance="worker-2",resource="canaries.flagger.app"}', '0x60'),
  series('aviary_steps_total{outcome="skipped",reason="gone"}', '0+1x60'),
  series('aviary_steps_total{outcome="skipped",reason="slotPassed"}', '0x60'),
  series('aviary_interval_stretch_ratio', '1x60'),
  series('aviary_steps_failed_total', '0x60'),
  series('aviary_scheduler_relief_jobs_total{state="completed"}', '0x60'),
  series('aviary_alerts_given_up_total', '0x60'),
  series('aviary_outbox_oldest_seconds', '5x60'),
  series('aviary_watch_silence_seconds{pod="worker-1",resource="canaries.flagger.app"}', '60x60'),
  series('nodejs_eventloop_lag_p99_seconds{namespace="aviary-system",pod="worker-1"}', '0.05x60'),
  series('nodejs_eventloop_lag_p99_seconds{namespace="shop",pod="of-somebody"}', '5x60'),
];

/** The same with other values of some series. */
export function but(changes: Readonly<Record<string, string>>) {
  const changed = healthy.map((one) => ({ ...one, values: changes[one.series] ?? one.values }));
  return changed.filter(({ values }) => values !== '');
}
