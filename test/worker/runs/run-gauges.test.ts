import test from 'ava';
import { createGaugePage } from '../../../platform/observability/gauge-page.ts';
import type { IndexedCanary } from '../../../worker/reads/canary-index.ts';
import { createRunGauges } from '../../../worker/runs/run-gauges.ts';
import { anIndex, anIndexedCanary } from '../../support/indexed-canary.ts';
import { seriesOf } from '../../support/series-of.ts';

async function shown(canaries: readonly IndexedCanary[], synced = true): Promise<readonly string[]> {
  const page = createGaugePage();
  await createRunGauges({ ...anIndex(canaries), synced: () => synced }).fill(page);
  return seriesOf({ render: async () => page.render() }, 'aviary_');
}

test('what runs and what waits is counted by namespace', async (t) => {
  const canaries = [
    anIndexedCanary('a', { phase: 'Progressing' }),
    anIndexedCanary('b', { phase: 'Finalising' }),
    anIndexedCanary('c', { phase: 'Succeeded', queued: true }),
    anIndexedCanary('d', { phase: 'Waiting' }),
    anIndexedCanary('e', { phase: 'Failed', namespace: 'other', queued: true }),
  ];
  t.deepEqual(await shown(canaries), [
    'aviary_runs{namespace="shop"} 2',
    'aviary_runs{namespace="_other"} 0',
    'aviary_runs_waiting{namespace="shop"} 1',
    'aviary_runs_waiting{namespace="other"} 1',
    'aviary_runs_waiting{namespace="_other"} 0',
  ]);
});

test('no more than ten namespaces are named, however many there are', async (t) => {
  const canaries = Array.from({ length: 300 }, (_, index) =>
    anIndexedCanary(`app-${index}`, { namespace: `team-${index % 100}`, phase: 'Progressing' }),
  );
  const runs = (await shown(canaries)).filter((line) => line.startsWith('aviary_runs{'));
  t.is(runs.length, 11);
  t.is(runs.at(-1), 'aviary_runs{namespace="_other"} 270');
});

test('before all Canaries are known nothing is shown', async (t) => {
  t.deepEqual(await shown([anIndexedCanary('a', { phase: 'Progressing' })], false), []);
});
