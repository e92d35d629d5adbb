/** docs/crashes.md, made of the crash matrix. */
import { actionKinds } from './crash-kinds.ts';
import type { Cell } from './crash-matrix.ts';
import { stories } from './crash-stories.ts';

const introduction = `# Crashes

What happens when a worker dies right before or right after an effect, phase by phase. Each of the stories below is played
on the simulated cluster once undisturbed, and then once for every action of its steps and each side of it with a worker that
dies there; steps of a story that do the same in the same phase are taken once. Another worker takes the job over in the same
slot, or none before the next slot where the story says so, and the slots go on. *Same end* means: the same status but for its times, the same traffic, pods and \`flagger-id\`, as many
rollouts of the primary, the same events, alerts and counters, each delivered once, every post-rollout hook asked under one key,
and no key used for two questions. What a crash may change is named in \`test/canary/crash-matrix.ts\`, word by word. *done* is
the write of the status at the end of a step, *record* the one in its middle.

So it is played once for every write of its steps with somebody else who writes the Canary right before it: what the step
writes then comes too late and is refused (409), and the step ends; once another try in the same slot goes on, once the next
slot. This page is written by \`npm run docs:crashes\`,
and a test fails when it is older than the rules.`;

export const crashesPage = (cells: readonly Cell[]): string =>
  `${[introduction, storiesPart(), tableOf(cells)].join('\n\n')}\n`;

const storiesPart = (): string => ['## Stories', '', ...stories.map(({ title }) => `- ${title}`)].join('\n');

/** Rows phase × effect. */
export const tableOf = (cells: readonly Cell[]): string =>
  [
    '## Phase and effect',
    '',
    '| Phase | Effect | Crashes before | Crashes after | Conflicts | Result |',
    '| --- | --- | --- | --- | --- | --- |',
    ...[...cells].sort(byPlace).map(rowOf),
  ].join('\n');

const rowOf = ({ phase, effect, before, after, overtaken, broken }: Cell): string =>
  `| ${[phase, effect, before, after, overtaken, broken.length === 0 ? 'same end' : `**${broken.join('; ')}**`].join(' | ')} |`;

const phases =
  '(new) Initializing Initialized Waiting Progressing WaitingPromotion Promoting Finalising Succeeded Failed';
const phaseOrder: readonly string[] = [...phases.split(' '), 'Terminating'];
const effectOrder: readonly string[] = [...actionKinds, 'done'];

const byPlace = (a: Cell, b: Cell): number =>
  phaseOrder.indexOf(a.phase) - phaseOrder.indexOf(b.phase) ||
  effectOrder.indexOf(a.effect) - effectOrder.indexOf(b.effect);
