import test, { type ExecutionContext } from 'ava';
import { fetch } from 'undici';
import { systemClock } from '../../../platform/clock.ts';
import { type HealthServerOptions, createHealthServer, runChecks } from '../../../platform/observability/health.ts';
import { silentLogger } from '../../../platform/observability/logger.ts';
import { createMetrics } from '../../../platform/observability/metrics.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createRecordingLogger } from '../../support/recording-logger.ts';

async function started(t: ExecutionContext, options: Partial<HealthServerOptions> = {}) {
  const server = createHealthServer({
    host: '127.0.0.1',
    port: 0,
    readiness: {},
    metrics: createMetrics(),
    clock: systemClock,
    log: silentLogger,
    ...options,
  });
  const url = await server.start();
  t.teardown(() => server.close());
  return async (path: string) => {
    const response = await fetch(url + path);
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  };
}

test('readiness gives every check by name, and 503 with the reasons when one fails', async (t) => {
  const state: { trouble?: string } = {};
  const get = await started(t, { readiness: { redis: () => undefined, canaries: async () => state.trouble } });
  t.deepEqual(await get('/readyz'), {
    status: 200,
    type: 'application/json; charset=utf-8',
    text: '{"ok":true,"checks":{"redis":"ok","canaries":"ok"}}',
  });
  state.trouble = 'the list has not been read yet';
  t.like(await get('/readyz'), {
    status: 503,
    text: '{"ok":false,"checks":{"redis":"ok","canaries":"the list has not been read yet"}}',
  });
});

test('a process that is not ready is alive, unless a check of its own says otherwise', async (t) => {
  const broken = { redis: () => 'down' };
  t.deepEqual(await (await started(t, { readiness: broken, liveness: { queue: () => undefined } }))('/healthz'), {
    status: 200,
    type: 'text/plain; charset=utf-8',
    text: 'OK',
  });
  t.like(await (await started(t, { liveness: broken }))('/healthz'), {
    status: 503,
    text: '{"ok":false,"checks":{"redis":"down"}}',
  });
});

test('a check that throws or does not come back has failed, and the others still count', async (t) => {
  const clock = createFakeClock();
  const report = runChecks(
    {
      throws: () => {
        throw new Error('it broke');
      },
      hangs: () => new Promise(() => undefined),
      fine: () => undefined,
    },
    { clock, checkTimeoutMs: 500 },
  );
  await clock.advance(500);
  t.deepEqual(await report, {
    ok: false,
    checks: { throws: 'it broke', hangs: 'not finished within 500 ms', fine: 'ok' },
  });
});

test('metrics are served in the text format, with what other sources add', async (t) => {
  const metrics = createMetrics();
  metrics.counter({ name: 'aviary_steps_total', help: 'Steps.', labels: ['outcome'] }).inc({ outcome: 'saved' }, 2);
  metrics.gauge({ name: 'aviary_canaries', help: 'Canaries.' }).set(3);
  metrics.histogram({ name: 'aviary_step_seconds', help: 'Time.', buckets: [0.1, 1] }).observe(0.5);
  metrics.addSource(async () => 'bullmq_job_count 4');
  metrics.addSource(async () => {
    throw new Error('this source is broken');
  });
  const { status, type, text } = await (await started(t, { metrics }))('/metrics');
  t.is(status, 200);
  t.regex(type ?? '', /^text\/plain/);
  for (const line of [
    'aviary_steps_total{outcome="saved"} 2',
    'aviary_canaries 3',
    'aviary_step_seconds_bucket{le="1"} 1',
    'bullmq_job_count 4',
  ]) {
    t.true(text.includes(line), line);
  }
});

test('two registries share nothing, and process figures come only when asked for', async (t) => {
  const [first, second] = [createMetrics(), createMetrics({ processMetrics: true })];
  first.counter({ name: 'x_total', help: 'x' }).inc();
  second.counter({ name: 'x_total', help: 'x' });
  t.regex(await first.render(), /x_total 1/);
  t.regex(await second.render(), /x_total 0/);
  t.notRegex(await first.render(), /process_cpu/);
  t.regex(await second.render(), /process_cpu/);
});

test('a failure of the server itself is logged, and the answer gives nothing away', async (t) => {
  const log = createRecordingLogger();
  const metrics = {
    contentType: 'text/plain',
    render: async () => {
      throw new Error('password of the registry');
    },
  };
  const { status, text } = await (await started(t, { metrics, log }))('/metrics');
  t.is(status, 500);
  t.is(text, '{"ok":false,"reason":"internal error; see the log"}');
  t.is(log.lines[0]?.message, 'health server failed to answer');
});
