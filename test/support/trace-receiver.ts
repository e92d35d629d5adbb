/**
 * Takes spans as a collector does: OTLP over HTTP, in JSON. A server of the test's own, because a real OpenTelemetry
 * Collector would have to be compiled from some hundred modules.
 */
import { arrayAt, stringAt, valueAt } from '../../platform/json.ts';
import { startReceiver } from './receiver.ts';
import type { Received } from './receiver.ts';

export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty: it is the first of its trace. */
  readonly parentSpanId: string;
  /** 2 when it failed. */
  readonly statusCode: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface TraceReceiver {
  readonly url: string;
  /** As they arrived. */
  readonly requests: readonly Received[];
  spans(): readonly ReceivedSpan[];
  close(): Promise<void>;
}

export async function startTraceReceiver(): Promise<TraceReceiver> {
  const answer = () => ({ headers: { 'content-type': 'application/json' }, body: '{"partialSuccess":{}}' });
  const receiver = await startReceiver({ answer });
  return {
    url: receiver.url,
    requests: receiver.received,
    spans: () => receiver.received.flatMap(({ body }) => spansIn(JSON.parse(body))),
    close: () => receiver.close(),
  };
}

const spansIn = (request: unknown): readonly ReceivedSpan[] =>
  arrayAt(request, 'resourceSpans').flatMap((ofResource) => {
    const service = String(attributesOf(valueAt(ofResource, 'resource'))['service.name']);
    return arrayAt(ofResource, 'scopeSpans').flatMap((ofScope) =>
      arrayAt(ofScope, 'spans').map((span) => spanOf(span, service)),
    );
  });

const spanOf = (span: unknown, service: string): ReceivedSpan => ({
  service,
  name: stringAt(span, 'name') ?? '',
  traceId: stringAt(span, 'traceId') ?? '',
  spanId: stringAt(span, 'spanId') ?? '',
  parentSpanId: stringAt(span, 'parentSpanId') ?? '',
  statusCode: Number(valueAt(span, 'status', 'code') ?? 0),
  attributes: attributesOf(span),
});

/** Each value stands under the name of its type. */
const attributesOf = (holder: unknown): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    arrayAt(holder, 'attributes').map((one) => [
      stringAt(one, 'key') ?? '',
      Object.values(valueAt(one, 'value') ?? {})[0],
    ]),
  );
