import { onAbort } from '../abort.ts';
import type { Clock } from '../clock.ts';
import { DeadlineError } from '../deadline.ts';
import { isRecord, stringAt } from '../json.ts';
import type { WatchEvent } from './client.ts';
import { KubernetesError } from './error.ts';
import { failureOfConnection, failureOfStatusObject } from './failure.ts';
import { asObject } from './answer.ts';
import type { Call, Transport } from './transport.ts';
import type { Resource } from './resources.ts';

export interface WatchStreamOptions {
  transport: Pick<Transport, 'open'>;
  clock: Clock;
  resource: Resource;
  call: Call;
  /** Bound for the answer's head. */
  timeoutMs: number;
  onOpen?: (() => void) | undefined;
}

/**
 * The events of one watch. Ends when the server ends it in good order; throws KubernetesError otherwise. However the consumer
 * leaves (break, throw, its signal, even while connecting), the connection is closed.
 */
export async function* watchStream(options: WatchStreamOptions): AsyncGenerator<WatchEvent, void> {
  const { transport, clock, resource, call, timeoutMs } = options;
  const controller = new AbortController();
  const release = onAbort(call.signal, (reason) => controller.abort(reason));
  try {
    const cancel = clock.after(timeoutMs, () => controller.abort(new DeadlineError(timeoutMs)));
    const body = await transport.open(call, controller.signal).finally(cancel);
    options.onOpen?.();
    for await (const line of linesOf(body)) yield parseEvent(line, { resource, action: call.action });
  } catch (error) {
    throw failureOfConnection(call.action, error, controller.signal);
  } finally {
    release();
    controller.abort();
  }
}

/** The lines that are not blank. A rest without line feed is a line too. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  for await (const chunk of chunks) {
    const pieces = decoder.decode(chunk, { stream: true }).split('\n');
    const last = pieces.pop() ?? '';
    for (const piece of pieces) {
      const line = [...parts, piece].join('');
      parts = [];
      if (line.trim() !== '') yield line;
    }
    parts.push(last);
  }
  const rest = parts.join('');
  if (rest.trim() !== '') yield rest;
}

interface EventContext {
  resource: Resource;
  action: string;
}

function parseEvent(line: string, { resource, action }: EventContext): WatchEvent {
  const event = parseLine(line, action);
  const object = isRecord(event) ? event['object'] : undefined;
  switch (stringAt(event, 'type')) {
    case 'ADDED':
      return { type: 'added', object: asObject(object, { resource, action }) };
    case 'MODIFIED':
      return { type: 'modified', object: asObject(object, { resource, action }) };
    case 'DELETED':
      return { type: 'deleted', object: asObject(object, { resource, action }) };
    case 'BOOKMARK':
      return { type: 'bookmark', resourceVersion: stringAt(object, 'metadata', 'resourceVersion') ?? '' };
    case 'ERROR':
      throw failureOfStatusObject(action, object);
    default:
      throw new KubernetesError({
        kind: 'other',
        action,
        detail: `expected a watch event ADDED, MODIFIED, DELETED, BOOKMARK or ERROR, got '${stringAt(event, 'type')}'`,
      });
  }
}

function parseLine(line: string, action: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    // A line cut in the middle is a connection lost in the middle.
    const detail = `expected a watch event as a line of JSON, got ${line.length} characters that are none`;
    throw new KubernetesError({ kind: 'unavailable', action, detail, cause });
  }
}
