import { afterEach, describe, expect, test } from '@jest/globals'
import { MetadataDownloads } from '../../../../torrent/engine/metadata/metadata-downloads.ts'
import * as extensions from '../../../../torrent/engine/wire/extension-messages.ts'
import {
  type ExtensionHost,
  ExtensionProtocol,
} from '../../../../torrent/engine/wire/extension-protocol.ts'
import { bencode } from '../../../support/bencode.ts'
import { payload, sha1 } from '../../../support/swarm/payload.ts'

const PIECE = 16 * 1024
const info = payload('info', PIECE + 500)
const { utMetadata, utPex } = extensions.OurExtension
/** The peer's own number for ut_metadata. */
const THEIRS = 9
const hello = (size: number | undefined, more: object = {}): Buffer =>
  bencode({ m: { ut_metadata: THEIRS }, metadata_size: size, ...more })
const data = (piece: number, bytes: Buffer): Buffer =>
  Buffer.concat([extensions.metadataData(piece, info.length), bytes])

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

function talk(more: Partial<ExtensionHost> = {}) {
  const sent: { extension: number; body: Buffer }[] = []
  const closed: boolean[] = []
  const got: Buffer[] = []
  const peers: string[] = []
  const line = {
    canSend: true,
    send: (bytes: Buffer) =>
      void sent.push({ extension: bytes[5] ?? 0, body: Buffer.from(bytes.subarray(6)) }),
    close: (forGood: boolean) => void closed.push(forGood),
  }
  const host: ExtensionHost = {
    port: 6881,
    pex: true,
    info: undefined,
    metadataDownloads: new MetadataDownloads(sha1(info).toString('hex')),
    metadataReceived: (whole) => void got.push(whole),
    peersFound: (addresses) => void peers.push(...addresses),
    ...more,
  }
  const protocol = new ExtensionProtocol(host, line)
  ends.push(() => protocol.end())
  return { talk: protocol, sent, closed, got, peers, line }
}

describe('metadata from a peer', () => {
  test('every piece is requested under the peer’s number of ut_metadata; the whole is handed on', () => {
    const t = talk()
    t.talk.receive(0, hello(info.length, { reqq: 77 }))
    expect(t.talk.reqq).toBe(77)
    expect(t.sent).toEqual(
      [0, 1].map((piece) => ({ extension: THEIRS, body: extensions.metadataRequest(piece) })),
    )
    t.talk.receive(utMetadata, data(1, info.subarray(PIECE)))
    t.talk.receive(utMetadata, data(0, info.subarray(0, PIECE)))
    expect(t.got.map((whole) => whole.equals(info))).toEqual([true])
    expect(t.closed).toEqual([])
  })

  test('is requested of rTorrent one piece at a time: it stops reading for good when there are more', () => {
    const t = talk()
    t.talk.receive(0, hello(info.length, { v: 'libTorrent 0.13.8' }))
    expect(t.sent).toHaveLength(1)
    t.talk.receive(utMetadata, data(0, info.subarray(0, PIECE)))
    expect(t.sent).toHaveLength(2)
    t.talk.receive(utMetadata, data(1, info.subarray(PIECE)))
    expect(t.got.map((whole) => whole.equals(info))).toEqual([true])
  })

  test('is requested once, however often the peer sends its extended handshake', () => {
    const t = talk()
    for (let i = 0; i < 3; i++) t.talk.receive(0, hello(info.length))
    expect(t.sent).toHaveLength(2)
  })

  test('is requested when a later handshake names what the first did not; what it leaves out stays', () => {
    const t = talk()
    t.talk.receive(0, hello(undefined, { reqq: 77 }))
    expect(t.sent).toEqual([])
    t.talk.receive(0, bencode({ metadata_size: info.length }))
    expect([t.sent.length, t.talk.reqq]).toEqual([2, 77])
    expect(t.sent[0]?.extension).toBe(THEIRS)
  })

  test.each([100, info.length - 1, 5 << 20])(
    'whose size was said to be %i: that of its first piece counts',
    (size) => {
      const t = talk()
      t.talk.receive(0, hello(size))
      // The first piece shows it, or the last; then all are asked for anew.
      for (let round = 0; round < 2 && t.got.length === 0; round++) {
        t.talk.receive(utMetadata, data(0, info.subarray(0, PIECE)))
        t.talk.receive(utMetadata, data(1, info.subarray(PIECE)))
      }
      expect([t.closed, t.got.map((whole) => whole.equals(info))]).toEqual([[], [true]])
    },
  )

  test.each([PIECE, info.length + 1, 99_999_999, 0])(
    'whose size was right comes, though its pieces say it is of %i',
    (total) => {
      const t = talk()
      t.talk.receive(0, hello(info.length))
      const part = (n: number) =>
        Buffer.concat([
          extensions.metadataData(n, total),
          info.subarray(n * PIECE, (n + 1) * PIECE),
        ])
      for (const n of [0, 1]) t.talk.receive(utMetadata, part(n))
      expect([t.closed, t.got.map((whole) => whole.equals(info))]).toEqual([[], [true]])
      expect(t.sent).toHaveLength(2)
    },
  )

  test('whose size changes with each piece is asked for anew once', () => {
    const t = talk()
    t.talk.receive(0, hello(100))
    const sizes = [PIECE, 2 * PIECE, 3 * PIECE, 4 * PIECE]
    for (const size of sizes) t.talk.receive(utMetadata, extensions.metadataData(9, size))
    expect(t.sent).toHaveLength(2)
  })

  test('is not sent to a peer that has switched it off', () => {
    const t = talk({ info })
    t.talk.receive(0, hello(info.length))
    t.talk.receive(0, bencode({ m: { ut_metadata: 0 } }))
    t.talk.receive(utMetadata, extensions.metadataRequest(0))
    expect(t.sent).toEqual([])
  })

  test('is not requested from a peer that has none or names an impossible size, nor when it is known', () => {
    for (const size of [undefined, 0, -1, (10 << 20) + 1, 2 ** 33]) {
      const t = talk()
      t.talk.receive(0, hello(size))
      expect(t.sent).toEqual([])
    }
    const t = talk({ info })
    t.talk.receive(0, hello(info.length))
    expect(t.sent).toEqual([])
  })

  test('a wrong hash closes the connection for good', () => {
    const t = talk()
    t.talk.receive(0, hello(info.length))
    t.talk.receive(utMetadata, data(0, payload('lie', PIECE)))
    t.talk.receive(utMetadata, data(1, info.subarray(PIECE)))
    expect([t.closed, t.got]).toEqual([[true], []])
  })

  test('a reject does not close the connection; the piece may come later', () => {
    const t = talk()
    t.talk.receive(0, hello(info.length))
    t.talk.receive(utMetadata, extensions.metadataReject(0))
    for (const piece of [0, 1]) {
      t.talk.receive(utMetadata, data(piece, info.subarray(piece * PIECE, (piece + 1) * PIECE)))
    }
    expect([t.closed, t.got.length]).toEqual([[], 1])
  })

  test('data or a reject without a request is ignored, and so is data after the end', () => {
    const t = talk()
    t.talk.receive(utMetadata, data(0, info.subarray(0, PIECE)))
    t.talk.receive(utMetadata, extensions.metadataReject(0))
    t.talk.receive(0, hello(info.length))
    t.talk.end()
    t.talk.receive(utMetadata, data(0, info.subarray(0, PIECE)))
    t.talk.receive(utMetadata, data(1, info.subarray(PIECE)))
    expect([t.closed, t.got]).toEqual([[], []])
  })
})

describe('metadata for a peer', () => {
  const ask = (piece: number, t = talk({ info })) => {
    t.talk.receive(0, hello(undefined))
    t.talk.receive(utMetadata, extensions.metadataRequest(piece))
    return t.sent
  }

  test('a request is answered with the piece; the last one is shorter', () => {
    expect(ask(0)).toEqual([{ extension: THEIRS, body: data(0, info.subarray(0, PIECE)) }])
    expect(ask(1)).toEqual([{ extension: THEIRS, body: data(1, info.subarray(PIECE)) }])
  })

  test('a request is rejected past the end, before we know it, and while the peer does not read', () => {
    const refusal = (piece: number) => [
      { extension: THEIRS, body: extensions.metadataReject(piece) },
    ]
    expect(ask(2)).toEqual(refusal(2))
    expect(ask(2 ** 50)).toEqual(refusal(2 ** 50))
    expect(ask(0, talk())).toEqual(refusal(0))
    const deaf = talk({ info })
    deaf.line.canSend = false
    expect(ask(0, deaf)).toEqual(refusal(0))
  })

  test('a peer that has not named its number of ut_metadata gets no answer', () => {
    const t = talk({ info })
    t.talk.receive(utMetadata, extensions.metadataRequest(0))
    expect(t.sent).toEqual([])
  })
})

describe('handshake, peer exchange and garbage', () => {
  test('our extended handshake names the size of the metadata when it is known', () => {
    for (const known of [undefined, info]) {
      const t = talk({ info: known })
      t.talk.sendHandshake()
      const read = extensions.readExtendedHandshake(t.sent[0]?.body ?? Buffer.alloc(0))
      const size = known && { metadataSize: known.length }
      expect(read).toEqual({ utMetadata: 1, reqq: 250, client: 'Playlink', ...size })
    }
  })

  test('addresses of peer exchange are handed on unless it is switched off', () => {
    const list = bencode({ added: Buffer.from([1, 2, 3, 4, 0, 80]) })
    const [on, off] = [talk(), talk({ pex: false })]
    for (const { talk: one } of [on, off]) one.receive(utPex, list)
    expect([on.peers, off.peers]).toEqual([['1.2.3.4:80'], []])
  })

  test('garbage under any extension number does nothing', () => {
    const t = talk({ info })
    for (let extension = 0; extension < 256; extension++) {
      t.talk.receive(extension, payload(`garbage ${extension}`, extension * 3))
      t.talk.receive(extension, Buffer.alloc(0))
    }
    expect([t.sent, t.closed, t.peers, t.got]).toEqual([[], [], [], []])
  })
})
