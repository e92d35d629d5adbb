/** A provider whose queries are timed, whatever its type. */
import type { Clock } from '../../platform/clock.ts';
import type { MetricProvider } from './provider.ts';
import { MetricError } from './provider.ts';

/** One query; times in milliseconds. */
export interface QueryObservation {
  /** Type of the provider, as a MetricTemplate names it. */
  readonly provider: string;
  readonly outcome: 'value' | MetricError['kind'] | 'error';
  readonly durationMs: number;
}

export type QueryObserver = (observation: QueryObservation) => void;

export interface ProviderObservation {
  readonly type: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly observe: QueryObserver;
}

export function observedProvider(
  provider: MetricProvider,
  { type, clock, observe }: ProviderObservation,
): MetricProvider {
  return {
    isOnline: (signal) => provider.isOnline(signal),
    query: async (query, signal) => {
      const startedAt = clock.now();
      const ended = (outcome: QueryObservation['outcome']): void =>
        observe({ provider: type, outcome, durationMs: clock.now() - startedAt });
      try {
        const value = await provider.query(query, signal);
        ended('value');
        return value;
      } catch (error) {
        ended(error instanceof MetricError ? error.kind : 'error');
        throw error;
      }
    },
  };
}
