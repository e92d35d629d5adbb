/** What the autoscalers ask Prometheus, and which numbers must come of it, in the form of `promtool test rules`. */
import { series } from './rule-series.ts';

export interface AutoscalerQueries {
  readonly lag: string;
  readonly busy: string;
  readonly stretch: string;
}

/** What the autoscalers' queries come to. */
export function autoscalerScenario({ lag, busy, stretch }: AutoscalerQueries): readonly object[] {
  const expect = (expr: string, ...values: readonly number[]) => ({
    expr,
    eval_time: '10m',
    exp_samples: values.map((value) => ({ labels: '{}', value })),
  });
  return [
    {
      name: 'two workers, whose steps begin up to ten seconds late',
      interval: '15s',
      input_series: [
        series('aviary_interval_stretch_ratio{pod="worker-1"}', '2.5x60'),
        ...['worker-1', 'worker-2'].flatMap((pod) => [
          series(`aviary_step_lag_seconds_bucket{pod="${pod}",le="5"}`, '0x60'),
          series(`aviary_step_lag_seconds_bucket{pod="${pod}",le="10"}`, '0+100x60'),
          series(`aviary_step_lag_seconds_bucket{pod="${pod}",le="+Inf"}`, '0+100x60'),
          series(`aviary_step_duration_seconds_sum{pod="${pod}"}`, '0+300x60'),
        ]),
      ],
      promql_expr_test: [expect(lag, 9.95), expect(busy, 40), expect(stretch, 2.5)],
    },
    {
      name: 'a worker without anything to do',
      interval: '15s',
      input_series: [
        series('aviary_interval_stretch_ratio', '1x60'),
        series('aviary_step_lag_seconds_bucket{le="10"}', '0x60'),
        series('aviary_step_lag_seconds_bucket{le="+Inf"}', '0x60'),
        series('aviary_step_duration_seconds_sum', '0x60'),
      ],
      promql_expr_test: [expect(lag, 0), expect(busy, 0), expect(stretch, 0)],
    },
    {
      name: 'Prometheus has lost the workers',
      interval: '15s',
      input_series: [],
      // No number: neither autoscaler takes workers away for that.
      promql_expr_test: [expect(busy)],
    },
  ];
}
