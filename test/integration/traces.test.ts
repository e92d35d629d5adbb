/** Traces of real processes: from a tick over a step to the receiver of a hook. And what they log meanwhile. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { openStepQueue } from '../../queue/step-queue.ts';
import { waitFor } from '../../sandbox/wait.ts';
import type { AviaryProcess } from '../support/aviary-process.ts';
import { startOutageBench } from '../support/outage-bench.ts';
import type { OutageBench } from '../support/outage-bench.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Received } from '../support/receiver.ts';
import { deploy, reaches, release } from '../support/released-canary.ts';
import { startTraceReceiver } from '../support/trace-receiver.ts';
import type { ReceivedSpan } from '../support/trace-receiver.ts';

let bench: OutageBench;
test.before(async () => {
  bench = await startOutageBench();
});
test.after.always(() => bench.close());

interface Scene {
  readonly worker: AviaryProcess;
  readonly scheduler: AviaryProcess;
  /** Calls of the rollout hook so far. */
  readonly hooks: () => readonly Received[];
  readonly queries: () => readonly Received[];
}

/** A canary that is being analysed, with a hook and a metric in each step. */
async function analyse(t: ExecutionContext, namespace: string, env: Record<string, string>): Promise<Scene> {
  const vector = { status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value: [1, '100'] }] } };
  const receiver = await startReceiver({ answer: () => ({ body: JSON.stringify(vector) }) });
  t.teardown(() => receiver.close());
  const settings = {
    ...env,
    NAMESPACE: namespace,
    REDIS_PREFIX: `{${namespace}}`,
    METRICS_SERVER: `${receiver.url}/prometheus`,
    OTEL_BSP_SCHEDULE_DELAY: '100',
  };
  const canary = { namespace: await bench.cluster.namespace(namespace), name: 'podinfo' };
  const worker = bench.run({ program: 'worker', env: settings });
  const scheduler = bench.run({ program: 'scheduler', env: settings });
  t.teardown(() => [worker, scheduler].forEach((process) => process.kill('SIGKILL')));
  await deploy(bench.cluster, {
    ...canary,
    analysis: {
      interval: '1s',
      threshold: 100,
      stepWeight: 1,
      maxWeight: 90,
      metrics: [{ name: 'request-success-rate', thresholdRange: { min: 99 } }],
      webhooks: [{ name: 'load', type: 'rollout', url: `${receiver.url}/hook?key=s3cret` }],
    },
  });
  await reaches(bench.cluster, canary, { phase: 'Initialized' });
  await release(bench.cluster, canary, 2);
  const asked = (path: string) => receiver.received.filter((request) => request.path.startsWith(path));
  const scene = { worker, scheduler, hooks: () => asked('/hook'), queries: () => asked('/prometheus') };
  await waitFor({ what: 'two hooks', seconds: 60, look: () => (scene.hooks().length >= 2 ? true : undefined) });
  return scene;
}

/** From this span up to the first of its trace, as far as they arrived. */
function lineOf(spans: readonly ReceivedSpan[], last: ReceivedSpan): readonly ReceivedSpan[] {
  const parent = spans.find(({ spanId, traceId }) => spanId === last.parentSpanId && traceId === last.traceId);
  return parent === undefined ? [last] : [last, ...lineOf(spans, parent)];
}

const namesOf = (spans: readonly ReceivedSpan[]): string => spans.map(({ name }) => name).join(' < ');

const fromTickToHook = 'POST < callHook < step < tick';

/** The hook whose whole line up to a tick has arrived: wakes have no tick above them. */
async function tracedHook(spans: () => readonly ReceivedSpan[], { hooks }: Scene) {
  return waitFor({
    what: 'a hook that is traced up to its tick',
    seconds: 30,
    look: () => {
      const all = spans();
      return hooks().flatMap((hook) => {
        const [, traceId, spanId] = String(hook.headers['traceparent']).split('-');
        const own = all.find((span) => span.spanId === spanId && span.traceId === traceId);
        const line = own === undefined ? [] : lineOf(all, own);
        return namesOf(line) === fromTickToHook ? [{ hook, line }] : [];
      })[0];
    },
    explain: () =>
      JSON.stringify({ hooks: hooks().map(({ headers }) => headers), spans: spans().slice(-20) }, undefined, 1),
  });
}

/** Every line of a job says whose it is; that of this trace says all. */
function checkLines(t: ExecutionContext, { worker }: Scene, ofStep: string | undefined): void {
  const lines = worker.lines().filter(({ job }) => job !== undefined);
  const slotLine = lines.find(({ traceId, outcome }) => traceId === ofStep && outcome === 'advanced');
  t.like(slotLine, { canary: 'traced/podinfo', namespace: 'traced', msg: 'step taken' });
  t.regex(String(slotLine?.['job']), /^s\.traced\.podinfo\.\w{8}\.\d+$/);
  t.is(String(slotLine?.['job']).split('.').at(-1), String(slotLine?.['slot']));
  t.truthy(slotLine?.['run']);
  t.deepEqual(
    lines.filter(
      (one) => one['canary'] === undefined || one['namespace'] === undefined || one['traceId'] === undefined,
    ),
    [],
  );
}

test.serial('one trace leads from a tick over a step to the receiver of its hook', async (t) => {
  const collector = await startTraceReceiver();
  t.teardown(() => collector.close());
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
  const scene = await analyse(t, 'traced', env);
  const { hook, line } = await tracedHook(() => collector.spans(), scene);
  const [client, action, step, tick] = line;
  t.is(hook.headers['traceparent'], `00-${client?.traceId}-${client?.spanId}-01`);
  t.deepEqual(
    line.map(({ service }) => service),
    ['aviary-worker', 'aviary-worker', 'aviary-worker', 'aviary-scheduler'],
  );
  t.like(action?.attributes, { 'aviary.hook.name': 'load', 'aviary.hook.type': 'rollout' });
  t.is(step?.attributes['aviary.canary'], 'traced/podinfo');
  t.is(step?.attributes['aviary.outcome'], 'advanced');
  t.is(tick?.parentSpanId, '');
  t.is(Number(tick?.attributes['aviary.canaries']), 1);

  const ofTrace = collector.spans().filter(({ traceId, parentSpanId }) => {
    return traceId === step?.traceId && parentSpanId === step.spanId;
  });
  const children = new Set(ofTrace.map(({ name }) => name));
  const expected = ['observeTarget', 'ensureRoutes', 'together', 'save and announce'];
  t.deepEqual(
    expected.filter((name) => !children.has(name)),
    [],
    `children of the step: ${[...children].join(', ')}`,
  );
  t.true(scene.queries().some(({ headers }) => String(headers['traceparent']).startsWith('00-')));
  t.false(
    collector.requests.some(({ body }) => body.includes('s3cret')),
    'no address with its query',
  );
  checkLines(t, scene, step?.traceId);
});

test.serial('without a collector there is no header, no trace in the queue and none in the log', async (t) => {
  const scene = await analyse(t, 'untraced', {});
  t.false([...scene.hooks(), ...scene.queries()].some(({ headers }) => 'traceparent' in headers));
  const lines = scene.worker.lines();
  t.true(lines.some(({ msg }) => msg === 'step taken'));
  t.false(JSON.stringify(lines).includes('traceId'));
  const redis = createRedis({ url: bench.cluster.light.redisUrl, role: 'producer', connectionName: 'test', log });
  const queue = openStepQueue({ redis, prefix: '{untraced}', log });
  t.teardown(async () => {
    await queue.close();
    redis.disconnect();
  });
  const jobs = await queue.getJobs(['completed', 'delayed']);
  t.true(jobs.length > 0);
  t.deepEqual(
    jobs.filter(({ opts }) => opts.telemetry !== undefined),
    [],
  );
});

test.serial('a single tick sends its spans before it ends, in protobuf unless told', async (t) => {
  const collector = await startTraceReceiver();
  t.teardown(() => collector.close());
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, NAMESPACE: 'default', REDIS_PREFIX: '{single}' };
  const tick = bench.run({ program: 'scheduler', args: ['--once'], env });
  t.is(await tick.ended(), 0);
  const [request] = collector.requests;
  t.is(request?.path, '/v1/traces');
  t.is(request?.headers['content-type'], 'application/x-protobuf');
  t.true(request?.body.includes('aviary-scheduler') && request.body.includes('tick'));
});

test.serial('a collector that is away holds nothing up and is told of', async (t) => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:2', OTEL_BSP_EXPORT_TIMEOUT: '500' };
  const scene = await analyse(t, 'lost', env);
  await scene.worker.said('traces are in trouble');
  t.true(scene.hooks().every(({ headers }) => String(headers['traceparent']).startsWith('00-')));
  for (const process of [scene.worker, scene.scheduler]) process.kill('SIGTERM');
  t.deepEqual(await Promise.all([scene.worker.ended(), scene.scheduler.ended()]), [0, 0]);
});
