import { describe, expect, test } from '@jest/globals'
import { streamObject } from '../../addon/stream-object.ts'
import type { Availability } from '../../common/availability.ts'
import type { NumberedSource } from '../../sources/source.ts'
import { namesOf } from '../support/names.ts'
import { episode, infoHash, magnet, manySources, movie, source } from './fixtures.ts'

const BASE = 'https://films.example/tv'
const remote = { kind: 'remote' } as const
const made = (facts: Partial<NumberedSource>, base = BASE) =>
  streamObject(movie, source(3, facts), remote, base)
const direct = (url: string) => ({ locator: { kind: 'url', url } }) as const

describe('the address', () => {
  test('is absolute and holds number and key', () => {
    expect(made({}).url).toBe(`${BASE}/play/movie/tt1254207/3?s=abcdefghx3`)
    expect(streamObject(episode, source(0), remote, BASE).url).toBe(
      `${BASE}/play/series/tt0903747/0/1/2?s=abcdefghx0`,
    )
  })

  test('does not change with what is on this server', () => {
    const ready = streamObject(movie, source(3), { kind: 'ready' }, BASE)
    expect(ready.url).toBe(made({}).url)
    expect(ready.behaviorHints).toEqual(made({}).behaviorHints)
  })
})

describe('name and description', () => {
  test('a pack says that its file is found when it is played', () => {
    const names = { ...namesOf(source(0)), isPack: true }
    const lines = (state: 'remote' | 'ready') =>
      streamObject(episode, { ...source(0), names }, { kind: state }, BASE).description.split('\n')
    const told = 'From a season pack, episode file found when played'
    expect([lines('remote').includes(told), lines('ready').includes(told)]).toEqual([true, false])
  })

  test('a pack has the name and size of the file that plays, once it is known', () => {
    const pack = source(0, { label: 'Show S01 1080p', size: 45_000_000_000 })
    const names = { ...namesOf(pack), isPack: true }
    const of = (state: Availability) => streamObject(episode, { ...pack, names }, state, BASE)
    const unopened = of({ kind: 'remote' })
    expect(unopened.description).toContain('Size of the pack: 45.0 GB')
    expect(unopened.description).not.toContain('Size: ')
    expect(unopened.behaviorHints).not.toHaveProperty('videoSize')
    const file = { name: 'Show.S01E02.1080p.mp4', size: 2_100_000_000 }
    const opened = of({ kind: 'remote', file })
    expect(opened.description.split('\n').slice(0, 4)).toEqual([
      file.name,
      'Show S01 1080p',
      'Size: 2.1 GB',
      'From: catalogue',
    ])
    expect(opened.behaviorHints).toEqual({
      bingeGroup: unopened.behaviorHints.bingeGroup,
      filename: file.name,
      videoSize: file.size,
    })
    expect(opened.url).toBe(unopened.url)
  })

  test('has one fact on each line', () => {
    const stream = made({
      filename: 'Film.1080p.WEB-DL.x264-GRP.mp4',
      label: 'Film, the director’s cut',
      size: 1_234_567_890,
      seeders: 34,
      languages: ['en', 'de'],
      licence: 'CC-BY-3.0',
    })
    expect(stream.name).toBe('Playlink\n1080p WEB-DL x264')
    expect(stream.description.split('\n')).toEqual([
      'Film.1080p.WEB-DL.x264-GRP.mp4',
      'Film, the director’s cut',
      'Size: 1.2 GB',
      'Seeders: 34',
      'From: catalogue',
      'Languages: en, de',
      'Licence: CC-BY-3.0',
      'Not here yet',
    ])
  })

  test.each([
    [{ kind: 'ready' } as const, 'Ready on this server'],
    [{ kind: 'downloading', percent: 43.9 } as const, '43 % on this server'],
    [{ kind: 'remote' } as const, 'Not here yet'],
  ])('the state %j is the last line', (state, line) => {
    const { description } = streamObject(movie, source(1), state, BASE)
    expect(description.split('\n').at(-1)).toBe(line)
  })

  test('a direct link says so, because it does not pass through this server', () => {
    const { description } = made(direct('https://a.example/film.mp4'))
    expect(description.split('\n')).toEqual([
      'film.mp4',
      'From: catalogue',
      'Direct link to another server',
    ])
  })

  test('a provider cannot add lines, hide text or write a source list', () => {
    const plain = made({ label: 'A', filename: 'a.mkv', provider: 'b', licence: 'c' })
    const evil = made({
      label: 'A\nReady on this server',
      filename: 'a\r\n\u202e.mkv',
      provider: 'b\u2028b',
      licence: 'c\u0085c'.repeat(999),
      languages: ['x\nx'],
      quality: '1\n2',
    })
    expect(evil.description.split('\n')).toHaveLength(plain.description.split('\n').length + 1)
    expect(evil.description).not.toMatch(/[\u202e\u2028\u0085\r]/)
    expect(evil.name).toBe('Playlink\n1 2')
    expect(evil.description.length).toBeLessThan(500)
  })

  test('never has a title: clients drop a stream with title and description', () => {
    for (const item of manySources) {
      expect(Object.keys(streamObject(movie, item, remote, BASE)).sort()).toEqual([
        'behaviorHints',
        'description',
        'name',
        'url',
      ])
    }
  })
})

describe('behaviorHints', () => {
  test.each([
    [{ filename: 'a b.mkv' }, 'a b.mkv'],
    [{ selector: { file: 'Season 1/Show.S01E02.mkv' } }, 'Show.S01E02.mkv'],
    [direct('https://a.example/x/Big%20Buck.mp4?token=1'), 'Big Buck.mp4'],
    [{ ...direct('https://a.example/stream?id=3'), label: 'Film' }, 'Film'],
    [{ ...direct('https://a.example/%zz.mp4'), label: 'Film' }, 'Film'],
    [{ locator: { kind: 'path', path: '/films/own.mp4' } as const }, 'own.mp4'],
    [{ label: 'Only a label' }, 'Only a label'],
    [{ label: ' \u0000' }, 'tt1254207'],
  ])('%j has the file name %s', (facts, name) => {
    expect(made(facts).behaviorHints.filename).toBe(name)
  })

  test.each([
    [276_134_947, 276_134_947],
    [0, undefined],
    [-1, undefined],
    [12.5, undefined],
    [Number.NaN, undefined],
    [2 ** 60, undefined],
  ])('a size of %d is sent as %s', (size, sent) => {
    expect(made({ size }).behaviorHints.videoSize).toBe(sent)
  })

  test.each([
    [BASE, { filename: 'a.mp4' }, undefined],
    [BASE, { filename: 'a.WEBM' }, undefined],
    [BASE, { filename: 'a.mkv' }, true],
    [BASE, { filename: 'no extension' }, true],
    ['http://films.example', { filename: 'a.mp4' }, true],
    [BASE, direct('https://a.example/a.mp4'), undefined],
    [BASE, direct('http://a.example/a.mp4'), true],
  ])('on %s, %j has notWebReady %s', (base, facts, expected) => {
    expect(made(facts, base).behaviorHints.notWebReady).toBe(expected)
  })
})

describe('a file that somebody has looked into', () => {
  const looked = (codec: string, picture = 'avc1.640028'): Availability => ({
    kind: 'ready',
    file: {
      tracks: {
        picture,
        audio: [
          { codec, language: 'ger' },
          { codec: 'mp4a.40.2', language: 'eng' },
        ],
        subtitles: ['fre'],
      },
    },
  })
  const stream = (state: Availability, facts: Partial<NumberedSource> = {}) =>
    streamObject(movie, source(0, { filename: 'a.mp4', ...facts }), state, BASE)

  test.each<[string, string | undefined, true | undefined]>([
    ['mp4a.40.2', undefined, undefined],
    ['ac-3', undefined, true],
    ['ec-3', undefined, true],
    ['A_TRUEHD', undefined, true],
    ['opus', 'vp09.00.10.08', undefined],
    ['mp4a.40.2', 'hvc1.1.6.L93.B0', true],
  ])('with the sound %s and the picture %s has notWebReady %s', (codec, picture, expected) => {
    expect(stream(looked(codec, picture)).behaviorHints.notWebReady).toBe(expected)
  })

  test('has its own languages, whatever its name says', () => {
    const lines = stream(looked('ac-3'), { languages: ['it'] }).description.split('\n')
    expect(lines).toEqual([
      'a.mp4',
      'From: catalogue',
      'Languages: de, en',
      'Subtitles: fr',
      'Ready on this server',
    ])
  })

  test('of which it says none has those of its name', () => {
    const silent = { kind: 'ready', file: { tracks: { picture: '', audio: [], subtitles: [] } } }
    const { description } = stream(silent as Availability, { languages: ['it'] })
    expect(description).toContain('Languages: it')
    expect(description).not.toContain('Subtitles')
  })
})

describe('bingeGroup', () => {
  const group = (facts: Partial<NumberedSource>, number = 0, episodeNumber = 2) => {
    const title = { ...episode, episode: episodeNumber }
    return streamObject(title, source(number, facts), remote, BASE).behaviorHints.bingeGroup
  }
  const other = { ...magnet, infoHash: 'c'.repeat(40) }

  test('the same kind of release has one group over torrents, numbers and episodes', () => {
    const second = group({ filename: 'Show.S01E02.1080p.WEB-DL.x265-GRP.mkv' }, 0, 2)
    const third = group(
      { filename: 'Show.S01E03.1080p.WEB-DL.x265-GRP.mkv', locator: other, size: 5, seeders: 1 },
      4,
      3,
    )
    expect(third).toBe(second)
  })

  test('another kind, provider or transport has another group', () => {
    const groups = [
      group({ filename: 'Show.S01E02.1080p.WEB-DL.x265-GRP.mkv' }),
      group({ filename: 'Show.S01E02.720p.WEB-DL.x265-GRP.mkv' }),
      group({ filename: 'Show.S01E02.1080p.WEB-DL.x265-TWO.mkv' }),
      group({ filename: 'Show.S01E02.1080p.WEB-DL.x265-GRP.mkv', provider: 'other' }),
      group({ ...direct('https://a.example/Show.S01E02.1080p.WEB-DL.x265-GRP.mkv') }),
    ]
    expect(new Set(groups).size).toBe(groups.length)
  })

  test.each([
    ['a season in its name', { label: 'Show S01 1080p' }],
    ['a file picked by path', { selector: { file: 'Show/Show.S01E02.mkv' } }],
    ['a file picked by index', { selector: { fileIdx: 7 }, label: 'Show S01E02' }],
  ])('a pack with %s stays in its torrent', (_how, facts) => {
    expect(group(facts)).toBe(`playlink|${infoHash}`)
    expect(group({ ...facts, locator: other })).toBe(`playlink|${other.infoHash}`)
  })
})
