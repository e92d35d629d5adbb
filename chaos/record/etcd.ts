/**
 * Every state that objects ever had, from etcd itself. The audit log lacks the last writes of a server that was killed, and
 * the content of writes whose answer came too late; etcd lacks none.
 */
import { arrayAt, parseJson, stringAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import { isRecord } from '../../platform/json.ts';

export interface StoredState {
  readonly revision: number;
  /** `{namespace}/{name}`. */
  readonly key: string;
  /** Undefined: it was deleted. */
  readonly object: JsonRecord | undefined;
}

/** `{group}/{plural}` of custom resources, which are stored as JSON. */
export type StoredKind = 'flagger.app/canaries' | 'kuma.io/meshhttproutes';

/** In the order of their revisions, from the first on. */
export async function readStates(etcdUrl: string, kind: StoredKind): Promise<readonly StoredState[]> {
  const prefix = `/registry/${kind}/`;
  const newest = await newestRevision(etcdUrl, prefix);
  const controller = new AbortController();
  const request = { create_request: { ...rangeOf(prefix), start_revision: '1', progress_notify: true } };
  const answer = await post(`${etcdUrl}/v3/watch`, request, controller.signal);
  const states: StoredState[] = [];
  try {
    for await (const line of linesOf(answer)) {
      const message = parseJson(line);
      states.push(...arrayAt(message, 'result', 'events').map((event) => storedState(event, prefix)));
      if ((states.at(-1)?.revision ?? 0) >= newest) break;
    }
  } finally {
    controller.abort();
  }
  return states;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const rangeOf = (prefix: string): { key: string; range_end: string } => ({
  key: base64(prefix),
  // The first key that comes after all those with the prefix.
  range_end: base64(`${prefix.slice(0, -1)}0`),
});

async function post(url: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body), ...(signal && { signal }) });
  if (response.ok) return response;
  throw new Error(`${url}: expected an answer of etcd, got ${response.status} ${await response.text()}`);
}

/** Revision of the newest change that a watch will tell; a deletion after it is of no interest. */
async function newestRevision(etcdUrl: string, prefix: string): Promise<number> {
  const range = { ...rangeOf(prefix), sort_order: 'DESCEND', sort_target: 'MOD', limit: '1', keys_only: true };
  const answer: unknown = await (await post(`${etcdUrl}/v3/kv/range`, range)).json();
  return Number(stringAt(arrayAt(answer, 'kvs')[0], 'mod_revision') ?? 0);
}

async function* linesOf({ body }: Response): AsyncGenerator<string> {
  if (body === null) return;
  let parts: string[] = [];
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const [first = '', ...more] = chunk.split('\n');
    parts.push(first);
    for (const next of more) {
      yield parts.join('');
      parts = [next];
    }
  }
}

export function storedState(event: unknown, prefix: string): StoredState {
  const decode = (field: string): string => Buffer.from(stringAt(event, 'kv', field) ?? '', 'base64').toString('utf8');
  const object = stringAt(event, 'type') === 'DELETE' ? undefined : parseJson(decode('value'));
  return {
    revision: Number(stringAt(event, 'kv', 'mod_revision')),
    key: decode('key').slice(prefix.length),
    object: isRecord(object) ? object : undefined,
  };
}
