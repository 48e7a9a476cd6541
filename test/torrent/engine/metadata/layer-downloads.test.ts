import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { neededLayers, type PieceLayers } from '../../../../common/bittorrent/piece-layers.ts'
import {
  hashRequest,
  MAX_HASHES,
  readHashAnswer,
} from '../../../../torrent/engine/metadata/hash-messages.ts'
import {
  LayerDownloads,
  type LayerPeer,
} from '../../../../torrent/engine/metadata/layer-downloads.ts'
import { partsOf } from '../../../../torrent/engine/metadata/layer-parts.ts'
import { KiB, payload } from '../../../support/swarm/payload.ts'
import { hashTree, v2Torrent } from '../../../support/swarm/v2-metainfo.ts'

// 1,100 pieces: three parts, the last of them mostly padding.
const film = payload('film', 1099 * 16 * KiB + 5)
const short = payload('short', 3 * 32 * KiB)
const long = v2Torrent('Film', 16 * KiB, { 'film.mkv': film, 'tiny.srt': payload('t', 10) })
const trees = [hashTree(film), hashTree(short)]

/** What an honest peer answers to a request (BEP 52). */
function answerTo(request: Buffer): Buffer {
  const tree = trees.find((one) => one.at(-1)?.[0]?.equals(request.subarray(0, 32))) ?? []
  const [layer, index, length, proofs] = [0, 4, 8, 12].map((at) => request.readUInt32BE(32 + at))
  const from = index ?? 0
  const hashes = (tree[layer ?? 0] ?? []).slice(from, from + (length ?? 0))
  // As libtorrent has it: the layers that follow from the hashes themselves are not sent.
  const skipped = Math.log2(length ?? 1) - 1
  for (let i = 0, place = from; i < (proofs ?? 0); i++) {
    place >>= 1
    const uncle = tree[(layer ?? 0) + i + 1]?.[place ^ 1]
    if (i >= skipped && uncle) hashes.push(uncle)
  }
  return Buffer.concat([request, ...hashes])
}

function bench(torrent = long) {
  const found: PieceLayers[] = []
  const downloads = new LayerDownloads(neededLayers(torrent.info), (layers) => found.push(layers))
  return { downloads, found }
}
function peerOf() {
  const asked: Buffer[] = []
  const closed: boolean[] = []
  const peer: LayerPeer = {
    requestHashes: (body) => void asked.push(body),
    close: (forGood) => void closed.push(forGood),
  }
  return { peer, asked, closed }
}

let downloads: LayerDownloads | undefined
afterEach(() => {
  downloads?.close()
  jest.useRealTimers()
})

describe('the hashes of pieces', () => {
  test('come in parts from two peers, and are those of the .torrent', () => {
    const { found, ...made } = bench()
    downloads = made.downloads
    const [one, two] = [peerOf(), peerOf()]
    downloads.join(one.peer)
    expect(one.asked).toHaveLength(3)
    downloads.join(two.peer)
    expect(two.asked).toHaveLength(0)
    downloads.rejected(one.peer, one.asked[1] ?? Buffer.alloc(0))
    expect(two.asked).toEqual([one.asked[1]])
    one.asked.splice(1, 1)
    for (const { peer, asked } of [one, two]) {
      for (const request of asked) expect(downloads.received(peer, answerTo(request))).toBe(true)
    }
    expect(found).toHaveLength(1)
    const [[, hashes] = []] = [...(found[0] ?? [])]
    const row = trees[0]?.[0] ?? []
    expect(Buffer.from(hashes ?? [])).toEqual(Buffer.concat(row.slice(0, 1100)))
  })

  test('of a short file are one part without a proof', () => {
    const { info } = v2Torrent('short.mkv', 32 * KiB, { 'short.mkv': short })
    const [layer] = neededLayers(info)
    expect(layer && partsOf(layer).map(({ request }) => request)).toEqual([
      expect.objectContaining({ layer: 1, index: 0, length: 4, proofs: 0 }),
    ])
  })

  test('no request is for more than BEP 52 allows', () => {
    const [layer] = neededLayers(long.info)
    for (const { request } of layer ? partsOf(layer) : []) {
      expect(request.length).toBeLessThanOrEqual(MAX_HASHES)
      expect(request.index % request.length).toBe(0)
    }
  })
})

describe('peers that do not send them', () => {
  test.each<[string, (answer: Buffer) => Buffer]>([
    ['a wrong hash', (answer) => flipped(answer, 48 + 40)],
    ['a wrong proof', (answer) => flipped(answer, answer.length - 1)],
    ['a hash too few', (answer) => answer.subarray(0, -32)],
    ['none', (answer) => answer.subarray(0, 48)],
  ])('%s: never asked again, and another is', (_what, spoil) => {
    const { found, ...made } = bench()
    downloads = made.downloads
    const [liar, honest] = [peerOf(), peerOf()]
    downloads.join(liar.peer)
    downloads.join(honest.peer)
    const [first = Buffer.alloc(0)] = liar.asked
    expect(downloads.received(liar.peer, spoil(answerTo(first)))).toBe(true)
    expect(liar.closed).toEqual([true])
    downloads.leave(liar.peer)
    expect(honest.asked).toHaveLength(3)
    for (const request of honest.asked) downloads.received(honest.peer, answerTo(request))
    expect(found).toHaveLength(1)
  })

  test('what nobody asked for is no answer', () => {
    downloads = bench().downloads
    const { peer, asked } = peerOf()
    const [first] = neededLayers(long.info).flatMap((layer) => partsOf(layer))
    const unasked = answerTo(hashRequest(first?.request ?? never()))
    expect(downloads.received(peer, unasked)).toBe(false)
    downloads.join(peer)
    expect(downloads.received(peer, Buffer.alloc(47))).toBe(false)
    const other = Buffer.from(asked[0] ?? [])
    other.writeUInt32BE(9, 32)
    expect(downloads.received(peer, other)).toBe(false)
  })

  test('one that is silent is not waited for', () => {
    jest.useFakeTimers()
    downloads = bench().downloads
    const [silent, other] = [peerOf(), peerOf()]
    downloads.join(silent.peer)
    downloads.join(other.peer)
    expect(other.asked).toHaveLength(0)
    jest.advanceTimersByTime(3000)
    expect(other.asked).toHaveLength(3)
    // Both were asked by then: it may have been busy.
    jest.advanceTimersByTime(3000)
    expect(silent.asked.length).toBeGreaterThan(3)
  })
})

test('a body that is no answer is not read as one', () => {
  expect(readHashAnswer(Buffer.alloc(48))?.hashes).toHaveLength(0)
  expect(readHashAnswer(Buffer.alloc(49))).toBeUndefined()
  expect(readHashAnswer(Buffer.alloc(0))).toBeUndefined()
})

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes)
  changed[at] = (changed[at] ?? 0) ^ 1
  return changed
}

function never(): never {
  throw new Error('there is a part')
}
