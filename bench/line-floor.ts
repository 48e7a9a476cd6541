// What the lines of the shaped swarm can do at best: every peer that is of use is asked for everything
// at once, nothing is asked twice, nothing is lost. `node bench/line-floor.ts`, no network, a second.

import { SimulatedPeer } from '../test/torrent/engine/simulated-peer.ts'
import { createVirtualTime } from '../test/torrent/engine/virtual-time.ts'
import { BLOCK } from '../torrent/engine/blocks/block.ts'
import { profiles } from './streaming/links.ts'

/** Two seconds of 25 Mbit/s: where the bench's player starts. */
const START_BYTES = 6.25e6
/** Round trips until a request may be sent: connecting, shaking hands, being unchoked with it. */
const TRIPS = 2.3

for (const [name, lines] of Object.entries(profiles)) {
  const time = createVirtualTime()
  let bytes = 0
  for (const { rate, rttMs } of lines) {
    const plan = { rate, delayMs: rttMs, slowStart: true }
    const come = ({ length }: { readonly length: number }): void => {
      bytes += length
    }
    const peer = new SimulatedPeer(plan, time, { deliver: come, refuse: () => {} })
    time.after(TRIPS * rttMs, () => {
      for (let piece = 0; piece * BLOCK < 2 * START_BYTES; piece++) {
        peer.request({ piece, offset: 0, length: BLOCK })
      }
    })
  }
  time.runUntil(() => bytes >= START_BYTES, 60_000)
  process.stdout.write(
    `${name}: ${START_BYTES / 1e6} MB after ${Math.round(time.now)} ms at best\n`,
  )
}
