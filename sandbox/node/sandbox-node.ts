import type { ImageName } from '../images.ts';
import { type CommandResult, runOrThrow } from '../run.ts';
import type { Importer } from './import.ts';
import type { ExecInput, Inside } from './inside.ts';
import type { NodeLayout } from './layout.ts';
import { createRelay, type ForwardedPort, type ForwardTarget, type Relay } from './relay.ts';

/** A node that is up. */
export interface SandboxNode {
  /** Kubeconfig of an administrator for use on this machine (the API server answers on a loopback port). */
  readonly kubeconfigPath: string;
  /** Folder of the node: logs in `log/`, pods' logs in `machine-log/pods/`. Removed when the node goes down. */
  readonly stateDirectory: string;
  /** Runs a program of this machine in the node's namespaces; names of Services work, `KUBECONFIG` is set. */
  exec(argv: readonly string[], input?: ExecInput): Promise<CommandResult>;
  /** The command line and environment that run `argv` inside, for callers that spawn it themselves. */
  inside(argv: readonly string[]): {
    readonly argv: [string, ...string[]];
    readonly env: Readonly<Record<string, string>>;
  };
  /** Runs kubectl on this machine and returns its output. @throws Error with what it said when it fails. */
  kubectl(args: readonly string[], input?: { readonly stdin?: string; readonly seconds?: number }): Promise<string>;
  /** Imports images of the sandbox, made from programs of this machine. */
  importImages(names: readonly ImageName[]): Promise<void>;
  /** Makes a Service or an address inside reachable on a loopback port, until closed or this process ends. */
  forward(target: ForwardTarget): Promise<ForwardedPort>;
  /** Lets go of the node without ending it. */
  release(): void;
  /** Ends the node and removes all that it has left on the machine. */
  stop(): Promise<void>;
}

/** What a {@link SandboxNode} is made of. */
export interface SandboxNodeOptions {
  readonly layout: NodeLayout;
  readonly inside: Inside;
  readonly importer: Importer;
  readonly stop: () => Promise<void>;
}

/** A handle on a node that is up. */
export function createSandboxNode({ layout, inside, importer, stop }: SandboxNodeOptions): SandboxNode {
  let relay: Relay | undefined;
  const kubeconfigPath = layout.path('kubeconfig');
  const kubectl = [layout.path('bin', 'kubectl'), '--kubeconfig', kubeconfigPath] as const;
  const release = (): void => {
    relay?.release();
    relay = undefined;
  };
  return {
    kubeconfigPath,
    stateDirectory: layout.directory,
    exec: (argv, input) => inside.exec(argv, input),
    inside: (argv) => ({ argv: inside.wrap(argv), env: inside.env }),
    kubectl: (args, input = {}) => runOrThrow({ argv: [...kubectl, ...args], ...input }),
    importImages: (names) => importer.images(names),
    forward: (target) => {
      relay ??= createRelay({ inside, logFile: layout.path('log', 'relay.log'), stays: false });
      return relay.forward(target);
    },
    release,
    stop: async () => {
      release();
      await stop();
    },
  };
}
