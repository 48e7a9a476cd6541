import type { Block, Placement } from '../../../../torrent/engine/blocks/block.ts'
import { WireParser } from '../../../../torrent/engine/wire/wire-parser.ts'

/** What a parser reports, in a form that can be compared. */
export type Told =
  | { readonly handshake: string }
  | { readonly id: number; readonly body: string }
  | { readonly block: Block; readonly bytes: string }
  | { readonly broken: true }

/** Parses a whole and valid stream in the simplest way (BEP 3). */
export function readNaively(stream: Buffer): Told[] {
  const told: Told[] = [{ handshake: stream.toString('hex', 0, 68) }]
  for (let at = 68; at < stream.length; ) {
    const length = stream.readUInt32BE(at)
    const message = stream.subarray(at + 4, at + 4 + length)
    at += 4 + length
    if (length === 0) continue
    const [id = 0] = message
    if (id !== 7) told.push({ id, body: message.toString('hex', 1) })
    else if (length > 9) {
      const block = { piece: message.readUInt32BE(1), offset: message.readUInt32BE(5) }
      told.push({ block: { ...block, length: length - 9 }, bytes: message.toString('hex', 9) })
    }
  }
  return told
}

/** Our parser, and everything that it reports; `places` decides where blocks go. */
export function recordingParser(places?: (block: Block) => Placement | undefined) {
  const told: Told[] = []
  const open: Placement[] = []
  const place = places ?? ((block: Block) => ({ target: Buffer.alloc(block.length) }))
  const parser: WireParser = new WireParser({
    handshake: (bytes) => void told.push({ handshake: bytes.toString('hex') }),
    message: (id, body) => void told.push({ id, body: body.toString('hex') }),
    blockBegins(block) {
      const placement = place(block)
      if (placement) open.push(placement)
      return placement
    },
    blockEnds(block, placement) {
      told.push({ block, bytes: placement?.target?.toString('hex') ?? 'nowhere' })
    },
    nothing: () => undefined,
    protocolError: () => void told.push({ broken: true }),
  })
  return { parser, told, open }
}
