/** One thing that goes into an image. `path` is absolute inside the image. */
export type ImageFile = CopiedFile | ProgramFile | LinkFile | TextFile;

/** A file or a whole folder of this machine; links inside a folder stay links. */
export interface CopiedFile {
  readonly kind: 'copy';
  readonly path: string;
  readonly from: string;
  /** Files of a folder that are left out. */
  readonly without?: RegExp;
}

/** A program of this machine with the shared libraries that it needs. */
export interface ProgramFile {
  readonly kind: 'program';
  readonly path: string;
  readonly from: string;
  /** Folders with libraries of its own, searched first. */
  readonly libraries?: readonly string[];
}

/** A symbolic link to `target`. */
export interface LinkFile {
  readonly kind: 'link';
  readonly path: string;
  readonly target: string;
}

/** A file with this text. */
export interface TextFile {
  readonly kind: 'text';
  readonly path: string;
  readonly text: string;
}

/** What a layer's archive holds, in the end: every entry by itself. `path` has no slash in front. */
export type LayerEntry =
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'text'; readonly path: string; readonly text: string }
  | SourceEntry;

/** A file of this machine. Size and time of change stand for its contents. */
export interface SourceEntry {
  readonly kind: 'file';
  readonly path: string;
  readonly from: string;
  readonly mode: number;
  readonly size: number;
  /** Milliseconds. */
  readonly modified: number;
}
