import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { fileKey } from '../../../common/bittorrent/file-key.ts'
import { type Metainfo, parseMetainfo } from '../../../common/bittorrent/metainfo.ts'
import { layoutOf } from '../../../common/bittorrent/piece-hash.ts'
import { fileName } from '../../../player/files/fetchable-file.ts'
import { bencode } from '../../support/bencode.ts'
import { arrive, payload, readAll, type World, world } from '../fixture.ts'

const SIZE = 1500

/** Paths that are one file to some file system, none to another, or a place outside of the torrent. */
const PATHS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'upper and lower case': [
    ['Film.mkv'],
    ['film.mkv'],
    ['FILM.MKV'],
    ['Dir', 'a.mkv'],
    ['dir', 'a.mkv'],
  ],
  'normal forms of Unicode': [
    ['Ame\u0301lie.mkv'],
    ['Am\u00e9lie.mkv'],
    ['\ufb01lm.mkv'],
    ['film.mkv'],
  ],
  'one name twice': [['film.mkv'], ['film.mkv'], ['film.mkv']],
  '255 bytes and more': [
    [`${'a'.repeat(251)}.mkv`],
    [`${'a'.repeat(252)}.mkv`],
    [`${'\u{1f3a5}'.repeat(200)}.mkv`],
    [`${'a'.repeat(60_000)}.mkv`],
  ],
  'reserved names': [
    ['CON'],
    ['nul.mkv'],
    ['AUX.mkv'],
    ['COM1.mkv'],
    ['film.mkv:stream'],
    ['$MFT'],
  ],
  'dots and blanks at the end': [
    ['film.mkv'],
    ['film.mkv.'],
    ['film.mkv...'],
    ['film.mkv '],
    ['.'],
    [' '],
  ],
  'ways out': [
    ['..'],
    ['..', 'a.mkv'],
    ['../a.mkv'],
    ['..\\a.mkv'],
    ['/etc/a.mkv'],
    ['C:\\a.mkv'],
    ['~'],
  ],
  'characters that end or hide a name': [
    ['a\0b.mkv'],
    ['a\nb.mkv'],
    ['\u202evkm.a'],
    ['\ufeff'],
    [''],
  ],
  'names of our own': [
    ['0'],
    ['1.json'],
    ['metainfo.torrent'],
    ['edges', '0-0'],
    ['.playlink'],
    ['.lock'],
  ],
  'very deep paths': [
    [...Array(2000).fill('d'), 'a.mkv'],
    [...Array(2000).fill('..'), 'a.mkv'],
    [...Array(1999).fill('d'), 'd', 'a.mkv'],
  ],
  'a file where a folder is': [['a'], ['a', 'b.mkv'], ['a', 'b.mkv', 'c.mkv']],
}

function torrentOf(paths: readonly (readonly string[])[]): Metainfo {
  const length = paths.length * SIZE
  const info = {
    name: '..',
    'piece length': 1024,
    pieces: Buffer.alloc(Math.ceil(length / 1024) * 20, 1),
    files: paths.map((path) => ({ length: SIZE, path })),
  }
  return parseMetainfo(bencode({ info }), { maxLength: 2 ** 40 })
}

let w: World
beforeEach(async () => {
  w = await world()
})
afterEach(() => w.end())

/** Every file has its own bytes, none those of another. */
async function hasAll(metainfo: Metainfo): Promise<void> {
  for (const [idx, file] of metainfo.files.entries()) {
    const layout = layoutOf(metainfo, file)
    const pinned = await w.store.pin(fileKey(metainfo.infoHash, idx))
    if (!pinned) throw new Error(`file ${idx} is gone`)
    const bytes = await readAll(pinned.read({ start: 0, end: layout.size - 1 }))
    pinned.release()
    expect([idx, bytes.equals(payload(layout))]).toEqual([idx, true])
  }
}

test.each(Object.entries(PATHS))(
  '%s: each file is kept as itself, over a restart too',
  async (_, paths) => {
    const metainfo = torrentOf(paths)
    expect(metainfo.files).toHaveLength(paths.length)
    for (const [idx, file] of metainfo.files.entries()) {
      const name = fileName(file.path)
      const partial = await w.store.open(
        fileKey(metainfo.infoHash, idx),
        name,
        layoutOf(metainfo, file),
      )
      await arrive(partial)
      await partial.publish()
      await partial.close()
    }
    await hasAll(metainfo)
    // What is on disk is named by us alone.
    const folders = (await readdir(w.dir)).filter((name) => !/^\.(playlink|lock)$/.test(name))
    expect(folders).toEqual([metainfo.infoHash])
    const ours = /^\d+(\.json)?$|^edges(\/\d+-\d+)?$/
    const names = await readdir(join(w.dir, metainfo.infoHash), { recursive: true })
    expect(names.filter((name) => !ours.test(name))).toEqual([])
    expect(names.filter((name) => /^\d+$/.test(name))).toHaveLength(paths.length)
    w = await w.reopen()
    await hasAll(metainfo)
    // One goes, and no other with it.
    expect(await w.store.remove(fileKey(metainfo.infoHash, 0))).toBe(true)
    expect(w.store.stored(fileKey(metainfo.infoHash, 1))?.complete).toBe(true)
  },
)
