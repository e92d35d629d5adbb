/** Steps of Canaries that lie on a real API server, with rules that a test writes down. */
import { actionKey } from '../../canary/action-key.ts';
import type { Action } from '../../canary/action.ts';
import type { Announcement, CanaryStatus } from '../../canary/canary.ts';
import { parseCanary } from '../../canary/parse.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { shortUid } from '../../queue/step-job.ts';
import { createExamine } from '../../worker/step/examine.ts';
import type { Examine } from '../../worker/step/examine.ts';
import type { Adapters } from '../../worker/step/perform.ts';
import type { Advance } from '../../worker/step/step.ts';
import { createSeenLog } from '../../worker/reads/seen-versions.ts';
import { createTakeStep } from '../../worker/step/take-step.ts';
import type { TakeStep, TurnEnd } from '../../worker/step/take-step.ts';
import type { CanaryCluster } from './canary-cluster.ts';

const examine: Examine = createExamine({
  defaultProvider: 'kuma',
  allowedNamespaces: [],
  stepTimeoutMs: 60_000,
  claims: () => [],
});
export interface TestStep {
  readonly namespace: string;
  readonly name?: string;
  readonly advance?: Advance;
  readonly adapters?: Partial<Adapters>;
  readonly examine?: Examine;
}

export interface TestEnd {
  readonly end: TurnEnd;
  readonly delivered: readonly Announcement[];
}

/** Steps with these parts, for a worker; what they announce is added to `delivered`. */
export const stepsOn = (
  { client }: Pick<CanaryCluster, 'client'>,
  parts: Omit<TestStep, 'namespace' | 'name'>,
  delivered: Announcement[] = [],
): TakeStep =>
  createTakeStep({
    client,
    examine: parts.examine ?? examine,
    advance: parts.advance ?? (({ status }) => ({ kind: 'done', status, announcements: [], outcome: 'settled' })),
    adapters: (parts.adapters ?? {}) as Adapters,
    deliver: async (_about, announcements) => {
      delivered.push(...announcements);
      return [];
    },
    clock,
    log,
  });

export async function takeStepOn(
  cluster: CanaryCluster,
  { namespace, name = 'podinfo', ...parts }: TestStep,
): Promise<TestEnd> {
  const delivered: Announcement[] = [];
  const stored = await cluster.read(namespace, name);
  const uid = stored.metadata.uid ?? '';
  const end = await stepsOn(
    cluster,
    parts,
    delivered,
  )({
    job: { name: 'wake', canary: { namespace, name, uid: shortUid(uid) } },
    cameAt: 0,
    endsAt: Infinity,
    signal: new AbortController().signal,
    // As after a step of before: what one without any makes sure of has tests of its own.
    seen: createSeenLog('canaries.flagger.app=1'),
    fence: async () => undefined,
    observe: () => undefined,
    onSlot: () => undefined,
  });
  return { end, delivered };
}

/** Asks for these actions one after another and ends with this status. */
export const script =
  (
    actions: readonly Action[],
    status: (now: CanaryStatus) => CanaryStatus,
    announcements: readonly Announcement[] = [],
  ): Advance =>
  (canary, facts) =>
    actions.find((action) => !facts.has(actionKey(action))) ?? {
      kind: 'done',
      status: status(canary.status),
      announcements,
      outcome: 'advanced',
    };

export async function statusOn(cluster: CanaryCluster, namespace: string): Promise<CanaryStatus> {
  const parsed = parseCanary(await cluster.read(namespace), { defaultProvider: 'kuma' });
  return parsed.ok ? parsed.canary.status : parsed.identity.status;
}
