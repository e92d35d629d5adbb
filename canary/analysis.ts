/**
 * The checks of one step, in the reference's order: before any traffic the pre-rollout hooks; after that the rollout
 * hooks, built-in and inline metrics, template metrics. The first failure ends the round.
 */
import type { Action, Done, MetricAnswer, MetricPart, Outcome } from './action.ts';
import type { Metric } from './spec.ts';
import { askAll } from './hooks.ts';
import { haltOf } from './metric-messages.ts';
import type { EventText } from './messages.ts';
import { events } from './messages.ts';
import { forgotten, isNoted, noValuesTooLong, noted, preRolloutOwed } from './notes.ts';
import { attempt, end } from './rule.ts';
import type { Rule } from './rule.ts';
import { because, change, changeRun, finish, isOverdue, keepWaiting, runOf, say, sayOnce, spendSlot } from './step.ts';
import type { Step } from './step.ts';
import { isBuiltinMetric } from './verdict.ts';

/** Goes on with the step when every check passed; ends it otherwise. */
export function* runChecks(step: Step): Rule<Step> {
  const { canaryWeight, iterations } = step.status;
  const isUntouched = canaryWeight === 0 && iterations === 0 && !runOf(step).mirrored;
  const opened = isUntouched || isNoted(step, preRolloutOwed) ? yield* beforeTraffic(step) : step;
  const checked = isUntouched ? opened : yield* underTraffic(forgotten(opened, preRolloutOwed));
  return runOf(checked).checkErrors === 0 ? checked : changeRun(checked, { checkErrors: 0 });
}

/** Receivers are told so while the promotion waits for approval, too: the analysis is the same. */
const analysisPhase = { phase: 'Progressing' } as const;

/** The start is announced once, and again when a failed pre-rollout hook makes the hooks repeat. */
function* beforeTraffic(step: Step): Rule<Step> {
  const key = `starting after ${step.status.failedChecks} failed checks`;
  const started = sayOnce(step, key, events.starting(step.canary));
  const round = yield* askAll(started, 'pre-rollout', {
    about: analysisPhase,
    onPass: (passed, hook) => say(passed, events.preRolloutPassed(hook)),
  });
  if (round.refused === undefined) return round.step;
  return yield* end(failCheck(round.step, events.preRolloutFailed(step.canary, round.refused, round.detail)));
}

function* underTraffic(step: Step): Rule<Step> {
  const round = yield* askAll(step, 'rollout', { about: analysisPhase, onPass: (passed) => passed });
  if (round.refused !== undefined) {
    return yield* end(failCheck(round.step, events.rolloutHookFailed(step.canary, round.refused, round.detail)));
  }
  return yield* runMetrics(round.step);
}

/** `unusable`: there is nothing to ask. */
interface Check {
  readonly metric: Metric;
  readonly part: MetricPart | 'unusable';
}

interface Query {
  readonly metric: Metric;
  readonly part: MetricPart;
}

/** Fetched in parallel, judged in order. What merely has no values is looked at when nothing has failed. */
function* runMetrics(step: Step): Rule<Step> {
  const checks = checksInOrder(step.canary.spec.analysis.metrics);
  const queries = checks.filter(isQuery);
  const outcomes = yield* askMetrics(queries);
  const results: Result[] = [];
  for (const check of checks) {
    if (!isQuery(check)) return yield* end(failCheck(step, events.unusableMetric()));
    const outcome = outcomes[queries.indexOf(check)];
    if (outcome !== undefined) results.push(yield* judgeOne(step, check, outcome));
  }
  return yield* withoutValues(step, results);
}

const isQuery = (check: Check): check is Query => check.part !== 'unusable';

function partsOf(metric: Metric): readonly Check['part'][] {
  const parts: readonly MetricPart[] = [
    ...(isBuiltinMetric(metric.name) ? (['builtin'] as const) : []),
    ...(metric.query === undefined ? [] : (['query'] as const)),
    ...(metric.templateRef === undefined ? [] : (['template'] as const)),
  ];
  return parts.length === 0 ? ['unusable'] : parts;
}

/** First what Prometheus is asked for, then templates and what has nothing to ask, each in the order of the list. */
function checksInOrder(metrics: readonly Metric[]): readonly Check[] {
  const all = metrics.flatMap((metric) => partsOf(metric).map((part) => ({ metric, part })));
  const isFirst = ({ part }: Check): boolean => part === 'builtin' || part === 'query';
  return [...all.filter(isFirst), ...all.filter((check) => !isFirst(check))];
}

function* askMetrics(queries: readonly Query[]): Rule<readonly Outcome[]> {
  if (queries.length === 0) return [];
  const actions = queries.map((query): Action => ({ kind: 'queryMetric', ...query }));
  const answer = yield* attempt({ kind: 'together', actions });
  return answer.ok ? answer.value : queries.map(() => answer);
}

/** A check that did not fail: it passed, or its provider had no values and its policy allows for that. */
type Result = { readonly kind: 'passed' } | { readonly kind: 'hold' | 'skip'; readonly text: EventText };

function* judgeOne(step: Step, check: Query, outcome: Outcome): Rule<Result> {
  const answer: MetricAnswer = outcome.ok
    ? (outcome.value as MetricAnswer)
    : { kind: 'unavailable', detail: outcome.failure.message };
  const text = haltOf(step.canary, check, answer);
  if (text === undefined) return { kind: 'passed' };
  if (answer.kind === 'noValues') return yield* judgeNoValues(step, check.metric, text);
  return yield* end(answer.kind === 'unavailable' ? failToCheck(step, text) : failCheck(step, text));
}

function* judgeNoValues(step: Step, { onNoData = 'fail' }: Metric, text: EventText): Rule<Result> {
  switch (onNoData) {
    case 'pass':
      return { kind: 'passed' };
    case 'skip':
    case 'hold':
      return { kind: onNoData, text };
    case 'fail':
      return yield* end(failCheck(step, text, 'noData'));
    default:
      return onNoData satisfies never;
  }
}

/** A round that has to wait for values, or in which nothing at all was evaluated, has not passed. */
function* withoutValues(step: Step, results: readonly Result[]): Rule<Step> {
  const missing = results.filter((result) => result.kind !== 'passed');
  const held =
    missing.find(({ kind }) => kind === 'hold') ?? (missing.length === results.length ? missing[0] : undefined);
  return held === undefined ? forgotten(step, noValuesTooLong) : yield* end(hold(step, held.text));
}

/**
 * Waits for values, a step in every slot, for as long as the progress deadline; from then on each round without them is
 * a failed check.
 */
function hold(step: Step, text: EventText): Done {
  if (isNoted(step, noValuesTooLong) || isOverdue(step)) return failCheck(noted(step, noValuesTooLong), text, 'noData');
  const since = runOf(keepWaiting(step)).waitingSince;
  const answered = changeRun(spendSlot(step), {
    checkErrors: 0,
    ...(since === undefined ? {} : { waitingSince: since }),
  });
  return finish(halted(answered, text), 'held');
}

/** One more failed check, whatever the number of bad hooks and metrics behind it. */
export function failCheck(step: Step, text: EventText, outcome: 'failedCheck' | 'noData' = 'failedCheck'): Done {
  const failed = change(step, { failedChecks: step.status.failedChecks + 1 });
  return finish(halted(spendSlot(changeRun(failed, { checkErrors: 0 })), text), outcome);
}

/** A check that could not be made says nothing about the release: it is counted apart, in a row. */
function failToCheck(step: Step, text: EventText): Done {
  const counted = changeRun(step, { checkErrors: runOf(step).checkErrors + 1 });
  return finish(halted(spendSlot(counted), text), 'checkError');
}

/** Said as an event, and shown with the condition until the next round. */
const halted = (step: Step, text: EventText): Step => because(say(step, text), text.message);
