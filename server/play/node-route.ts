import express, { type Request, type Router } from 'express'
import { type FileKey, parseFileKey } from '../../common/bittorrent/file-key.ts'
import { Fault } from '../../common/errors.ts'
import type { StoredPieces } from '../../player/elsewhere/stored-pieces.ts'
import { handedOf } from '../http/handed-check.ts'

const INFO_HASH = /^[0-9a-f]{40}$/
const PIECE = /^(?:0|[1-9]\d{0,7})$/

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/**
 * GET /node/:infoHash/metainfo, /node/:infoHash/:fileIdx/:piece: what another node needs for a copy of a file
 * that is here (docs/decisions/0038). Only for nodes: to everybody else there is no such address (404). 421: not here.
 */
export function createNodeRoute(pieces: StoredPieces): Router {
  const router = express.Router({ strict: true, caseSensitive: true })
  const ofNodes = (req: Request): void => {
    if (!handedOf(req)) throw new Fault('NOT_FOUND')
  }
  router.get('/node/:infoHash/metainfo', async (req, res) => {
    ofNodes(req)
    const infoHash = text(req.params.infoHash)
    if (!INFO_HASH.test(infoHash)) throw new Fault('NOT_FOUND')
    res.type('application/octet-stream').send(Buffer.from(await pieces.metainfo(infoHash)))
  })
  router.get('/node/:infoHash/:fileIdx/:piece', async (req, res) => {
    ofNodes(req)
    const key = `${text(req.params.infoHash)}/${text(req.params.fileIdx)}` as FileKey
    const piece = text(req.params.piece)
    if (!parseFileKey(key) || !PIECE.test(piece)) throw new Fault('NOT_FOUND')
    res.type('application/octet-stream').send(await pieces.piece(key, Number(piece)))
  })
  return router
}
