/** All tables, in the order of a run. */
import { adoption } from './adoption.rows.ts';
import { affinity } from './affinity.rows.ts';
import { preRolloutHooks, rounds } from './analysis.rows.ts';
import { drainPromotion } from './drain-promotion.rows.ts';
import { drain } from './drain.rows.ts';
import { idlePrimary } from './idle-primary.rows.ts';
import { leftBehind } from './left-behind.rows.ts';
import { lostPrimary } from './lost-primary.rows.ts';
import { effects } from './effects.rows.ts';
import { metricOrder } from './metric-order.rows.ts';
import { metricTexts } from './metric-texts.rows.ts';
import { noData } from './no-data.rows.ts';
import { failed } from './phases/failed.rows.ts';
import { finalising } from './phases/finalising.rows.ts';
import { initializingSwitch } from './phases/initializing-switch.rows.ts';
import { initializing } from './phases/initializing.rows.ts';
import { limits } from './phases/progressing-limits.rows.ts';
import { readiness } from './phases/progressing-readiness.rows.ts';
import { revisions } from './phases/progressing-revisions.rows.ts';
import { proven } from './phases/promoting-proven.rows.ts';
import { promoting } from './phases/promoting.rows.ts';
import { settled } from './phases/settled.rows.ts';
import { terminatingBegin } from './phases/terminating-begin.rows.ts';
import { terminating } from './phases/terminating.rows.ts';
import { waiting } from './phases/waiting.rows.ts';
import { postRollout } from './post-rollout.rows.ts';
import { copy, promotionGate } from './promotion.rows.ts';
import { queuedRuns } from './queued.rows.ts';
import { remembered } from './remembered.rows.ts';
import { rollback } from './rollback.rows.ts';
import { rolloutGate } from './rollout-gate.rows.ts';
import type { Table } from './rows.ts';
import { occasions } from './steps.rows.ts';
import { rollbackSizing } from './sizing-rollback.rows.ts';
import { sizing } from './sizing.rows.ts';
import { steadyPods } from './steady.rows.ts';
import { abTesting } from './strategies/ab-testing.rows.ts';
import { blueGreenStrategy } from './strategies/blue-green.rows.ts';
import { weighted } from './strategies/weighted.rows.ts';
import { trafficGate } from './traffic-gate.rows.ts';

export const tables: readonly Table[] = [
  occasions,
  initializing,
  initializingSwitch,
  settled,
  rolloutGate,
  queuedRuns,
  waiting,
  readiness,
  revisions,
  limits,
  preRolloutHooks,
  rounds,
  metricTexts,
  metricOrder,
  noData,
  weighted,
  affinity,
  trafficGate,
  blueGreenStrategy,
  abTesting,
  promotionGate,
  copy,
  promoting,
  proven,
  finalising,
  postRollout,
  rollback,
  failed,
  sizing,
  rollbackSizing,
  steadyPods,
  drain,
  drainPromotion,
  lostPrimary,
  idlePrimary,
  adoption,
  effects,
  terminatingBegin,
  terminating,
  remembered,
  leftBehind,
];
