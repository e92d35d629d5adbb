import type { ArchiveWay } from './part.ts';

/** This machine's processor, as release files name it. */
export const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';

/** Folder of the files of one GitHub release. */
export const github = (repository: string, tag: string): string =>
  `https://github.com/${repository}/releases/download/${tag}`;

/** A `.tar.gz` of a release with a `.sha256`-like file beside it. */
export const release = (url: string, sha256Url: string, folder: string): ArchiveWay => ({
  kind: 'archive',
  url,
  sha256Url,
  folder,
});
