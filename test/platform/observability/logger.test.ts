import test from 'ava';
import { HttpError } from '../../../platform/http/http.ts';
import { KubernetesError } from '../../../platform/kubernetes/error.ts';
import { addLogFields, withLogFields } from '../../../platform/observability/log-context.ts';
import { type LogLevel, createLogger } from '../../../platform/observability/logger.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

type Line = Record<string, unknown> & { err?: Record<string, unknown> };

function aLogger(level: LogLevel = 'debug') {
  const lines: Line[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Line) };
  return { log: createLogger({ name: 'aviary-test', level, clock: createFakeClock(), destination }), lines };
}

test('a line has level, time, name, the fields of its logger and its own, and the message', (t) => {
  const { log, lines } = aLogger();
  log.child({ canary: 'shop/podinfo' }).info({ reason: 'suspended' }, 'step skipped');
  t.deepEqual(lines, [
    {
      level: 'info',
      time: '2026-01-01T00:00:00.000Z',
      name: 'aviary-test',
      canary: 'shop/podinfo',
      reason: 'suspended',
      msg: 'step skipped',
    },
  ]);
});

test('the level holds back what is below it, and warning is warn', (t) => {
  const { log, lines } = aLogger('warning');
  log.debug({}, 'a');
  log.info({}, 'b');
  log.warn({}, 'c');
  log.error({}, 'd');
  t.deepEqual(
    lines.map(({ level }) => level),
    ['warn', 'error'],
  );
});

for (const level of ['fatal', 'panic'] as const) {
  test(`${level} is a level at which nothing is said`, (t) => {
    const { log, lines } = aLogger(level);
    log.error({}, 'a');
    t.deepEqual(lines, []);
  });
}

test('fields with the names of secrets are blanked, up to two objects deep', (t) => {
  const { log, lines } = aLogger();
  log.info(
    { token: 't0p', headers: { authorization: 't1p' }, a: { b: { password: 't2p', user: 'kept' } }, child: [1] },
    'x',
  );
  const line = JSON.stringify(lines);
  t.notRegex(line, /t\dp/);
  t.regex(line, /"user":"kept"/);
});

test('an error shows its words, kind and causes, but not what libraries hang on it', (t) => {
  const { log, lines } = aLogger();
  const root = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', headers: { authorization: 's3cret' } });
  const err = new KubernetesError({ kind: 'unavailable', action: 'get X', detail: 'lost', status: 503, cause: root });
  log.error({ err }, 'step failed');
  t.like(lines[0]?.err, {
    type: 'KubernetesError',
    message: 'get X: lost',
    kind: 'unavailable',
    status: 503,
    cause: { type: 'Error', message: 'socket hang up', code: 'ECONNRESET' },
  });
  t.regex(String(lines[0]?.err?.['stack']), /logger.test/);
  t.notRegex(JSON.stringify(lines), /s3cret/);
});

test('what was thrown without being an error, and causes without end, are shown too', (t) => {
  const { log, lines } = aLogger();
  log.error({ err: 'a text' }, 'x');
  const circular: Error = new HttpError('network', 'round', undefined);
  circular.cause = circular;
  log.error({ err: circular }, 'y');
  t.deepEqual(lines[0]?.err, { type: 'string', message: 'a text' });
  t.is(JSON.stringify(lines[1]).match(/"message":"round"/g)?.length, 5);
});

test('lines that are logged while some work goes on carry its fields, also those that are learned on the way', async (t) => {
  const { log, lines } = aLogger();
  const pause = () => new Promise((resolve) => setImmediate(resolve));
  const work = (canary: string, run: string) =>
    withLogFields({ canary }, async () => {
      await pause();
      log.info({}, 'read');
      addLogFields({ run });
      await pause();
      log.child({ queue: 'steps' }).warn({ canary: 'said anew' }, 'saved');
    });
  await Promise.all([work('a', 'run-1'), work('b', 'run-2')]);
  addLogFields({ run: 'of nobody' });
  log.info({}, 'outside');
  t.deepEqual(
    lines.map(({ msg, canary, run, queue }) => [msg, canary, run, queue]),
    [
      ['read', 'a', undefined, undefined],
      ['read', 'b', undefined, undefined],
      ['saved', 'said anew', 'run-1', 'steps'],
      ['saved', 'said anew', 'run-2', 'steps'],
      ['outside', undefined, undefined, undefined],
    ],
  );
});
