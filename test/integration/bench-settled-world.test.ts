/** Settled canaries that the benchmark has written: Aviary finds nothing to do, and the check notices where it does. */
import test from 'ava';
import { startAviary } from '../../bench/stage/aviary.ts';
import { openStage } from '../../bench/stage/stage.ts';
import { expectAtRest, readVersions } from '../../bench/world/at-rest.ts';
import { makePattern } from '../../bench/world/pattern.ts';
import { writeSettled } from '../../bench/world/settled-world.ts';
import { placesIn } from '../../bench/world/world.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { configMaps } from '../../platform/resources.ts';
import { silent } from '../../sandbox/progress.ts';

test('written canaries are settled and stay as they are; one that is not as Aviary left it is found out', async (t) => {
  const stage = await openStage(silent);
  t.teardown(() => stage.close());
  const pattern = await makePattern(stage);
  const inhabitants = await writeSettled(stage, pattern, { places: placesIn({ from: 0, to: 10 }) });
  const before = await readVersions(stage, inhabitants);
  t.is(before.size, 10 * 14, 'Canary, two Deployments, four ConfigMaps, three Services with endpoints, a route');
  const aviary = await startAviary(stage, { workers: 1 });
  await expectAtRest(stage, { inhabitants, before, since: clock.now() });

  const others = { inhabitants, before: await readVersions(stage, inhabitants), since: clock.now() };
  const spoiled = { namespace: 'tenant-000', name: 'app-0000-flags' };
  await stage.client.mergePatch(configMaps, spoiled, { patch: { data: { color: 'red' } } });
  const error = await t.throwsAsync(expectAtRest(stage, others));
  t.regex(error?.message ?? '', /say settled and write nothing, got \d+ others and [1-9]\d* objects written: /);
  t.regex(error?.message ?? '', /tenant-000[./]app-0000/);
  await aviary.stop();
});
