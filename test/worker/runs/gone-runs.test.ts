import test from 'ava';
import type { CanaryKey } from '../../../queue/step-job.ts';
import { giveBackGone } from '../../../worker/runs/gone-runs.ts';
import { createRecordingLogger } from '../../support/recording-logger.ts';
import { waitUntil } from '../../support/wait-until.ts';

const named = (name: string): CanaryKey => ({ namespace: 'test', name, uid: '1a2b3c4d-0000' });

test('places of deleted Canaries are given back one after the other, and one that cannot be stops no other', async (t) => {
  const log = createRecordingLogger();
  const asked: string[] = [];
  let atOnce = 0;
  let go: (canary: CanaryKey) => void = () => undefined;
  giveBackGone({
    index: { onGone: (tell) => void (go = tell) },
    places: {
      leave: async ({ name }) => {
        atOnce += 1;
        t.is(atOnce, 1);
        await Promise.resolve();
        atOnce -= 1;
        asked.push(name);
        if (name === 'second') throw new Error('Redis is away');
      },
    },
    log,
  });
  for (const name of ['first', 'second', 'third']) go(named(name));
  await waitUntil('all were given back', () => asked.length === 3);
  t.deepEqual(asked, ['first', 'second', 'third']);
  t.deepEqual(
    log.lines.map(({ level, fields }) => [level, fields['canary']]),
    [['warn', 'test/second']],
  );
});
