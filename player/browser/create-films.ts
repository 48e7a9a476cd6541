import { availableParallelism } from 'node:os'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import type { Janitor } from '../../cache/limits/janitor.ts'
import { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { Config } from '../../config/config.ts'
import { Encoder } from '../../media/ffmpeg/encoder.ts'
import { ForkServer } from '../../media/ffmpeg/fork-server.ts'
import { Media } from '../../media/media.ts'
import { ProbedFilms } from '../films/probed-films.ts'
import { EmbeddedSubtitles } from '../subtitles/embedded-subtitles.ts'

export interface CreateFilmsDeps {
  readonly config: Pick<Config, 'browser'>
  readonly index: CacheIndex
  readonly janitor: Pick<Janitor, 'segments'>
  readonly log: Log
}

/** What looks into films, and all that making them ready for browsers takes but the plays; undefined: BROWSER=off. */
export function createFilms({ config, index, janitor, log }: CreateFilmsDeps) {
  const { browser } = config
  if (browser === 'off') return undefined
  const cores = availableParallelism()
  const ffmpeg = new ForkServer()
  const encoder = browser === 'video' ? new Encoder({ cores, ffmpeg }) : undefined
  if (encoder) void tellStrength(encoder, log)
  const media = new Media(cores, encoder, ffmpeg)
  const films = new ProbedFilms({ media, index, log })
  const { segments } = janitor
  return { browser, media, films, segments, embedded: new EmbeddedSubtitles(films, media) }
}

/** Once, when the trial at the start is over: for who runs the server. */
async function tellStrength(encoder: Encoder, log: Log): Promise<void> {
  const strength = await encoder.strength
  if (encoder.isClosed) return
  if (strength instanceof Fault) return void log.warn(`BROWSER=video: ${strength.message}`)
  const { rung, preset, isFast } = strength
  const words = `BROWSER=video: pictures are encoded at ${rung}p or less (x264 ${preset})`
  if (isFast) log.info(words)
  else log.warn(`${words}, which this machine does more slowly than they are watched`)
}
