/** The property of all histories of canaries that share places. */
import fc from 'fast-check';
import { isSettledPhase } from '../../../../canary/canary.ts';
import { checkDistance, checkSaves } from '../check-steps.ts';
import { violated } from '../violated.ts';
import { befall } from './befall.ts';
import { settledMs } from './check-places.ts';
import { gather, pass } from './crowd.ts';
import { crowdShape, happening } from './happenings.ts';
import type { CrowdShape, Happening } from './happenings.ts';
import { isQueued, isRunning } from './members.ts';
import type { Crowd } from './members.ts';

const mostHappenings = 25;
/** Milliseconds that a run takes at the most: slots of the longest analysis, deadlines, drains. */
const longestRunMs = 40 * 60_000;

export const crowds: fc.IPropertyWithHooks<[Happening[], CrowdShape]> = fc.property(
  fc.array(happening, { maxLength: mostHappenings }),
  crowdShape,
  (happenings, shape) => {
    const crowd = gather(shape);
    for (const [index, what] of happenings.entries()) befall(crowd, what, index);
    calm(crowd);
    for (const { session } of crowd.members) {
      checkDistance(session);
      checkSaves(session);
    }
    checkEmpty(crowd);
  },
);

/** Everybody answers again, and all have their turn. */
function calm(crowd: Crowd): void {
  for (const { session, cluster } of crowd.members) {
    cluster.trouble({ hooks: {}, prometheus: 0 });
    session.edit({ suspend: false });
  }
  crowd.befellAt = Math.max(crowd.befellAt, crowd.now);
  const end = crowd.befellAt + longestRunMs * (crowd.members.length + 1);
  while (crowd.now < end && !isAtRest(crowd)) pass(crowd, 60_000);
  if (!isAtRest(crowd)) violated(9, `somebody waits for ever: ${whereabouts(crowd)}`);
}

const isAtRest = ({ members }: Crowd): boolean =>
  members.every((member) => {
    const { session } = member;
    const { status } = session.canary();
    const isOver = isSettledPhase(status.phase) || status.phase === 'Initializing';
    return session.isGone() || session.canary().deleting || (isOver && !isQueued(member));
  });

/** When nothing goes on any more, nobody holds a place. */
function checkEmpty(crowd: Crowd): void {
  const { places, shape, members } = crowd;
  const going = members.filter(isRunning).length;
  const asking = { namespace: 'team-9', name: 'asks-last', uid: '91a2b3c4-0000' };
  // Who asks has the sets looked at.
  for (let asks = 0; asks < 3; asks += 1) {
    crowd.now += settledMs;
    places.admit(asking, { worker: 0, since: crowd.now, now: crowd.now });
    places.leave(asking);
  }
  const others = [...places.taken()].filter((key) => !key.startsWith('team-9.'));
  if (going === 0 && others.length > 0) violated(9, `${others.join(', ')} hold places of ${shape.limits.cluster}`);
}

const whereabouts = ({ members, places }: Crowd): string =>
  JSON.stringify({
    members: members.map(({ key, session }) => ({ name: key.name, status: session.canary().status })),
    taken: [...places.taken()],
  });
