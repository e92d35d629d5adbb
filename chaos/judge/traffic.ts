/** What routes and primaries are given. */
import { groupBy } from '../group.ts';
import type { Phase } from '../../canary/canary.ts';
import { decidedRevision } from '../../canary/revision.ts';
import { flaggerId } from '../../canary/identity.ts';
import type { Evidence, History, PrimaryWrite, State, Violation } from './evidence.ts';
import { neighbours, quote } from './evidence.ts';

/** Invariant 1. */
export const judgeWeights = ({ routes }: Evidence): readonly Violation[] =>
  routes
    .filter(({ shares }) => shares.some((rule) => rule.reduce((sum, share) => sum + share, 0) !== 100))
    .map(({ canary, source, shares }) => ({
      rule: 'weights sum to 100',
      canary,
      at: 0,
      what: `a route with the shares ${JSON.stringify(shares)}`,
      lines: [source],
    }));

/** Invariant 2: the primary is given what the status says that it was analysed, while it says so. */
export const judgePrimaries = ({ histories, primaryWrites }: Evidence): readonly Violation[] => {
  const byCanary = groupBy(primaryWrites, ({ canary }) => canary);
  return histories.flatMap((history) => {
    const writes = (byCanary.get(history.canary) ?? []).toSorted((a, b) => a.revision - b.revision);
    const [first] = writes;
    return [
      ...(first === undefined ? [] : unproven(history, first)),
      ...neighbours(writes).flatMap(([before, after]) => [
        ...(before.flaggerId === after.flaggerId ? [] : unproven(history, after)),
        ...(before.flaggerId === after.flaggerId && before.image !== after.image ? [twoImages(before, after)] : []),
      ]),
    ];
  });
};

const receiving: readonly (Phase | undefined)[] = [undefined, 'Initializing', 'Promoting', 'Finalising'];

/** From the decision to promote until the end of the promotion. */
const isReceiving = ({ status: { phase, run } }: State): boolean =>
  receiving.includes(phase) || run?.decision?.kind === 'promote';

function unproven(history: History, write: PrimaryWrite): readonly Violation[] {
  const state = history.states.findLast(({ revision }) => revision < write.revision);
  if (state === undefined || state.status.phase === undefined || state.status.phase === 'Initializing') return [];
  const isDecided = flaggerId({ uid: history.uid }, decidedRevision(state.status)) === write.flaggerId;
  if (isDecided && isReceiving(state)) return [];
  const why = isDecided ? `in phase ${state.status.phase}` : 'that is not the one of the run';
  return [given(write, `the primary was given a revision ${why}`, [state])];
}

const twoImages = (before: PrimaryWrite, after: PrimaryWrite): Violation =>
  given(after, `one revision has two images: ${before.image} and ${after.image}`, []);

const given = (
  { canary, at, source, image, flaggerId: id }: PrimaryWrite,
  what: string,
  states: readonly State[],
): Violation => ({
  rule: 'the primary receives what was analysed',
  canary,
  at,
  what,
  lines: [...states.map(quote), `${source}: ${image}, flagger-id ${id}`],
});
