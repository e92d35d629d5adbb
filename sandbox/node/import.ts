import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildImage, type ImageDefinition, writeArchive } from '../image/build.ts';
import { pruneLayers } from '../image/layer.ts';
import { type ImageName, type ImageRecipe, imageRecipes } from '../images.ts';
import type { FoundPart } from '../parts/part.ts';
import type { Parts } from '../parts/resolve.ts';
import type { Progress } from '../progress.ts';
import { containerdSocket } from './configuration.ts';
import type { Inside } from './inside.ts';
import type { NodeLayout } from './layout.ts';

/** Brings images into the node's containerd. Pods use them with `imagePullPolicy: Never` or `IfNotPresent`. */
export interface Importer {
  /** Images of the sandbox; those that are there already cost next to nothing. */
  images(names: readonly ImageName[]): Promise<void>;
}

/** What an importer works with. */
export interface ImporterOptions {
  readonly layout: NodeLayout;
  readonly inside: Inside;
  readonly parts: Parts;
  /** Folder of the sandbox's cache. */
  readonly cache: string;
  readonly progress: Progress;
}

/** An importer of one node. */
export function createImporter({ layout, inside, parts, cache, progress }: ImporterOptions): Importer {
  const importArchive = async (file: string): Promise<void> => {
    const snapshotter = await readFile(layout.path('snapshotter'), 'utf8');
    const ctr = ['ctr', '-a', containerdSocket, '-n', 'k8s.io', 'images', 'import', '--snapshotter', snapshotter, file];
    const { code, stderr } = await inside.exec(ctr, { seconds: 120 });
    if (code !== 0) throw new Error(`import of ${file}: expected exit code 0, got ${code}: ${stderr.trim()}`);
  };
  /** What containerd has is noted by digest: a file of this name is there once it was imported. */
  const note = (digest: string): string => layout.path('images', digest.replace(':', '-'));
  const importImage = async (wanted: ImageDefinition): Promise<void> => {
    const image = await buildImage(wanted, cache);
    const named = layout.path('images', image.name.replace(/[^\w.-]+/g, '_'));
    if ((await readFile(named, 'utf8').catch(() => '')) === image.digest) return;
    const present = image.layers.map(({ digest }) => digest).filter((digest) => existsSync(note(digest)));
    const file = `${named}.tar`;
    await writeArchive(image, file, new Set(present));
    await importArchive(file);
    await rm(file);
    for (const { digest } of image.layers) await writeFile(note(digest), '');
    await writeFile(named, image.digest);
    progress.say(`image ${image.name}`);
  };
  return {
    images: async (names) => {
      const recipes = names.map((name): ImageRecipe => imageRecipes[name]);
      const found = await parts.get([...new Set(recipes.flatMap((recipe) => recipe.parts))]);
      await Promise.all(recipes.map((recipe) => importImage(recipe.define((name) => partOf(found, name)))));
      await pruneLayers(join(cache, 'layers'));
    },
  };
}

function partOf(found: Readonly<Partial<Record<string, FoundPart>>>, name: string): FoundPart {
  const part = found[name];
  if (part === undefined) throw new Error(`image recipe: expected part '${name}' to be listed among its parts`);
  return part;
}
