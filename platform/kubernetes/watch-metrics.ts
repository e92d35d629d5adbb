/** Whether the watches of a process still hear the API server. */
import type { Clock } from '../clock.ts';
import type { ListWatch } from './watch.ts';
import type { Metrics } from '../observability/metrics.ts';

export type WatchHealth = Pick<ListWatch<unknown>, 'lastActivity' | 'synced'>;

export interface WatchMetrics {
  /** @param resource plural with group, as `deployments.apps`; several watches of one are shown as their worst */
  add(resource: string, watch: WatchHealth): void;
}

export function createWatchMetrics(metrics: Pick<Metrics, 'gauge'>, clock: Pick<Clock, 'now'>): WatchMetrics {
  const watches: { readonly resource: string; readonly watch: WatchHealth }[] = [];
  const worst = (measure: (watch: WatchHealth) => number): ReadonlyMap<string, number> => {
    const values = new Map<string, number>();
    for (const { resource, watch } of watches) {
      values.set(resource, Math.max(values.get(resource) ?? 0, measure(watch)));
    }
    return values;
  };
  const silence = metrics.gauge({
    name: 'aviary_watch_silence_seconds',
    help: 'Time since the API server last said anything on a watch; bookmarks count.',
    labels: ['resource'],
    collect: () => {
      const now = clock.now();
      for (const [resource, ms] of worst((watch) => silentMs(watch, now))) silence.set({ resource }, ms / 1_000);
    },
  });
  const unsynced = metrics.gauge({
    name: 'aviary_watch_unsynced',
    help: '1 while the first complete list of a watch has not been read.',
    labels: ['resource'],
    collect: () => {
      for (const [resource, flag] of worst((watch) => (watch.synced() ? 0 : 1))) unsynced.set({ resource }, flag);
    },
  });
  return { add: (resource, watch) => void watches.push({ resource, watch }) };
}

/** Milliseconds; a watch that was not begun is not silent. */
const silentMs = (watch: WatchHealth, now: number): number =>
  watch.lastActivity() === 0 ? 0 : Math.max(0, now - watch.lastActivity());
