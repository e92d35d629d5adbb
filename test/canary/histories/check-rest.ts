/** What holds of a canary at rest, which workers rely on when they take no step. */
import { isDeepStrictEqual } from 'node:util';
import { actionKey } from '../../../canary/action-key.ts';
import { advance } from '../../../canary/advance.ts';
import { isAtRest } from '../../../canary/rest.ts';
import type { Session, TakenStep } from '../../../sandbox/simulated/session.ts';
import { violated } from './violated.ts';

const minuteMs = 60_000;
/** How much later the same step is taken, in milliseconds. */
const laterBy = [1, 2, 10, 60, 24 * 60].map((minutes) => minutes * minuteMs);

/** The same answers, given later, lead to the same end. */
export function checkRest(session: Session): void {
  for (const step of session.steps().filter(rests)) {
    for (const ms of laterBy) checkLater(step, ms);
  }
}

const rests = ({ canary, outcome }: TakenStep): boolean => outcome === 'settled' && isAtRest(canary.status);

function checkLater({ canary, at, actions, outcomes }: TakenStep, ms: number): void {
  const facts = new Map(actions.flatMap((action, index) => pairOf(actionKey(action), outcomes[index])));
  const end = (later: number) =>
    advance(canary, facts, {
      now: at.now + later,
      slot: at.slot + Math.floor(later / canary.spec.analysis.intervalMs),
    });
  const [now, then] = [end(0), end(ms)];
  const isQuiet = now.kind === 'done' && now.announcements.length === 0 && isDeepStrictEqual(now.status, canary.status);
  if (!isQuiet) return;
  if (!isDeepStrictEqual(now, then)) violated(10, `a canary at rest does something else ${ms / minuteMs} min later`);
}

const pairOf = <Key, Value>(key: Key, value: Value | undefined): readonly (readonly [Key, Value])[] =>
  value === undefined ? [] : [[key, value]];
