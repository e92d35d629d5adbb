/** The one property of all histories: the invariants hold at every action, and everything ends well. */
import fc from 'fast-check';
import { checkDeleted } from './check-deleted.ts';
import { checkEnd } from './check-end.ts';
import { checkRest } from './check-rest.ts';
import { checkAlerts, checkPositions, checkPromotions, checkTakeOver, checkTold } from './check-runs.ts';
import { checkDistance, checkGates, checkKeys, checkRepairs, checkSaves } from './check-steps.ts';
import { incident } from './incidents.ts';
import type { Incident } from './incidents.ts';
import { play } from './play.ts';
import { shape } from './shape.ts';
import type { Shape } from './shape.ts';

const mostIncidents = 30;

export const histories: fc.IPropertyWithHooks<[Incident[], Shape]> = fc.property(
  fc.array(incident, { maxLength: mostIncidents }),
  shape,
  (incidents, given) => {
    const history = play(incidents, given);
    const { session } = history;
    checkPromotions(history);
    checkPositions(history);
    checkDistance(session);
    checkRepairs(session);
    checkSaves(session);
    checkKeys(session);
    checkGates(session);
    checkRest(session);
    checkTakeOver(history, incidents);
    checkTold(session);
    checkAlerts(session);
    if (session.canary().deleting) checkDeleted(history);
    else checkEnd(history);
  },
);
