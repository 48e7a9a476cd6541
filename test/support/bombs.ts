import { bencode } from './bencode.ts'
import { payload } from './swarm/payload.ts'
import { pieceHashes } from './swarm/torrent.ts'

/** Info dictionaries that break servers. Each comes from a stranger: a peer, or a .torrent's web server. */
export const bombs = {
  /** About 100 bytes that ask for 10^15 bytes of bookkeeping. */
  hugeLength: (): Buffer =>
    bencode({ length: 1e15, name: 'huge.mkv', 'piece length': 16384, pieces: Buffer.alloc(20) }),

  /** 400,000 files in under 10 MB. */
  manyFiles: (): Buffer => {
    const head = 'd5:filesl'
    const tail = bencode({ name: 'many', 'piece length': 1 << 20, pieces: Buffer.alloc(20) })
    const files = Buffer.alloc(400_000 * 24, 'd6:lengthi1e4:pathl1:aee')
    return Buffer.concat([Buffer.from(head), files, Buffer.from('e'), tail.subarray(1)])
  },

  /** A name that climbs out of the folder it is unpacked in. */
  climbing: (content: Buffer): Buffer =>
    bencode({
      files: [{ length: content.length, path: ['..', '..', 'climbed.mkv'] }],
      name: '..',
      'piece length': 65536,
      pieces: pieceHashes(content, 65536),
    }),

  manyPaths: (): Buffer =>
    bencode({
      files: Array.from({ length: 20_001 }, (_, i) => ({ length: 10, path: [`${i}.mkv`] })),
      name: 'paths',
      'piece length': 65536,
      pieces: pieceHashes(payload('paths', 200_010), 65536),
    }),

  /** One field of an otherwise good film changed. */
  crooked: (change: Readonly<Record<string, number | string | Buffer>>): Buffer =>
    bencode({
      length: 100_000,
      name: 'crooked.mkv',
      'piece length': 65536,
      pieces: Buffer.alloc(40),
      ...change,
    }),
} as const
