/** What the API server has noted of each request, by its own hand: whatever our counters say, this is what it was asked. */
import { readFile } from 'node:fs/promises';
import { isRecord, numberAt, stringAt } from '../../platform/json.ts';
import type { LightCluster } from '../../sandbox/light.ts';

export interface AuditedRequest {
  /** Epoch milliseconds at which the server took it. */
  readonly at: number;
  /** As `update canaries/status`. */
  readonly what: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  /** HTTP status of the answer. */
  readonly code: number | undefined;
}

/** The finished requests of one client, watches and lists excepted. @param agent how its user agent begins */
export async function requestsOf({ auditLogPath }: LightCluster, agent: string): Promise<readonly AuditedRequest[]> {
  if (auditLogPath === undefined) throw new Error('this cluster was started without an audit log');
  const lines = (await readFile(auditLogPath, 'utf8')).split('\n').filter((line) => line.endsWith('}'));
  return lines
    .map((line) => JSON.parse(line) as unknown)
    .filter((event) => isRecord(event) && stringAt(event, 'userAgent')?.startsWith(agent) === true)
    .filter((event) => stringAt(event, 'stage') === 'ResponseComplete')
    .filter((event) => !['watch', 'list'].includes(stringAt(event, 'verb') ?? ''))
    .map(audited);
}

function audited(event: unknown): AuditedRequest {
  const subresource = stringAt(event, 'objectRef', 'subresource');
  const resource = stringAt(event, 'objectRef', 'resource') ?? stringAt(event, 'requestURI') ?? '';
  return {
    at: Date.parse(stringAt(event, 'requestReceivedTimestamp') ?? ''),
    what: `${stringAt(event, 'verb')} ${resource}${subresource === undefined ? '' : `/${subresource}`}`,
    namespace: stringAt(event, 'objectRef', 'namespace'),
    name: stringAt(event, 'objectRef', 'name'),
    code: numberAt(event, 'responseStatus', 'code'),
  };
}
