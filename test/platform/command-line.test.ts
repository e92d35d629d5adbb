import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { hasSwitch } from '../../platform/command-line.ts';

test('a switch is given or not', (t) => {
  t.true(hasSwitch(['--drain'], 'drain'));
  t.false(hasSwitch([], 'drain'));
  t.false(hasSwitch([]));
});

const refused: readonly (readonly [readonly string[], string | undefined, RegExp])[] = [
  [['--drian'], 'drain', /^expected no arguments or --drain, got '--drian'; settings are environment variables/],
  [['--drain', '-mesh-provider=kuma'], 'drain', /^expected no arguments or --drain, got '-mesh-provider=…';/],
  [['--drain=s3cret'], 'drain', /^expected no arguments or --drain, got '--drain=…';/],
  [['-slack-url=https://hooks.slack.com/T0/s3cret'], undefined, /^expected no arguments, got '-slack-url=…';/],
  [['s3cret'], 'once', /^expected no arguments or --once, got another text \(not shown\);/],
];
for (const [args, name, message] of refused) {
  test(`'${args.join(' ')}' is refused with what would be taken, and no value is shown`, (t) => {
    const error = t.throws(() => hasSwitch(args, name));
    t.regex(error?.message ?? '', message);
    t.notRegex(error?.message ?? '', /s3cret/);
  });
}

for (const [program, takes] of Object.entries({
  worker: 'no arguments or --drain',
  scheduler: 'no arguments or --once',
  loadtester: 'no arguments',
  console: 'no arguments',
})) {
  test(`${program}: a flag of the reference is refused before anything else is looked at`, async (t) => {
    const child = spawn(process.execPath, [`out/${program}/main.js`, '-log-level=debug'], { env: {} });
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    t.is(code, 1);
    t.regex(
      said,
      new RegExp(`^aviary-\\w+: expected ${takes}, got '-log-level=…'; settings are environment variables`),
    );
  });
}

test('sandbox: an unknown command and an unknown option are told with those that there are', async (t) => {
  const run = async (...args: string[]) => {
    const child = spawn(process.execPath, ['out/sandbox/main.js', ...args], { env: { HOME: '/nowhere' } });
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    return { said, code: code as unknown };
  };
  const unknown = await run('toString');
  t.is(unknown.code, 2);
  t.regex(unknown.said, /^sandbox: expected one of up, enter, status, down, light, parts, got 'toString'\n\nUsage: /);
  const option = await run('light', '--jason');
  t.is(option.code, 2);
  t.regex(option.said, /Unknown option '--jason'.*\nnpm run sandbox -- --help lists the commands/);
});

for (const program of ['bench', 'chaos']) {
  test(`${program}: an unknown option is told with where the options are, and no stack`, async (t) => {
    const child = spawn(process.execPath, [`out/${program}/main.js`, '--seeed', '7'], { env: { HOME: '/nowhere' } });
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    t.is(code, 2);
    t.regex(
      said,
      new RegExp(`^${program}: Unknown option '--seeed'.*\\nnpm run ${program} -- --help lists the options\\n$`),
    );
  });
}
