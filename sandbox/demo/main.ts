/** `npm run demo`: one release is promoted, the next is rolled back, and everybody can look on. */
import { styleText } from 'node:util';
import { stringAt } from '../../platform/json.ts';
import { projectDirectory } from '../environment.ts';
import { PartsError } from '../parts/resolve.ts';
import { createProgress } from '../progress.ts';
import { openStory } from '../story/cluster.ts';
import type { StoryCluster } from '../story/cluster.ts';
import type { DataPlane } from '../story/data-plane.ts';
import { readManifest, shortStory, shortened } from '../story/example.ts';
import { gatewayPlane } from '../story/gateway-plane.ts';
import { kumaPlane } from '../story/kuma-plane.ts';
import { storyNamespace, systemNamespace } from '../story/objects.ts';
import { chaptersOf, weightsOf } from './chapters.ts';
import type { Chapter, Findings } from './chapters.ts';
import { readOptions, usage } from './options.ts';
import type { DemoOptions, StoryProvider } from './options.ts';
import { createSimulatedStory } from './simulated-story.ts';
import { tell } from './teller.ts';

const planes: Readonly<Record<StoryProvider, DataPlane>> = { kuma: kumaPlane, 'gatewayapi:v1': gatewayPlane };

const exampleWeights = { stepWeight: 5, maxWeight: 50 };
const threshold = 5;
const minute = 60_000;

const say = (text = ''): void => console.log(text);
const heading = (text: string): void => say(`\n${styleText('bold', text)}`);

/** Prints what came true of a chapter. */
function judge(chapter: Chapter, found: Findings, hasVisitors: boolean): boolean {
  const expected = chapter.expectations.filter(({ needsVisitors }) => hasVisitors || needsVisitors !== true);
  const results = expected.map(({ says, holds }) => ({ says, ok: holds(found) }));
  for (const { says, ok } of results) say(`  ${ok ? styleText('green', '✔') : styleText('red', '✘')} ${says}`);
  const isTrue = results.every(({ ok }) => ok);
  if (!isTrue) for (const failure of found.failures.slice(-5)) say(`    a failed request: ${failure}`);
  return isTrue;
}

function announce(options: DemoOptions): void {
  const plane = planes[options.provider];
  heading('Aviary: one release is promoted, the next one is rolled back');
  say(`
  1. A real one-node Kubernetes comes up in namespaces of its own    seconds; the first time its parts are
                                                                     fetched or compiled: up to 20 minutes
  2. Aviary is installed as its users install it                     about half a minute
  3. A Deployment becomes a Canary, a good release is promoted,      ${options.realTime ? 'about half an hour' : 'about three minutes'}
     a slow one is rolled back

  Traffic: ${plane.description}
`);
}

async function play(options: DemoOptions): Promise<boolean> {
  announce(options);
  const plane = planes[options.provider];
  const shortening = options.realTime ? undefined : shortStory;
  const progress = createProgress((line) => say(`  ${line}`));
  const lifetime = options.keep ? 'kept' : 'process';
  const story = await openStory({ name: 'demo', plane, shortening, root: projectDirectory, progress, lifetime });
  const weights = weightsOf(shortening?.stepWeight ?? exampleWeights.stepWeight, exampleWeights.maxWeight);
  try {
    const isTrue = await tellAll(story, {
      plane,
      window: shortening?.window ?? '1m',
      weights,
      realTime: options.realTime,
    });
    heading('kubectl -n test describe canary/podinfo');
    say(await story.node.kubectl(['-n', storyNamespace, 'describe', 'canary/podinfo']));
    await sayHowToLookFurther(story, options);
    return isTrue;
  } finally {
    await story.close();
  }
}

interface Telling {
  readonly plane: DataPlane;
  readonly window: string;
  readonly weights: readonly number[];
  readonly realTime: boolean;
}

async function tellAll(story: StoryCluster, { plane, window, weights, realTime }: Telling): Promise<boolean> {
  const isTerminal = process.stdout.isTTY && process.env['CI'] === undefined;
  const options = {
    story,
    queries: plane.queries(window),
    threshold,
    timeoutMs: (realTime ? 30 : 4) * minute,
    isTerminal,
    columns: process.stdout.columns ?? 120,
  };
  let isTrue = true;
  for (const chapter of chaptersOf(weights)) {
    heading(chapter.title);
    isTrue = judge(chapter, await tell(chapter, options), true) && isTrue;
  }
  return isTrue;
}

async function sayHowToLookFurther(story: StoryCluster, { keep }: DemoOptions): Promise<void> {
  heading('How to look further');
  if (!keep) return say('  npm run demo -- --keep leaves everything running and prints the addresses.');
  const board = await story.address(`aviary-board.${systemNamespace}`, 80);
  const prometheus = await story.address(`prometheus.${systemNamespace}`, 9090);
  say(`
  kubectl      export KUBECONFIG=${story.node.kubeconfigPath}
               ${story.node.stateDirectory}/bin/kubectl -n test get canary -w
  another one  kubectl -n test set image deployment/podinfo podinfod=sandbox.local/podinfo:6.9.2-errors
  queues       ${board}/queues   user: any   password: ${story.boardToken}
  Prometheus   ${prometheus}
  end it       npm run sandbox -- down --name demo

  The addresses answer until this command is interrupted (Ctrl-C); the node stays.`);
  await new Promise<void>((resolve) => process.once('SIGINT', () => resolve()));
}

async function playSimulated(): Promise<boolean> {
  heading('SIMULATED: the real rules on a cluster in memory; no server, no pod, no traffic');
  const objects = await readManifest(projectDirectory, 'examples/podinfo.yaml');
  const canary = objects.find(({ kind }) => kind === 'Canary');
  if (canary === undefined) throw new Error('manifests/examples/podinfo.yaml: expected a Canary, got none');
  const story = createSimulatedStory(shortened(canary, shortStory), (seconds, line) =>
    say(`${String(seconds).padStart(6)} s  ${line}`),
  );
  let isTrue = true;
  for (const chapter of chaptersOf(weightsOf(shortStory.stepWeight, exampleWeights.maxWeight))) {
    heading(chapter.title);
    isTrue = judge(chapter, story.play(chapter), false) && isTrue;
  }
  return isTrue;
}

const otherWays = `
Two other ways to see the story:
  npm run demo -- --simulated        on a cluster in memory, in seconds, on any machine
  kubectl apply --server-side -k manifests   in a cluster of your own (see the README)
`;

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    say(usage);
    return 0;
  }
  const isTrue = options.simulated ? await playSimulated() : await play(options);
  heading(isTrue ? 'The story came true.' : 'The story did not come true.');
  return isTrue ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`\ndemo: ${error instanceof Error ? error.message : String(error)}\n`);
  const reason = error instanceof PartsError || stringAt(error, 'code') !== undefined;
  process.stderr.write(reason || process.getuid?.() !== 0 ? otherWays : '');
  process.exitCode = 1;
}
