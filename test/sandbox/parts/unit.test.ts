import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { isLocked, withLock } from '../../../sandbox/parts/lock.ts';
import { ensureUnit } from '../../../sandbox/parts/unit.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('a unit is filled once however many ask for it at the same time', async (t) => {
  const directory = join(await temporaryFolder(t), 'thing');
  let fills = 0;
  const fill = async (empty: string): Promise<void> => {
    fills += 1;
    await writeFile(join(empty, 'program'), 'whole');
  };
  await Promise.all([1, 2, 3, 4].map(() => ensureUnit({ directory, fill })));
  t.is(fills, 1);
  t.deepEqual(await readdir(directory), ['program']);
});

test('filling that fails leaves nothing behind', async (t) => {
  const cache = await temporaryFolder(t);
  const fill = async (empty: string): Promise<void> => {
    await writeFile(join(empty, 'half'), '');
    throw new Error('no more disk');
  };
  await t.throwsAsync(ensureUnit({ directory: join(cache, 'thing'), fill }), { message: 'no more disk' });
  t.deepEqual(await readdir(cache), []);
});

test('what an interrupted start has left is removed by the next one', async (t) => {
  const cache = await temporaryFolder(t);
  await mkdir(join(cache, 'thing.new-12345'));
  await ensureUnit({ directory: join(cache, 'thing'), fill: async () => {} });
  t.deepEqual(await readdir(cache), ['thing']);
});

test('a unit that is there is not filled again', async (t) => {
  const directory = await temporaryFolder(t);
  await ensureUnit({ directory, fill: () => Promise.reject(new Error('asked to fill')) });
  t.true(existsSync(directory));
});

test('a lock is held by one at a time, waiting is told once and an error frees it', async (t) => {
  const events: string[] = [];
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  const first = withLock('lock of unit.test', async () => {
    events.push('first in');
    await gate;
    events.push('first out');
    throw new Error('first failed');
  });
  const second = withLock(
    'lock of unit.test',
    async () => events.push('second in'),
    () => {
      events.push('second waits');
      open();
    },
  );
  await t.throwsAsync(first, { message: 'first failed' });
  await second;
  t.deepEqual(events, ['first in', 'second waits', 'first out', 'second in']);
  t.false(await isLocked('lock of unit.test'));
});
