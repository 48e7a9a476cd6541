import type { FileStore, PartialFile } from '../../cache/disk/file-store.ts'
import type { Janitor } from '../../cache/limits/janitor.ts'
import { wholeAnswer } from '../../cluster/node-body.ts'
import type { NodeClient } from '../../cluster/node-client.ts'
import { metainfoPath, piecePath } from '../../cluster/node-path.ts'
import type { ClusterNode } from '../../cluster/nodes.ts'
import { type FileKey, parseFileKey } from '../../common/bittorrent/file-key.ts'
import type { Metainfo } from '../../common/bittorrent/metainfo.ts'
import { isPiece, layoutOf } from '../../common/bittorrent/piece-hash.ts'
import {
  firstPiece,
  footprint,
  type PieceLayout,
  pieceCount,
  pieceSize,
} from '../../common/bittorrent/piece-layout.ts'
import type { Blocklist } from '../../common/blocklist.ts'
import { Fault } from '../../common/errors.ts'
import { PieceFiles } from '../../torrent/engine/storage/piece-files.ts'
import { LARGEST_TORRENT } from '../../torrent/supervisor/open-engine.ts'
import { allowedTorrent } from '../files/blocked.ts'
import { fileName, specOf } from '../files/fetchable-file.ts'
import type { Job } from '../jobs/shared-job.ts'
import type { MetainfoValidator } from '../metadata/torrent-lookup.ts'

export interface CopyParts {
  readonly client: Pick<NodeClient, 'ask'>
  readonly store: Pick<FileStore, 'open' | 'readMetainfo' | 'writeMetainfo'>
  readonly janitor: Pick<Janitor, 'reserve'>
  readonly blocklist: Blocklist
  readonly validateMetainfo: MetainfoValidator
}

/** For the headers of an answer, and for all of it: pieces are 16 MiB at most. */
const HEADERS_MS = 10_000
const ANSWER_MS = 60_000

/**
 * Copies a complete file of another node, piece by piece and each checked by its hash, into this node's cache
 * (docs/decisions/0038). No swarm is asked for it, and nobody is announced to. It takes only room that is free.
 * @throws Fault DOES_NOT_FIT, UPSTREAM_FAILED (what came is not the piece), ANOTHER_NODE; NodeUnreachable
 */
export async function copyFromNode(
  parts: CopyParts,
  node: ClusterNode,
  key: FileKey,
  job: Pick<Job<unknown>, 'signal' | 'defer'>,
): Promise<void> {
  const { infoHash, fileIdx } = parseFileKey(key) ?? {}
  const { janitor, store, blocklist, validateMetainfo } = parts
  if (infoHash === undefined || fileIdx === undefined) throw new Fault('NO_WANTED_FILE')
  const asking = new NodePieces(parts, node, job.signal)
  const kept = await store.readMetainfo(infoHash)
  const bytes = kept ?? (await asking.bytes(metainfoPath(infoHash), LARGEST_TORRENT))
  const metainfo = allowedTorrent(blocklist, await validateMetainfo(bytes, infoHash))
  const file = metainfo.files[fileIdx]
  if (!file) throw new Fault('NO_WANTED_FILE')
  const layout = layoutOf(metainfo, file)
  const reservation = janitor.reserve(key, 'file')
  job.defer('reservation of the copy', () => reservation.release())
  await reservation.grow(footprint(layout))
  const partial = await store.open(key, fileName(file.path), layout)
  job.defer('partial of the copy', () => partial.close())
  // Written by us, as that of a download is: nothing of the other node's text stays.
  const { metainfo: own } = specOf(metainfo)
  if (!kept && own) await store.writeMetainfo(infoHash, own)
  await copyPieces({ metainfo, layout, partial, asking, key, fileIdx })
  job.signal.throwIfAborted()
  await partial.publish()
}

async function copyPieces(work: {
  readonly metainfo: Metainfo
  readonly layout: PieceLayout
  readonly partial: PartialFile
  readonly asking: NodePieces
  readonly key: FileKey
  readonly fileIdx: number
}): Promise<void> {
  const { metainfo, layout, partial, asking, key, fileIdx } = work
  const files = await PieceFiles.open(partial.folder, fileIdx, layout)
  try {
    const first = firstPiece(layout)
    for (let piece = first; piece < first + pieceCount(layout); piece++) {
      if (partial.trusted && partial.record.pieces.has(piece - first)) continue
      const bytes = await asking.bytes(piecePath(key, piece), pieceSize(layout, piece))
      if (bytes.length !== pieceSize(layout, piece) || !isPiece(metainfo, piece, bytes)) {
        throw new Fault('UPSTREAM_FAILED', {}, { cause: new Error(`piece ${piece} is another`) })
      }
      await files.write(piece, bytes)
      partial.mark([piece])
    }
  } finally {
    await files.close()
  }
}

class NodePieces {
  readonly #client: Pick<NodeClient, 'ask'>
  readonly #node: ClusterNode
  readonly #signal: AbortSignal

  constructor({ client }: Pick<CopyParts, 'client'>, node: ClusterNode, signal: AbortSignal) {
    this.#client = client
    this.#node = node
    this.#signal = signal
  }

  /** One at a time: viewers of the same node come first. @throws Fault UPSTREAM_FAILED when it is longer */
  async bytes(target: string, most: number): Promise<Uint8Array> {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new Fault('UPSTREAM_FAILED')), ANSWER_MS)
    try {
      const signal = AbortSignal.any([this.#signal, late.signal])
      const question = { method: 'GET', target, viewer: '', signal, timeoutMs: HEADERS_MS } as const
      return await wholeAnswer(await this.#client.ask(this.#node, question), most, tooLong)
    } finally {
      clearTimeout(timer)
    }
  }
}

const tooLong = (): Fault => new Fault('UPSTREAM_FAILED', {}, { cause: new Error('too long') })
