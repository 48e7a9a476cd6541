import fc from 'fast-check'

/** A file of a made-up torrent, with what it truly is. */
export interface TrueFile {
  readonly path: string
  readonly size: number
  readonly kind: 'video' | 'subtitle' | 'other'
  /** `2:5`; undefined for what is no episode. */
  readonly episode: string | undefined
}

export interface TruePack {
  readonly name: string
  readonly files: readonly TrueFile[]
  /** Its names tell the episode to nobody who sees one alone. */
  readonly isBare: boolean
}

const two = (number: number): string => String(number).padStart(2, '0')

type Style = (season: number, episode: number, words: string) => string
/** Ways to name the files of a series; `bare` ones say season and episode in one number. */
const STYLES: Readonly<Record<string, Style>> = {
  tight: (s, e) => `Show.S${two(s)}E${two(e)}.1080p.WEB.x264-GRP`,
  titled: (s, e, words) => `Show - S${two(s)}E${two(e)} - ${words}`,
  crossed: (s, e, words) => `Season ${s}/Show - ${s}x${two(e)} - ${words}`,
  numbers: (s, e) => `Season ${s}/${two(e)}`,
  'numbers and words': (s, e, words) => `Season ${two(s)}/${two(e)} - ${words}`,
  'the same names': (s, e) => `Season ${s}/Episode ${e}`,
  letters: (s, e, words) => `Show S${two(s)}/E${two(e)} - ${words}`,
  words: (s, e) => `Show Season ${s} Episode ${e}`,
  german: (s, e) => `Show/Staffel ${s}/Folge ${two(e)}`,
  spanish: (s, e) => `Show - Temporada ${s} [HDTV][Cap.${s}${two(e)}]`,
  russian: (s, e, words) => `Сезон ${s}/${two(e)}. ${words}`,
  fansub: (s, e) => `[Group] Show S${s} - ${two(e)} [1080p][ABCD1234]`,
  bare: (s, e) => `show.${s}${two(e)}.hdtv.xvid-grp`,
  'a folder each': (s, e) => `Show.S${two(s)}E${two(e)}.720p.WEB/abc${s}${e}def`,
}
/** Names of episodes that look like something else. */
const WORDS = [
  ...['Pilot', '24 Hours', '7 Days', '100 Years', 'Apollo 13', 'The 4400', '2001', 'Part 2'],
  ...[
    'Route 66',
    'Season Finale',
    'E.T.',
    'The Interview Room',
    '3 of a Kind',
    'Nine',
    'One x Two',
  ],
]
const EXTRAS: readonly string[] = [
  ...['Sample/sample.mkv', 'Extras/Interview.mkv', 'RARBG.txt', 'Show.nfo', 'cover.jpg'],
  ...['Featurettes/Making of.mkv', 'Show-trailer.mp4', 'Subs/readme.txt'],
]
type Sidecars = (path: string) => readonly string[]
const SIDECARS: Readonly<Record<string, Sidecars>> = {
  none: () => [],
  beside: (path) => [`${path}.srt`],
  languages: (path) => [`${path}.en.srt`, `${path}.pt-BR.ass`],
  folders: (path) => [path.replace(/[^/]*$/, (stem) => `Subs/${stem}/2_English.srt`)],
  'folders of seasons': (path) => [`Subs/${path}.srt`],
}

const seasonSizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 3 })

export const pack: fc.Arbitrary<TruePack> = fc
  .record({
    style: fc.constantFrom(...Object.keys(STYLES)),
    sidecars: fc.constantFrom(...Object.keys(SIDECARS)),
    seasons: seasonSizes,
    firstSeason: fc.integer({ min: 1, max: 3 }),
    words: fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 5 }),
    sizes: fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 5 }),
    extras: fc.uniqueArray(fc.constantFrom(...EXTRAS), { maxLength: 4 }),
    folder: fc.constantFrom('', 'Show (2010)/', 'Show.Complete/A/'),
    order: fc.integer(),
  })
  .map(({ style, sidecars, seasons, firstSeason, words, sizes, extras, folder, order }) => {
    const videos = seasons.flatMap((count, at) =>
      Array.from({ length: count }, (_, n) => {
        const [season, episode] = [firstSeason + at, n + 1]
        const name = STYLES[style]?.(season, episode, words[n % words.length] ?? '') ?? ''
        return { path: `${folder}${name}`, episode: `${season}:${episode}` }
      }),
    )
    const size = (at: number): number => sizes[at % sizes.length] ?? 1
    const files: TrueFile[] = videos.flatMap(({ path, episode }, at) => [
      { path: `${path}.mkv`, size: size(at), kind: 'video', episode },
      ...(SIDECARS[sidecars]?.(path) ?? []).map((text) => ({
        ...{ path: text, size: 9, kind: 'subtitle' as const, episode },
      })),
    ])
    for (const [at, path] of extras.entries()) {
      files.push({
        path: `${folder}${path}`,
        size: size(at + 1),
        kind: 'other',
        episode: undefined,
      })
    }
    const last = firstSeason + seasons.length - 1
    const span = last === firstSeason ? `S0${last}` : `S0${firstSeason}-S0${last}`
    return { name: `Show ${span} 1080p`, files: shuffled(files, order), isBare: style === 'bare' }
  })

/** The same order for the same seed. */
function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  let state = seed | 0
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return state >>> 0
  }
  return items
    .map((item) => ({ item, at: next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
