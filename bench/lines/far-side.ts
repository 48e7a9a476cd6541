// What is at the far end of a line: a tracker, and libtorrent seeders of one film, each on an address of
// its own. Argument: JSON of FarPlan. Prints the tracker's announce URL; each line on its input is answered
// with the payload bytes that the seeders have sent so far. Ends with its input.

import { createInterface } from 'node:readline'
import { startSeeder } from '../../test/support/swarm/seeder.ts'
import { startTracker } from '../../test/support/swarm/tracker.ts'

export interface FarPlan {
  readonly trackerAddress: string
  readonly peerAddresses: readonly string[]
  /** Bytes a second; 0: no limit. */
  readonly peerRate: number
  readonly torrent: string
  readonly folder: string
  readonly infoHash: string
}

const plan: FarPlan = JSON.parse(process.argv[2] ?? '')
const { torrent, folder, infoHash, peerRate } = plan
const print = (line: string | number): void => void process.stdout.write(`${line}\n`)

const tracker = await startTracker(plan.trackerAddress)
const seeder = await startSeeder([{ torrent, folder }], plan.peerAddresses)
if (peerRate > 0) for (const [i] of seeder.peers.entries()) await seeder.rate(peerRate, i)
tracker.peers(infoHash, seeder.peers)
print(tracker.url)
for await (const _ of createInterface({ input: process.stdin })) {
  print(await seeder.uploaded(infoHash))
}
await seeder.close()
await tracker.close()
