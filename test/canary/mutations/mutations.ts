/** Rules that are broken one at a time, to see that the random histories notice. */

export interface Mutation {
  /** What holds no longer. */
  readonly rule: string;
  /** Built file below `canary/`, without its ending. */
  readonly file: string;
  /** Occurs exactly once in the built file. */
  readonly text: string;
  readonly replacement: string;
}

export const mutations: readonly Mutation[] = [
  {
    rule: 'Connections end before pods go',
    file: 'effects',
    text: 'isLast ? beginDrain(routed) : routed',
    replacement: 'routed',
  },
  {
    rule: 'Pods stay for the drain delay',
    file: 'drain',
    text: 'until !== undefined && step.at.now < until',
    replacement: 'false',
  },
  {
    rule: 'Two steps are never closer than 0.9 interval',
    file: 'advance',
    text: 'leastDistance = 0.9',
    replacement: 'leastDistance = 0',
  },
  {
    rule: 'A roll-back gives traffic only to a primary that is ready',
    file: 'rollback',
    text: 'waits !== undefined',
    replacement: 'false',
  },
  {
    rule: 'Apex and routes stay while no primary is ready',
    file: 'reconcile',
    text: 'primaryWaits(step, seen) !== undefined',
    replacement: 'false',
  },
  {
    rule: 'A promotion gives traffic only to a primary that is ready',
    file: 'phases/promoting',
    text: 'waits === undefined',
    replacement: 'true',
  },
  {
    rule: 'Weights sum to 100',
    file: 'strategies/weighted',
    text: 'split(weight, mirrorFirst)',
    replacement: '{ ...split(weight, mirrorFirst), primary: 100 }',
  },
  {
    rule: 'A check that failed is counted',
    file: 'analysis',
    text: 'step.status.failedChecks + 1',
    replacement: 'step.status.failedChecks',
  },
  {
    rule: 'A template that was not decided on is new',
    file: 'revision',
    text: 'status.lastPromotedSpec !== now.template && status.lastAppliedSpec !== now.template',
    replacement: 'false',
  },
  {
    rule: 'A canary gets traffic only when it is ready',
    file: 'phases/progressing',
    text: "replicas > 0 && readiness.kind === 'ready'",
    replacement: 'true',
  },
  {
    rule: 'A wait ends with its deadline',
    file: 'step',
    text: 'step.at.now - Date.parse(since) >= step.canary.spec.progressDeadlineMs',
    replacement: 'false',
  },
  {
    rule: 'A deletion waits for the pods of the target',
    file: 'phases/terminating',
    text: "answer?.kind !== 'waiting' && answer?.kind !== 'stuck'",
    replacement: 'true',
  },
  {
    rule: 'A deletion moves the apex before the routes',
    file: 'phases/terminating',
    text: "part(up, { kind: 'restoreApex' })",
    replacement: "part((yield* part(up, { kind: 'restoreRoutes' })).step, { kind: 'restoreApex' })",
  },
  {
    rule: 'Traffic that only the route knows of is drained',
    file: 'effects',
    text: '(answer?.tookTraffic === true && takesPods(step))',
    replacement: 'false',
  },
  {
    rule: 'A restart gives traffic only to a primary that is ready',
    file: 'promotion',
    text: 'waits === undefined ? yield* leaveCanary(begun, seen) : begun',
    replacement: 'yield* leaveCanary(begun, seen)',
  },
  {
    rule: 'A promotion waits for the size of the primary',
    file: 'phases/promoting',
    text: 'sizing === undefined || (seen',
    replacement: 'true || (seen',
  },
  {
    rule: 'A lost primary is not made of what is analysed',
    file: 'lost-primary',
    text: 'seen.primary !== undefined || isLost(step, seen)',
    replacement: 'seen.primary !== undefined',
  },
  {
    rule: 'A gate that refuses keeps a revision waiting',
    file: 'start',
    text: 'gate.refused !== undefined',
    replacement: 'false',
  },
  {
    rule: 'Configs belong to a revision',
    file: 'revision',
    text: 'entries.length === Object.keys(before).length && entries.every(([name, sum]) => before[name] === sum)',
    replacement: 'true',
  },
  {
    rule: 'What another controller has promoted is taken over as it is',
    file: 'adoption',
    text: '(isForeign || !isKnown) && isPromotedContent(step, seen)',
    replacement: 'false',
  },
  {
    rule: "Somebody else's route is put right",
    file: 'reconcile',
    text: 'return yield* route(served, {',
    replacement: 'return served; yield* route(served, {',
  },
  {
    rule: 'A hook is asked once per slot',
    file: 'hooks',
    text: '(runOf(step).lastSlot ?? 0) : step.at.slot',
    replacement: '(runOf(step).lastSlot ?? 0) : step.at.now',
  },
];

/** How often the text of a mutation occurs in a built file; anything but once means that the list has aged. */
export const occurrences = ({ text }: Mutation, built: string): number => built.split(text).length - 1;
