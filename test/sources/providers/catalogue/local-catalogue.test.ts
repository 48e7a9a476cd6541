import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Fault } from '../../../../common/errors.ts'
import type { Log } from '../../../../common/log.ts'
import type { Outbound, OutboundAnswer } from '../../../../common/network/outbound.ts'
import type { Title } from '../../../../common/title.ts'
import { localPlace } from '../../../../sources/providers/catalogue/catalogue-load.ts'
import { CatalogueParser } from '../../../../sources/providers/catalogue/catalogue-parser.ts'
import {
  createLocalCatalogue,
  type LocalCatalogue,
} from '../../../../sources/providers/catalogue/local-catalogue.ts'
import { sourceKey } from '../../../../sources/source-key.ts'
import { eventually } from '../../../support/wait.ts'
import { film, handClock, never, silent } from '../../fakes.ts'

let folder: string
let open: LocalCatalogue[]
/** What the log said is wrong with catalogues. */
let told: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-catalogue-'))
  open = []
  told = []
})
afterEach(async () => {
  await Promise.all(open.map((catalogue) => catalogue.close()))
  await rm(folder, { recursive: true })
})

const noOutbound: Outbound = {
  get: () => Promise.reject(new Fault('OUTBOUND_REFUSED')),
  mayRedirect: () => true,
}
interface Options {
  readonly outbound?: Outbound
  readonly webPollMs?: number
}
async function opened(locations: readonly string[], options: Options = {}) {
  const warn = ({ problem }: { problem: string }) => void told.push(problem)
  const log = { ...silent, info: () => {}, warn } as unknown as Log
  const deps = { locations, outbound: noOutbound, clock: handClock(), log }
  const catalogue = createLocalCatalogue({ ...deps, pollMs: 40, debounceMs: 10, ...options })
  open.push(catalogue)
  await catalogue.start()
  return catalogue
}
const put = async (name: string, text: string | Uint8Array) => {
  await mkdir(dirname(join(folder, name)), { recursive: true })
  // In one step: a poll that reads half a file would tell of that half.
  await writeFile(join(folder, '.half'), text)
  await rename(join(folder, '.half'), join(folder, name))
  return join(folder, name)
}
const catalogueOf = (sources: unknown[], id = 'tt1254207') =>
  JSON.stringify({ version: 1, titles: [{ id, type: 'movie', sources }] })
const urls = (...names: string[]) => names.map((name) => ({ url: `https://h.example/${name}` }))
const found = async (catalogue: LocalCatalogue, title: Title = film) =>
  (await catalogue.find(title, never)).map(({ locator }) =>
    locator.kind === 'url' ? locator.url.slice(18) : locator.kind,
  )
/** One file of one piece. */
const torrent = (size = 10) =>
  `d4:infod6:lengthi${size}e4:name5:a.mp412:piece lengthi16384e6:pieces20:${'x'.repeat(20)}ee`

describe('where catalogues are', () => {
  test('a file, a folder in the order of its names, several: joined in order', async () => {
    const single = await put('single.yaml', catalogueOf(urls('1')))
    await put('many/b.json', catalogueOf(urls('3')))
    await put('many/a.yml', catalogueOf(urls('2')))
    await put('many/ignored.txt', catalogueOf(urls('9')))
    const catalogue = await opened([single, join(folder, 'many')])
    expect(await found(catalogue)).toEqual(['1', '2', '3'])
    expect(catalogue).toMatchObject({ name: 'catalogue', authority: 'owned' })
    expect(told).toEqual([])
    expect(await found(catalogue, { ...film, imdbId: 'tt9999999' })).toEqual([])
  })

  test('find waits for the first reading', async () => {
    const file = await put('c.json', catalogueOf(urls('1')))
    const deps = { locations: [file], outbound: noOutbound, clock: handClock(), log: silent }
    const catalogue = createLocalCatalogue(deps)
    open.push(catalogue)
    expect(await found(catalogue)).toEqual(['1'])
  })

  test('an episode has its own sources first, then the packs of its season', async () => {
    const magnet = `magnet:?xt=urn:btih:${'a'.repeat(40)}`
    const text = `{"version":1,"titles":[{"id":"tt0903747","type":"series",
      "episodes":{"1:2":[{"url":"https://h.example/1"}]},
      "packs":[{"magnet":"${magnet}","seasons":[1]}]}]}`
    const catalogue = await opened([await put('c.json', text)])
    const at = (season: number, episode: number) =>
      found(catalogue, { type: 'series', imdbId: 'tt0903747', season, episode })
    expect(await at(1, 2)).toEqual(['1', 'magnet'])
    expect(await at(1, 3)).toEqual(['magnet'])
    expect(await at(2, 2)).toEqual([])
  })

  test.each<[string, () => Promise<string>, RegExp]>([
    ['is not there', async () => join(folder, 'none.json'), /none\.json: is not there/],
    ['is too large', () => put('big.json', ' '.repeat(5 * 1024 * 1024 + 1)), /larger than 5 MiB/],
  ])('one that %s is told, the others are read', async (_, bad, sentence) => {
    const good = await put('good.json', catalogueOf(urls('1')))
    const catalogue = await opened([await bad(), good])
    expect(told).toEqual([expect.stringMatching(sentence)])
    expect(await found(catalogue)).toEqual(['1'])
  })

  test('a folder that is named like a catalogue inside one is told', async () => {
    await put('dir.json/x.txt', '')
    await opened([folder])
    expect(told).toEqual([expect.stringMatching(/dir\.json: is not a file/)])
  })
})

describe('files it names', () => {
  test('are found below its folder, through links that stay there', async () => {
    await put('films/a.mp4', 'bytes')
    await symlink(join(folder, 'films/a.mp4'), join(folder, 'link.mp4'))
    const catalogue = await opened([
      await put('c.json', catalogueOf([{ path: './films/a.mp4' }, { path: 'link.mp4' }])),
    ])
    const [first, second] = await catalogue.find(film, never)
    expect(first).toMatchObject({ size: 5, filename: 'a.mp4', identity: 'path:films/a.mp4' })
    expect(first?.locator).toEqual({ kind: 'path', path: join(folder, 'films/a.mp4') })
    expect(second).toMatchObject({ locator: first?.locator, identity: 'path:link.mp4' })
    expect(told).toEqual([])
  })

  test.each<[string, object, RegExp]>([
    ['above it', { path: '../outside.mp4' }, /(below the catalogue's folder|not there)/],
    ['absolute elsewhere', { path: '/dev/null.mp4' }, /not there/],
    ['behind a link', { path: 'way-out/film.mp4' }, /below the catalogue's folder/],
    ['the folder itself', { path: '.' }, /below the catalogue's folder/],
    ['a folder', { path: 'sub.mp4' }, /not a file/],
    ['no video', { path: 'c.json' }, /not a video/],
    ['missing', { path: 'none.mp4' }, /not there/],
    ['a torrent above it', { torrent: '../x.torrent' }, /(below|not there)/],
    ['a bad torrent', { torrent: 'bad.torrent' }, /./],
    ['a huge torrent', { torrent: 'huge.torrent' }, /larger than 12 MiB/],
    ['a torrent of too much', { torrent: 'much.torrent' }, /./],
  ])('are refused: %s', async (_, source, sentence) => {
    const outside = await mkdtemp(join(tmpdir(), 'playlink-outside-'))
    await writeFile(join(outside, 'film.mp4'), 'secret')
    await symlink(outside, join(folder, 'way-out'))
    await put('sub.mp4/x', '')
    await put('bad.torrent', 'no torrent')
    await put('huge.torrent', new Uint8Array(12 * 1024 * 1024 + 1))
    await put('much.torrent', torrent(2 ** 45))
    const catalogue = await opened([
      await put('c.json', `\n${catalogueOf([source, ...urls('1')])}`),
    ])
    await rm(outside, { recursive: true })
    expect(told).toEqual([expect.stringMatching(sentence)])
    expect(told[0]).toMatch(/c\.json:2: /)
    expect(await found(catalogue)).toEqual(['1'])
  })

  test('a .torrent is known by its info hash, and read again when it changes', async () => {
    await put('a.torrent', torrent())
    const catalogue = await opened([await put('c.json', catalogueOf([{ torrent: 'a.torrent' }]))])
    const key = async () => (await catalogue.find(film, never)).map(sourceKey)
    const [first] = await catalogue.find(film, never)
    expect(first?.locator).toMatchObject({ infoHash: expect.stringMatching(/^[0-9a-f]{40}$/) })
    const before = await key()
    await put('a.torrent', torrent(11))
    expect(await key()).not.toEqual(before)
  })

  test('are checked each time: one that is removed is not listed until it is back', async () => {
    const path = await put('a.mp4', 'x')
    const catalogue = await opened([await put('c.json', catalogueOf([{ path: 'a.mp4' }]))])
    await rename(path, `${path}.away`)
    expect(await found(catalogue)).toEqual([])
    await rename(`${path}.away`, path)
    expect(await found(catalogue)).toEqual(['path'])
  })

  test('one that is missing is told, and listed when it comes', async () => {
    const catalogue = await opened([await put('c.json', catalogueOf([{ path: 'a.mp4' }]))])
    expect(told).toHaveLength(1)
    await put('a.mp4', 'x')
    expect(await found(catalogue)).toEqual(['path'])
  })
})

describe('changes', () => {
  test('are seen, also in a replaced file, a new one and a removed one', async () => {
    const file = await put('c/a.json', catalogueOf(urls('1')))
    const catalogue = await opened([join(folder, 'c')])
    await put('next.json', catalogueOf(urls('1', '2')))
    await rename(join(folder, 'next.json'), file)
    await eventually('the replaced file', async () => (await found(catalogue)).length === 2)
    await put('c/b.yaml', catalogueOf(urls('3')))
    await eventually('the new file', async () => (await found(catalogue)).length === 3)
    await rm(file)
    await eventually('its end', async () => (await found(catalogue)).join() === '3')
  })

  test('that break a part keep the rest, and are logged once', async () => {
    const file = await put('c.json', catalogueOf(urls('1', '2')))
    const catalogue = await opened([file])
    await put('c.json', catalogueOf([{ nonsense: 1 }, ...urls('2')]))
    await eventually('the problem', () => told.length === 1)
    expect(await found(catalogue)).toEqual(['2'])
    // Several polls later it is still one line.
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(told).toEqual([expect.stringMatching(/c\.json:1: "nonsense": is not known/)])
    await rm(file)
    await eventually('its end', () => /is not there/.test(told[1] ?? ''))
    expect(await found(catalogue)).toEqual([])
    await put('c.json', catalogueOf(urls('5')))
    await eventually('its return', async () => (await found(catalogue)).join() === '5')
    expect(told).toHaveLength(2)
  })
})

test('a file that comes and goes while it is read is there or not, and no problem of its text', async () => {
  const sentences = new Set<string>()
  const place = localPlace(join(folder, 'c.json'), new CatalogueParser())
  for (let round = 0; round < 200; round++) {
    await put('c.json', catalogueOf(urls('1')))
    const [read] = await Promise.allSettled([
      place.read(undefined, never),
      rm(join(folder, 'c.json')),
    ])
    if (read.status === 'rejected') sentences.add((read.reason as Error).message)
    else for (const problem of read.value?.problems ?? []) sentences.add(problem)
  }
  expect([...sentences].filter((sentence) => !/is not there/.test(sentence))).toEqual([])
})

describe('a catalogue at an address', () => {
  const place = 'https://user:pass@h.example/list.json?token=secret'
  const answer = (body: string, status = 200, etag = '"1"'): OutboundAnswer => {
    return { status, headers: { etag }, body: Buffer.from(body) }
  }
  /** Answers the queue's next; its last one again and again. */
  function server(...answers: (OutboundAnswer | Error)[]) {
    const asked: (string | undefined)[] = []
    const get: Outbound['get'] = async (_, { headers }) => {
      asked.push(headers?.['if-none-match'])
      const next = answers.length > 1 ? answers.shift() : answers[0]
      if (next instanceof Error || !next) throw next
      return next
    }
    return { asked, answers, outbound: { ...noOutbound, get } }
  }

  test('is read, asked again with its ETag, and kept while its server does not answer', async () => {
    const web = server(
      answer(catalogueOf(urls('1'))),
      answer('', 304),
      new Fault('UPSTREAM_FAILED'),
      answer(catalogueOf(urls('2')), 200, '"2"'),
    )
    const catalogue = await opened([place], { outbound: web.outbound, webPollMs: 20 })
    expect(await found(catalogue)).toEqual(['1'])
    await eventually('a failure', () => told.length === 1)
    expect(told[0]).toMatch(/^https:\/\/h\.example\/list\.json: /)
    expect(told[0]).not.toMatch(/secret|pass/)
    await eventually('the new one', async () => (await found(catalogue)).join() === '2')
    expect(web.asked.slice(0, 3)).toEqual([undefined, '"1"', '"1"'])
    expect(told).toHaveLength(1)
  })

  test('cannot name files of this machine', async () => {
    const bad = [{ path: '/etc/x.mp4' }, { torrent: './a.torrent' }]
    const web = server(answer(catalogueOf([...bad, ...urls('1')])))
    const catalogue = await opened([place], { outbound: web.outbound })
    expect(told).toHaveLength(2)
    expect(told[0]).toContain('cannot name files of this machine')
    expect(await found(catalogue)).toEqual(['1'])
  })

  test.each([answer('', 404), new Fault('OUTBOUND_REFUSED'), new Error('odd')])(
    'that never answers well leaves the others: %s',
    async (bad) => {
      const good = await put('good.json', catalogueOf(urls('1')))
      const catalogue = await opened([place, good], { outbound: server(bad).outbound })
      expect(told).toHaveLength(1)
      expect(await found(catalogue)).toEqual(['1'])
    },
  )
})

test('closing before and during a reading ends it', async () => {
  let aborted = false
  const get: Outbound['get'] = (_, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        aborted = true
        reject(signal.reason)
      })
    })
  const deps = { outbound: { ...noOutbound, get }, clock: handClock(), log: silent }
  const catalogue = createLocalCatalogue({ ...deps, locations: ['https://h.example/a'] })
  const started = catalogue.start()
  await catalogue.close()
  await started
  expect(aborted).toBe(true)
})

test('the shipped catalogue has no problem, and every title a source', async () => {
  const catalogue = await opened(['catalogue/free-titles.yaml'])
  expect(told).toEqual([])
  const kinds = async (imdbId: string) => found(catalogue, { type: 'movie', imdbId })
  expect(await kinds('tt0000000')).toEqual(['path'])
  for (const id of ['tt1254207', 'tt1727587', 'tt2285752', 'tt4957236']) {
    expect((await kinds(id))[0]).toBe('magnet')
    expect(await kinds(id)).toHaveLength(2)
  }
  for (const id of ['tt0807840', 'tt0063350']) expect(await kinds(id)).toHaveLength(1)
  const pilot: Title = { type: 'series', imdbId: 'tt1748166', season: 1, episode: 1 }
  expect(await found(catalogue, pilot)).toEqual(['magnet'])
  for (const source of await catalogue.find(film, never)) expect(source.licence).toBe('CC-BY-3.0')
})
