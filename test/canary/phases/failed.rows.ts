import { flaggerId } from '../../../canary/identity.ts';
import { answers, checks, hooks, preRollout, repairsNothingLive, spent } from '../rows.ts';
import type { Row, Table } from '../rows.ts';
import { inPhase, whyStuck, whyWaiting } from '../situations.ts';

const { fails, refuses } = answers;

const rollback = { kind: 'rollback', cause: 'FailedChecks' } as const;
const promote = { kind: 'promote' } as const;
const kept = { weight: 100, decision: promote } as const;
const starts = ['record Progressing', 'scaleTarget running'];
const twoId = flaggerId(inPhase('Failed'), { template: 'v1-two' });
const notReady = (why: string): string => `podinfo-primary.test not ready: ${why}`;
const started = {
  outcome: 'started',
  says: ['New revision detected! Scaling up podinfo.test'],
  tells: ['New revision detected, progressing canary analysis.'],
} as const;
const acceptedThree = {
  phase: 'Progressing',
  applied: 'v1-three',
  run: 'new',
  lastSlot: 100,
  decision: undefined,
} as const;
const rolledBack = ['observeTarget', 'ensureRoutes 100/0', 'scaleTarget zero'];

const rollbackRows: readonly Row[] = [
  {
    title: 'a rollback that waited for its primary is completed when the primary is ready, and not counted again',
    canary: inPhase('Failed', { weight: 30, failedChecks: 5, decision: rollback, waited: 90_000 }),
    asks: rolledBack,
    ends: {
      outcome: 'rolledBack',
      becomes: { weight: 0, failedChecks: 0, decision: undefined, waited: undefined },
      says: ['Canary failed! Scaling down podinfo.test'],
    },
  },
  {
    title: 'until then the canary keeps its traffic and its pods',
    canary: inPhase('Failed', { weight: 30, decision: rollback }),
    seen: { primary: 'waiting' },
    asks: ['observeTarget'],
    ends: {
      outcome: 'stopped',
      promotedSays: 'Canary analysis failed, primary not ready.',
      becomes: { waited: 0 },
      says: [notReady(whyWaiting)],
    },
  },
  {
    title: 'a rollback that waits for longer than the deadline is shown as Stalled',
    canary: inPhase('Failed', { weight: 30, decision: rollback, waited: 60_000 }),
    seen: { primary: 'waiting' },
    asks: ['observeTarget'],
    ends: { outcome: 'stopped', says: [notReady(whyWaiting)], stalled: 'DeadlineExceeded' },
  },
  {
    title: 'a revision that came meanwhile runs after the rollback is complete',
    canary: inPhase('Failed', { weight: 30, decision: rollback }),
    seen: { revision: 'v1-three' },
    asks: rolledBack,
    ends: {
      outcome: 'rolledBack',
      becomes: { weight: 0, decision: undefined },
      says: ['Canary failed! Scaling down podinfo.test'],
    },
  },
  {
    title: 'a revision that comes while the primary is not ready runs at the traffic that the canary has',
    canary: inPhase('Failed', { weight: 30, decision: rollback }),
    seen: { revision: 'v1-three', primary: 'stuck' },
    asks: [...repairsNothingLive, ...starts],
    ends: { ...started, becomes: acceptedThree },
  },
  {
    title: 'a pending rollback without traffic lets a new revision wait for the primary',
    canary: inPhase('Failed', { decision: rollback }),
    seen: { revision: 'v1-three', primary: 'waiting', target: 'ready' },
    asks: repairsNothingLive,
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [notReady(whyWaiting)] },
  },
  {
    title: 'but not for one that is past its deadline: the revision may be what mends it',
    canary: inPhase('Failed', { decision: rollback }),
    seen: { revision: 'v1-three', primary: 'stuck', target: 'ready' },
    asks: [...repairsNothingLive, ...starts],
    ends: { ...started, becomes: acceptedThree },
  },
  {
    title: 'routes that cannot be written keep the rollback pending, without a second alert',
    canary: inPhase('Failed', { weight: 30, decision: rollback, waited: 60_000 }),
    facts: { 'ensureRoutes 100/0': fails('unavailable', 'routes: no answer') },
    asks: ['observeTarget', 'ensureRoutes 100/0'],
    ends: { outcome: 'stopped', says: ['routes: no answer'], stalled: 'DeadlineExceeded' },
  },
  {
    title: 'traffic that nobody decided about goes back to a ready primary that does not run the target',
    canary: inPhase('Failed', { weight: 100 }),
    asks: rolledBack,
    ends: {
      outcome: 'rolledBack',
      becomes: { weight: 0 },
      says: ['Canary failed! Scaling down podinfo.test'],
    },
  },
];

const promotionRows: readonly Row[] = [
  {
    title: 'a promotion that failed is taken up again when the primary is ready with the revision',
    canary: inPhase('Failed', kept),
    seen: { equalsTarget: true },
    asks: ['observeTarget'],
    ends: { outcome: 'promoting', becomes: { phase: 'Promoting', decision: undefined } },
  },
  {
    title: 'even if the target has moved on by then',
    canary: inPhase('Failed', kept),
    seen: { revision: 'v1-three', flaggerId: twoId },
    asks: ['observeTarget'],
    ends: { outcome: 'promoting', becomes: { phase: 'Promoting', decision: undefined } },
  },
  {
    title: 'a primary that somebody gave something else is given the revision again',
    canary: inPhase('Failed', kept),
    seen: { equalsTarget: false, flaggerId: 'of-the-revision-before' },
    asks: ['observeTarget', 'promote'],
    carrying: { promote: { revision: { template: 'v1-two' } } },
    ends: { outcome: 'promoting', becomes: { phase: 'Promoting', decision: undefined, ...spent } },
  },
  {
    title: 'what it was given is left alone when the revision is no longer there to be copied: the newer one is run',
    canary: inPhase('Failed', kept),
    seen: { equalsTarget: false, flaggerId: 'of-the-revision-before', revision: 'v1-three' },
    asks: ['observeTarget', 'ensureServices', 'ensureApex', 'ensureRoutes 0/100', ...starts],
    ends: { ...started, becomes: { ...acceptedThree, weight: 0 } },
  },
  {
    title: 'traffic that a withdrawn revision has left goes back to the primary that runs the target',
    canary: inPhase('Failed', { weight: 30 }),
    seen: { revision: 'v1-one', equalsTarget: true },
    asks: rolledBack,
    ends: {
      outcome: 'rolledBack',
      becomes: { weight: 0 },
      says: ['Canary failed! Scaling down podinfo.test'],
    },
  },
  {
    title: 'while the primary is not ready the canary keeps all traffic',
    canary: inPhase('Failed', kept),
    seen: { primary: 'stuck' },
    asks: repairsNothingLive,
    ends: { outcome: 'settled' },
  },
  {
    title: 'a fix is run at the traffic that the canary has, although the primary is not ready',
    canary: inPhase('Failed', kept),
    seen: { revision: 'v1-three', primary: 'stuck' },
    asks: [...repairsNothingLive, ...starts],
    ends: { ...started, becomes: acceptedThree },
  },
  {
    title:
      'its first step asks the pre-rollout hooks as well as the checks under traffic, without a primary to wait for',
    canary: inPhase('Failed', { ...kept, analysis: { maxWeight: 100 } }),
    seen: { revision: 'v1-three', primary: 'stuck', target: 'ready' },
    nth: 2,
    asks: [...repairsNothingLive, preRollout, ...checks, 'record Progressing promote', 'promote'],
    ends: {
      outcome: 'promoting',
      becomes: { phase: 'Promoting', lastSlot: 101, lastStep: 0 },
      says: [
        notReady(whyStuck),
        'Starting canary analysis for podinfo.test',
        'Pre-rollout check acceptance-test passed',
        'Copying podinfo.test template spec to podinfo-primary.test',
      ],
    },
  },
  {
    title: 'a fix that meets a ready primary starts without traffic, as any other',
    canary: inPhase('Failed', kept),
    seen: { revision: 'v1-three' },
    asks: ['observeTarget', 'ensureServices', 'ensureApex', 'ensureRoutes 0/100', ...starts],
    ends: { ...started, becomes: { ...acceptedThree, weight: 0 } },
  },
  {
    title: 'going back to the promoted template is a release here, because the primary does not run it any more',
    canary: inPhase('Failed', kept),
    seen: { revision: 'v1-one', primary: 'stuck', equalsTarget: false },
    asks: [...repairsNothingLive, ...starts],
    ends: { ...started, becomes: { ...acceptedThree, applied: 'v1-one' } },
  },
  {
    title: 'on the kubernetes provider a fix does not wait for the primary either',
    canary: inPhase('Failed', {
      decision: promote,
      spec: { provider: 'kubernetes' },
      analysis: { iterations: 2, stepWeight: undefined },
    }),
    seen: { revision: 'v1-three', primary: 'stuck', target: 'ready' },
    asks: [...repairsNothingLive, ...starts],
    ends: { ...started, becomes: acceptedThree },
  },
  {
    title: 'what another controller left with all traffic is completed when its primary is ready',
    canary: inPhase('Failed', { isForeign: true, applied: '5f56684589', promoted: '4cb74184589', weight: 100 }),
    seen: { equalsTarget: true },
    asks: ['observeTarget'],
    ends: { outcome: 'promoting', becomes: { phase: 'Promoting', applied: 'v1-two' } },
  },
  {
    title: 'a shut gate keeps the traffic of the revision that failed to be promoted',
    canary: inPhase('Failed', { ...kept, analysis: hooks(['confirm-rollout', 'gate']) }),
    seen: { revision: 'v1-three', primary: 'stuck' },
    facts: { 'callHook confirm-rollout gate': refuses() },
    asks: [...repairsNothingLive, 'callHook confirm-rollout gate'],
    ends: {
      outcome: 'waiting',
      becomes: { phase: 'Waiting' },
      says: ['Halt podinfo.test advancement waiting for approval gate'],
      tells: ['Canary is waiting for approval.'],
    },
  },
  {
    title: 'a shut gate takes a pending rollback out of the run: it is found again by the traffic it left',
    canary: inPhase('Failed', { weight: 100, decision: rollback, analysis: hooks(['confirm-rollout', 'gate']) }),
    seen: { revision: 'v1-three', primary: 'stuck' },
    facts: { 'callHook confirm-rollout gate': refuses() },
    asks: [...repairsNothingLive, 'callHook confirm-rollout gate'],
    ends: {
      outcome: 'waiting',
      becomes: { phase: 'Waiting', decision: undefined },
      says: ['Halt podinfo.test advancement waiting for approval gate'],
      tells: ['Canary is waiting for approval.'],
    },
  },
];

export const failed: Table = {
  about: 'Failed, its end not carried out',
  rows: [...rollbackRows, ...promotionRows],
};
