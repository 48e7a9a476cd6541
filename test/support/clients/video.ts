import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bencode } from '../bencode.ts'
import { type Seeder, startSeeder } from '../swarm/seeder.ts'
import { fromInfo, pieceHashes } from '../swarm/torrent.ts'
import { startTracker } from '../swarm/tracker.ts'

export const videoPath = new URL('../../../catalogue/playlink-test-film.mp4', import.meta.url)
  .pathname
const PIECE = 16 * 1024

/** Ten seconds of H.264 and AAC that every browser here plays. */
export const film = (): Buffer => readFileSync(videoPath)

/** The same ten seconds, smaller, in Matroska: `ffmpeg -i <film> -vf scale=320:-2 -c:v libx264 ... film.mkv`. */
export const filmInMatroska = (): Buffer => readFileSync(new URL('./film.mkv', import.meta.url))

export interface VideoSwarm {
  readonly magnet: string
  readonly seeder: Seeder
  close(): Promise<void>
}

/** The test film in a swarm of its own: payload of stages is noise, which no browser plays. */
export async function startVideoSwarm(folder: string, address: string): Promise<VideoSwarm> {
  const name = 'Playlink.Test.Film.mp4'
  const bytes = film()
  const pieces = pieceHashes(bytes, PIECE)
  const torrent = fromInfo(
    name,
    bencode({ name, 'piece length': PIECE, pieces, length: bytes.length }),
  )
  const home = join(folder, 'video')
  await mkdir(home, { recursive: true })
  await writeFile(join(home, name), bytes)
  const file = join(home, 'film.torrent')
  await writeFile(file, torrent.torrent())
  const tracker = await startTracker()
  const seeder = await startSeeder([{ torrent: file, folder: home }], [address])
  tracker.peers(torrent.infoHash, seeder.peers)
  return {
    magnet: torrent.magnet({ trackers: [tracker.url] }),
    seeder,
    async close() {
      await seeder.close()
      await tracker.close()
    },
  }
}
