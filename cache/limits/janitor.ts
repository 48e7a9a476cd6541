import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { Segments } from './segment-room.ts'

/**
 * Room of one download. What is still reserved is derived at every moment: its bytes less what the file
 * has on disk. So mark() and unmark() of a piece need no call to the janitor (docs/decisions/0003).
 */
export interface Reservation {
  /** What its file may take on disk, in all. */
  readonly bytes: number
  /**
   * Room for so many bytes in all. Without a budget it takes only what is free; with one, least recently
   * used files go for what is missing, but none in use, and none at all when that would not be enough.
   * @param promised bytes that the file will want in the end. When they cannot come beside what other
   * downloads were promised it does not grow at all: too many halves would fit, and no whole. Of slots:
   * bytes that must be free or idle in all, or it does not grow
   * @param leavesRoom of what is free only so much that something stays for others
   * @throws Fault DOES_NOT_FIT, and then it is what it was
   */
  grow(
    bytes: number,
    budget?: EvictionBudget,
    promised?: number,
    leavesRoom?: boolean,
  ): Promise<void>
  /** The bytes are on disk already, so they have their room. */
  hold(bytes: number): void
  /** What is not on disk is given back, and with it the promise. */
  shrink(bytes: number): void
  /** Gives back what was not downloaded; what is on disk stays counted. Safe to call twice. */
  release(): void
}

/** What may be evicted for a download, and on whose account. */
export interface EvictionBudget {
  /** Bytes, for those that go for their bytes; 0 or less: none. The last one may be larger. */
  left(): number
  /** How many may go because there are too many files: one small file may take the place of a film. */
  filesLeft(): number
  /** @param files how many went for their number; the bytes are those of the others */
  spend(bytes: number, files: number): void
  /** So much room was taken for it, free or made free; below 0: given back. */
  took(bytes: number): void
  /** Those it is for have had all that they may: they leave a part of what is free to others. */
  isSpent(): boolean
  /** One window at a time is still served to those: whether this download has it, from now on. */
  takeWindow(): boolean
  /** Another download may have it. Safe to call twice. */
  giveWindow(): void
}

/** For what nobody's account is charged. */
export const unlimited: EvictionBudget = {
  left: () => Number.POSITIVE_INFINITY,
  filesLeft: () => Number.POSITIVE_INFINITY,
  spend: () => {},
  took: () => {},
  isSpent: () => false,
  takeWindow: () => true,
  giveWindow: () => {},
}

/**
 * `file`: the file itself, which counts once with what it has on disk already. `slots`: a file beside it
 * that nobody else counts (docs/decisions/0007).
 */
export type Purpose = 'file' | 'slots'

export interface Freed {
  readonly files: number
  readonly bytes: number
  /** Files that were left because somebody reads or fills them. */
  readonly keptInUse: number
}

export interface SweepStep {
  readonly name: string
  readonly ms: number
  readonly files: number
  readonly bytes: number
}

export interface DiskState {
  /** Segments included. */
  readonly usedBytes: number
  /** Of segments that were made for browsers, which go before any file. */
  readonly segmentBytes: number
  /** What may be used in all: CACHE_MAX_DISK_MB, or less when the volume has less room. */
  readonly maxBytes: number
  /** CACHE_MAX_DISK_MB. */
  readonly configuredBytes: number
  readonly reservedBytes: number
  readonly freeOnVolumeBytes: number
}

export interface Janitor {
  /** A reservation of nothing yet; the file is not evicted from here on. Release it after PartialFile.close(). */
  reserve(key: FileKey, purpose: Purpose): Reservation
  /**
   * Whether room for so many bytes could be had by now, if everything that is idle was evicted: for a
   * file beside what other downloads were promised, for slots beside what they have. Evicts nothing.
   */
  couldFit(key: FileKey, purpose: Purpose, bytes: number): Promise<boolean>
  /** Removes what exceeds CACHE_TTL, CACHE_MAX_SIZE or CACHE_MAX_DISK_MB, and heals the index. */
  sweep(): Promise<Freed>
  /**
   * Removes every file that nobody uses but those that the operator wants kept, and all segments; with
   * `only` these files, kept or not, and nothing else.
   */
  clear(only?: ReadonlySet<FileKey>): Promise<Freed>
  disk(): Promise<DiskState>
  readonly segments: Segments
  readonly evictions: { readonly ttl: number; readonly count: number; readonly disk: number }
  /** `at` is ISO 8601. */
  readonly lastSweep: { readonly at: string; readonly steps: readonly SweepStep[] } | undefined
}
