import { createRequire } from 'node:module';
import test from 'ava';
import { systemClock } from '../../../platform/clock.ts';
import { silentLogger as log } from '../../../platform/observability/logger.ts';
import { createTracedSender } from '../../../platform/http/traced-http.ts';
import { createTracing } from '../../../platform/observability/create-tracing.ts';
import { noTracing, traceIdOf } from '../../../platform/observability/tracing.ts';
import type { Tracing } from '../../../platform/observability/tracing.ts';
import { tracingOf } from '../../../platform/observability/tracing-settings.ts';
import { createLocalHttp } from '../../support/local-http.ts';

const isLoaded = (): boolean =>
  Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('@opentelemetry'));

const identity = { serviceName: 'test', instance: 'test', clock: systemClock, log };
const otlp = { kind: 'otlp', protocol: 'http/json' } as const;

async function tracing(t: { teardown: (end: () => Promise<void>) => void }): Promise<Tracing> {
  const made = await createTracing({ settings: otlp, ...identity });
  // Nobody takes the spans of this file, which is no failure.
  t.teardown(() => made.close());
  return made;
}

test.serial('tracing that is off loads nothing and leaves a sender as it is', async (t) => {
  t.is(await createTracing({ settings: { kind: 'off' }, ...identity }), noTracing);
  t.false(isLoaded());
  const http = createLocalHttp();
  t.is(createTracedSender(http, noTracing), http);
  t.is(await noTracing.during({ name: 'x', parent: 'y' }, async () => noTracing.traceparent()), undefined);
});

test.serial('spans are children of those around them, and of a cause that is named', async (t) => {
  const on = await tracing(t);
  t.true(isLoaded());
  t.is(on.traceparent(), undefined);
  await on.during({ name: 'outer' }, async () => {
    const outer = on.traceparent();
    await on.during({ name: 'inner' }, async () => {
      t.is(traceIdOf(on.traceparent()), traceIdOf(outer));
      t.not(on.traceparent(), outer);
    });
    t.is(on.traceparent(), outer);
    const cause = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    await on.during({ name: 'caused', parent: cause }, async () => {
      t.is(traceIdOf(on.traceparent()), 'a'.repeat(32));
    });
    await on.during({ name: 'caused', parent: 'nonsense' }, async () => {
      t.not(traceIdOf(on.traceparent()), traceIdOf(outer));
      t.regex(on.traceparent() ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    });
  });
});

test.serial('what is only part of something is no span by itself', async (t) => {
  const on = await tracing(t);
  await on.during({ name: 'request', inner: true }, async () => t.is(on.traceparent(), undefined));
});

test.serial('a failure passes through', async (t) => {
  const on = await tracing(t);
  const failing = on.during({ name: 'step' }, async () => {
    throw new Error('conflict');
  });
  await t.throwsAsync(failing, { message: 'conflict' });
});

const values = { OTEL_SDK_DISABLED: false };
const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

test('traces are made where an exporter or an endpoint is named, and not disabled', (t) => {
  t.deepEqual(tracingOf(values), { kind: 'off' });
  t.deepEqual(tracingOf({ ...values, ...endpoint }), { kind: 'otlp', protocol: 'http/protobuf' });
  t.deepEqual(tracingOf({ ...values, OTEL_TRACES_EXPORTER: 'otlp' }), { kind: 'otlp', protocol: 'http/protobuf' });
  t.deepEqual(tracingOf({ ...values, ...endpoint, OTEL_TRACES_EXPORTER: 'none' }), { kind: 'off' });
  t.deepEqual(tracingOf({ ...values, ...endpoint, OTEL_SDK_DISABLED: true }), { kind: 'off' });
  const protocols = {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
  } as const;
  t.deepEqual(tracingOf({ ...values, ...endpoint, ...protocols }), otlp);
});
