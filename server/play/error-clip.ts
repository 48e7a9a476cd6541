import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Fault, FaultCode } from '../../common/errors.ts'
import { upToRoot } from '../http/base-url.ts'
import { openToAll } from '../http/cors.ts'

/** Files of server/clips. */
export type ClipName = 'no-peers' | 'does-not-fit' | 'source-gone' | 'busy' | 'failed'

/** What can be said in a sentence to who watches; everything else keeps its bare status. */
const CLIPS: Partial<Record<FaultCode, ClipName>> = {
  NO_PEERS: 'no-peers',
  NO_FIRST_BYTE: 'no-peers',
  DOES_NOT_FIT: 'does-not-fit',
  TOO_MANY_REQUESTS: 'busy',
  TOO_MANY_ARRIVALS: 'busy',
  TOO_MANY_OPEN: 'busy',
  DRAINING: 'busy',
  PROVIDERS_FAILED: 'busy',
  HOSTILE_TORRENT: 'failed',
  BAD_TORRENT: 'failed',
  UNSUPPORTED_TORRENT: 'failed',
  BAD_REDIRECT: 'failed',
  ENGINE_DIED: 'failed',
  OUTBOUND_REFUSED: 'failed',
  UPSTREAM_FAILED: 'failed',
  SOURCE_GONE: 'source-gone',
  NO_WANTED_FILE: 'source-gone',
  FILE_MISSING: 'source-gone',
}

/**
 * The clip that tells a player's viewer what is wrong: a player shows no more of an error than that
 * it was one. Only for what comes from the list (`?s=`) and wants a film from its beginning; who asks
 * for JSON or a page gets that, and a 404, which scripts look for, stays one for all but players that
 * show themselves as such.
 */
export function clipFor(req: IncomingMessage, fault: Fault): ClipName | undefined {
  const clip = CLIPS[fault.code]
  if (clip === undefined || req.method !== 'GET' || !/[?&]s=/.test(req.url ?? '')) return undefined
  const { accept = '', range } = req.headers
  // Our own page says it in words, beside its player.
  if (req.headers['sec-fetch-site'] === 'same-origin') return undefined
  if (/\b(?:json|html)\b/i.test(accept)) return undefined
  // In the middle of a film other bytes than its own would do harm.
  if (range !== undefined && !/^bytes=0-/.test(range)) return undefined
  return fault.status !== 404 || isPlayer(req) ? clip : undefined
}

/** A range from the start, or a browser that says what it fetches for (Fetch Metadata). */
function isPlayer({ headers }: IncomingMessage): boolean {
  const wantedFor = headers['sec-fetch-dest']
  if (wantedFor !== undefined) return wantedFor === 'video' || wantedFor === 'audio'
  return headers.range !== undefined
}

/** Out of `/play/<type>/<id>/<number>...`. */
export function sendClip(req: IncomingMessage, res: ServerResponse, clip: ClipName): void {
  const path = (req.url ?? '').split('?', 1)[0] ?? ''
  const up = upToRoot(path)
  res.writeHead(302, {
    ...openToAll,
    Location: `${up}clips/${clip}.mp4`,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    Vary: 'Accept, Range, Sec-Fetch-Dest, Sec-Fetch-Site',
    'Content-Length': 0,
  })
  res.end()
}
