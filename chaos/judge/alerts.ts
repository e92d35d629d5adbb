/** Every alert that a run owes arrives once. */
import { groupBy } from '../group.ts';
import type { Phase } from '../../canary/canary.ts';
import type { FaultSpan } from '../faults/fault.ts';
import type { AlertCall } from '../world/receiver.ts';
import { isAdmitted } from './doubled-alert.ts';
import { neighbours } from './evidence.ts';
import type { Evidence, History, State, Violation } from './evidence.ts';

const texts = {
  initialized: 'initialization completed',
  started: 'New revision detected',
  waiting: 'Canary promotion is waiting for approval',
  failed: 'Failed checks threshold reached',
  promoted: 'Canary analysis completed successfully',
} as const;
type Told = keyof typeof texts;
const told = Object.keys(texts) as readonly Told[];

export const judgeAlerts = ({ histories, alerts, faults }: Evidence): readonly Violation[] => {
  const byCanary = groupBy(alerts, ({ canary }) => canary);
  return histories.flatMap((history) =>
    told.flatMap((kind) => {
      const arrived = (byCanary.get(history.canary) ?? []).filter(({ text }) => text.includes(texts[kind]));
      return judgeKind(history, { kind, arrived, faults });
    }),
  );
};

interface Arrivals {
  readonly kind: Told;
  readonly arrived: readonly AlertCall[];
  readonly faults: readonly FaultSpan[];
}

function judgeKind(history: History, { kind, arrived, faults }: Arrivals): readonly Violation[] {
  const owed = momentsOf(history, kind);
  const counted = `'${texts[kind]}': expected ${owed.length}, got ${arrived.length}`;
  // What a Canary still had to say when it went is said by nobody.
  const isGone = history.role.script === 'deleted';
  if (arrived.length < owed.length) return isGone ? [] : [stray(history, `alerts lost, ${counted}`, arrived)];
  const doubled = arrived.length - owed.length;
  const admitted = neighbours(arrived).filter(([first, second]) =>
    isAdmitted({ history, first, second }, faults),
  ).length;
  return doubled <= admitted ? [] : [stray(history, `alerts doubled, ${counted}`, arrived)];
}

const isSettled = ({ status: { phase } }: State): boolean =>
  phase === 'Initialized' || phase === 'Succeeded' || phase === 'Failed';

/** When the history of a Canary owes an alert. */
function momentsOf({ states }: History, kind: Told): readonly State[] {
  const entered = (phase: Phase): readonly State[] =>
    states.filter((state, index) => state.status.phase === phase && states[index - 1]?.status.phase !== phase);
  switch (kind) {
    case 'initialized':
      return entered('Initialized');
    case 'started':
      // A run that takes the place of another one is announced by an event only.
      return neighbours(states).flatMap(([before, after]) =>
        isSettled(before) && after.status.phase === 'Progressing' ? [after] : [],
      );
    case 'waiting':
      return entered('WaitingPromotion');
    case 'failed':
      return entered('Failed');
    case 'promoted':
      return entered('Succeeded');
    default:
      return kind satisfies never;
  }
}

const stray = ({ canary }: History, what: string, arrived: readonly AlertCall[]): Violation => ({
  rule: 'alerts arrive once',
  canary,
  at: arrived.at(-1)?.at ?? 0,
  what,
  lines: arrived.map((call) => `alert log: ${JSON.stringify(call)}`),
});
