import { ask } from '../server/request.ts'

/** One rendition of a film, as its playlist lists it (RFC 8216). */
export interface Rendition {
  /** Absolute. */
  readonly init: string
  readonly segments: readonly string[]
  /** Seconds (EXTINF), one a segment. */
  readonly lengths: readonly number[]
  /** Seconds from the beginning of the film, one a segment. */
  readonly starts: readonly number[]
}

export interface HlsFilm {
  readonly video: Rendition
  readonly audio: readonly Rendition[]
}

async function textOf(url: string): Promise<string> {
  const { status, body } = await ask(url, { timeout: 120_000 })
  if (status !== 200) throw new Error(`${status} ${url}: ${body}`)
  return body.toString()
}

/** Reads the playlists of a film, the sound as all players take it. @param base address of the film below /hls, with a slash at its end */
export async function openHls(base: string): Promise<HlsFilm> {
  const master = await textOf(`${base}master.m3u8`)
  const audio = [...master.matchAll(/TYPE=AUDIO,GROUP-ID="audio".*URI="([^"]+)"/g)].map(
    ([, uri = '']) => uri,
  )
  const video = master.trim().split('\n').at(-1) ?? ''
  const renditions = [video, ...audio].map((uri) => openRendition(new URL(uri, base).href))
  const [picture, ...sounds] = await Promise.all(renditions)
  if (!picture) throw new Error('no picture')
  return { video: picture, audio: sounds }
}

async function openRendition(url: string): Promise<Rendition> {
  const text = await textOf(url)
  const at = (uri: string | undefined): string => new URL(uri ?? '', url).href
  const entries = [...text.matchAll(/#EXTINF:([\d.]+),\n(.+)/g)]
  const lengths = entries.map(([, seconds]) => Number(seconds))
  let end = 0
  const starts = lengths.map((length) => {
    end += length
    return end - length
  })
  const init = at(/#EXT-X-MAP:URI="([^"]+)"/.exec(text)?.[1])
  return { init, segments: entries.map(([, , uri]) => at(uri)), lengths, starts }
}
