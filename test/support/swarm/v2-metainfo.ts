import { createHash } from 'node:crypto'
import { type Bencodable, bencode } from '../bencode.ts'

const LEAF = 16 * 1024
const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
const powerOfTwo = (count: number): number =>
  count <= 1 ? 1 : 2 * powerOfTwo(Math.ceil(count / 2))

/** Every layer of a file's tree (BEP 52), the leaves first, written out with all padding. */
export function hashTree(content: Uint8Array): readonly (readonly Buffer[])[] {
  const count = Math.ceil(content.length / LEAF)
  const leaves = Array.from({ length: powerOfTwo(count) }, (_, i) =>
    i < count ? sha256(content.subarray(i * LEAF, (i + 1) * LEAF)) : Buffer.alloc(32),
  )
  const layers: (readonly Buffer[])[] = [leaves]
  for (let row: readonly Buffer[] = leaves; row.length > 1; ) {
    row = row
      .filter((_, i) => i % 2 === 0)
      .map((left, i) => sha256(left, row[i * 2 + 1] ?? Buffer.alloc(32)))
    layers.push(row)
  }
  return layers
}

/** A .torrent for BitTorrent v2 only, written as BEP 52 says. @param tree paths of one segment */
export function v2Torrent(
  name: string,
  pieceLength: number,
  tree: Readonly<Record<string, Uint8Array>>,
  change: Readonly<Record<string, Bencodable | undefined>> = {},
) {
  const files: Record<string, Bencodable> = {}
  const layers: Buffer[] = []
  for (const [path, content] of Object.entries(tree)) {
    const hashes = hashTree(content)
    const root = hashes.at(-1)?.[0] ?? Buffer.alloc(0)
    files[path] = {
      '': content.length > 0 ? { length: content.length, 'pieces root': root } : { length: 0 },
    }
    if (content.length <= pieceLength) continue
    const row = hashes[Math.log2(pieceLength / LEAF)] ?? []
    const count = Math.ceil(content.length / pieceLength)
    layers.push(bencode(root), bencode(Buffer.concat(row.slice(0, count))))
  }
  const info = bencode({
    ...{ name, 'piece length': pieceLength, 'meta version': 2, 'file tree': files },
    ...change,
  })
  const [d, e] = [Buffer.from('d'), Buffer.from('e')]
  const torrent = Buffer.concat([
    ...[d, bencode('info'), info, bencode('piece layers'), d],
    ...[...layers, e, e],
  ])
  return { info, infoHash: sha256(info).toString('hex').slice(0, 40), torrent }
}
