import type { FailureReason } from '../../canary/action.ts';
import { answers, checks, repairs, repairsNothingLive, spent } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase, whyWaiting } from './situations.ts';

const { fails } = answers;

const scaler = { autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' } };
const order = ['observeTarget', 'ensureServices', 'ensureScaler', 'ensureApex', 'ensureRoutes 80/20'] as const;
const advance = [...order, ...checks, 'ensureRoutes 70/30'] as const;

/** Every question and effect of a step that advances, failing. */
const failingRows: readonly Row[] = [...order, 'ensureRoutes 70/30'].flatMap((key) => [
  failing(key, { title: `${key} that fails ends the step with a Warning`, waited: undefined }),
  failing(key, {
    title: `${key} that fails for the whole deadline decides to roll back, once`,
    waited: 60_000,
  }),
]);

function failing(key: string, { title, waited }: { title: string; waited: number | undefined }): Row {
  const message = `${key}: access denied`;
  return {
    title,
    canary: inPhase('Progressing', { weight: 20, spec: scaler, ...(waited === undefined ? {} : { waited }) }),
    facts: { [key]: fails('forbidden', message) },
    asks: advance.slice(0, advance.indexOf(key) + 1),
    ends:
      waited !== undefined
        ? {
            outcome: 'stopped',
            becomes: { decision: 'rollback DeadlineExceeded' },
            says: [message, `Rolling back podinfo.test progress deadline exceeded ${message}`],
            tells: [`Progress deadline exceeded ${message}`],
            stalled: 'DeadlineExceeded',
          }
        : { outcome: 'stopped', becomes: { waited: 0 }, says: [message] },
  };
}

const reasons: readonly (readonly [FailureReason, string | undefined])[] = [
  ['notFound', undefined],
  ['invalid', undefined],
  ['forbidden', undefined],
  ['unavailable', undefined],
  ['other', undefined],
  ['unsupported', 'ProviderUnsupported'],
  ['routeConflict', 'RouteConflict'],
];

const reasonRows: readonly Row[] = [
  ...reasons.map(
    ([reason, stalled]): Row => ({
      title: `a route that fails as ${reason} ${stalled === undefined ? 'is only said' : `is Stalled with ${stalled} at once`}`,
      canary: inPhase('Succeeded'),
      facts: { 'ensureRoutes 100/0': fails(reason, 'routes: refused') },
      asks: repairs('100/0'),
      ends: {
        outcome: 'stopped',
        becomes: { waited: 0 },
        says: ['routes: refused'],
        ...(stalled === undefined ? {} : { stalled }),
      },
    }),
  ),
  {
    title: 'a lost race is of no concern: the next step sees the newer state',
    canary: inPhase('Progressing', { weight: 20, waited: 60_000 }),
    facts: { 'ensureRoutes 80/20': fails('conflict', 'somebody else wrote it') },
    asks: repairs('80/20'),
    ends: { outcome: 'stopped' },
  },
  {
    title: 'beyond the deadline a conflict about routes keeps its own reason',
    canary: inPhase('WaitingPromotion', { weight: 50, waited: 60_000 }),
    facts: { 'ensureRoutes 50/50': fails('routeConflict', 'routes: not ours') },
    asks: repairs('50/50'),
    ends: {
      outcome: 'stopped',
      becomes: { decision: 'rollback DeadlineExceeded' },
      says: ['routes: not ours', 'Rolling back podinfo.test progress deadline exceeded routes: not ours'],
      tells: ['Progress deadline exceeded routes: not ours'],
      stalled: 'RouteConflict',
    },
  },
  ...(['Waiting', 'Promoting', 'Finalising', 'Failed'] as const).map(
    (phase): Row => ({
      title: `an effect that fails for the whole deadline in ${phase} stalls the Canary and rolls nothing back`,
      canary: inPhase(phase, { waited: 60_000 }),
      facts: { ensureServices: fails('unavailable', 'services: no answer') },
      asks: repairsNothingLive,
      ends: { outcome: 'stopped', says: ['services: no answer'], stalled: 'DeadlineExceeded' },
    }),
  ),
  {
    title: 'a primary that cannot be created again stops the step',
    canary: inPhase('Succeeded'),
    seen: { primary: 'absent' },
    facts: { ensurePrimary: fails('forbidden', 'create deployments: forbidden') },
    asks: [...repairsNothingLive, 'ensurePrimary'],
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: ['create deployments: forbidden'] },
  },
  {
    title: 'a missing autoscaler is Stalled with MissingScaler at once, in every phase',
    canary: inPhase('Succeeded', { spec: scaler }),
    facts: { ensureScaler: fails('notFound', 'HorizontalPodAutoscaler podinfo.test get query error: gone') },
    asks: [...repairsNothingLive, 'ensureScaler'],
    ends: {
      outcome: 'stopped',
      becomes: { waited: 0 },
      says: ['HorizontalPodAutoscaler podinfo.test get query error: gone'],
      stalled: 'MissingScaler',
    },
  },
  {
    title: 'a canary without pods that cannot be scaled up stops the step',
    canary: inPhase('Progressing', { weight: 20 }),
    seen: { target: 'none' },
    facts: { 'scaleTarget running': fails('unavailable', 'patch deployments: no answer') },
    asks: [...repairs('80/20'), 'scaleTarget running'],
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: ['patch deployments: no answer'] },
  },
];

const remarks = {
  ensureServices: answers.is({ warnings: ['Service podinfo is headless'] }),
  ensureApex: answers.is({ warnings: ['Service podinfo is headless'] }),
  'ensureRoutes 80/20': answers.is({ warnings: ['another route selects podinfo'] }),
};
const remarked = ['warned: Service podinfo is headless', 'warned: another route selects podinfo'];
const said = ['Service podinfo is headless', 'another route selects podinfo'];

const remarkRows: readonly Row[] = [
  {
    title: 'what Services and routes have to say beside that they are there is a Warning, and stops nothing',
    canary: inPhase('Progressing', { weight: 20 }),
    facts: remarks,
    asks: [...repairs('80/20'), ...checks, 'ensureRoutes 70/30'],
    ends: {
      outcome: 'advanced',
      becomes: { weight: 30, ...spent },
      says: [...said, 'Advance podinfo.test canary weight 30'],
    },
  },
  {
    title: 'it is said once per run',
    canary: inPhase('Progressing', { weight: 20, said: remarked }),
    facts: remarks,
    asks: [...repairs('80/20'), ...checks, 'ensureRoutes 70/30'],
    ends: {
      outcome: 'advanced',
      becomes: { weight: 30, ...spent },
      says: ['Advance podinfo.test canary weight 30'],
    },
  },
  {
    title: 'a new weight may bring new words',
    canary: inPhase('Progressing', { weight: 20 }),
    facts: { 'ensureRoutes 70/30': answers.is({ warnings: ['another route selects podinfo'] }) },
    asks: [...repairs('80/20'), ...checks, 'ensureRoutes 70/30'],
    ends: {
      outcome: 'advanced',
      becomes: { weight: 30, ...spent },
      says: ['another route selects podinfo', 'Advance podinfo.test canary weight 30'],
    },
  },
  {
    title: 'a settled canary says it, too',
    canary: inPhase('Succeeded'),
    facts: { ensureServices: answers.is({ warnings: ['Service podinfo is headless'] }) },
    asks: repairs('100/0'),
    ends: { outcome: 'settled', says: ['Service podinfo is headless'] },
  },
  {
    title: 'so does one that is new',
    canary: inPhase('Initializing'),
    seen: { primary: 'waiting' },
    facts: { ensureServices: answers.is({ warnings: ['Service podinfo is headless'] }) },
    asks: ['observeTarget', 'ensureServices', 'observeMetricProviders'],
    ends: {
      outcome: 'initializing',
      becomes: { waited: 0 },
      says: [
        'Service podinfo is headless',
        'all the metrics providers are available!',
        `podinfo-primary.test not ready: ${whyWaiting}`,
      ],
    },
  },
];

export const effects: Table = {
  about: 'Effects that fail, or have something to say',
  rows: [...failingRows, ...reasonRows, ...remarkRows],
};
