import { expect, test } from '@jest/globals'
import { webSeedFiles } from '../../../../torrent/engine/webseed/web-seed-files.ts'
import { type Bencodable, bencode } from '../../../support/bencode.ts'

const info = (more: Record<string, Bencodable>): Buffer =>
  bencode({ name: 'Ein Ding', 'piece length': 16_384, pieces: '', ...more })
const urls = (bytes: Buffer, seed: string) => webSeedFiles(bytes, seed).map(({ url }) => url)

test('one file: the seed’s URL itself, or the name below it when it ends in a slash', () => {
  const one = info({ length: 7 })
  expect(webSeedFiles(one, 'http://x.test/a.mp4?k=1')).toEqual([
    { start: 0, size: 7, url: 'http://x.test/a.mp4?k=1', padding: false },
  ])
  expect(urls(one, 'http://x.test/files/')).toEqual(['http://x.test/files/Ein%20Ding'])
})

test('several files: below the torrent’s name, each part encoded, with or without a slash after the seed', () => {
  const some = info({
    files: [
      { length: 3, path: ['a', 'ü #1%20.mp4'] },
      { length: 5, path: ['_____padding_file_0'], attr: 'p' },
      { length: 9, path: ['b?.mkv'] },
    ],
  })
  const first = 'http://x.test/d/Ein%20Ding/a/%C3%BC%20%231%2520.mp4'
  for (const seed of ['http://x.test/d/', 'http://x.test/d']) {
    expect(urls(some, seed)[0]).toBe(first)
    expect(urls(some, seed)[2]).toBe('http://x.test/d/Ein%20Ding/b%3F.mkv')
  }
  expect(
    webSeedFiles(some, 'http://x.test/d/').map(({ start, padding }) => [start, padding]),
  ).toEqual([
    [0, false],
    [3, true],
    [8, false],
  ])
})

test.each([[['..', 'x']], [['.']], [['']], [['a/b']]])('no URL for the path %j', (path) => {
  expect(urls(info({ files: [{ length: 1, path }] }), 'http://x.test/d/')).toEqual([undefined])
})
