import type { IncomingMessage, ServerResponse } from 'node:http'
import { extension } from '../../common/media-types.ts'
import { upToRoot } from '../http/base-url.ts'
import { openToAll } from '../http/cors.ts'
import { pathOf } from '../http/request-checks.ts'

/** What browsers show when somebody opens its address; sound that they lack is the page's business. */
const SHOWN = new Set(['mp4', 'm4v', 'webm'])

/**
 * A person's browser that goes to the address of a film which it would save, or show as a grey box. Only a
 * browser says so (Fetch Metadata, `document`): players notice nothing, nor do scripts and `<video>`. From a page of
 * ours, the file itself is meant.
 */
export const isForWatch = ({ headers }: IncomingMessage, name: string): boolean =>
  headers['sec-fetch-dest'] === 'document' &&
  headers['sec-fetch-site'] !== 'same-origin' &&
  headers.range === undefined &&
  !SHOWN.has(extension(name))

/** Out of `/play/<type>/<id>/<number>...`. */
export function leadToWatch(req: IncomingMessage, res: ServerResponse): void {
  const target = req.url ?? ''
  const path = pathOf(target)
  const query = target.includes('?') ? target.slice(target.indexOf('?')) : ''
  const up = upToRoot(path)
  const film = path.slice(path.indexOf('/play/') + '/play/'.length)
  res.writeHead(302, {
    ...openToAll,
    Location: `${up}watch/${film}${query}`,
    'Cache-Control': 'no-store',
    Vary: 'Sec-Fetch-Dest',
    'Content-Length': 0,
  })
  res.end()
}
