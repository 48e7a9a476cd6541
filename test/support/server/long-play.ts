import { expect } from '@jest/globals'
import { sha256 } from '../swarm/payload.ts'
import { playMovie } from '../titles.ts'
import { eventually, within } from '../wait.ts'
import { begin, type Stream } from './request.ts'
import type { Stage } from './stage.ts'

export interface LongPlay {
  /** The rest comes at full speed: every byte must be right, on the connection it began with. */
  expectWhole(): Promise<void>
}

/**
 * Begins a play that lasts as long as a test likes: the film comes from the stage's second seeder
 * alone, at a rate of its own.
 */
export async function startLongPlay<Name extends string>(
  stage: Stage<Name>,
  name: Name,
  movieId: string,
): Promise<LongPlay> {
  const [others, own] = stage.seeder.peers
  if (!others || !own) throw new Error('the stage needs two seeders')
  for (const torrent of Object.values<{ infoHash: string }>(stage.torrents)) {
    stage.tracker.peers(torrent.infoHash, [others])
  }
  const { infoHash, content } = stage.torrents[name]
  stage.tracker.peers(infoHash, [own])
  await stage.seeder.rate(100_000, 1)
  const stream = await beginFilm(stage.server.base + playMovie(movieId))
  const begun = await stream.read(1)
  return {
    async expectWhole() {
      await stage.seeder.rate(0, 1)
      const rest = await within('the rest of the long play', 60_000, stream.rest())
      expect(rest.complete).toBe(true)
      expect(begun.length).toBeLessThan(content.length / 2)
      expect(sha256(Buffer.concat([begun, rest.body]))).toBe(sha256(content))
    },
  }
}

/**
 * A busy machine may not bring a first byte within PLAY_TIMEOUT: it is asked for again. The text of that error is
 * a whole body too, which is not the film's.
 */
async function beginFilm(url: string): Promise<Stream> {
  let refusal = ''
  return eventually(
    'the long play to begin',
    async () => {
      const stream = await begin(url, { timeout: 240_000 })
      if (stream.status === 200) return stream
      refusal = `${stream.status} ${(await stream.rest()).body}`
      return undefined
    },
    20_000,
    () => refusal,
  )
}
