import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import type { MetadataDownload } from '../../../../torrent/engine/metadata/metadata-download.ts'
import { MetadataDownloads } from '../../../../torrent/engine/metadata/metadata-downloads.ts'
import { payload, sha1 } from '../../../support/swarm/payload.ts'

const PIECE = 16 * 1024
const info = payload('info', 2 * PIECE + 100)
const large = payload('large', 119 * PIECE)
const hashOf = (bytes: Buffer): string => sha1(bytes).toString('hex')
const part = (n: number, of = info): Buffer => of.subarray(n * PIECE, (n + 1) * PIECE)

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  for (const { download } of open.splice(0)) download.end()
  expect(jest.getTimerCount()).toBe(0)
  jest.useRealTimers()
})

const open: { download: MetadataDownload }[] = []

/** A peer of this torrent, with the pieces that it is asked for and has not answered. */
function peerOf(downloads: MetadataDownloads, size: number) {
  const asked: number[] = []
  const closed: number[] = []
  const download = downloads.start(size, {
    request: (piece) => void asked.push(piece),
    close: () => void closed.push(1),
  })
  if (!download) throw new Error('refused')
  const peer = {
    asked,
    closed,
    download,
    /** Answers the first of its requests. */
    answer: (of: Buffer) => {
      const piece = asked.shift() ?? -1
      return download.add(piece, part(piece, of))
    },
    reject: () => download.rejected(asked.shift() ?? -1),
  }
  open.push(peer)
  return peer
}
const begin = (of = info) => peerOf(new MetadataDownloads(hashOf(of)), of.length)

describe('the download from one peer', () => {
  test('is whole when every piece came, in any order, and the hash matches', () => {
    const { asked, download } = begin()
    expect(asked).toEqual([0, 1, 2])
    expect(download.add(2, part(2))).toEqual({})
    expect(download.add(0, part(0))).toEqual({})
    expect(download.add(1, part(1)).whole?.equals(info)).toBe(true)
  })

  test('is wrong when the hash does not match', () => {
    const { download } = begin()
    const lie = Buffer.from(info)
    lie[17] = (lie[17] ?? 0) ^ 1
    for (const n of [0, 1]) download.add(n, part(n, lie))
    expect(download.add(2, part(2, lie))).toEqual({ wrong: true })
  })

  test('ignores a piece that is short, long, sent twice or unknown', () => {
    const { download } = begin()
    download.add(0, part(0))
    download.add(1, part(1))
    for (const [piece, bytes] of [
      [2, part(2).subarray(1)],
      [2, payload('long', 101)],
      [0, payload('lie', PIECE)],
      [3, Buffer.alloc(0)],
      [2 ** 40, part(2)],
    ] as const) {
      expect(download.add(piece, bytes)).toEqual({})
    }
    expect(download.add(2, part(2)).whole?.equals(info)).toBe(true)
  })

  test('copies the bytes, for the caller’s buffer is used again', () => {
    const { download } = begin()
    for (const n of [0, 1]) {
      const lent = Buffer.from(part(n))
      download.add(n, lent)
      lent.fill(0)
    }
    expect(download.add(2, part(2)).whole?.equals(info)).toBe(true)
  })

  test('a size of whole pieces has no short piece at the end', () => {
    const even = payload('even', 2 * PIECE)
    const { download } = begin(even)
    download.add(0, part(0, even))
    expect(download.add(2, Buffer.alloc(0))).toEqual({})
    expect(download.add(1, part(1, even)).whole?.equals(even)).toBe(true)
  })

  test('ignores everything after its end', () => {
    const { download } = begin()
    for (const n of [0, 1]) download.add(n, part(n))
    download.end()
    expect(download.add(2, part(2))).toEqual({})
  })
})

describe('what a peer is asked for', () => {
  test('never more than eight pieces at once, each once', () => {
    const peer = begin(large)
    const all = new Set<number>()
    for (let came = 0; came < 119; came++) {
      expect(peer.asked.length).toBe(Math.min(8, 119 - came))
      for (const piece of peer.asked) all.add(piece)
      const { whole } = peer.answer(large)
      if (came === 118) expect(whole?.equals(large)).toBe(true)
    }
    expect(all.size).toBe(119)
  })

  test('a reject means later: asked again after a while, and for as many as it keeps', () => {
    const peer = begin(large)
    for (let i = 0; i < 5; i++) {
      const last = peer.asked.pop() ?? -1
      peer.download.rejected(last)
    }
    expect(peer.asked).toHaveLength(3)
    peer.answer(large)
    expect(peer.asked.length).toBeLessThanOrEqual(4)
    while (peer.asked.length > 0) peer.reject()
    expect(peer.asked).toEqual([])
    jest.advanceTimersByTime(500)
    expect(peer.asked).toHaveLength(1)
    for (let came = 1; came < 118; came++) peer.answer(large)
    expect(peer.answer(large).whole?.equals(large)).toBe(true)
    expect(peer.closed).toEqual([])
  })

  test('one that rejects everything for seconds is hung up on: a new connection may be answered', () => {
    const peer = begin()
    for (let seconds = 0; seconds < 20 && peer.closed.length === 0; seconds++) {
      while (peer.asked.length > 0) peer.reject()
      jest.advanceTimersByTime(1000)
    }
    expect(peer.closed).toHaveLength(1)
  })

  test.each([1, 3])('one that ignores the first %d requests is asked again', (ignored) => {
    const peer = begin()
    for (let i = 0; i < ignored; i++) {
      peer.asked.length = 0
      jest.advanceTimersByTime(3000 * 2 ** i)
      expect(peer.asked).toHaveLength(1)
    }
    for (let i = 0; i < 2; i++) expect(peer.answer(info)).toEqual({})
    expect(peer.answer(info).whole?.equals(info)).toBe(true)
  })

  test('one that stands still after several at once is soon asked for one at a time, and no more', () => {
    const peer = begin(large)
    jest.advanceTimersByTime(40)
    peer.answer(large)
    peer.asked.length = 0
    jest.advanceTimersByTime(500)
    for (let came = 1; came < 118; came++) {
      expect(peer.asked).toHaveLength(1)
      peer.answer(large)
    }
    expect(peer.answer(large).whole?.equals(large)).toBe(true)
  })

  test('one whose first answer took long is not taken to stand still soon', () => {
    const peer = begin(large)
    jest.advanceTimersByTime(2000)
    peer.answer(large)
    jest.advanceTimersByTime(2900)
    expect(peer.asked).toHaveLength(8)
  })
})

describe('several peers', () => {
  test('share the pieces of a large one', () => {
    const all = new MetadataDownloads(hashOf(large))
    const peers = Array.from({ length: 4 }, () => peerOf(all, large.length))
    const first = peers.flatMap(({ asked }) => asked)
    expect(new Set(first).size).toBe(32)
    let whole: Buffer | undefined
    let answers = 0
    while (!whole)
      for (const peer of peers) if (!whole && ++answers) ({ whole } = peer.answer(large))
    expect(whole.equals(large)).toBe(true)
    // What the last ones owe is asked of others too.
    expect(answers).toBeLessThan(119 + 4 * 8)
  })

  test('what one of them owes and never sends comes from another', () => {
    const all = new MetadataDownloads(hashOf(large))
    const [mute, good] = [peerOf(all, large.length), peerOf(all, large.length)]
    expect(mute.asked).toHaveLength(8)
    let whole: Buffer | undefined
    for (let i = 0; i < 119 && !whole; i++) ({ whole } = good.answer(large))
    expect(whole?.equals(large)).toBe(true)
  })

  test('after a wrong hash each goes on alone, and only the liar is found wrong', () => {
    const all = new MetadataDownloads(hashOf(large))
    const [liar, good] = [peerOf(all, large.length), peerOf(all, large.length)]
    const lie = payload('lie', large.length)
    let whole: Buffer | undefined
    const wrong: string[] = []
    for (let i = 0; i < 300 && !whole; i++) {
      if (liar.asked.length > 0 && liar.answer(lie).wrong) wrong.push('liar')
      const progress = good.answer(large)
      if (progress.wrong) wrong.push('good')
      ;({ whole } = progress)
    }
    expect([whole?.equals(large), wrong.includes('good')]).toEqual([true, false])
    // Who comes later is not mixed with others either.
    const late = peerOf(all, large.length)
    expect(late.download.pool).not.toBe(good.download.pool)
  })

  test('a lone liar’s bytes are not kept for those who wait beside it', () => {
    const all = new MetadataDownloads(hashOf(info))
    const [liar, good] = [peerOf(all, info.length), peerOf(all, info.length)]
    const lie = payload('lie', info.length)
    for (const n of [0, 1]) liar.download.add(n, part(n, lie))
    expect(liar.download.add(2, part(2, lie))).toEqual({ wrong: true })
    for (const n of [0, 1]) good.download.add(n, part(n))
    expect(good.download.add(2, part(2)).whole?.equals(info)).toBe(true)
  })
})

describe('all downloads of a torrent', () => {
  test('a size that no torrent may have is refused; the largest one is downloaded', () => {
    const all = new MetadataDownloads(hashOf(info))
    const peer = { request: () => {}, close: () => {} }
    expect(all.start((10 << 20) + 1, peer)).toBe(undefined)
    expect(peerOf(all, 10 << 20).asked).toHaveLength(8)
  })

  test('share a limit: the largest one is dropped, an honest one stays', () => {
    const all = new MetadataDownloads(hashOf(info), 6 * PIECE)
    const [liar, good] = [peerOf(all, 5 * PIECE), peerOf(all, info.length)]
    const junk = payload('junk', PIECE)
    for (const n of [0, 1, 2, 3]) liar.download.add(n, junk)
    for (const n of [0, 1]) good.download.add(n, part(n))
    expect([liar.closed, good.closed]).toEqual([[], []])
    expect(good.download.add(2, part(2)).whole?.equals(info)).toBe(true)
    expect([liar.closed, good.closed]).toEqual([[1], []])
    expect(liar.download.add(4, junk)).toEqual({})
  })

  test('count only while they run', () => {
    const all = new MetadataDownloads(hashOf(info), 3 * PIECE)
    for (let round = 0; round < 5; round++) {
      const peer = peerOf(all, info.length)
      for (const n of [0, 1]) peer.download.add(n, part(n))
      if (round % 2) peer.download.end()
      else peer.download.add(2, part(2))
      expect(peer.closed).toEqual([])
    }
  })
})
