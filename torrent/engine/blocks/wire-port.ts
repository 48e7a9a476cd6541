import type { Block } from './block.ts'

/** What the piece picker may do to the connections. No call may call the picker back before it returns. */
export interface WirePort {
  request(peer: string, block: Block): void
  cancel(peer: string, block: Block): void
  /** Ends the connection. A `snubbed` peer may come back, a `banned` one (it sent wrong bytes) may not. */
  drop(peer: string, why: 'snubbed' | 'banned'): void
}
