/** The story on a real node that comes up for it. */
import { projectDirectory } from '../environment.ts';
import { createProgress } from '../progress.ts';
import { openStory } from '../story/cluster.ts';
import type { StoryCluster } from '../story/cluster.ts';
import type { DataPlane } from '../story/data-plane.ts';
import { gatewayPlane } from '../story/gateway-plane.ts';
import { kumaPlane } from '../story/kuma-plane.ts';
import { storyNamespace, systemNamespace } from '../story/objects.ts';
import type { DemoOptions, Stage, StoryProvider } from './options.ts';
import { chaptersFor, playChapters, shorteningOf, tellerSettings } from './play.ts';
import { heading, say } from './say.ts';
import { tell } from './teller.ts';

type NodeStage = Extract<Stage, { kind: 'node' }>;

const planes: Readonly<Record<StoryProvider, DataPlane>> = { kuma: kumaPlane, 'gatewayapi:v1': gatewayPlane };

function announce({ realTime }: DemoOptions, plane: DataPlane): void {
  heading('Aviary: one release is promoted, the next one is rolled back');
  say(`
  1. A real one-node Kubernetes comes up in namespaces of its own    seconds; the first time its parts are
                                                                     fetched or compiled: up to 20 minutes
  2. Aviary is installed as its users install it                     about half a minute
  3. A Deployment becomes a Canary, a good release is promoted,      ${realTime ? 'about half an hour' : 'about three minutes'}
     a slow one is rolled back

  Traffic: ${plane.description}
`);
}

/** @param isTerminal whether the output can be painted on */
export async function playOnNode(options: DemoOptions, stage: NodeStage, isTerminal: boolean): Promise<boolean> {
  const plane = planes[stage.provider];
  announce(options, plane);
  const shortening = shorteningOf(options);
  const progress = createProgress((line) => say(`  ${line}`));
  const lifetime = stage.keep ? 'kept' : 'process';
  const story = await openStory({ name: 'demo', plane, shortening, root: projectDirectory, progress, lifetime });
  try {
    const queries = plane.queries(shortening?.window ?? '1m');
    const telling = { ...tellerSettings(shortening, 4), isTerminal, story, queries };
    const isTrue = await playChapters({
      chapters: chaptersFor(shortening),
      witnesses: ['visitors', 'receiver'],
      tell: (chapter) => tell(chapter, telling),
    });
    heading('kubectl -n test describe canary/podinfo');
    say(await story.node.kubectl(['-n', storyNamespace, 'describe', 'canary/podinfo']));
    await sayHowToLookFurther(story, stage);
    return isTrue;
  } finally {
    await story.close();
  }
}

async function sayHowToLookFurther(story: StoryCluster, { keep }: NodeStage): Promise<void> {
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
