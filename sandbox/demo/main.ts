/** `npm run demo`: one release is promoted, the next is rolled back, and everybody can look on. */
import { projectDirectory } from '../environment.ts';
import { readCanary, shortStory, shortened } from '../story/example.ts';
import { playInOwnCluster } from './in-own-cluster.ts';
import { playOnNode } from './on-node.ts';
import { readOptions, usage } from './options.ts';
import type { DemoOptions } from './options.ts';
import { otherWays } from './other-ways.ts';
import { chaptersFor, playChapters } from './play.ts';
import { heading, say } from './say.ts';
import { createSimulatedStory } from './simulated-story.ts';
import { messageOf } from '../../platform/error-message.ts';

const isTerminal = process.stdout.isTTY && process.env['CI'] === undefined;

async function playSimulated(): Promise<boolean> {
  heading('SIMULATED: the real rules on a cluster in memory; no server, no pod, no traffic');
  const canary = await readCanary(projectDirectory);
  const story = createSimulatedStory(shortened(canary, shortStory), (seconds, line) =>
    say(`${String(seconds).padStart(6)} s  ${line}`),
  );
  // Nobody visits a cluster in memory; the announcements of the rules stand for what Slack's place would hear.
  return playChapters({
    chapters: chaptersFor(shortStory),
    witnesses: ['receiver'],
    tell: (chapter) => story.play(chapter),
  });
}

function play(options: DemoOptions): Promise<boolean> {
  const { stage } = options;
  switch (stage.kind) {
    case 'node':
      return playOnNode(options, stage, isTerminal);
    case 'ownCluster':
      return playInOwnCluster(options, stage, isTerminal);
    case 'simulated':
      return playSimulated();
  }
}

/** @returns the exit code */
async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    say(usage);
    return 0;
  }
  try {
    const isTrue = await play(options);
    heading(isTrue ? 'The story came true.' : 'The story did not come true.');
    return isTrue ? 0 : 1;
  } catch (error) {
    process.stderr.write(`\ndemo: ${messageOf(error)}\n${otherWays(options.stage.kind)}`);
    return 1;
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`demo: ${messageOf(error)}\nnpm run demo -- --help lists the options\n`);
  process.exitCode = 2;
}
