import { builtProgram, readEnvironment, type SandboxEnvironment } from '../environment.ts';
import { createGuard, type Guard } from '../guard.ts';
import { type ImageName, imageRecipes } from '../images.ts';
import { withLock } from '../parts/lock.ts';
import { createParts, type Parts } from '../parts/resolve.ts';
import { nodeParts } from '../parts/table.ts';
import { createProgress, type Progress } from '../progress.ts';
import { bringUp } from './bring-up.ts';
import { createImporter } from './import.ts';
import { createInside, type Inside } from './inside.ts';
import { layoutOf, type NodeLayout } from './layout.ts';
import { findInit } from './namespaces.ts';
import { requireFullMode } from './requirements.ts';
import { createSandboxNode, type SandboxNode } from './sandbox-node.ts';
import { lockOf, stopNode } from './stop.ts';

/** Which node to bring up. */
export interface NodeOptions {
  /** Tells several nodes of one machine apart; `aviary` unless told. */
  readonly name?: string;
  /** Images to import besides those of the node itself. */
  readonly images?: readonly ImageName[];
  /** Whether the node ends with this process, even when that is killed, or stays until it is stopped (the default). */
  readonly lifetime?: 'process' | 'kept';
  readonly environment?: SandboxEnvironment;
  readonly progress?: Progress;
}

interface Context {
  readonly environment: SandboxEnvironment;
  readonly progress: Progress;
  readonly parts: Parts;
  readonly layout: NodeLayout;
}

function contextOf(options: NodeOptions): Context {
  const environment = options.environment ?? readEnvironment();
  const progress = options.progress ?? createProgress((line) => process.stderr.write(`${line}\n`));
  const layout = layoutOf(environment, options.name ?? 'aviary');
  return { environment, progress, layout, parts: createParts(environment, progress) };
}

/**
 * Brings up a real one-node Kubernetes in namespaces of its own. A node that is up is used as it is; one whose start
 * was interrupted is completed.
 * @throws PartsError when a part cannot be had here, Error when full mode is not possible or a daemon does not start.
 */
export async function startNode(options: NodeOptions = {}): Promise<SandboxNode> {
  requireFullMode();
  const context = contextOf(options);
  const { layout, progress, parts } = context;
  const images = options.images ?? [];
  const found = await parts.get([...nodeParts, ...partsOf(images)]);
  const guard = options.lifetime === 'process' ? guardOf(layout) : undefined;
  let others = Promise.resolve();
  const importImages = async (inside: Inside): Promise<void> => {
    const importer = importerOf(context, inside);
    await importer.images(['pause', 'coredns']);
    others = importer.images(images); // while the rest of the node comes up
    others.catch(() => {}); // seen below
  };
  const work = (): Promise<Inside> => bringUp({ layout, parts: found, progress, importImages });
  const inside = await withLock(lockOf(layout), work, () => progress.say('waiting for another start of this node'));
  await others;
  return handleOf(context, inside, guard);
}

const partsOf = (images: readonly ImageName[]): string[] =>
  images.flatMap((name): readonly string[] => imageRecipes[name].parts);

/** A handle on a node that is up; `undefined` when it is not. */
export async function attachNode(options: NodeOptions = {}): Promise<SandboxNode | undefined> {
  const { inside } = await observeNode(options);
  return inside === undefined ? undefined : handleOf(contextOf(options), inside, undefined);
}

/** Where a node is, and its inside if its first process runs. */
export async function observeNode(
  options: NodeOptions,
): Promise<{ readonly layout: NodeLayout; readonly inside: Inside | undefined }> {
  const { layout } = contextOf(options);
  const init = await findInit(layout);
  if (init === undefined) return { layout, inside: undefined };
  return { layout, inside: createInside({ layout, init, busybox: layout.path('bin', 'busybox'), cgroups: [] }) };
}

/** Ends a node, whoever started it, and removes all that it has left; harmless when there is none. */
export async function endNode(options: NodeOptions = {}): Promise<void> {
  requireFullMode();
  await stopNode(contextOf(options).layout);
}

const importerOf = ({ layout, parts, environment, progress }: Context, inside: Inside) =>
  createImporter({ layout, inside, parts, cache: environment.cache, progress });

function handleOf(context: Context, inside: Inside, guard: Guard | undefined): SandboxNode {
  const { layout } = context;
  return createSandboxNode({
    layout,
    inside,
    importer: importerOf(context, inside),
    stop: async () => {
      await stopNode(layout);
      guard?.tell({ kind: 'dismiss' });
      await guard?.release();
    },
  });
}

function guardOf(layout: NodeLayout): Guard {
  const guard = createGuard();
  guard.tell({ kind: 'run', argv: [process.execPath, builtProgram('main.js'), 'down', '--name', layout.name] });
  return guard;
}
