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
  {
    rule: 'A value out of its bounds halts',
    file: 'verdict',
    text: 'min !== undefined && comparable < min',
    replacement: 'false',
  },
  {
    rule: 'A promotion comes at the end of the analysis',
    file: 'strategies/weighted',
    text: 'current >= analysis.maxWeight',
    replacement: 'current > 0',
  },
  {
    rule: 'A rollout hook that refuses is a failed check',
    file: 'analysis',
    text: 'round.refused !== undefined',
    replacement: 'false',
  },
  {
    rule: 'A roll-back is told',
    file: 'rollback',
    text: 'tell(say(decided, event), alert)',
    replacement: 'say(decided, event)',
  },
  {
    rule: 'The end of a run is told',
    file: 'post-rollout',
    text: 'tell(say(step, events.promoted(canary)), alerts.promoted())',
    replacement: 'say(step, events.promoted(canary))',
  },
  {
    rule: 'A roll-back takes the traffic before the pods',
    file: 'rollback',
    text: 'yield* route(sized, allToPrimary)',
    replacement: 'yield* route(yield* parkTarget(sized), allToPrimary)',
  },
  {
    rule: 'The time of a phase moves with the phase alone',
    file: 'step',
    text: 'phase === step.status.phase ? {} :',
    replacement: 'false ? {} :',
  },
  {
    rule: 'A condition that stays the same keeps its time',
    file: 'conditions',
    text: 'old?.status === next.status && old.reason === next.reason && old.message === next.message',
    replacement: 'false',
  },
  {
    rule: 'A deletion gives the routes back',
    file: 'phases/terminating',
    text: "yield* part(led, { kind: 'restoreRoutes' })",
    replacement: '{ step: led, answer: undefined }',
  },
  {
    rule: 'A revision that comes in mid-run starts over',
    file: 'phases/progressing',
    text: '!isDecided(step.status, seen.revision)',
    replacement: 'false',
  },
  {
    rule: 'A shift back keeps the distance of steps',
    file: 'phases/promoting',
    text: 'say(spendSlot(change(routed, { canaryWeight: rest })), text)',
    replacement: 'say(change(routed, { canaryWeight: rest }), text)',
  },
  {
    rule: 'A Failed canary reacts to a revision that it has not analysed',
    file: 'phases/settled',
    text: 'const isNew = isToBeRun(known, seen.revision);',
    replacement: "const isNew = known.status.phase !== 'Failed' && isToBeRun(known, seen.revision);",
  },
  {
    rule: 'A key is of one run',
    file: 'identity',
    text: 'parts.run, String(parts.slot), parts.hook',
    replacement: "'', '', parts.hook",
  },
];

/** How often the text of a mutation occurs in a built file; anything but once means that the list has aged. */
export const occurrences = ({ text }: Mutation, built: string): number => built.split(text).length - 1;
