/**
 * Hooks are asked under keys that their step gives, so that a receiver can tell a repetition; no step is recorded whose
 * hook has not passed, and no promotion that its gate has not allowed; and the questions of two steps keep the distance of
 * the steps.
 */
import { groupBy } from '../group.ts';
import { stepThatAsked } from '../../sandbox/hook-question.ts';
import type { AskingStep } from '../../sandbox/hook-question.ts';
import type { HookCall } from '../world/receiver.ts';
import type { Evidence, History, Ruling, State, Violation } from './evidence.ts';
import { neighbours, quote, together } from './evidence.ts';
import { countOf, runsOf } from './steps.ts';

const rule = 'hooks belong to one step';
const leastDistance = 0.9;
/** Milliseconds between the time that a step has and the arrival of its question, as two processes' clocks may differ. */
const toleranceMs = 20;

export const judgeHooks = ({ histories, hooks }: Evidence): Ruling => {
  const byCanary = groupBy(hooks, ({ canary }) => canary);
  const known = new Set(histories.map(({ canary }) => canary));
  const strangers = hooks.filter(({ canary }) => !known.has(canary));
  return together(rule, [
    ...histories.map((history) => judgeCanary(history, byCanary.get(history.canary) ?? [])),
    { looked: 0, violations: strangers.map((call) => stray(call, 'a question of a canary that no log knows', [call])) },
  ]);
};

/** A call and the step that asked. */
interface Asked extends AskingStep {
  readonly call: HookCall;
}

function judgeCanary(history: History, calls: readonly HookCall[]): Omit<Ruling, 'rule'> {
  const runs = [...new Set(history.states.flatMap(({ status }) => status.run?.id ?? []))].toReversed();
  const asked: Asked[] = [];
  const strangers: Violation[] = [];
  for (const call of calls) {
    const found = stepOf(history, runs, call);
    if (found === undefined) strangers.push(stray(history, 'a key that no step of any run gives', [call]));
    else asked.push({ call, ...found });
  }
  const ofRuns = runsOf(history).flatMap((states) => [
    ...judgeRun(history, states, asked),
    ...ungated(history, states, asked),
  ]);
  return { looked: asked.length, violations: [...strangers, ...ofRuns] };
}

function stepOf({ uid, role }: History, runs: readonly string[], call: HookCall): AskingStep | undefined {
  const hook = `${call.hook === 'gate' ? 'confirm-promotion' : 'rollout'}/${call.hook}`;
  return stepThatAsked({ uid, intervalMs: role.intervalMs }, runs, { ...call, hook });
}

function judgeRun(history: History, states: readonly State[], asked: readonly Asked[]): readonly Violation[] {
  return neighbours(states)
    .filter(([before, after]) => before.status.run?.lastSlot !== after.status.run?.lastSlot)
    .flatMap(([before, after]) => [
      ...unasked(history, [before, after], asked),
      ...tooSoon(history, [before, after], asked),
    ]);
}

/** What a gate has to allow is decided on when it has said yes to this run, which it may have done in an earlier slot. */
function ungated(history: History, states: readonly State[], asked: readonly Asked[]): readonly Violation[] {
  if (history.role.script !== 'gated') return [];
  const decided = states.find(({ status }) => status.run?.decision?.kind === 'promote');
  if (decided === undefined) return [];
  const isOpen = asked.some(
    ({ call, run }) =>
      call.hook === 'gate' && call.passed && run === decided.status.run?.id && call.at <= decided.atLatest,
  );
  if (isOpen) return [];
  const found = stray(history, 'a promotion that its gate has not allowed', []);
  return [{ ...found, at: decided.at, lines: [quote(decided)] }];
}

type Pair = readonly [State, State];

const ofStep = ({ status: { run } }: State, asked: readonly Asked[]): readonly Asked[] =>
  asked.filter((one) => one.run === run?.id && one.slot === run?.lastSlot);

/** A step that counts on is one whose check has passed in its slot. */
function unasked(history: History, [before, after]: Pair, asked: readonly Asked[]): readonly Violation[] {
  const isCounted = countOf(history, after) > countOf(history, before) && countOf(history, before) > 0;
  if (!isCounted) return [];
  const isPassed = ofStep(after, asked).some(({ call }) => call.hook === 'check' && call.passed);
  return isPassed
    ? []
    : [
        {
          ...stray(history, 'a step without a check that passed', []),
          at: after.at,
          lines: [quote(before), quote(after)],
        },
      ];
}

function tooSoon(history: History, [before, after]: Pair, asked: readonly Asked[]): readonly Violation[] {
  const last = before.status.run?.lastStepTime;
  const first = ofStep(after, asked)[0]?.call;
  if (last === undefined || first === undefined) return [];
  const distance = first.at - Date.parse(last);
  if (distance >= leastDistance * history.role.intervalMs - toleranceMs) return [];
  const what = `the check of a step came ${distance} ms after the step before, in an interval of ${history.role.intervalMs} ms`;
  const found = stray(history, what, [first]);
  return [{ ...found, lines: [quote(before), quote(after), ...found.lines] }];
}

const stray = ({ canary }: Pick<History, 'canary'>, what: string, calls: readonly HookCall[]): Violation => ({
  rule,
  canary,
  at: calls[0]?.at ?? 0,
  what,
  lines: calls.map((call) => `hook log: ${JSON.stringify(call)}`),
});
