import test from 'ava';
import { lastScore } from '../../bench/measure/burst.ts';

/** A sorted set that grows by some ids with each question. */
function growingSet(waves: readonly Readonly<Record<string, number>>[]) {
  const asked: string[][] = [];
  const scores = new Map<string, number>();
  const zmscore = async (_set: string, ...ids: unknown[]): Promise<(string | null)[]> => {
    for (const [id, score] of Object.entries(waves[asked.length] ?? {})) scores.set(id, score);
    asked.push(ids.map(String));
    return ids.map((id) => scores.get(String(id))?.toString() ?? null);
  };
  return { redis: { zmscore } as Parameters<typeof lastScore>[0]['redis'], asked };
}

test('all are waited for, and who is there is not asked for again', async (t) => {
  const { redis, asked } = growingSet([{ b: 70 }, { a: 50 }, { c: 60 }]);
  t.is(await lastScore({ redis, set: 'done', ids: ['a', 'b', 'c'], seconds: 60 }), 70);
  t.deepEqual(asked, [['a', 'b', 'c'], ['a', 'c'], ['c']]);
});

test('many are asked for in parts, one after the other as long as all are there', async (t) => {
  const ids = Array.from({ length: 250 }, (_, index) => `job-${index}`);
  const { redis, asked } = growingSet([Object.fromEntries(ids.map((id, index) => [id, index]))]);
  t.is(await lastScore({ redis, set: 'done', ids, seconds: 60 }), 249);
  t.deepEqual(
    asked.map(({ length }) => length),
    [100, 100, 50],
  );
});

test('who never comes is named', async (t) => {
  const { redis } = growingSet([{ a: 1 }]);
  await t.throwsAsync(lastScore({ redis, set: 'done', ids: ['a', 'b'], seconds: 0 }), {
    message: /2 jobs to be done: not there after 0 s\n1 are left, the first of them b/,
  });
});
