/**
 * What the users have seen happen stands in the logs. The other rules judge what they find there, and would find nothing wrong
 * with logs that lack a canary, a run or its end.
 */
import { groupBy } from '../group.ts';
import type { Phase } from '../../canary/canary.ts';
import type { ScriptName } from '../scripts/cast.ts';
import type { Ending } from '../scripts/play.ts';
import { entered, together } from './evidence.ts';
import type { Evidence, History, Ruling, Violation } from './evidence.ts';

const rule = 'the logs tell of every round';

/** The phases through which each round of a script leads. */
const leadsThrough: Readonly<Record<ScriptName, readonly Phase[]>> = {
  weighted: ['Succeeded'],
  'ab-testing': ['Succeeded'],
  'blue-green': ['Succeeded'],
  refused: ['Failed', 'Succeeded'],
  gated: ['WaitingPromotion', 'Succeeded'],
  twice: ['Succeeded'],
  config: ['Succeeded'],
  edited: ['Succeeded'],
  deleted: ['Terminating'],
};

export function judgeRecord({ histories, endings }: Evidence): Ruling {
  const byCanary = groupBy(endings, ({ canary }) => canary);
  const known = new Set(histories.map(({ canary }) => canary));
  const strangers = [...byCanary.keys()].filter((canary) => !known.has(canary));
  return together(rule, [
    ...histories.map((history) => judgeCanary(history, byCanary.get(history.canary) ?? [])),
    { looked: 0, violations: strangers.map((canary) => missing(canary, 'a canary that no log knows')) },
  ]);
}

function judgeCanary(history: History, endings: readonly Ending[]): Omit<Ruling, 'rule'> {
  const { canary, role } = history;
  const rounds = endings.filter(({ round, missed }) => round > 0 && missed === undefined).length;
  const lacking = leadsThrough[role.script].flatMap((phase) => {
    const times = entered(history, phase).length;
    return times >= rounds ? [] : [missing(canary, `${rounds} rounds, and ${phase} ${times} times`)];
  });
  return {
    looked: rounds,
    violations: endings.length === 0 ? [missing(canary, 'nobody has played its script')] : lacking,
  };
}

const missing = (canary: string, what: string): Violation => ({ rule, canary, at: 0, what, lines: [] });
