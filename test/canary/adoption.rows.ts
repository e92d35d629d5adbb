import { repairs, repairsNothingLive, spent } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase, running } from './situations.ts';

const foreign = { isForeign: true, applied: '5f56684589', promoted: '5f56684589' } as const;
const configs = { 'configmap/podinfo-config': '241889ca0604e333' };
const primary = (why: string): string => `podinfo-primary.test not ready: ${why}`;
const whyNotSeen = 'waiting for rollout to finish: observed deployment generation less than desired generation';
const starts = ['record Progressing', 'scaleTarget running'];
const started = {
  outcome: 'started',
  becomes: { phase: 'Progressing', applied: 'v1-two', run: 'new', lastSlot: 100 },
  says: ['New revision detected! Scaling up podinfo.test'],
  tells: ['New revision detected, progressing canary analysis.'],
} as const;

const settledRows: readonly Row[] = [
  ...(['Initialized', 'Succeeded'] as const).map(
    (phase): Row => ({
      title: `a Canary in ${phase} whose target equals its primary is taken over without a run`,
      canary: inPhase(phase, { ...foreign, configs }),
      seen: { equalsTarget: true, configs },
      asks: repairs('100/0'),
      ends: { outcome: 'settled', becomes: { applied: 'v1-two', promoted: 'v1-two' } },
    }),
  ),
  {
    title: 'checksums of configs that are tracked no more are dropped when a Canary is taken over',
    canary: inPhase('Succeeded', { ...foreign, configs }),
    seen: { equalsTarget: true, configs: undefined },
    asks: repairs('100/0'),
    ends: { outcome: 'settled', becomes: { applied: 'v1-two', promoted: 'v1-two', configs: undefined } },
  },
  {
    title: 'a revision that has failed is not promoted by a primary that happens to equal it',
    canary: inPhase('Failed'),
    seen: { equalsTarget: true },
    asks: repairs('100/0'),
    ends: { outcome: 'settled' },
  },
  {
    title: 'a failure that names no revision decides on none',
    canary: inPhase('Failed', { applied: null, promoted: null }),
    seen: { equalsTarget: false },
    asks: [...repairs('100/0'), ...starts],
    ends: started,
  },
  {
    title: 'a Canary that is taken over with a target unlike its primary has a new revision',
    canary: inPhase('Succeeded', foreign),
    seen: { equalsTarget: false },
    asks: [...repairs('100/0'), ...starts],
    ends: started,
  },
  {
    title: 'a Canary that is taken over with changed configs has a new revision',
    canary: inPhase('Succeeded', { ...foreign, configs }),
    seen: { equalsTarget: true, configs: { 'configmap/podinfo-config': '6bb210b123ce2372' } },
    asks: [...repairs('100/0'), ...starts],
    ends: {
      ...started,
      becomes: { ...started.becomes, configs: { 'configmap/podinfo-config': '6bb210b123ce2372' } },
    },
  },
  {
    title: 'a Failed Canary that is taken over has decided on its target',
    canary: inPhase('Failed', foreign),
    seen: { equalsTarget: false },
    asks: repairs('100/0'),
    ends: { outcome: 'settled', becomes: { applied: 'v1-two' } },
  },
  {
    title: 'a promotion that failed under another controller is told as that',
    canary: inPhase('Failed', { ...foreign, weight: 100 }),
    seen: { equalsTarget: true, primary: 'stuck' },
    asks: repairsNothingLive,
    ends: {
      outcome: 'settled',
      promotedSays: 'Promotion failed, primary not ready.',
      becomes: { applied: 'v1-two' },
    },
  },
  {
    title: 'a Failed Canary is taken over while its primary is not ready',
    canary: inPhase('Failed', foreign),
    seen: { equalsTarget: false, primary: 'waiting' },
    asks: repairsNothingLive,
    ends: { outcome: 'settled', becomes: { applied: 'v1-two' } },
  },
  {
    title: 'an upgrade that renders the same template differently starts no run',
    canary: inPhase('Succeeded'),
    seen: { revision: 'v1-one-rendered-anew', equalsTarget: true },
    asks: repairs('100/0'),
    ends: {
      outcome: 'settled',
      becomes: { applied: 'v1-one-rendered-anew', promoted: 'v1-one-rendered-anew' },
    },
  },
  {
    title: 'nor does it after a failure, when the target was taken back',
    canary: inPhase('Failed'),
    seen: { revision: 'v1-one-rendered-anew', equalsTarget: true },
    asks: repairs('100/0'),
    ends: {
      outcome: 'settled',
      becomes: { applied: 'v1-one-rendered-anew', promoted: 'v1-one-rendered-anew' },
    },
  },
];

const runningRows: readonly Row[] = running.map((phase) => ({
  title: `a Canary that is taken over in ${String(phase)} starts its analysis over`,
  canary: inPhase(phase, { ...foreign, weight: phase === 'Finalising' ? 0 : 50 }),
  asks: phase === 'Finalising' ? repairs('100/0') : [...repairs('50/50'), 'ensureRoutes 100/0'],
  ends: {
    outcome: 'restarted',
    becomes: { phase: 'Progressing', applied: 'v1-two', run: 'new', weight: 0, ...spent },
    says: ['New revision detected! Restarting analysis for podinfo.test'],
  },
}));

const waitingRow: Row = {
  title: 'a Canary that is taken over in Waiting asks its gate about the target as it is',
  canary: inPhase('Waiting', foreign),
  seen: { equalsTarget: false },
  asks: [...repairs('100/0'), ...starts],
  ends: started,
};

const withdrawnRow: Row = {
  title: 'a Canary that is taken over in Waiting with a target equal to its primary is withdrawn',
  canary: inPhase('Waiting', foreign),
  seen: { equalsTarget: true },
  asks: repairs('100/0'),
  ends: { outcome: 'settled', becomes: { phase: 'Succeeded', applied: 'v1-two', promoted: 'v1-two' } },
};

const brokenRows: readonly Row[] = [
  {
    title: 'a Canary that is taken over in Promoting without a primary starts over at the traffic that it has',
    canary: inPhase('Promoting', { ...foreign, weight: 50 }),
    seen: { primary: 'absent' },
    asks: repairsNothingLive,
    ends: {
      outcome: 'restarted',
      becomes: { phase: 'Progressing', applied: 'v1-two', run: 'new', ...spent },
      says: ['New revision detected! Restarting analysis for podinfo.test'],
    },
  },
  {
    title: 'a Canary that is taken over at rest without a primary is given one',
    canary: inPhase('Succeeded', foreign),
    seen: { primary: 'absent' },
    asks: [...repairsNothingLive, 'ensurePrimary'],
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [primary(whyNotSeen)] },
  },
  {
    title:
      'a Canary that is taken over in Promoting with a primary that is stuck starts over at the traffic that it has',
    canary: inPhase('Promoting', { ...foreign, weight: 50 }),
    seen: { primary: 'stuck' },
    asks: repairsNothingLive,
    ends: {
      outcome: 'restarted',
      becomes: { phase: 'Progressing', applied: 'v1-two', run: 'new', ...spent },
      says: ['New revision detected! Restarting analysis for podinfo.test'],
    },
  },
];

export const adoption: Table = {
  about: 'Take-over',
  rows: [...settledRows, ...runningRows, ...brokenRows, waitingRow, withdrawnRow],
};
