import type { Block } from './block.ts'

/** What the scheduler may do to the wires; calls back nothing while it runs. */
export interface WirePort {
  request(peer: string, block: Block): void
  cancel(peer: string, block: Block): void
  /** The peer is no use: `silent` may come back, `liar` may not. */
  drop(peer: string, why: 'silent' | 'liar'): void
}
