/** All that is judged of a run. Pure. */
import { judgeAlerts } from './alerts.ts';
import { judgeEndings } from './endings.ts';
import type { Evidence, Ruling, Violation } from './evidence.ts';
import { judgeHooks } from './hooks.ts';
import { judgePhases } from './phases.ts';
import { judgePrimaries } from './primaries.ts';
import { judgeRecord } from './record.ts';
import { judgeSteps } from './steps.ts';
import { judgeRoutes, judgeWeights } from './traffic.ts';
import { judgeWrites } from './writes.ts';

const rules = [
  judgeEndings,
  judgeRecord,
  judgePhases,
  judgeSteps,
  judgeHooks,
  judgeWeights,
  judgeRoutes,
  judgePrimaries,
  judgeWrites,
  judgeAlerts,
] as const;

/** What every rule says. One that had nothing to look at is broken by that: every cast leaves something for each of them. */
export const rulingsOn = (evidence: Evidence): readonly Ruling[] =>
  rules.map((rule) => rule(evidence)).map((ruling) => (ruling.looked > 0 ? ruling : blind(ruling)));

function blind(ruling: Ruling): Ruling {
  const { rule, violations } = ruling;
  const nothing = { rule, canary: 'all canaries', at: 0, what: 'there was nothing to look at', lines: [] };
  return { ...ruling, violations: [...violations, nothing] };
}

export const violationsIn = (rulings: readonly Ruling[]): readonly Violation[] =>
  rulings.flatMap(({ violations }) => violations);

export const judge = (evidence: Evidence): readonly Violation[] => violationsIn(rulingsOn(evidence));
