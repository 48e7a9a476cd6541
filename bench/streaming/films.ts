import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MiB } from '../../test/support/swarm/payload.ts'
import {
  type BuiltTorrent,
  buildTorrent,
  writeForSeeding,
} from '../../test/support/swarm/torrent.ts'

/** One payload of the bench: pseudo-random bytes, for nothing here looks inside. */
export interface Film {
  readonly name: string
  readonly imdbId: string
  readonly size: number
  readonly bytes: Buffer
  readonly infoHash: string
  /** Where a seeder and a web server find the file, and its .torrent. */
  readonly folder: string
  readonly torrent: string
  readonly magnet: string
}

const PLAN = {
  /** First byte, whole file, seek. */
  big: { size: 256 * MiB, pieceLength: MiB },
  /** Twenty viewers of it. */
  shared: { size: 64 * MiB, pieceLength: MiB / 4 },
  /** Two minutes at 25 Mbit/s, and the shaped swarm's seeks. */
  rich: { size: 360 * MiB, pieceLength: MiB },
  /** A minute and a half at 8 Mbit/s: the shaped swarm's first byte. */
  light: { size: 90 * MiB, pieceLength: MiB / 2 },
} as const

export const TEN = Array.from({ length: 10 }, (_, i) => `ten-${i}`)

export type Films = ReadonlyMap<string, Film>

export function filmOf(films: Films, name: string): Film {
  const film = films.get(name)
  if (!film) throw new Error(`there is no film ${name}`)
  return film
}

/** Writes payloads, .torrent files and the catalogue. */
export async function makeFilms(folder: string, announce: string): Promise<Films> {
  const plans = Object.entries<{ size: number; pieceLength: number }>(PLAN)
  for (const name of TEN) plans.push([name, { size: 48 * MiB, pieceLength: MiB / 2 }])
  const films = new Map<string, Film>()
  for (const [i, [name, plan]] of plans.entries()) {
    const built = buildTorrent({ name: `${name}.mkv`, ...plan })
    films.set(name, await write(join(folder, name), name, built, i, announce))
  }
  await writeCatalogue(folder, [...films.values()])
  return films
}

/** The catalogue that Playlink plays: source 0 the magnet, 1 the .torrent. */
export async function writeCatalogue(
  folder: string,
  films: readonly Omit<Film, 'bytes'>[],
): Promise<void> {
  const titles = films.map(({ name, imdbId, magnet, torrent }) => ({
    ...{ id: imdbId, type: 'movie', name },
    sources: [{ magnet }, { torrent }],
  }))
  await writeFile(join(folder, 'catalogue.json'), JSON.stringify({ version: 1, titles }))
}

async function write(
  folder: string,
  name: string,
  built: BuiltTorrent,
  i: number,
  announce: string,
): Promise<Film> {
  await mkdir(folder, { recursive: true })
  await writeForSeeding(folder, built)
  const torrent = join(folder, `${name}.torrent`)
  await writeFile(torrent, built.torrent({ announce }))
  return {
    ...{ name, folder, torrent, size: built.content.length, bytes: built.content },
    imdbId: `tt90000${String(i).padStart(2, '0')}`,
    infoHash: built.infoHash,
    magnet: built.magnet({ trackers: [announce] }),
  }
}
