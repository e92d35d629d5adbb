import test from 'ava';
import { createRunningJobs } from '../../../worker/jobs/running-jobs.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

test('the one that has run longest is told, young or old, until it ends', async (t) => {
  const clock = createFakeClock();
  const begin = clock.now();
  const jobs = createRunningJobs(clock);
  t.is(jobs.lastStart(), begin);
  t.is(jobs.oldestStart(), undefined);
  void jobs.during(() => clock.sleep(100));
  await clock.advance(30);
  void jobs.during(() => clock.sleep(100));
  t.is(jobs.oldestStart(), begin);
  await clock.advance(20);
  jobs.age(50);
  t.deepEqual([jobs.running(), jobs.old()], [2, 1]);
  t.is(jobs.oldestStart(), begin);
  t.is(jobs.firstYoungStart(), begin + 30);
  await clock.advance(50);
  t.deepEqual([jobs.running(), jobs.old()], [1, 0]);
  t.is(jobs.oldestStart(), begin + 30);
  await clock.advance(30);
  t.is(jobs.running(), 0);
  t.is(jobs.oldestStart(), undefined);
  t.is(jobs.lastStart(), begin + 30);
});

test('work that throws at once has ended', async (t) => {
  const jobs = createRunningJobs(createFakeClock());
  const broken = (): Promise<void> => {
    throw new Error('broken');
  };
  await t.throwsAsync(jobs.during(broken), { message: 'broken' });
  t.is(jobs.running(), 0);
});
