/** What primaries are given. */
import { groupBy } from '../group.ts';
import type { Phase } from '../../canary/canary.ts';
import { decidedRevision } from '../../canary/revision.ts';
import { flaggerId } from '../../canary/identity.ts';
import type { Evidence, History, PrimaryWrite, Ruling, State, Violation } from './evidence.ts';
import { neighbours, quote, together } from './evidence.ts';

const rule = 'the primary receives what was analysed';

/** Invariant 2: the primary is given what the status says that it was analysed, while it says so. */
export const judgePrimaries = ({ histories, primaryWrites }: Evidence): Ruling => {
  const byCanary = groupBy(primaryWrites, ({ canary }) => canary);
  return together(
    rule,
    histories.map((history) => {
      const writes = (byCanary.get(history.canary) ?? []).toSorted((a, b) => a.revision - b.revision);
      const [first] = writes;
      const copies = neighbours(writes).filter(([before, after]) => before.flaggerId !== after.flaggerId);
      return {
        looked: copies.length,
        violations: [
          ...(first === undefined ? [] : unproven(history, first)),
          ...copies.flatMap(([, after]) => unproven(history, after)),
          ...neighbours(writes).flatMap(([before, after]) =>
            before.flaggerId === after.flaggerId && before.image !== after.image ? [twoImages(before, after)] : [],
          ),
          ...onceMore(history, writes),
        ],
      };
    }),
  );
};

/**
 * Its annotation says which revision a copy is of, and the status which template that is. Users give every template an image
 * of its own: an image under two templates was copied while the target had already become the second.
 */
function onceMore(history: History, writes: readonly PrimaryWrite[]): readonly Violation[] {
  const templates = new Map(
    history.states.map(({ status }) => {
      const revision = decidedRevision(status);
      return [flaggerId({ uid: history.uid }, revision), revision.template];
    }),
  );
  const byImage = groupBy(writes, ({ image }) => image);
  return [...byImage.values()].flatMap((ofImage) => {
    const known = ofImage.filter((write) => templates.has(write.flaggerId));
    const other = known.find((write) => templates.get(write.flaggerId) !== templates.get(known[0]?.flaggerId ?? ''));
    return other === undefined ? [] : [given(other, `one image was given as two revisions: ${other.image}`, [])];
  });
}

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
  rule,
  canary,
  at,
  what,
  lines: [...states.map(quote), `${source}: ${image}, flagger-id ${id}`],
});
