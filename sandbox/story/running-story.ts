/** The story while it runs, as whoever tells it sees it: on the sandbox's node or in a cluster of the user's own. */
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';

/** A cluster that the story can be installed into. A node of the sandbox is one. */
export interface StoryGround {
  /** Runs kubectl and returns its output. @throws Error with what it said when it fails */
  kubectl(args: readonly string[], input?: { readonly stdin?: string; readonly seconds?: number }): Promise<string>;
}

/** One event of the Canary, oldest first. */
export interface StoryEvent {
  readonly type: string;
  readonly message: string;
  readonly count: number;
  /** RFC 3339, of its last occurrence. */
  readonly at: string;
}

export interface Traffic {
  readonly requests: number;
  readonly failed: number;
  /** Answers by what the release says of itself. */
  readonly byRelease: Readonly<Record<string, number>>;
  /** The last failures in words. */
  readonly failures: readonly string[];
}

export interface RunningStory {
  /** Applies Deployment, autoscaler and Canary of the example. */
  begin(): Promise<void>;
  /** Releases podinfo as `6.9.2-next` or another release of the story. */
  release(tag: string): Promise<void>;
  canary(): Promise<KubernetesObject>;
  events(): Promise<readonly StoryEvent[]>;
  /** What the visitors have seen since they came; absent where there are none. */
  traffic?(): Promise<Traffic>;
  /** Texts of the messages that the receiver in Slack's place has got; absent where there is none. */
  messages?(): Promise<readonly string[]>;
  /** One value of a PromQL expression; undefined when there is none. */
  measure(query: string): Promise<number | undefined>;
  /** Pods that are not ready and why, one a line; empty when all are. */
  trouble(): Promise<readonly string[]>;
}
