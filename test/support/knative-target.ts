/**
 * A Knative Service in a namespace of its own on a real API server, with Knative's own definitions. Its controller does
 * not run there: the test plays its part by making Revisions and writing status.
 */
import { randomUUID } from 'node:crypto';
import type { Canary } from '../../canary/canary.ts';
import { stableJson } from '../../platform/hash.ts';
import { arrayAt, recordAt, stringAt, valueAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject, ObjectName } from '../../platform/kubernetes/object.ts';
import { knativeRevisions, knativeServices } from '../../platform/kubernetes/resources.ts';
import { createRouters } from '../../worker/routers/registry.ts';
import type { Router } from '../../worker/routers/router.ts';
import { createTargets } from '../../worker/targets/registry.ts';
import type { TargetFixture } from '../contract/target.contract.ts';
import { aCanary } from './a-canary.ts';
import type { CanaryOptions } from './a-canary.ts';
import { install, knativeDefinitions } from './definitions.ts';
import type { ClientHands } from './light-client.ts';

interface Route {
  readonly namespace: string;
  readonly name: string;
}

export interface KnativeFixture extends TargetFixture {
  readonly namespace: string;
  readonly route: Route;
  readonly router: Router;
  readonly service: () => Promise<KubernetesObject>;
  readonly edit: (patch: JsonRecord) => Promise<KubernetesObject>;
  /** What Knative's controller would do now. */
  readonly settle: () => Promise<void>;
  /** Condition Ready of a Revision. */
  readonly tell: (revision: string, ready: JsonRecord) => Promise<unknown>;
  readonly canaryWith: (options: CanaryOptions) => Canary;
}

export async function installKnative({ user }: ClientHands): Promise<void> {
  for (const definition of await knativeDefinitions()) await install(user, definition);
}

const image = (tag: string): JsonRecord => ({
  template: { spec: { containers: [{ name: 'podinfo', image: `podinfo:${tag}` }] } },
});

const targetRef = { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'podinfo' };

export async function aKnativeTarget(light: ClientHands, name: string, spec: JsonRecord = {}): Promise<KnativeFixture> {
  const { client, user, requests } = light;
  const namespace = await light.namespace(`knative-${name}`);
  const route = { namespace, name: 'podinfo' };
  const uid = randomUUID();
  const canaryWith = (options: CanaryOptions): Canary =>
    aCanary({ namespace, metadata: { uid }, spec: { provider: 'knative', targetRef }, ...options });
  await user.create(knativeServices, {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: route,
    spec: { ...image('1'), ...spec },
  });
  const service = () => user.get(knativeServices, route);
  const edit = (patch: JsonRecord) => user.mergePatch(knativeServices, route, { patch });
  const settle = () => settleKnative(light, route);
  await settle();
  const canary = canaryWith({});
  let releases = 1;
  return {
    namespace,
    route,
    canary,
    canaryWith,
    requests,
    target: createTargets({ client, leastReplicas: async () => 1 })(canary),
    router: createRouters(client)('knative'),
    service,
    primary: service,
    edit,
    settle,
    release: async () => {
      releases += 1;
      await edit({ spec: image(String(releases)) });
      await settle();
    },
    tell: (revision, ready) => tellReady(light, { namespace, name: revision }, ready),
  };
}

const tellReady = ({ user }: ClientHands, revision: ObjectName, ready: JsonRecord): Promise<KubernetesObject> =>
  user.patchStatus(knativeRevisions, revision, { patch: { status: { conditions: [{ type: 'Ready', ...ready }] } } });

/** A Revision for a template that has none yet, ready at once; then the status as Knative writes it. */
async function settleKnative(light: ClientHands, route: Route): Promise<void> {
  const { user } = light;
  const { namespace } = route;
  const live = await user.get(knativeServices, route);
  const { items } = await user.list(knativeRevisions, { namespace });
  const template = stableJson(valueAt(live, 'spec', 'template', 'spec'));
  const known = items
    .map(({ metadata }) => metadata.name)
    .sort()
    .at(-1);
  const newest = items.find(({ metadata }) => metadata.name === known);
  const isNew = newest?.metadata.annotations?.['test/template'] !== template;
  const latest = isNew ? `podinfo-${String(items.length + 1).padStart(5, '0')}` : (known ?? '');
  if (isNew) {
    await user.create(knativeRevisions, {
      apiVersion: 'serving.knative.dev/v1',
      kind: 'Revision',
      metadata: { name: latest, namespace, annotations: { 'test/template': template } },
      spec: recordAt(live, 'spec', 'template', 'spec'),
    });
    await tellReady(light, { namespace, name: latest }, { status: 'True' });
  }
  const status = {
    observedGeneration: live.metadata.generation,
    latestCreatedRevisionName: latest,
    latestReadyRevisionName: latest,
    traffic: resolved(live, latest),
  };
  await user.patchStatus(knativeServices, route, { patch: { status } });
}

function resolved(live: KubernetesObject, latest: string): readonly JsonRecord[] {
  const wanted = arrayAt(live, 'spec', 'traffic');
  if (wanted.length === 0) return [{ latestRevision: true, revisionName: latest, percent: 100 }];
  return wanted.map((entry) => {
    const revisionName = stringAt(entry, 'revisionName') ?? latest;
    return {
      latestRevision: valueAt(entry, 'latestRevision') === true,
      revisionName,
      percent: valueAt(entry, 'percent'),
    };
  });
}
