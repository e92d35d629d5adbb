import { flaggerId } from '../../../canary/identity.ts';
import { answers, repairs, repairsNothingLive } from '../rows.ts';
import type { Row, Table } from '../rows.ts';
import { inPhase, whyStuck, whyWaiting } from '../situations.ts';
import { accepted, notReady, started, starts } from '../starting.ts';

const { fails } = answers;

const configs = { 'configmap/podinfo-config': '241889ca0604e333' };
const otherConfigs = { 'configmap/podinfo-config': '6bb210b123ce2372' };

const quietRows: readonly Row[] = [
  {
    title: 'a target that has not changed is left alone, and drifted objects are repaired',
    canary: inPhase('Succeeded'),
    asks: repairs('100/0'),
    ends: { outcome: 'settled' },
  },
  {
    title: 'in Initialized the same holds',
    canary: inPhase('Initialized'),
    asks: repairs('100/0'),
    ends: { outcome: 'settled' },
  },
  {
    title: 'in Failed nothing is recorded while nothing is decided',
    canary: inPhase('Failed'),
    asks: repairs('100/0'),
    ends: { outcome: 'settled' },
  },
  {
    title: 'a primary that is not ready is no event while there is nothing to run',
    canary: inPhase('Succeeded'),
    seen: { primary: 'waiting' },
    asks: repairsNothingLive,
    ends: { outcome: 'settled' },
  },
  {
    title: 'what was waited for has come when a step goes through',
    canary: inPhase('Succeeded', { waited: 30_000 }),
    seen: { primary: 'waiting' },
    asks: repairsNothingLive,
    ends: { outcome: 'settled', becomes: { waited: undefined } },
  },
  {
    title: 'a share in the status of a promoted Canary is a slip: its routes lead to the primary',
    canary: inPhase('Succeeded', { weight: 30 }),
    seen: { target: 'none' },
    asks: repairs('100/0'),
    ends: { outcome: 'settled' },
  },
  {
    title: 'a primary that somebody deleted is created again',
    canary: inPhase('Succeeded'),
    seen: { primary: 'absent' },
    asks: [...repairsNothingLive, 'ensurePrimary'],
    carrying: { ensurePrimary: { follow: false, flaggerId: flaggerId(inPhase('Succeeded'), { template: 'v1-one' }) } },
    ends: { outcome: 'settled' },
  },
  {
    title: 'going back to the promoted template by hand is no release',
    canary: inPhase('Failed'),
    seen: { revision: 'v1-one' },
    asks: repairs('100/0'),
    ends: { outcome: 'settled' },
  },
  {
    title: 'a revision that failed is not run again',
    canary: inPhase('Failed'),
    seen: { revision: 'v1-two' },
    asks: repairs('100/0'),
    ends: { outcome: 'settled' },
  },
  {
    title: 'configs that are tracked no more are no change',
    canary: inPhase('Succeeded', { configs }),
    seen: { configs: undefined },
    asks: repairs('100/0'),
    ends: { outcome: 'settled' },
  },
  {
    title: 'a target that cannot be read is neither changed nor unchanged: the step stops with a Warning',
    canary: inPhase('Succeeded'),
    facts: { observeTarget: fails('unavailable', 'get deployments: no answer') },
    asks: ['observeTarget'],
    ends: {
      outcome: 'stopped',
      becomes: { waited: 0 },
      says: ['get deployments: no answer'],
      readySays: 'The primary serves the promoted revision. get deployments: no answer',
    },
  },
  {
    title: 'an error that lasts longer than the deadline stalls a settled Canary',
    canary: inPhase('Succeeded', { waited: 60_000 }),
    facts: { ensureServices: fails('forbidden', 'create services: forbidden') },
    asks: repairsNothingLive,
    ends: { outcome: 'stopped', says: ['create services: forbidden'], stalled: 'DeadlineExceeded' },
  },
];

const startRows: readonly Row[] = [
  ...(['Initialized', 'Succeeded'] as const).map(
    (phase): Row => ({
      title: `a new revision starts a run in ${phase}: status first, then the pods`,
      canary: inPhase(phase),
      seen: { revision: 'v1-two' },
      asks: [...repairs('100/0'), ...starts],
      ends: { ...started, becomes: accepted },
    }),
  ),
  {
    title: 'a new revision starts a run in Failed, with counters at zero',
    canary: inPhase('Failed', { failedChecks: 3, iterations: 2, checkErrors: 1 }),
    seen: { revision: 'v1-three' },
    asks: [...repairs('100/0'), ...starts],
    ends: {
      ...started,
      becomes: { ...accepted, applied: 'v1-three', failedChecks: 0, iterations: 0, checkErrors: 0 },
    },
  },
  {
    title: 'changed configs of the promoted template are a release',
    canary: inPhase('Succeeded', { configs }),
    seen: { configs: otherConfigs },
    asks: [...repairs('100/0'), ...starts],
    ends: { ...started, becomes: { ...accepted, applied: 'v1-one', configs: otherConfigs } },
  },
  {
    title: 'a config more is a release',
    canary: inPhase('Succeeded', { configs }),
    seen: { configs: { ...configs, 'secret/podinfo-secret': '3930f0692c2295eb' } },
    asks: [...repairs('100/0'), ...starts],
    ends: {
      ...started,
      becomes: {
        ...accepted,
        applied: 'v1-one',
        configs: { ...configs, 'secret/podinfo-secret': '3930f0692c2295eb' },
      },
    },
  },
  {
    title: 'a status that names no revision takes the target for a new one',
    canary: inPhase('Succeeded', { applied: null, promoted: null }),
    asks: [...repairs('100/0'), ...starts],
    ends: { ...started, becomes: accepted },
  },
  {
    title: 'a new revision waits for a primary that is not ready, and is not forgotten',
    canary: inPhase('Failed'),
    seen: { revision: 'v1-three', primary: 'waiting' },
    asks: repairsNothingLive,
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [notReady(whyWaiting)] },
  },
  {
    title: 'a primary that was not ready for the whole deadline is not waited for: nothing but a release will mend it',
    canary: inPhase('Succeeded', { waited: 60_000 }),
    seen: { revision: 'v1-two', primary: 'waiting' },
    asks: [...repairsNothingLive, ...starts],
    ends: { ...started, becomes: { ...accepted, waited: undefined } },
  },
  {
    title: 'a primary that is stuck is not waited for at all',
    canary: inPhase('Succeeded'),
    seen: { revision: 'v1-two', primary: 'stuck' },
    asks: [...repairsNothingLive, ...starts],
    ends: { ...started, becomes: accepted },
  },
  {
    title: 'the run goes on without that primary, and takes traffic as it passes its checks',
    canary: inPhase('Succeeded'),
    seen: { revision: 'v1-two', primary: 'stuck', target: 'ready' },
    nth: 2,
    asks: [...repairsNothingLive, 'callHook pre-rollout acceptance-test', 'ensureRoutes 90/10'],
    ends: {
      outcome: 'advanced',
      becomes: { weight: 10, lastSlot: 101, lastStep: 0 },
      says: [
        notReady(whyStuck),
        'Starting canary analysis for podinfo.test',
        'Pre-rollout check acceptance-test passed',
        'Advance podinfo.test canary weight 10',
      ],
    },
  },
  {
    title: 'with skipAnalysis a run starts whatever the primary does',
    canary: inPhase('Succeeded', { spec: { skipAnalysis: true } }),
    seen: { revision: 'v1-two', primary: 'stuck' },
    asks: [...repairsNothingLive, ...starts],
    ends: { ...started, becomes: accepted },
  },
  {
    title: 'pods that cannot be asked for leave the run started',
    canary: inPhase('Succeeded'),
    seen: { revision: 'v1-two' },
    facts: { 'scaleTarget running': fails('unavailable', 'patch deployments: no answer') },
    asks: [...repairs('100/0'), ...starts],
    ends: {
      ...started,
      outcome: 'stopped',
      becomes: { ...accepted, waited: 0 },
      says: [...started.says, 'patch deployments: no answer'],
    },
  },
];

export const settled: Table = {
  about: 'Initialized, Succeeded, Failed',
  rows: [...quietRows, ...startRows],
};
