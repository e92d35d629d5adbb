import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { type CommandResult, isSuccess, runCommand, wordFailure } from '../../loadtester/run-command.ts';
import { systemClock } from '../../platform/clock.ts';
import { projectDirectory } from '../../sandbox/environment.ts';
import { identify, isRunning, type ProcessIdentity, signal } from '../../sandbox/process-table.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';

const environment = { PATH: process.env['PATH'] };
const options = { environment, timeoutMs: 30_000, maxOutputBytes: 1024, clock: systemClock };
const bash = (script: string) => ({ file: 'bash', args: ['-c', script] });

const run = (script: string): Promise<CommandResult> =>
  runCommand({ ...options, program: bash(script), signal: new AbortController().signal });

test('the output holds what went to stdout and to stderr', async (t) => {
  t.deepEqual(await run('echo out; echo err >&2'), { kind: 'exited', status: 0, output: 'out\nerr\n' });
});

test('the output holds the lines of both streams in the order in which they were written', async (t) => {
  const { output } = await run('for i in {1..20}; do echo "out $i"; echo "err $i" >&2; done');
  const lines = Array.from({ length: 20 }, (_none, index) => `out ${index + 1}\nerr ${index + 1}\n`);
  t.is(output, lines.join(''));
});

test('a command sees the environment that it is given and nothing else', async (t) => {
  const { output } = await run('env | cut -d= -f1 | sort');
  t.deepEqual(output.trim().split('\n'), ['PATH', 'PWD', 'SHLVL', '_']);
});

test('a command reads nothing: its input is empty', async (t) => {
  t.like(await run('cat'), { kind: 'exited', status: 0, output: '' });
});

test('a status other than 0, a signal and a missing program are failures with words of their own', async (t) => {
  t.deepEqual(await run('echo no; exit 3'), { kind: 'exited', status: 3, output: 'no\n' });
  t.deepEqual(await run('kill -TERM $$'), { kind: 'signalled', signal: 'SIGTERM', output: '' });
  const program = { file: 'no-such-program', args: [] };
  const missing = await runCommand({ ...options, program, signal: new AbortController().signal });
  t.like(missing, { kind: 'exited', status: 127 });
  t.regex(missing.output, /no-such-program: not found/);
});

test('the reason why a program was not started does not quote its arguments', async (t) => {
  const program = { file: 'sh', args: ['-c', 'token=abc\0'] };
  const result = await runCommand({ ...options, program, signal: new AbortController().signal });
  t.deepEqual(result, { kind: 'notStarted', why: 'sh: ERR_INVALID_ARG_VALUE', output: '' });
});

test('without file descriptors a command is not started, and that does not end the process', async (t) => {
  const script = `
    import { openSync } from 'node:fs';
    import { runCommand } from './out/loadtester/run-command.js';
    import { systemClock as clock } from './out/platform/clock.js';
    try { for (;;) openSync('/dev/null'); } catch {}
    const limits = { timeoutMs: 30_000, maxOutputBytes: 1024 };
    const program = { file: 'true', args: [] };
    const result = await runCommand({ program, environment: {}, ...limits, signal: new AbortController().signal, clock });
    await new Promise((resolve) => setImmediate(resolve));
    console.log(JSON.stringify(result));`;
  const node = ['-c', 'ulimit -n 200; exec "$0" --input-type=module -e "$1"', process.execPath, script];
  const { stdout } = await promisify(execFile)('bash', node, { cwd: projectDirectory });
  t.deepEqual(JSON.parse(stdout), { kind: 'notStarted', why: 'true: EMFILE', output: '' });
});

test('a flood of output is cut, and the command ends all the same', async (t) => {
  const result = await run('yes | head -c 5000000; echo end');
  t.like(result, { kind: 'exited', status: 0 });
  t.regex(result.output, /^(?:y\n)+\n… \d+ bytes left out …\n(?:y\n)+end\n$/);
  t.true(result.output.length < 1100);
});

test('every way to fail has words', (t) => {
  const failures: CommandResult[] = [
    { kind: 'exited', status: 3, output: '' },
    { kind: 'signalled', signal: 'SIGTERM', output: '' },
    { kind: 'expired', afterMs: 90_000, output: '' },
    { kind: 'stopped', output: '' },
    { kind: 'notStarted', why: 'helm: ENOENT', output: '' },
  ];
  t.false(failures.some(isSuccess));
  t.deepEqual(failures.map(wordFailure), [
    'exit status 3',
    'signal: SIGTERM',
    'killed because it did not end within 90 s',
    'killed because the load tester is shutting down',
    'not started: helm: ENOENT',
  ]);
});

interface Family {
  readonly clock: FakeClock;
  readonly stop: AbortController;
  readonly result: Promise<CommandResult>;
  /** The command itself and the children that it wrote to its file of pids. */
  readonly processes: readonly ProcessIdentity[];
}

/** Starts a script that writes two pids to $1, and waits until it has. What is left of it at the end of the test is killed. */
async function startFamily(t: ExecutionContext, script: string): Promise<Family> {
  const directory = await mkdtemp(join(tmpdir(), 'aviary-command-'));
  const file = join(directory, 'pids');
  const clock = createFakeClock();
  const stop = new AbortController();
  const program = { file: 'bash', args: ['-c', script, 'bash', file] };
  const result = runCommand({ ...options, clock, program, signal: stop.signal });
  const processes = await waitFor({
    what: 'the command to write two pids',
    seconds: 10,
    every: 10,
    look: async () => {
      const pids = (await readFile(file, 'utf8').catch(() => '')).trim().split(/\s+/);
      const found = pids.flatMap((pid) => identify(Number(pid)) ?? []);
      return found.length === 2 ? found : undefined;
    },
  });
  t.teardown(async () => {
    for (const process of processes) signal(process, 'SIGKILL');
    await rm(directory, { recursive: true });
  });
  return { clock, stop, result, processes };
}

const areGone = (processes: readonly ProcessIdentity[]): Promise<true> =>
  waitFor({
    what: 'the processes to be gone',
    seconds: 5,
    every: 10,
    look: () => (processes.some(isRunning) ? undefined : true),
  });

test('when the time is up the command and its child are killed, even if they ignore polite signals', async (t) => {
  const { clock, result, processes } = await startFamily(
    t,
    `trap '' TERM INT HUP; echo begun; sleep 600 & echo "$$ $!" > "$1"; wait`,
  );
  await clock.advance(29_999);
  t.is(processes.filter(isRunning).length, 2);
  await clock.advance(1);
  t.deepEqual(await result, { kind: 'expired', afterMs: 30_000, output: 'begun\n' });
  t.true(await areGone(processes));
  t.deepEqual(clock.waiting(), [], 'no timer is left behind');
});

test('a child that holds the output after its parent has ended is waited for, and killed when the time is up', async (t) => {
  const script = `sleep 600 & echo "$! $!" > "$1"; exit 0`;
  const { clock, result, processes } = await startFamily(t, script);
  await clock.advance(30_000);
  t.like(await result, { kind: 'expired' });
  t.true(await areGone(processes));
});

test('an aborted signal kills the command and its child', async (t) => {
  const { clock, stop, result, processes } = await startFamily(t, `sleep 600 & echo "$$ $!" > "$1"; wait`);
  stop.abort();
  t.like(await result, { kind: 'stopped' });
  t.true(await areGone(processes));
  t.deepEqual(clock.waiting(), []);
});

test('a process that left the group does not hold up the result for longer than half a second', async (t) => {
  const script = `setsid sleep 600 & echo "$$ $!" > "$1"; wait`;
  const { clock, result } = await startFamily(t, script);
  await clock.advance(30_000);
  await clock.advance(500);
  t.like(await result, { kind: 'expired' });
});

test('nothing is started once the signal is aborted', async (t) => {
  const program = { file: 'no-such-program', args: [] };
  t.like(await runCommand({ ...options, program, signal: AbortSignal.abort() }), { kind: 'stopped' });
});
