import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Ending } from './ending.ts'
import { endsWith } from './ends-with.ts'
import { startLoopbackWeb } from './loopback-web.ts'
import { magnetOf, startSeeding } from './seeding.ts'
import { DIRECT_VIDEO, demoCatalogue, videoPath } from './titles.ts'
import { createTracker } from './tracker.ts'

export interface Swarm {
  /** The catalogue file that names it. */
  readonly catalogue: string
  /** Resolves when the tracker has heard of a seeder of every torrent. */
  seeded(): Promise<void>
}

/**
 * Tracker and seeder, owned by the ending, and a catalogue of what they have.
 * @param uploadLimit bytes per second; -1: as fast as it goes
 */
export async function startSwarm(
  folder: string,
  uploadLimit: number,
  ending: Ending,
): Promise<Swarm> {
  const tracker = createTracker()
  const film = { name: DIRECT_VIDEO, bytes: await readFile(videoPath(DIRECT_VIDEO)) }
  const web = await startLoopbackWeb(tracker, film)
  ending.own(web.close)

  const seeding = startSeeding(web.announceUrl, uploadLimit)
  endsWith('seeder', seeding, ending)
  const infoHashes = await ending.unlessOver(seeding.infoHashes)
  const magnets = new Map(
    [...infoHashes].map(([name, hash]) => [name, magnetOf(name, hash, web.announceUrl)]),
  )
  const catalogue = join(folder, 'catalogue.json')
  await writeFile(catalogue, JSON.stringify(demoCatalogue(magnets, web.filmUrl), undefined, 2))
  const isSeeded = () => [...infoHashes.values()].every((hash) => tracker.seeders(hash) > 0)
  return {
    catalogue,
    async seeded() {
      while (!isSeeded()) await ending.unlessOver(sleep(50))
    },
  }
}
