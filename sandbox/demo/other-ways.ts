/** Where else the story can be seen when it can't be played here. */
import type { Stage } from './options.ts';

const ways: Readonly<Record<Stage['kind'], string>> = {
  node: `  npm run demo
      on a real node that comes up here; wants Linux and root`,
  ownCluster: `  npm run demo -- --kubeconfig ~/.kube/config --image REGISTRY/aviary:TAG
      in a cluster of your own with Kuma and Prometheus; needs kubectl on PATH, and Aviary's image where the
      cluster can pull it: docker build -t REGISTRY/aviary:TAG . && docker push REGISTRY/aviary:TAG`,
  simulated: `  npm run demo -- --simulated
      with the real rules on a cluster in memory, in seconds, on any machine`,
};

/** The two ways besides the one that was taken, each with its command. */
export function otherWays(taken: Stage['kind']): string {
  const others = (['ownCluster', 'simulated', 'node'] as const).filter((kind) => kind !== taken);
  return `\nTwo other ways to see the story:\n${others.map((kind) => ways[kind]).join('\n')}\n`;
}
