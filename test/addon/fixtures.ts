import { pino } from 'pino'
import type { Availability } from '../../common/availability.ts'
import type { SubtitleTrack } from '../../common/subtitles/subtitle-track.ts'
import type { Title } from '../../common/title.ts'
import type { SourceList } from '../../sources/lists/source-lists.ts'
import type { NumberedSource } from '../../sources/source.ts'
import { withNames } from '../support/names.ts'

export const silent = pino({ level: 'silent' })
export const movie: Title = { type: 'movie', imdbId: 'tt1254207' }
export const episode: Title = { type: 'series', imdbId: 'tt0903747', season: 1, episode: 2 }
export const infoHash = 'dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c'
export const magnet = { kind: 'magnet', infoHash, trackers: [], webSeeds: [] } as const

/** A listed source; the key is made of its number. */
export function source(number: number, facts: Partial<NumberedSource> = {}): NumberedSource {
  return withNames({
    number,
    key: `abcdefgh${String(number).padStart(2, 'x')}`,
    listed: true,
    retired: false,
    locator: magnet,
    selector: {},
    provider: 'catalogue',
    ...facts,
  })
}

/** Every way a source can look, odd ones included: what each client must keep. */
export const manySources: readonly NumberedSource[] = [
  source(0, { label: 'Big Buck Bunny', quality: '1080p', size: 276_134_947, seeders: 12 }),
  source(1, { locator: { kind: 'url', url: 'https://a.example/x/Big%20Buck%20Bunny%20720p.mp4' } }),
  source(2, {
    locator: { kind: 'path', path: '/films/playlink-test-film.mp4' },
    licence: 'CC0-1.0',
  }),
  source(3, { filename: 'Film.2160p.WEB-DL.HDR.x265-GRP.mkv', languages: ['en', 'de'] }),
  source(4, { size: 12.5, seeders: Number.NaN, label: '' }),
  source(5, { label: 'Two\nlines\u202e and \u0000 "quotes" <b>', provider: 'pro\nvider' }),
  source(6, { selector: { file: 'Show/Show.S01E02.720p.mkv' }, label: 'Show S01' }),
  source(7, { locator: { kind: 'torrent', from: 'https://a.example/x.torrent' } }),
  source(8, {
    label: 'x'.repeat(5000),
    size: Number.MAX_SAFE_INTEGER,
    languages: Array(50).fill('en'),
  }),
  source(9, {
    locator: { kind: 'url', url: 'http://a.example/stream?id=3' },
    label: 'Zażółć 映画 🎬',
  }),
  source(10, {
    locator: { kind: 'url', url: 'https://a.example/film.mp4' },
    proxyHeaders: { request: { Referer: 'https://a.example/' }, response: { 'X-A': 'b' } },
    relayed: true,
  }),
]

export const fullSourceList: SourceList = { sources: manySources, failed: [] }

/** A player that holds what the numbers say. */
export const holding = (
  states: Readonly<Record<number, Availability>>,
  tracks: Readonly<Record<number, readonly SubtitleTrack[]>> = {},
) => ({
  recall: async () => undefined,
  known: async () => undefined,
  subtitles: async (_title: Title, { number }: NumberedSource) => tracks[number] ?? [],
  state: (_title: Title, source: { readonly number?: number } | object): Availability => {
    const number = 'number' in source ? source.number : undefined
    return (number === undefined ? undefined : states[number]) ?? { kind: 'remote' }
  },
})
