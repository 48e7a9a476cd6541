import type { ServerResponse } from 'node:http'

/** What a player in another origin's page may read of an answer (Fetch standard, CORS protocol). */
const EXPOSED =
  'Content-Range, Accept-Ranges, Content-Length, Content-Type, ETag, Retry-After, Server-Timing'
const ASKED = 'Range, If-Range, If-None-Match, Content-Type, Accept'

/** Headers of every answer that foreign pages may read: addon, /play, redirects, errors. */
export const openToAll = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': EXPOSED,
  // What Server-Timing says, for a page that measures its player (W3C Resource Timing).
  'Timing-Allow-Origin': '*',
  // Pages that isolate themselves (COEP) could not embed a film otherwise.
  'Cross-Origin-Resource-Policy': 'cross-origin',
} as const

/**
 * Answers OPTIONS. `allow` is all that works here; across origins it is never more than reading:
 * a preflight for POST fails in the browser.
 */
export function answerOptions(res: ServerResponse, allow: string, open: boolean): void {
  res.statusCode = 204
  res.setHeader('Allow', allow)
  if (open) {
    for (const [name, value] of Object.entries(openToAll)) res.setHeader(name, value)
    res.setHeader('Access-Control-Allow-Methods', 'GET, HEAD, OPTIONS')
    res.setHeader('Access-Control-Allow-Headers', ASKED)
    res.setHeader('Access-Control-Max-Age', '86400')
  }
  res.end()
}
