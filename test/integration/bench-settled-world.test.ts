/** Settled canaries that the benchmark has written: Aviary finds nothing to do, and the check notices where it does. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { countObjects } from '../../bench/measure/object-counts.ts';
import { sampleSoak } from '../../bench/measure/soak-samples.ts';
import type { SoakSample } from '../../bench/measure/soak-samples.ts';
import type { ScalingResult } from '../../bench/results.ts';
import { measureRounds } from '../../bench/scenarios/scaling.ts';
import { startAviary } from '../../bench/stage/aviary.ts';
import { openStage } from '../../bench/stage/stage.ts';
import { expectAtRest, readVersions } from '../../bench/world/at-rest.ts';
import { placesOf } from '../../bench/world/objects.ts';
import { makePattern } from '../../bench/world/pattern.ts';
import { writeSettled } from '../../bench/world/settled-world.ts';
import { placesIn } from '../../bench/world/world.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { configMaps } from '../../platform/kubernetes/resources.ts';
import { silent } from '../../sandbox/progress.ts';

/** @param written objects of the canaries, at least */
function expectSample(
  t: ExecutionContext,
  { memory, redisMiB, redisKeys, objects }: SoakSample,
  written: number,
): void {
  t.deepEqual(Object.keys(memory), ['scheduler', 'worker-1', 'Redis', 'API server', 'etcd']);
  t.true(
    Object.values(memory).every((mebibytes) => mebibytes > 1),
    JSON.stringify(memory),
  );
  t.true(redisMiB > 0.5 && redisKeys > 10, `${redisMiB} MiB, ${redisKeys} keys`);
  t.true(objects >= written, `${objects} objects`);
}

function expectRounds(t: ExecutionContext, { rounds, concurrency, hookMs }: ScalingResult): void {
  for (const { workers, perSecond } of rounds) {
    const most = (workers * concurrency * 1_000) / hookMs;
    // A tenth at each end is left out, so that a few more may have begun than the time between them allows.
    t.true(perSecond > 0 && perSecond < 1.5 * most, `${perSecond} steps a second of ${workers} workers`);
  }
}

test('written canaries are settled and stay as they are, are counted, and wait for gates; what is not at rest is found out', async (t) => {
  const stage = await openStage(silent);
  t.teardown(() => stage.close());
  const pattern = await makePattern(stage);
  const inhabitants = await writeSettled(stage, pattern, { places: placesIn({ from: 0, to: 10 }) });
  const before = await readVersions(stage, inhabitants);
  t.is(before.size, 10 * 14, 'Canary, two Deployments, four ConfigMaps, three Services with endpoints, a route');
  const aviary = await startAviary(stage, { workers: 1 });
  await expectAtRest(stage, { inhabitants, before, since: clock.now() });

  const samples = await sampleSoak(stage, aviary, { seconds: 4, every: 1 });
  t.is(samples.length, 5);
  const listed = await stage.client.list(configMaps, { metadataOnly: true });
  t.is(await countObjects(stage.client, configMaps), listed.items.length, 'counted without being read');
  t.deepEqual(
    samples.map(({ objects }) => objects),
    samples.map(() => samples[0]?.objects),
  );
  for (const sample of samples) expectSample(t, sample, before.size);

  const others = { inhabitants, before: await readVersions(stage, inhabitants), since: clock.now() };
  const spoiled = { namespace: 'tenant-000', name: 'app-0000-flags' };
  await stage.client.mergePatch(configMaps, spoiled, { patch: { data: { color: 'red' } } });
  const error = await t.throwsAsync(expectAtRest(stage, others));
  t.regex(error?.message ?? '', /say settled and write nothing, got \d+ others and [1-9]\d* objects written: /);
  t.regex(error?.message ?? '', /tenant-000[./]app-0000/);
  await aviary.stop();

  const waiting = { places: placesOf('waiting', 20), counts: [1, 2] };
  const scaling = await measureRounds(stage, pattern, waiting);
  t.deepEqual(
    scaling.rounds.map(({ workers }) => workers),
    [1, 2],
  );
  expectRounds(t, scaling);
});
