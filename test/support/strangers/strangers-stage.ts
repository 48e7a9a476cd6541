import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Env, Launch } from '../server/playlink.ts'
import { openStage, type Stage } from '../server/stage.ts'
import { KiB } from '../swarm/payload.ts'
import { buildTorrent, type TorrentPlan } from '../swarm/torrent.ts'
import { movie } from '../titles.ts'
import { startForeignServices } from './foreign-services.ts'

const ids = (front: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `tt9${front}${String(i).padStart(3, '0')}`)

/** Films of the local catalogue. */
export const COLD = ids('300', 24)
/** On a line of their own, so that downloads of them last. */
export const LARGE = ids('301', 18)
/** Magnets and .torrents that nobody has. */
export const DEAD = ids('302', 20)
export const LOST = ids('303', 6)
/** One with subtitles beside it, and one that lasts as long as a bench looks at it. */
export const SUBTITLED = 'tt9305000'
export const LONG = 'tt9304000'

const LARGE_SIZE = 4_000_000
const LINE_OF_LARGE = 1_000_000

export type FilmName = `cold${number}` | `large${number}` | 'subtitled' | 'long'

export interface StrangersPlan {
  /** Bytes of the long film; none of it when 0. */
  readonly longSize: number
  readonly env?: Env
  readonly how?: Launch | undefined
}

/**
 * What hostile addresses and honest viewers share: films that play, swarms without anybody, an addon and
 * an indexer that know every title, and the limits on as they are by default.
 */
export async function openStrangersStage(plan: StrangersPlan): Promise<Stage<FilmName>> {
  const film = (name: string, size: number) => ({
    name: `${name}.mkv`,
    size,
    pieceLength: 64 * KiB,
  })
  const torrents: Record<string, TorrentPlan> = {}
  for (const i of COLD.keys()) torrents[`cold${i}`] = film(`Cold ${i}`, 400_000)
  for (const i of LARGE.keys()) torrents[`large${i}`] = film(`Large ${i}`, LARGE_SIZE)
  const subtitles = Buffer.from('1\n00:00:01,000 --> 00:00:02,000\nHello\n')
  torrents.subtitled = {
    name: 'Subtitled',
    files: { 'Film.mkv': 200_000, 'Film.en.srt': subtitles },
  }
  if (plan.longSize > 0) torrents.long = film('Long', plan.longSize)
  const dead = [...DEAD, ...LOST].map((id) => buildTorrent(film(`Dead ${id}`, LARGE_SIZE)))
  const web = await startForeignServices()
  try {
    const stage = await openStage<FilmName>({
      torrents: torrents as Record<FilmName, TorrentPlan>,
      titles: ({ magnet, trackerUrl }) => [
        ...COLD.map((id, i) => movie(id, `Cold ${i}`, { magnet: magnet(`cold${i}`) })),
        ...LARGE.map((id, i) => movie(id, `Large ${i}`, { magnet: magnet(`large${i}`) })),
        ...DEAD.map((id, i) =>
          movie(id, `Dead ${i}`, { magnet: dead[i]?.magnet({ trackers: [trackerUrl] }) ?? '' }),
        ),
        ...LOST.map((id, i) => movie(id, `Lost ${i}`, { torrent: `./lost${i}.torrent` })),
        movie(SUBTITLED, 'Subtitled', { magnet: magnet('subtitled') }),
        ...(plan.longSize > 0 ? [movie(LONG, 'Long', { magnet: magnet('long') })] : []),
      ],
      env: { RATE_LIMIT: 'on', ...web.env, ...plan.env },
      how: plan.how,
      seeders: ['127.0.0.11', '127.0.0.12'],
    })
    stage.own(() => web.close())
    await giveLines(stage)
    for (const i of LOST.keys()) {
      const torrent = dead[DEAD.length + i]?.torrent({ announce: stage.trackerUrl }) ?? ''
      await writeFile(join(stage.folder, 'catalogue', `lost${i}.torrent`), torrent)
    }
    return stage
  } catch (error) {
    await web.close()
    throw error
  }
}

async function giveLines({ torrents, tracker, seeder }: Stage<FilmName>): Promise<void> {
  const [wide = '', narrow = ''] = seeder.peers
  for (const [name, { infoHash }] of Object.entries(torrents)) {
    tracker.peers(infoHash, [name.startsWith('large') ? narrow : wide])
  }
  await seeder.rate(LINE_OF_LARGE, 1)
}
