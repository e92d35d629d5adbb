import test from 'ava';
import { spoken } from '../../sandbox/progress.ts';
import { run, runOrThrow } from '../../sandbox/run.ts';
import { waitFor } from '../../sandbox/wait.ts';

test('waiting ends with what was seen', async (t) => {
  let looks = 0;
  const look = () => ((looks += 1) === 3 ? 'there' : undefined);
  t.is(await waitFor({ what: 'the third look', seconds: 5, every: 1, look }), 'there');
});

test('waiting in vain names what was waited for, how long, and why', async (t) => {
  const look = (): undefined => undefined;
  const waiting = waitFor({ what: 'Godot', seconds: 0.01, every: 1, look, explain: () => 'he is not coming' });
  await t.throwsAsync(waiting, { message: 'Godot: not there after 0.01 s\nhe is not coming' });
});

test('a command that cannot be started and one that fails say so', async (t) => {
  t.is((await run({ argv: ['/nowhere/program'] })).code, 127);
  await t.throwsAsync(runOrThrow({ argv: ['sh', '-c', 'echo broken >&2; exit 3'] }), {
    message: "'sh -c echo broken >&2; exit 3': expected exit code 0, got 3: broken",
  });
});

test('a command that does not end in time is killed', async (t) => {
  const { code, stderr } = await run({ argv: ['sleep', '60'], seconds: 0.1 });
  t.is(code, 137);
  t.regex(stderr, /SIGKILL/);
});

test('durations are said as a person says them', (t) => {
  t.deepEqual([0.04, 9.9, 59, 60, 400].map(spoken), ['0.0 s', '9.9 s', '59 s', '1 min', '6 min 40 s']);
});
