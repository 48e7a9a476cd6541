// What the worker of names loads too: nothing that it does not need.

/** What is asked of a name: what a release is, or which episode a file of a torrent is. */
export type Kind = 'release' | 'marks'

/** Names for the worker. They are cut already (MAX_NAME, MAX_PATH). */
export interface Chunk {
  readonly id: number
  readonly kind: Kind
  /** Of `marks`: the torrent's own name, which is the root folder of the paths. */
  readonly torrent: string
  readonly names: readonly string[]
}

/** The worker's first message, when it has loaded what it needs. */
export const READY = 'ready'

/** In the shared word: no name is being read. Else it is the index of that name in its chunk. */
export const IDLE = -1
