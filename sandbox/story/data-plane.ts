/** Who moves the traffic of the story. One file per data plane; Aviary is told of it only through the Canary's provider. */
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import type { ImageName } from '../images.ts';

export interface StoryImages {
  /** Aviary as its users run it. */
  readonly aviary: string;
  /** The same with the sandbox's own programs. */
  readonly programs: string;
  readonly envoy: string;
}

/** Where the built-in checks of the canary can be read by whoever watches the story. */
export interface StoryQueries {
  /** Percent. */
  readonly successRate: string;
  /** Milliseconds. */
  readonly duration: string;
}

export interface DataPlane {
  readonly provider: string;
  /** One sentence for whoever watches: which parts are real, and which program stands in for what. */
  readonly description: string;
  readonly images: readonly ImageName[];
  /** Kinds that must be known to the API server before the objects are applied. */
  readonly definitions: () => Promise<readonly KubernetesObject[]>;
  readonly objects: (images: StoryImages) => readonly KubernetesObject[];
  /** Deployments that must be available before the story begins. */
  readonly deployments: readonly { readonly namespace: string; readonly name: string }[];
  /** Entries of Prometheus' `scrape_configs`. @param interval as `1s` */
  readonly scrapeJobs: (interval: string) => readonly object[];
  /** The load tester as a client of this data plane. */
  readonly loadTester: (deployment: KubernetesObject, images: StoryImages) => KubernetesObject;
  /** Somebody who calls podinfo all the time and counts the answers by release; serves them on port 8080 `/counts`. */
  readonly storefront: (images: StoryImages) => readonly KubernetesObject[];
  /** The example's Canary with what this provider needs of it. */
  readonly canary: (example: KubernetesObject) => KubernetesObject;
  /** @param window of the rate, as `10s` */
  readonly queries: (window: string) => StoryQueries;
}
