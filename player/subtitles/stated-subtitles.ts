import { LRUCache } from 'lru-cache'
import { textBytes } from '../../cache/index/value-size.ts'
import { Fault } from '../../common/errors.ts'
import { LOOP_HEADER, nextHops } from '../../common/network/loop-header.ts'
import type { Outbound } from '../../common/network/outbound.ts'
import { SingleFlight } from '../../common/single-flight.ts'
import type { SubtitleTrack } from '../../common/subtitles/subtitle-track.ts'
import { MAX_SUBTITLE_BYTES } from '../../sources/matching/external-subtitles.ts'
import type { NumberedSource, StatedSubtitle } from '../../sources/source.ts'
import type { Viewer } from '../jobs/viewer.ts'
import { neededHeaders } from '../relay/relay-headers.ts'
import { webVtt } from './subtitle-text.ts'

const ANSWER_MS = 15_000
/** Of all texts remembered; a film's has about 100 KB. */
const MAX_CACHED_BYTES = 8 << 20
/** The file at an address may be mended. */
const TTL_MS = 600_000

/** Those that another addon told with a source. */
export const statedTracks = ({ subtitles = [] }: NumberedSource): readonly SubtitleTrack[] =>
  subtitles.map(({ id, lang, url, isRelayed }) => ({ id, lang, ...(!isRelayed && { url }) }))

/** Reads subtitle files of other servers, for pages and where no viewer may learn their addresses. */
export class StatedSubtitles {
  readonly #outbound: Pick<Outbound, 'get'>
  readonly #texts = new LRUCache<string, string>({
    maxSize: MAX_CACHED_BYTES,
    sizeCalculation: textBytes,
    ttl: TTL_MS,
  })
  readonly #reading = new SingleFlight<string>({ whenAbandoned: 'abort' })

  constructor(outbound: Pick<Outbound, 'get'>) {
    this.#outbound = outbound
  }

  /**
   * As WebVTT, whatever it was.
   * @param cameThrough the value of LOOP_HEADER in the viewer's request
   * @throws Fault OUTBOUND_REFUSED, UPSTREAM_FAILED (also for a circle), NO_FIRST_BYTE, as Viewer.startCold
   */
  async text(
    source: Pick<NumberedSource, 'locator' | 'proxyHeaders'>,
    { url, request }: StatedSubtitle,
    viewer: Viewer,
    cameThrough: unknown,
  ): Promise<string> {
    // A link's headers are for its own server.
    const { locator, proxyHeaders } = source
    const isBeside = locator.kind === 'url' && originOf(locator.url) === originOf(url)
    const headers = neededHeaders({ ...(isBeside && proxyHeaders?.request), ...request })
    const name = JSON.stringify([url, headers])
    const known = this.#texts.get(name)
    if (known !== undefined) return known
    const hops = nextHops(cameThrough)
    if (hops === undefined) throw failed('subtitles of another server: a circle')
    await viewer.startCold()
    const reading = this.#reading.join(name, viewer.signal, async (signal) => {
      const text = await this.#read(url, { ...headers, [LOOP_HEADER]: hops }, signal)
      this.#texts.set(name, text)
      return text
    })
    return viewer.wait(reading, () => 'NO_FIRST_BYTE')
  }

  async #read(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
    const { status, body } = await this.#outbound.get(url, {
      ...{ signal, timeoutMs: ANSWER_MS, maxBytes: MAX_SUBTITLE_BYTES, headers },
    })
    if (status !== 200) throw failed(`status ${status}`)
    const text = await webVtt(body, URL.parse(url)?.pathname ?? '')
    // A page that says what is wrong, most likely.
    if (!text.includes('-->')) throw failed('no subtitles')
    return text
  }
}

const originOf = (url: string): string | undefined => URL.parse(url)?.origin

const failed = (reason: string): Fault =>
  new Fault('UPSTREAM_FAILED', {}, { cause: new Error(reason) })
