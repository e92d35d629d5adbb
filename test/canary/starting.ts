/** How a run begins, for the tables of the phases that it may begin from. */
export const starts = ['record Progressing', 'scaleTarget running'];
export const notReady = (why: string): string => `podinfo-primary.test not ready: ${why}`;
export const accepted = {
  phase: 'Progressing',
  applied: 'v1-two',
  run: 'new',
  lastSlot: 100,
} as const;
export const started = {
  outcome: 'started',
  says: ['New revision detected! Scaling up podinfo.test'],
  tells: ['New revision detected, progressing canary analysis.'],
} as const;
