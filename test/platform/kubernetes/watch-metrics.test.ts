import test from 'ava';
import { createMetrics } from '../../../platform/observability/metrics.ts';
import { createWatchMetrics } from '../../../platform/kubernetes/watch-metrics.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { seriesOf } from '../../support/series-of.ts';

test('of several watches of one resource the worst is shown', async (t) => {
  const clock = createFakeClock();
  const metrics = createMetrics();
  const watches = createWatchMetrics(metrics, clock);
  const at = clock.now();
  watches.add('canaries.flagger.app', { lastActivity: () => at, synced: () => true });
  watches.add('canaries.flagger.app', { lastActivity: () => at + 20_000, synced: () => false });
  watches.add('deployments.apps', { lastActivity: () => 0, synced: () => true });
  await clock.advance(30_000);
  t.deepEqual(await seriesOf(metrics, 'aviary_watch_silence_seconds'), [
    'aviary_watch_silence_seconds{resource="canaries.flagger.app"} 30',
    'aviary_watch_silence_seconds{resource="deployments.apps"} 0',
  ]);
  t.deepEqual(await seriesOf(metrics, 'aviary_watch_unsynced'), [
    'aviary_watch_unsynced{resource="canaries.flagger.app"} 1',
    'aviary_watch_unsynced{resource="deployments.apps"} 0',
  ]);
});
