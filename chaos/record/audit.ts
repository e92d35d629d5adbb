/** What the API server has noted of the writes to canaries, routes and workloads. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { numberAt, parseJson, recordAt, stringAt, valueAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';

const kinds = [
  { group: 'flagger.app', resources: ['canaries', 'canaries/status'] },
  { group: 'kuma.io', resources: ['meshhttproutes'] },
  { group: 'apps', resources: ['deployments'] },
] as const;

/** Contents of the writes that are judged, and nothing else. */
export const auditPolicy = `${JSON.stringify({
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'RequestResponse', verbs: ['create', 'update', 'patch', 'delete'], resources: kinds },
    { level: 'None' },
  ],
})}\n`;

/** A write that was carried out. */
export interface AuditedWrite {
  /** Line of the audit log, from 1. */
  readonly line: number;
  /** Epoch milliseconds at which the request came. */
  readonly at: number;
  /** As `update canaries/status`. */
  readonly what: string;
  /** `{namespace}/{name}`. */
  readonly key: string;
  /** Begins with the name of the program. */
  readonly agent: string;
  /** Version of the object afterwards. */
  readonly revision: number;
  /** What became of it. */
  readonly object: JsonRecord;
}

/** In the order of the log. What a killed server had not written to its end is not there. */
export async function readAudit(path: string): Promise<readonly AuditedWrite[]> {
  const writes: AuditedWrite[] = [];
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(path) })) {
    line += 1;
    const write = auditedWrite(text, line);
    if (write !== undefined) writes.push(write);
  }
  return writes;
}

/** @returns undefined for a write that was refused, and for a line that is none */
export function auditedWrite(text: string, line: number): AuditedWrite | undefined {
  const event = parseJson(text);
  const object = recordAt(event, 'responseObject');
  const code = numberAt(event, 'responseStatus', 'code') ?? 0;
  if (object === undefined || code >= 300 || stringAt(object, 'kind') === 'Status') return undefined;
  const about = recordAt(event, 'objectRef');
  const subresource = stringAt(about, 'subresource');
  const resource = `${stringAt(about, 'resource')}${subresource === undefined ? '' : `/${subresource}`}`;
  return {
    line,
    at: Date.parse(stringAt(event, 'requestReceivedTimestamp') ?? ''),
    what: `${stringAt(event, 'verb')} ${resource}`,
    key: `${stringAt(object, 'metadata', 'namespace')}/${stringAt(object, 'metadata', 'name')}`,
    agent: stringAt(event, 'userAgent') ?? '',
    revision: Number(valueAt(object, 'metadata', 'resourceVersion')),
    object,
  };
}
