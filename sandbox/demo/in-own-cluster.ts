/** The story in a cluster of the user's own: says first what it does and how to take it away again, then does it. */
import { projectDirectory } from '../environment.ts';
import { createProgress } from '../progress.ts';
import { kumaPlane } from '../story/kuma-plane.ts';
import { storyNamespace, systemNamespace } from '../story/objects.ts';
import {
  createOwnStory,
  defaultMetricsServer,
  installInto,
  openGround,
  ownShortStory,
  removal,
  requireReady,
} from '../story/own-cluster.ts';
import type { StoryGround } from '../story/running-story.ts';
import type { DemoOptions, Stage } from './options.ts';
import { chaptersFor, playChapters, shorteningOf, tellerSettings } from './play.ts';
import { heading, say } from './say.ts';
import { tell } from './teller.ts';

type OwnStage = Extract<Stage, { kind: 'ownCluster' }>;

/** What is printed before anything is changed. */
export interface Plan {
  readonly kubeconfig: string;
  /** Name and server of the cluster. */
  readonly cluster: string;
  readonly image: string;
  readonly metricsServer: string;
  readonly realTime: boolean;
}

/** What will be done, what the cluster must have, and how to take it away again. */
export const planText = ({ kubeconfig, cluster, image, metricsServer, realTime }: Plan): string => `
  Cluster   ${cluster}, by ${kubeconfig}
  Image     ${image}

  1. Aviary is applied from manifests/: its kinds, its rights, and   up to three minutes
     namespace ${systemNamespace} with Redis, scheduler, worker, board
  2. Namespace ${storyNamespace} gets the load tester and podinfo with its Canary (manifests/examples/podinfo.yaml,
     ${realTime ? 'untouched' : 'with shorter times'})
  3. A Deployment becomes a Canary, a good release is promoted,
     a slow one is rolled back                                       ${realTime ? 'about half an hour' : 'about five minutes'}

  Traffic: the cluster's own Kuma. What it must have: the mesh 'default', and a Prometheus at
  ${metricsServer} that scrapes the sidecars${realTime ? '' : ' every 15 s or more often (else use --real-time)'}.
  Nobody visits podinfo and no messages are received here: lost requests and alerts are not judged.
  No Flagger may watch namespace ${storyNamespace} meanwhile.

  Everything stays until you take it away (export KUBECONFIG=${kubeconfig}):
${removal}
`;

async function clusterName(ground: StoryGround): Promise<string> {
  const path = 'jsonpath={.current-context} at {.clusters[0].cluster.server}';
  return (await ground.kubectl(['config', 'view', '--minify', '-o', path], { seconds: 30 })).trim();
}

/** @param isTerminal whether the output can be painted on */
export async function playInOwnCluster(options: DemoOptions, stage: OwnStage, isTerminal: boolean): Promise<boolean> {
  const root = projectDirectory;
  const shortening = shorteningOf(options, ownShortStory);
  const metricsServer = stage.metricsServer ?? (await defaultMetricsServer(root));
  const ground = openGround(stage.kubeconfig);
  heading('Aviary in a cluster of your own: one release is promoted, the next one is rolled back');
  const cluster = await clusterName(ground);
  say(planText({ ...stage, cluster, metricsServer, realTime: options.realTime }));
  await requireReady(ground);
  const progress = createProgress((line) => say(`  ${line}`));
  const target = { ...stage, metricsServer, shortening, root, progress };
  try {
    await installInto(ground, target);
    const story = createOwnStory(ground, target);
    const queries = kumaPlane.queries(shortening?.window ?? '1m');
    const telling = { ...tellerSettings(shortening, 10), isTerminal, story, queries };
    const isTrue = await playChapters({
      chapters: chaptersFor(shortening),
      witnesses: [],
      tell: (chapter) => tell(chapter, telling),
    });
    heading('kubectl -n test describe canary/podinfo');
    say(await ground.kubectl(['-n', storyNamespace, 'describe', 'canary/podinfo']));
    return isTrue;
  } finally {
    sayWhatStays(stage);
  }
}

function sayWhatStays({ kubeconfig }: OwnStage): void {
  heading('How to look further');
  say(`
  kubectl      export KUBECONFIG=${kubeconfig}
               kubectl -n ${storyNamespace} get canary -w
  queues       kubectl -n ${systemNamespace} port-forward service/aviary-board 8080:80
               http://localhost:8080/queues   user: any   password: key BOARD_TOKEN of Secret aviary-board
  take it away
${removal}`);
}
