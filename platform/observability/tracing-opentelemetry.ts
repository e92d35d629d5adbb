/** Spans by OpenTelemetry, sent to a collector. Imported only when tracing is on; nothing global but its own complaints. */
import { DiagLogLevel, ROOT_CONTEXT, SpanKind, SpanStatusCode, diag, trace } from '@opentelemetry/api';
import type { Context, Span, SpanContext, Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Clock } from '../clock.ts';
import { withDeadline } from '../deadline.ts';
import type { Logger } from './logger.ts';
import type { SpanDescription, SpanUnderWay, Tracing } from './tracing.ts';
import { programVersion } from '../version.ts';

export interface OpenTelemetryOptions {
  readonly protocol: 'http/protobuf' | 'http/json';
  readonly serviceName: string;
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Milliseconds that the end of a process waits for a collector. */
const closeMs = 3_000;

/** Endpoint, headers, sampler, limits and batches are what the variables of OpenTelemetry say. */
export function createOpenTelemetry(options: OpenTelemetryOptions): Tracing {
  const { protocol, serviceName, instance, clock, log } = options;
  const ours = { 'service.name': serviceName, 'service.version': programVersion(), 'service.instance.id': instance };
  const said = detectResources({ detectors: [envDetector] });
  const exporter = protocol === 'http/json' ? new JsonExporter() : new ProtobufExporter();
  const provider = new BasicTracerProvider({
    resource: defaultResource().merge(resourceFromAttributes(ours)).merge(said),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  tellComplaints(log);
  const manager = new AsyncLocalStorageContextManager().enable();
  const spans: Spans = { tracer: provider.getTracer('aviary'), manager };
  return {
    isOn: true,
    during: (description, work) => during(spans, description, work),
    traceparent: () => traceparentOf(trace.getSpanContext(manager.active())),
    close: async () => {
      manager.disable();
      try {
        await withDeadline({ clock, ms: closeMs }, () => provider.shutdown());
      } catch (err) {
        log.warn({ err }, 'the last traces were not sent');
      }
    },
  };
}

interface Spans {
  readonly tracer: Tracer;
  readonly manager: AsyncLocalStorageContextManager;
}

const kinds = {
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

async function during<T>(
  { tracer, manager }: Spans,
  description: SpanDescription,
  work: (span: SpanUnderWay) => Promise<T>,
): Promise<T> {
  const { name, kind = 'internal', attributes = {}, isFailure = () => true } = description;
  const context = contextOf(manager.active(), description.parent);
  if (description.inner === true && trace.getSpan(context) === undefined) return work(noSpan);
  const span = tracer.startSpan(name, { kind: kinds[kind], attributes: { ...attributes } }, context);
  try {
    return await manager.with(trace.setSpan(context, span), () => work(underWay(span)));
  } catch (error) {
    // Not its message, which may quote what a receiver said.
    if (isFailure(error)) fail(span, error instanceof Error ? error.name : 'error');
    throw error;
  } finally {
    span.end();
  }
}

const noSpan: SpanUnderWay = { set: () => undefined, fail: () => undefined };

const underWay = (span: Span): SpanUnderWay => ({
  set: (attributes) => void span.setAttributes({ ...attributes }),
  fail: (reason) => fail(span, reason),
});

function fail(span: Span, reason: string): void {
  span.setAttribute('error.type', reason);
  span.setStatus({ code: SpanStatusCode.ERROR, message: reason });
}

/** A cause that is named wins, and one that can't be read counts as none. */
function contextOf(active: Context, parent: string | undefined): Context {
  if (parent === undefined) return active;
  const spanContext = spanContextOf(parent);
  return spanContext === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContext);
}

const traceparentPattern = /^00-(?<traceId>[0-9a-f]{32})-(?<spanId>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})$/;

function spanContextOf(traceparent: string): SpanContext | undefined {
  const { traceId, spanId, flags = '00' } = traceparentPattern.exec(traceparent)?.groups ?? {};
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

function traceparentOf(context: SpanContext | undefined): string | undefined {
  if (context === undefined) return undefined;
  return `00-${context.traceId}-${context.spanId}-${context.traceFlags.toString(16).padStart(2, '0')}`;
}

const longestComplaint = 300;

/** A collector that is away is told once for each batch. */
function tellComplaints(log: Logger): void {
  const tell = (text: string): void => log.warn({ detail: text.slice(0, longestComplaint) }, 'traces are in trouble');
  const silence = (): void => undefined;
  const logger = { error: tell, warn: tell, info: silence, debug: silence, verbose: silence };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}
