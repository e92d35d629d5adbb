/** Every alert that a run owes arrives once, and none that nobody owes. */
import { groupBy } from '../group.ts';
import type { FaultSpan } from '../faults/fault.ts';
import type { AlertCall } from '../world/receiver.ts';
import { isAdmitted } from './doubled-alert.ts';
import { entered, neighbours, together } from './evidence.ts';
import type { Evidence, History, Ruling, State, Violation } from './evidence.ts';

const rule = 'alerts arrive once';

const texts = {
  initialized: 'initialization completed',
  started: 'New revision detected',
  waiting: 'Canary promotion is waiting for approval',
  failed: 'Failed checks threshold reached',
  promoted: 'Canary analysis completed successfully',
} as const;
type Told = keyof typeof texts;
const told = Object.keys(texts) as readonly Told[];

export const judgeAlerts = ({ histories, alerts, faults }: Evidence): Ruling => {
  const byCanary = groupBy(alerts, ({ canary }) => canary);
  const known = new Set(histories.map(({ canary }) => canary));
  const strangers = alerts.filter(({ canary, text }) => !known.has(canary) || !told.some((kind) => tells(text, kind)));
  return together(rule, [
    ...histories.flatMap((history) =>
      told.map((kind) => {
        const arrived = (byCanary.get(history.canary) ?? []).filter(({ text }) => tells(text, kind));
        return judgeKind(history, { kind, arrived, faults });
      }),
    ),
    {
      looked: 0,
      violations: strangers.map((alert) => stray(alert, `an alert that nobody owes: '${alert.text}'`, [alert])),
    },
  ]);
};

const tells = (text: string, kind: Told): boolean => text.includes(texts[kind]);

interface Arrivals {
  readonly kind: Told;
  readonly arrived: readonly AlertCall[];
  readonly faults: readonly FaultSpan[];
}

function judgeKind(history: History, { kind, arrived, faults }: Arrivals): Omit<Ruling, 'rule'> {
  const owed = momentsOf(history, kind);
  return { looked: owed.length, violations: judgeOwed(history, { kind, arrived, faults }, owed) };
}

function judgeOwed(
  history: History,
  { kind, arrived, faults }: Arrivals,
  owed: readonly State[],
): readonly Violation[] {
  const counted = `'${texts[kind]}': expected ${owed.length}, got ${arrived.length}`;
  if (arrived.length < owed.length - leftUnsaid(history, kind)) {
    return [stray(history, `alerts lost, ${counted}`, arrived)];
  }
  const doubled = arrived.length - owed.length;
  const admitted = neighbours(arrived).filter(([first, second]) =>
    isAdmitted({ history, first, second }, faults),
  ).length;
  return doubled <= admitted ? [] : [stray(history, `alerts doubled, ${counted}`, arrived)];
}

/** What a Canary still had to say when it went is said by nobody; of one that is there nothing is left, as its script waits for. */
const leftUnsaid = ({ states, role }: History, kind: Told): number =>
  role.script === 'deleted'
    ? (states.at(-1)?.status.outbox ?? []).filter((one) => one.kind === 'alert' && tells(one.message, kind)).length
    : 0;

const isSettled = ({ status: { phase } }: State): boolean =>
  phase === 'Initialized' || phase === 'Succeeded' || phase === 'Failed';

/** When the history of a Canary owes an alert. */
function momentsOf(history: History, kind: Told): readonly State[] {
  switch (kind) {
    case 'initialized':
      return entered(history, 'Initialized');
    case 'started':
      // A run that takes the place of another one is announced by an event only.
      return neighbours(history.states).flatMap(([before, after]) =>
        isSettled(before) && after.status.phase === 'Progressing' ? [after] : [],
      );
    case 'waiting':
      return entered(history, 'WaitingPromotion');
    case 'failed':
      return entered(history, 'Failed');
    case 'promoted':
      return entered(history, 'Succeeded');
    default:
      return kind satisfies never;
  }
}

const stray = ({ canary }: Pick<History, 'canary'>, what: string, arrived: readonly AlertCall[]): Violation => ({
  rule,
  canary,
  at: arrived.at(-1)?.at ?? 0,
  what,
  lines: arrived.map((call) => `alert log: ${JSON.stringify(call)}`),
});
