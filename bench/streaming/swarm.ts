import { type Seeder, startSeeder } from '../../test/support/swarm/seeder.ts'
import type { Tracker } from '../../test/support/swarm/tracker.ts'
import type { Films } from './films.ts'
import { type Line, type Profile, profiles, type ShapedLink } from './links.ts'
import { startProgram } from './program.ts'

export interface BenchSwarm {
  readonly seeder: Seeder
  close(): Promise<void>
}

/**
 * libtorrent seeders of every film, told to the tracker: one at full speed, or eight behind a shaper.
 * A shaped swarm is opened anew for every measure, so that who stalls stalls again.
 */
export async function openSwarm(
  films: Films,
  tracker: Tracker,
  profile?: Profile,
): Promise<BenchSwarm> {
  const lines: readonly (Line | undefined)[] = profile ? profiles[profile] : [undefined]
  const plans = [...films.values()].map(({ folder, torrent }) => ({ folder, torrent }))
  const seeder = await startSeeder(
    plans,
    lines.map((_, i) => `127.0.0.${11 + i}`),
  )
  const links = lines.flatMap((line, i): ShapedLink[] =>
    line ? [{ ...line, listen: `127.0.0.${31 + i}`, to: seeder.peers[i] ?? '' }] : [],
  )
  const script = new URL('./shaper.ts', import.meta.url).pathname
  const shaper = profile
    ? await startProgram([process.execPath, script, JSON.stringify(links)])
    : undefined
  const peers: readonly string[] = shaper ? JSON.parse(shaper.firstLine) : seeder.peers
  for (const { infoHash } of films.values()) tracker.peers(infoHash, peers)
  return {
    seeder,
    async close() {
      await shaper?.stop()
      await seeder.close()
    },
  }
}
