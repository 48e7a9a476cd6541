import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { MiB } from '../../test/support/swarm/payload.ts'
import { buildTorrent, writeForSeeding } from '../../test/support/swarm/torrent.ts'
import { type Film, writeCatalogue } from '../streaming/films.ts'
import { startProgram } from '../streaming/program.ts'
import type { FarPlan } from './far-side.ts'
import type { NearPlan } from './near-side.ts'
import { FAR_ADDRESS, type Network } from './network.ts'
import type { Shape } from './shapes.ts'

const PIECE_LENGTH = MiB / 2
const script = (name: string): string => new URL(`./${name}.ts`, import.meta.url).pathname
const node = (name: string) => [process.execPath, '--no-warnings', script(name)] as const
const run = promisify(execFile)

/** A film, those who seed it at the far end of a line, and viewers at the near one. */
export interface Stage {
  readonly film: Omit<Film, 'bytes'>
  /** Payload bytes that the seeders have sent so far. */
  uploaded(): Promise<number>
  /** One viewer, by a server of his own; answers the figures by their names. */
  look(plan: Pick<NearPlan, 'contender' | 'viewer'>): Promise<Readonly<Record<string, number>>>
  close(): Promise<void>
}

/** @param folder an empty one, for the film */
export async function openStage(network: Network, shape: Shape, folder: string): Promise<Stage> {
  const size = shape.mebibytes * MiB
  const built = buildTorrent({ name: 'film.mkv', size, pieceLength: PIECE_LENGTH })
  const { infoHash } = built
  const torrent = await writeForSeeding(folder, built)
  const { peerAddresses, near, far } = network
  const seeds = { trackerAddress: FAR_ADDRESS, peerAddresses, peerRate: shape.peerRate }
  const farPlan: FarPlan = { ...seeds, torrent, folder, infoHash }
  const program = await startProgram([...far, ...node('far-side'), JSON.stringify(farPlan)])
  const film = {
    ...{ name: 'film', imdbId: 'tt9000000', size, infoHash, folder, torrent },
    magnet: built.magnet({ trackers: [program.firstLine] }),
  }
  await writeCatalogue(folder, [film])
  return {
    film,
    uploaded: async () => Number(await program.ask('')),
    async look(plan) {
      const nearPlan: NearPlan = { ...plan, film, films: folder }
      const [file, ...args] = [...near, ...node('near-side')] as const
      const { stdout } = await run(file, [...args, JSON.stringify(nearPlan)])
      return JSON.parse(stdout)
    },
    close: program.stop,
  }
}
