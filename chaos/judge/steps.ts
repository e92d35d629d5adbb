/** No step is lost and none is taken twice: every value once, in its order, one slot each and never too close to the last. */
import { Phase } from '../../canary/canary.ts';
import { neighbours, quote, together } from './evidence.ts';
import type { Evidence, History, Ruling, State, Violation } from './evidence.ts';

const rule = 'no step lost, none doubled';

/** As the rules have it: two steps are never closer than this share of the interval. */
const leastDistance = 0.9;

export const judgeSteps = ({ histories }: Evidence): Ruling =>
  together(
    rule,
    histories.flatMap((history) =>
      runsOf(history).map((states) => ({
        looked: neighbours(states).filter(([before, after]) => isStep(history, before, after)).length,
        violations: [
          ...strayValues(history, states),
          ...strayEnds(history, states),
          ...neighbours(states).flatMap(([before, after]) => straySlots(history, before, after)),
        ],
      })),
    ),
  );

const isStep = (history: History, before: State, after: State): boolean =>
  isAnalysed(after) && countOf(history, before) !== countOf(history, after);

/** States of each run, without those that were before the first. */
export function runsOf({ states }: History): readonly (readonly State[])[] {
  const runs = new Map<string, State[]>();
  for (const state of states) {
    const id = state.status.run?.id ?? '';
    if (id !== '') runs.set(id, [...(runs.get(id) ?? []), state]);
  }
  return [...runs.values()];
}

const isAnalysed = ({ status }: State): boolean =>
  status.phase === Phase.Progressing || status.phase === Phase.WaitingPromotion;

/** What the strategy of the canary counts. */
export const countOf = ({ role }: History, { status }: State): number =>
  role.strategy.kind === 'weights' ? status.canaryWeight : status.iterations;

/** Blue/Green routes all traffic in one more step. */
const lastOf = ({ role: { strategy } }: History): number =>
  strategy.last + (strategy.kind === 'blue-green' ? strategy.step : 0);

function strayValues(history: History, states: readonly State[]): readonly Violation[] {
  const { step } = history.role.strategy;
  const analysed = states.filter(isAnalysed);
  const [first] = analysed;
  const begins =
    first === undefined || countOf(history, first) === 0 ? [] : [lost(history, 'a run began in its middle', [first])];
  return [
    ...begins,
    ...neighbours(analysed).flatMap(([before, after]) => {
      const [from, to] = [countOf(history, before), countOf(history, after)];
      const isNext = from === to || to === from + step;
      return isNext ? [] : [lost(history, `from ${from} to ${to}, in steps of ${step}`, [before, after])];
    }),
  ];
}

/** Only a run that has taken every step is promoted. */
function strayEnds(history: History, states: readonly State[]): readonly Violation[] {
  const promoted = states.findIndex(({ status }) => status.phase === Phase.Promoting);
  const before = states[promoted - 1];
  const after = states[promoted];
  if (before === undefined || after === undefined || !isAnalysed(before)) return [];
  const count = countOf(history, before);
  return count === lastOf(history)
    ? []
    : [lost(history, `promoted at ${count}, not at ${lastOf(history)}`, [before, after])];
}

function straySlots(history: History, before: State, after: State): readonly Violation[] {
  const [last, next] = [slotOf(before), slotOf(after)];
  if (last === next) {
    return isStep(history, before, after) ? [lost(history, 'two steps in one slot', [before, after])] : [];
  }
  if (next < last) return [lost(history, 'a step of an earlier slot', [before, after])];
  // Without it nobody keeps a distance from this step.
  if (Number.isNaN(timeOf(after))) return [lost(history, 'a step without its time', [before, after])];
  const distance = timeOf(after) - timeOf(before);
  // Before the first step of a run there is none.
  if (Number.isNaN(distance) || distance >= leastDistance * history.role.intervalMs) return [];
  const what = `two steps ${distance} ms apart, in an interval of ${history.role.intervalMs} ms`;
  return [lost(history, what, [before, after])];
}

const slotOf = ({ status }: State): number => status.run?.lastSlot ?? 0;
/** Of its last step; NaN before the first one of a run. */
const timeOf = ({ status }: State): number => Date.parse(status.run?.lastStepTime ?? '');

const lost = ({ canary }: History, what: string, states: readonly State[]): Violation => ({
  rule,
  canary,
  at: states.at(-1)?.at ?? 0,
  what,
  lines: states.map(quote),
});
