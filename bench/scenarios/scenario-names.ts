import type { ScenarioName } from '../results.ts';

/** In the order in which they are run. */
export const scenarioNames: readonly ScenarioName[] = [
  'settled',
  'progressing',
  'bursts',
  'kill',
  'releases',
  'fairness',
  'bootstrap',
  'scaling',
  'soak',
  'capacity',
];
