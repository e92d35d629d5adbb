/** Puts the logs of a run together: what was stored, from etcd; when and by whom, from the audit log. */
import { parseStatus } from '../../canary/parse-status.ts';
import { stableJson } from '../../platform/hash.ts';
import { arrayAt, numberAt, recordAt, stringAt } from '../../platform/json.ts';
import type { Evidence, History, PrimaryWrite, RouteState, State, StatusWrite } from '../judge/evidence.ts';
import { groupBy } from '../group.ts';
import type { Role } from '../scripts/cast.ts';
import { keyOf } from '../world/objects.ts';
import type { AuditedWrite } from './audit.ts';
import type { StoredState } from './etcd.ts';

export interface Logs {
  readonly roles: readonly Role[];
  readonly audit: readonly AuditedWrite[];
  readonly canaries: readonly StoredState[];
  readonly routes: readonly StoredState[];
}

export function evidenceOf({
  roles,
  audit,
  canaries,
  routes,
}: Logs): Pick<Evidence, 'histories' | 'routes' | 'primaryWrites' | 'statusWrites'> {
  const byRevision = new Map(audit.map((write) => [write.revision, write]));
  const states = groupBy(canaries, ({ key }) => key);
  return {
    histories: roles.map((role) => historyOf(role, states.get(keyOf(role.place)) ?? [], byRevision)),
    routes: routes.flatMap((stored) => routeState(stored)),
    primaryWrites: audit.flatMap(primaryWrite),
    statusWrites: audit.filter(({ what }) => what === 'update canaries/status').map(statusWrite),
  };
}

type ByRevision = ReadonlyMap<number, AuditedWrite>;

function historyOf(role: Role, stored: readonly StoredState[], byRevision: ByRevision): History {
  const times = timesOf(stored, byRevision);
  const states: State[] = [];
  let last = '';
  for (const [index, { revision, object }] of stored.entries()) {
    const text = stableJson(object?.['status']);
    if (object?.['status'] === undefined || text === last) continue;
    last = text;
    states.push({
      revision,
      ...(times[index] ?? neverTold),
      source: sourceOf(revision, byRevision),
      status: parseStatus(object['status']),
      deleting: stringAt(object, 'metadata', 'deletionTimestamp') !== undefined,
    });
  }
  const uid = stringAt(stored.find(({ object }) => object !== undefined)?.object, 'metadata', 'uid') ?? '';
  return { canary: keyOf(role.place), uid, role, states };
}

type Times = Pick<State, 'at' | 'atLatest'>;

const neverTold: Times = { at: 0, atLatest: Infinity };

function timesOf(stored: readonly StoredState[], byRevision: ByRevision): readonly Times[] {
  const told = stored.map(({ revision }) => byRevision.get(revision)?.at);
  let { at, atLatest } = neverTold;
  const earliest = told.map((time) => (at = time ?? at));
  const latest = told
    .toReversed()
    .map((time) => (atLatest = time ?? atLatest))
    .toReversed();
  return earliest.map((time, index) => ({ at: time, atLatest: latest[index] ?? Infinity }));
}

function sourceOf(revision: number, byRevision: ByRevision): string {
  const audited = byRevision.get(revision);
  return audited === undefined ? `etcd revision ${revision}` : `audit.log:${audited.line}`;
}

function routeState({ key, revision, object }: StoredState): readonly RouteState[] {
  const rules = arrayAt(object, 'spec', 'to').flatMap((to) => arrayAt(to, 'rules'));
  const shares = rules.map((rule) =>
    arrayAt(rule, 'default', 'backendRefs').map((backend) => numberAt(backend, 'weight') ?? 1),
  );
  return object === undefined ? [] : [{ canary: key, revision, source: `etcd revision ${revision}`, shares }];
}

const suffix = '-primary';
const ofDeployments = /^(?:create|update|patch) deployments$/;

function primaryWrite({ key, what, at, revision, line, object }: AuditedWrite): readonly PrimaryWrite[] {
  if (!key.endsWith(suffix) || !ofDeployments.test(what)) return [];
  const template = recordAt(object, 'spec', 'template');
  const write = {
    canary: key.slice(0, -suffix.length),
    at,
    revision,
    source: `audit.log:${line}`,
    image: stringAt(template, 'spec', 'containers', 0, 'image') ?? '',
    flaggerId: stringAt(template, 'metadata', 'annotations', 'flagger-id') ?? '',
  };
  return [write];
}

const statusWrite = ({ key, at, line, agent, revision }: AuditedWrite): StatusWrite => ({
  canary: key,
  at,
  source: `audit.log:${line}`,
  agent,
  revision,
});
