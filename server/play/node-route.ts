import express, { type Request, type Router } from 'express'
import type { AheadAnswer } from '../../cluster/balancer.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { ASKED_HEADER } from '../../cluster/signature.ts'
import { type FileKey, parseFileKey } from '../../common/bittorrent/file-key.ts'
import { Fault } from '../../common/errors.ts'
import type { Player } from '../../player/player.ts'
import { isNoStranger } from '../http/connection-caps.ts'
import { handedOf } from '../http/handed-check.ts'
import type { Lifecycle } from '../http/lifecycle.ts'
import { PLAY_PATTERN, parsePlay, playAddressOf } from './parse-play.ts'

const INFO_HASH = /^[0-9a-f]{40}$/
const PIECE = /^(?:0|[1-9]\d{0,7})$/

const AHEAD = PLAY_PATTERN.replace('/play/', '/node/ahead/:what/')

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

interface NodeRouteDeps {
  readonly player: Partial<Pick<Player, 'storedPieces' | 'fetchAhead'>>
  /** Undefined: there are no other nodes, and none of these addresses. */
  readonly cluster?: { readonly balancer: Pick<Cluster['balancer'], 'accept'> } | undefined
  readonly lifecycle: Pick<Lifecycle, 'state'>
}

/** What other nodes ask for. Only for nodes: to everybody else there are no such addresses (404). */
export function createNodeRoute({ player, cluster, lifecycle }: NodeRouteDeps): Router {
  const router = express.Router({ strict: true, caseSensitive: true })
  const { storedPieces, fetchAhead } = player
  if (!cluster) return router
  if (storedPieces) addPieces(router, storedPieces)
  if (fetchAhead) addAhead(router, { fetchAhead, lifecycle, balancer: cluster.balancer })
  return router
}

/**
 * GET /node/:infoHash/metainfo, /node/:infoHash/:fileIdx/:piece: what another node needs for a copy of a file
 * that is here (docs/decisions/0038). 421: not here.
 */
function addPieces(router: Router, pieces: Player['storedPieces']): void {
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
}

/**
 * GET /node/ahead/:what/..., the path and `?s=` as for /play: another node asks this one, which the balancer chose, to fetch
 * ahead (docs/decisions/0045). Answers when that is over. 401: its signature; 503: this one stops, and the
 * balancer asks another.
 */
function addAhead(
  router: Router,
  {
    fetchAhead,
    balancer,
    lifecycle,
  }: Required<Pick<Player, 'fetchAhead'>> &
    Pick<NodeRouteDeps, 'lifecycle'> &
    Required<NodeRouteDeps>['cluster'],
): void {
  router.get(AHEAD, async (req, res) => {
    const header = req.headers[ASKED_HEADER]
    const { what } = req.params
    if (header === undefined || (what !== 'ends' && what !== 'metadata')) {
      throw new Fault('NOT_FOUND')
    }
    if (lifecycle.state === 'draining') throw new Fault('DRAINING', { retryAfterSeconds: 5 })
    const isFirst = await balancer.accept(`${header}`, req.url)
    const play = parsePlay(playAddressOf(req))
    isNoStranger(req.socket)
    const leaving = new AbortController()
    res.once('close', () => leaving.abort(new Error('the node that asked has gone')))
    const fetched = isFirst && (await fetchAhead.asked(play, what, leaving.signal))
    const answer: AheadAnswer = { fetched }
    res.set('Cache-Control', 'no-store').json(answer)
  })
}
