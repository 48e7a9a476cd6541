import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { emptyBlocklist, parseBlocklist } from '../../../common/blocklist.ts'
import { type BlocklistFile, createBlocklistFile } from '../../../sources/lists/blocklist-file.ts'
import { createSourceLists } from '../../../sources/lists/numbered-source-lists.ts'
import type { Source } from '../../../sources/source.ts'
import { nearParser } from '../../support/names.ts'
import { eventually } from '../../support/wait.ts'
import { fakeIndex, fakeProvider, film, handClock, magnet, never, silent } from '../fakes.ts'

describe('the file', () => {
  let folder: string
  const open: BlocklistFile[] = []
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'playlink-block-'))
  })
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close()
  })
  afterAll(() => rm(folder, { recursive: true }))

  async function started(path: string | undefined): Promise<BlocklistFile> {
    const file = createBlocklistFile(path, silent, 20)
    open.push(file)
    await file.start()
    return file
  }

  test('is read again when it changes; when it is removed, it stays in force', async () => {
    const path = join(folder, 'blocked.txt')
    await writeFile(path, 'tt0000001')
    const file = await started(path)
    expect([file.hasTitle('tt0000001'), file.hasHost('a.example')]).toEqual([true, false])
    await writeFile(path, 'a.example\n# tt0000001')
    await eventually('the new list', () => file.hasHost('b.a.example'))
    expect(file.hasTitle('tt0000001')).toBe(false)
    await rm(path)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(file.hasHost('a.example')).toBe(true)
    await writeFile(path, 'c.example')
    await eventually('the list back', () => file.hasHost('c.example'))
  })

  test('must be there, if it is set; else nothing is blocked', async () => {
    await expect(started(join(folder, 'missing'))).rejects.toThrow('BLOCKLIST names a file')
    expect((await started(undefined)).hasHost('a.example')).toBe(false)
  })
})

describe('a source list', () => {
  const torrent = (from: string, infoHash?: string): Source => ({
    locator: { kind: 'torrent', from, ...(infoHash && { infoHash }) },
    selector: {},
    provider: 'net',
  })
  const link: Source = {
    locator: { kind: 'url', url: 'https://v.bad.example/a.mp4' },
    selector: {},
    provider: 'net',
  }
  const hash = (n: number) => n.toString(16).padStart(40, '0')

  async function sourceListsWith(...sources: Source[]) {
    const blocking = { list: emptyBlocklist }
    const net = fakeProvider('network', sources)
    const sourceLists = createSourceLists({
      parser: nearParser,
      providers: [net],
      index: fakeIndex(),
      clock: handClock(),
      log: silent,
      listCacheMs: 0,
      blocklist: {
        hasTitle: (id) => blocking.list.hasTitle(id),
        hasInfoHash: (one) => blocking.list.hasInfoHash(one),
        hasHost: (host) => blocking.list.hasHost(host),
      },
    })
    await sourceLists.list(film, never)
    const block = (...lines: string[]) => {
      blocking.list = parseBlocklist(lines.join('\n')).list
    }
    const retired = async () =>
      (await sourceLists.list(film, never)).sources.map((one) => [one.listed, one.retired])
    return { net, sourceLists, block, retired }
  }
  const gone = expect.objectContaining({ code: 'SOURCE_GONE', status: 404 })

  test('retires what is blocked, which keeps its number and comes back afterwards', async () => {
    const all = [
      magnet(1),
      magnet(2),
      torrent('https://x.example/1.torrent', hash(3)),
      torrent('https://sub.bad.example/2.torrent'),
      link,
    ]
    const { sourceLists, block, retired } = await sourceListsWith(...all)
    block(hash(1), hash(3), 'bad.example')
    expect(await retired()).toEqual([
      [false, true],
      [true, false],
      [false, true],
      [false, true],
      [false, true],
    ])
    for (const number of [0, 2, 3, 4]) {
      await expect(sourceLists.resolve(film, number, undefined, never)).rejects.toEqual(gone)
    }
    expect(await sourceLists.resolve(film, 1, undefined, never)).toMatchObject({
      label: 'release 2',
    })
    block()
    expect(await sourceLists.resolve(film, 4, undefined, never)).toMatchObject({ number: 4 })
    expect((await retired()).flat()).toEqual(Array(5).fill([true, false]).flat())
  })

  test('of a blocked title is empty, and no provider is asked', async () => {
    const { sourceLists, block, net, retired } = await sourceListsWith(magnet(1))
    block(film.imdbId)
    expect(await retired()).toEqual([[false, true]])
    await expect(sourceLists.resolve(film, 0, undefined, never)).rejects.toEqual(gone)
    expect(net.asked).toBe(1)
    const fresh = await sourceListsWith()
    fresh.block(film.imdbId)
    await expect(fresh.sourceLists.resolve(film, 0, undefined, never)).rejects.toMatchObject({
      code: 'UNKNOWN_TITLE',
    })
  })

  test('removes blocked trackers and web seeds from a magnet', async () => {
    const trackers = ['udp://t.bad.example:1', 'udp://t.good.example:1']
    const seeded = magnet(1, trackers)
    const { sourceLists, block } = await sourceListsWith(seeded)
    block('bad.example')
    expect(await sourceLists.resolve(film, 0, undefined, never)).toMatchObject({
      locator: { trackers: ['udp://t.good.example:1'] },
    })
  })
})
