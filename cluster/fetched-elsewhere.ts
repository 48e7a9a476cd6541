import type { FileKey } from '../common/bittorrent/file-key.ts'

/** What is known of a file that another node has. */
export interface FileElsewhere {
  readonly key: FileKey
  readonly name: string
  /** Bytes. */
  readonly size: number
}

/**
 * Another node has the file, or has its torrent open: the play is to be handed to it. Not a Fault: no
 * client ever gets it.
 */
export class FetchedElsewhere extends Error {
  override readonly name = 'FetchedElsewhere'
  readonly node: string
  /** Set where that node has the file whole, or as soon as its name and size are known. */
  readonly file: FileElsewhere | undefined
  /** That node has all of it. */
  readonly complete: boolean

  constructor(node: string, file?: FileElsewhere, complete = false) {
    super(`another node has it: ${node}`)
    this.node = node
    this.file = file
    this.complete = complete
  }
}
