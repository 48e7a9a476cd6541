import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import {
  extended,
  handshake,
  have,
  MessageId,
} from '../../../../torrent/engine/wire/peer-messages.ts'
import { UploadingEngine } from '../../../interop/uploading-engine.ts'
import { bencode, bencodedInteger } from '../../../support/bencode.ts'
import { payload } from '../../../support/swarm/payload.ts'
import { buildTorrent } from '../../../support/swarm/torrent.ts'
import { eventually, sleep } from '../../../support/wait.ts'
import { readNaively } from '../wire/naive-parser.ts'

const PIECE = 16 * 1024
const COUNT = 13
const { haveNone, interested } = MessageId
const END = Buffer.from('e')
/** A key that nobody knows makes its metadata long. */
const filmOf = (name: string) =>
  buildTorrent({
    ...{ name, size: COUNT * PIECE, pieceLength: PIECE },
    rewrite: (info) =>
      Buffer.concat([info.subarray(0, -1), bencode('zz'), bencode(payload('zz', 20 * PIECE)), END]),
  })

let folder = ''
let engine: UploadingEngine
const sockets: Socket[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-first-'))
  engine = await UploadingEngine.start()
})
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})
afterAll(async () => {
  await engine.close()
  await rm(folder, { recursive: true })
})

/** A peer that connects to us; `fast`: it speaks the fast extension (BEP 6). */
async function dialIn(infoHash: string, fast: boolean) {
  const [host = '', port] = engine.peer.split(':')
  const greet = async () => {
    const chunks: Buffer[] = []
    const socket = connect(Number(port), host)
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    const hello = handshake(Buffer.from(infoHash, 'hex'), payload(`peer ${sockets.length}`, 20))
    if (!fast) hello[27] = 0
    socket.write(hello)
    await eventually('an answer or the end', () => chunks.length > 0 || socket.closed)
    return chunks.length > 0 ? { socket, chunks } : undefined
  }
  // Who comes before the engine knows of the torrent is sent away.
  const { socket, chunks } = await eventually('its handshake', greet)
  const told = () => readNaively(whole(Buffer.concat(chunks))).slice(1)
  return {
    socket,
    send: (...messages: readonly Buffer[]) => void socket.write(Buffer.concat(messages)),
    /** Messages other than those of extensions. */
    ids: (): number[] =>
      told().flatMap((one) => ('id' in one && one.id !== MessageId.extended ? [one.id] : [])),
    /** Pieces of metadata that it was asked for; its number of that extension is 2. */
    asked: (): number[] =>
      told().flatMap((one) => {
        if (!('id' in one) || one.id !== MessageId.extended) return []
        const body = Buffer.from(one.body, 'hex')
        return body[0] === 2 ? [bencodedInteger(body, 'piece') ?? -1] : []
      }),
  }
}

/** The stream without an incomplete message at its end. */
function whole(stream: Buffer): Buffer {
  let at = 68
  while (at + 4 <= stream.length && at + 4 + stream.readUInt32BE(at) <= stream.length) {
    at += 4 + stream.readUInt32BE(at)
  }
  return stream.subarray(0, at)
}

const nothing = (): Buffer => {
  const bits = Buffer.alloc(5 + Math.ceil(COUNT / 8))
  bits.writeUInt32BE(bits.length - 4)
  bits[4] = MessageId.bitfield
  return bits
}

describe.each([true, false])('a peer that connects to us, fast extension: %s', (fast) => {
  const none = fast ? [haveNone] : []
  const film = filmOf(`fast ${fast}.mkv`)
  const spec = { infoHash: film.infoHash, trackers: [], webSeeds: [] }

  test('is asked for eight pieces of metadata; no bitfield comes later, nor interest before it has a piece', async () => {
    const fetching = engine.fetchMetadata(spec)
    const peer = await dialIn(film.infoHash, fast)
    const size = bencode({ m: { ut_metadata: 2 }, metadata_size: film.info.length })
    peer.send(nothing(), extended(0, size))
    await eventually('requests', () => peer.asked().length >= 8)
    await sleep(50)
    expect(peer.asked().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    for (let sent = 0; sent < Math.ceil(film.info.length / PIECE); sent++) {
      const piece = await eventually('the next request', () => peer.asked()[sent])
      const head = bencode({ msg_type: 1, piece, total_size: film.info.length })
      peer.send(extended(1, head, film.info.subarray(piece * PIECE, (piece + 1) * PIECE)))
    }
    const metainfo = await fetching
    const file = await engine.open(film, { ...spec, metainfo }, await mkdtemp(join(folder, 'f')))
    try {
      await sleep(200)
      expect(peer.ids()).toEqual(none)
      peer.send(have(4))
      await eventually('interest', () => peer.ids().includes(interested))
      expect(peer.ids()).toEqual([...none, interested])
      expect(peer.socket.closed).toBe(false)
      // Another one, to a torrent that is known.
      const other = await dialIn(film.infoHash, fast)
      await eventually('our pieces', () => other.ids().length > 0)
      other.send(nothing())
      await sleep(50)
      expect(other.ids()).not.toContain(interested)
      other.send(have(4))
      await eventually('interest', () => other.ids().includes(interested))
    } finally {
      await file.close()
    }
  })
})
