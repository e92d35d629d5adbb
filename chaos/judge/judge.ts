/** All that is judged of a run. Pure. */
import { judgeAlerts } from './alerts.ts';
import { judgeEndings } from './endings.ts';
import type { Evidence, Violation } from './evidence.ts';
import { judgeHooks } from './hooks.ts';
import { judgePhases } from './phases.ts';
import { judgeSteps } from './steps.ts';
import { judgePrimaries, judgeWeights } from './traffic.ts';
import { judgeWrites } from './writes.ts';

const rules = [
  judgeEndings,
  judgePhases,
  judgeSteps,
  judgeHooks,
  judgeWeights,
  judgePrimaries,
  judgeWrites,
  judgeAlerts,
] as const;

export const judge = (evidence: Evidence): readonly Violation[] => rules.flatMap((rule) => rule(evidence));
