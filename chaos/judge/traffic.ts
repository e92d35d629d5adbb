/** What routes are given. */
import { groupBy } from '../group.ts';
import type { Evidence, History, RouteState, Ruling, State, Violation } from './evidence.ts';
import { neighbours, quote, together } from './evidence.ts';

/** Invariant 1. */
export const judgeWeights = ({ routes }: Evidence): Ruling =>
  together(
    'weights sum to 100',
    routes.map(({ canary, source, shares }) => {
      const isWhole = shares.every((rule) => rule.reduce((sum, share) => sum + share, 0) === 100);
      const what = `a route with the shares ${JSON.stringify(shares)}`;
      const violation = { rule: 'weights sum to 100', canary, at: 0, what, lines: [source] };
      return { looked: shares.length, violations: isWhole ? [] : [violation] };
    }),
  );

const rule = 'routes are what the status says';

/**
 * Invariants 1 and 5: a status says a weight when the route has it, and whatever a worker writes that has slept does not stay.
 * The kubernetes provider has no routes, and A/B testing counts iterations instead of weights.
 */
export const judgeRoutes = ({ histories, routes }: Evidence): Ruling => {
  const byCanary = groupBy(routes, ({ canary }) => canary);
  return together(
    rule,
    histories
      .filter(({ role }) => role.strategy.kind === 'weights')
      .map((history) => {
        const ofCanary = (byCanary.get(history.canary) ?? []).toSorted((a, b) => a.revision - b.revision);
        const told = history.states.filter(tellsWeight);
        const strays = neighbours(history.states).flatMap(([before, after]) =>
          tellsWeight(after) ? strayRoute(history, ofCanary, [before, after]) : [],
        );
        return { looked: told.length, violations: [...strays, ...strayEnd(history, ofCanary)] };
      }),
  );
};

/** Without a phase of its own there is no route yet, and no more when it goes; a roll-back may wait for its primary. */
function tellsWeight({ status: { phase, run }, deleting }: State): boolean {
  if (deleting || phase === undefined || phase === 'Initializing' || phase === 'Terminating') return false;
  return run?.decision?.kind !== 'rollback';
}

const shareOf = ({ shares }: RouteState): number => shares[0]?.[1] ?? 0;

type Pair = readonly [State, State];

/**
 * A canary without pods lends its share to the primary: but for the step that gives it. And the answer to the write of a
 * route may be lost: its step knows of no change, so the route may be ahead of that one status.
 */
function strayRoute(history: History, routes: readonly RouteState[], [before, after]: Pair): readonly Violation[] {
  const { canaryWeight } = after.status;
  const route = routes.findLast(({ revision }) => revision < after.revision);
  if (route === undefined) return [stray(history, 'a weight without any route', [quote(after)])];
  const isHeld = before.status.canaryWeight === canaryWeight;
  const mayDiffer = isHeld && (shareOf(route) === 0 || route.revision > before.revision);
  if (shareOf(route) === canaryWeight || mayDiffer) return [];
  const what = `the status says ${canaryWeight} and the route gives ${shareOf(route)}`;
  return [{ ...stray(history, what, [quote(after), route.source]), at: after.at }];
}

/** What is left when nothing happens any more. */
function strayEnd(history: History, routes: readonly RouteState[]): readonly Violation[] {
  const [state, route] = [history.states.at(-1), routes.at(-1)];
  if (state === undefined || route === undefined || !tellsWeight(state)) return [];
  if ([state.status.canaryWeight, 0].includes(shareOf(route))) return [];
  const what = `in the end the status says ${state.status.canaryWeight} and the route gives ${shareOf(route)}`;
  return [{ ...stray(history, what, [quote(state), route.source]), at: state.at }];
}

const stray = ({ canary }: History, what: string, lines: readonly string[]): Violation => ({
  rule,
  canary,
  at: 0,
  what,
  lines,
});
