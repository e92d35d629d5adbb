/** The real rules and adapters on a real API server, one step at a time: every step is an interval later than the last. */
import { advance } from '../../canary/advance.ts';
import type { Announcement } from '../../canary/canary.ts';
import { systemClock } from '../../platform/clock.ts';
import type { Clock } from '../../platform/clock.ts';
import { createHttpSender } from '../../platform/http/http.ts';
import { numberAt, stringAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { canaries, events } from '../../platform/kubernetes/resources.ts';
import { shortUid } from '../../queue/step-job.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { createAdapters } from '../../worker/adapters.ts';
import { canaryLoops, createCanaryIndex } from '../../worker/reads/canary-index.ts';
import { createEventRecorder } from '../../worker/announcements/events.ts';
import { createExamine } from '../../worker/step/examine.ts';
import { createSeenLog } from '../../worker/reads/seen-versions.ts';
import { createTakeStep } from '../../worker/step/take-step.ts';
import type { TakeStep } from '../../worker/step/take-step.ts';
import type { Deliver } from '../../worker/announcements/announce.ts';
import type { CanaryCluster } from './canary-cluster.ts';
import { find } from './stored-object.ts';

/** Milliseconds: of every Canary of these tests. */
const intervalMs = 1_000;

export interface AviaryOnCluster {
  /** Takes one step; how it ended, `gone` when there is no such Canary. */
  step(namespace: string, name?: string): Promise<string>;
  /** Steps until the Canary is in a phase, `gone` when it is to be there no more. */
  until(namespace: string, phase: string, name?: string): Promise<void>;
  stop(): Promise<void>;
}

export async function aviaryOn(cluster: CanaryCluster): Promise<AviaryOnCluster> {
  const { client } = cluster;
  let now = systemClock.now();
  const clock: Clock = { ...systemClock, now: () => now };
  const index = createCanaryIndex({
    namespaces: [],
    defaultProvider: 'kubernetes',
    openLoop: canaryLoops({ client, clock: systemClock, random: Math.random, log }),
    log,
  });
  index.start();
  await index.whenSynced(new AbortController().signal);
  const http = createHttpSender({ clock: systemClock, userAgent: 'aviary-test' });
  const rules = { metricsServer: 'http://prometheus.test:9090', openNamespaces: [], selectorLabels: ['app'] };
  const take = createTakeStep({
    client,
    examine: createExamine({
      defaultProvider: 'kubernetes',
      allowedNamespaces: [],
      stepTimeoutMs: 60_000,
      claims: (claim) => index.withTargetOf(claim),
    }),
    advance,
    adapters: createAdapters({
      client,
      http,
      clock,
      random: Math.random,
      log,
      config: { ...rules, includeLabelPrefixes: [], trackConfigs: true },
    }),
    deliver: eventsOnly(cluster, clock),
    clock,
    log,
  });
  const step: AviaryOnCluster['step'] = async (namespace, name = 'podinfo') => {
    now += intervalMs;
    return takeOne(take, await readIfThere(cluster, namespace, name));
  };
  return {
    step,
    until: async (namespace, phase, name = 'podinfo') => {
      await waitFor({
        what: `${namespace}/${name} to be ${phase}`,
        seconds: 60,
        look: async () => {
          const found = await readIfThere(cluster, namespace, name);
          const seen = found === undefined ? 'gone' : (stringAt(found, 'status', 'phase') ?? '');
          if (seen === phase) return true;
          await step(namespace, name);
          return undefined;
        },
        explain: async () => JSON.stringify((await readIfThere(cluster, namespace, name)) ?? 'gone', null, 1),
      });
    },
    stop: async () => {
      await Promise.all([index.stop(), http.close()]);
    },
  };
}

async function takeOne(take: TakeStep, object: KubernetesObject | undefined): Promise<string> {
  if (object === undefined) return 'gone';
  const { name, namespace = '', uid = '' } = object.metadata;
  const end = await take({
    job: { name: 'wake', canary: { namespace, name, uid: shortUid(uid) } },
    cameAt: 0,
    endsAt: Infinity,
    signal: new AbortController().signal,
    seen: createSeenLog(undefined),
    fence: async () => undefined,
    observe: () => undefined,
    onSlot: () => undefined,
  });
  return end.kind === 'taken' ? end.outcome : end.kind;
}

const readIfThere = ({ user }: CanaryCluster, namespace: string, name: string): Promise<KubernetesObject | undefined> =>
  find(user, canaries, { namespace, name });

/** As the worker does it: what can't be recorded, in a namespace that goes for instance, is owed. */
function eventsOnly({ client }: CanaryCluster, clock: Clock): Deliver {
  const recorder = createEventRecorder({ client, clock, instance: 'test' });
  return async (about, announcements) => {
    const owed: Announcement[] = [];
    for (const announcement of announcements) {
      if (announcement.kind !== 'event') continue;
      const subject = about.kind === 'accepted' ? about.canary : about.identity;
      await recorder.record(subject, announcement).catch(() => owed.push(announcement));
    }
    return owed;
  };
}

/** Messages of the events on the Canaries of a namespace with how often they were said, as `Terminated canary podinfo.shop: 1`. */
export async function saidIn({ user }: CanaryCluster, namespace: string): Promise<readonly string[]> {
  const { items } = await user.list(events, { namespace, fieldSelector: 'involvedObject.kind=Canary' });
  return items.map((event) => `${stringAt(event, 'message')}: ${numberAt(event, 'count')}`).toSorted();
}
