import { createHash } from 'node:crypto'
import { z } from 'zod'
import { extension } from '../../../common/media-types.ts'
import { subtitleCode } from '../../matching/subtitle-language.ts'
import type { StatedSubtitle } from '../../source.ts'
import { listOf } from '../shared/foreign-json.ts'
import { linkWithHeader } from './link-credentials.ts'

/** Of one stream; those of a catalogue of subtitles have hundreds. */
const MAX_SUBTITLES = 16
/** Looked at. */
const MAX_TOLD = 100
/** UTF-16 units of one address, and of all of a stream: its source has to fit into a list. */
const MAX_ADDRESS = 2000
const MAX_ADDRESSES = 4000
const MAX_LANGUAGE = 60
/** Nothing that is read as text with times. */
const NO_TEXT = new Set(['zip', 'rar', '7z', 'gz', 'idx', 'sup', 'html', 'exe'])

const list = listOf(z.unknown(), MAX_TOLD).catch([])
const toldShape = z.object({ url: z.string().max(MAX_ADDRESS), lang: z.string().catch('') })

/**
 * The `subtitles` of a stream (stremio-addon-sdk, docs/api/responses/subtitles.md): those that may be fetched, each
 * address once. Users and passwords of addresses become headers.
 */
export function readSubtitles(
  given: unknown,
  mayRedirect: (url: string) => boolean,
): readonly StatedSubtitle[] {
  const found = new Map<string, StatedSubtitle>()
  let length = 0
  for (const one of list.parse(given ?? [])) {
    const { data: told } = toldShape.safeParse(one)
    if (!told) continue
    const { url, request } = linkWithHeader(told.url.trim())
    length += url.length + (request?.Authorization?.length ?? 0)
    if (length > MAX_ADDRESSES || found.size === MAX_SUBTITLES) break
    if (!mayRedirect(url) || NO_TEXT.has(extension(URL.parse(url)?.pathname ?? ''))) continue
    const id = createHash('sha256').update(url).digest('hex').slice(0, 12)
    found.set(id, { id, url, lang: codeOf(told.lang), ...(request && { request }) })
  }
  return [...found.values()]
}

/** ISO 639-2 of `eng`, `pt-BR`, `English`, `English [SDH]`. */
function codeOf(lang: string): string {
  const short = lang.slice(0, MAX_LANGUAGE)
  const codes = [short, ...short.split(/[^\p{L}-]+/u)].map(subtitleCode)
  return codes.find((code) => code !== 'und') ?? 'und'
}
