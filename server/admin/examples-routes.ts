import { type Request, Router } from 'express'
import type { Example, Examples } from '../../addon/examples/examples.ts'
import type { SearchViewer } from '../../addon/examples/search-titles.ts'
import { type Magnet, parseMagnet } from '../../common/bittorrent/magnet.ts'
import { ValidationError } from '../../common/bittorrent/validation-error.ts'
import { Fault } from '../../common/errors.ts'
import type { Player } from '../../player/player.ts'
import type { TriedTorrents } from '../../sources/providers/tried/tried-torrents.ts'
import { readJsonBody } from '../http/json-body.ts'
import { TRY_PATH } from '../http/request-checks.ts'
import type { Limits, Visitor } from '../limits/limits.ts'
import { type Admins, createAdminGuard } from './admin-guard.ts'
import { MAX_BODY, TryOrder } from './orders.ts'

export interface ExampleRouteParts {
  readonly examples: Examples
  readonly admins: Pick<Admins, 'refusalOf'>
  readonly player: Pick<Player, 'lookInto'>
  readonly tried: Pick<TriedTorrents, 'add'>
  /** Undefined: nothing is counted. */
  readonly limits?: Limits | undefined
  /** Whether `/watch` plays them. */
  readonly isWatched: boolean
  /** Absolute, without a slash at its end. May throw Fault BAD_HOST. */
  readonly baseUrl: (req: Request) => string
}

type Viewer = SearchViewer & { readonly asker: Visitor | undefined }

const MAX_SEARCH = 200

const NO_SEARCH = 'A magnet link is posted to /api/try.'
const SHAPE = 'The body must be a JSON object with a "magnet" link.'

/**
 * `GET /api/examples` -> `{examples}`: what the status page offers, or with `?search=` what has those words in
 * its name. `POST /api/try {"magnet": "magnet:?..."}`, for administrators -> the same of what is in that torrent, as
 * soon as somebody in its swarm has told; 504 where nobody does in time.
 */
export function createExamplesRoutes(parts: ExampleRouteParts): Router {
  const { examples, admins, limits } = parts
  const router = Router({ strict: true, caseSensitive: true })
  const offered = async (viewer: Viewer) => {
    await viewer.asker?.askProviders()
    return examples.offered(viewer)
  }
  const search = async (text: string, viewer: Viewer) => {
    await viewer.asker?.search()
    return examples.search(text, viewer)
  }

  router.get('/api/examples', async (req, res) => {
    const text = searchIn(req)
    const isOperator = admins.refusalOf(req) === undefined
    const asker = isOperator ? undefined : limits?.visitorOf(req)
    const viewer = { signal: leaving(res), isOperator, asker }
    const list = await (text === undefined ? offered(viewer) : search(text, viewer))
    res.set('Cache-Control', 'private, no-cache').json(answer(parts, req, list))
  })

  router.use(TRY_PATH, createAdminGuard(admins))
  router.post(TRY_PATH, async (req, res) => {
    const order = TryOrder.safeParse(await readJsonBody(req, MAX_BODY.download))
    if (!order.success) throw new Fault('BAD_BODY', { message: SHAPE })
    const list = await tryMagnet(parts, magnetIn(order.data.magnet), leaving(res))
    res.set('Cache-Control', 'no-store').json(answer(parts, req, list))
  })
  return router
}

/** Undefined: nothing is looked for. */
function searchIn({ query }: Request): string | undefined {
  const { search } = query
  if (search === undefined) return undefined
  if (typeof search !== 'string' || search.length > MAX_SEARCH) throw new Fault('BAD_REQUEST')
  const text = search.trim()
  // Words are told to others.
  if (/^magnet:/i.test(text)) throw new Fault('BAD_REQUEST', { message: NO_SEARCH })
  return text === '' ? undefined : text
}

function leaving(res: { once(event: 'close', listener: () => void): unknown }): AbortSignal {
  const gone = new AbortController()
  res.once('close', () => gone.abort())
  return gone.signal
}

function magnetIn(text: string): Magnet {
  try {
    return parseMagnet(text)
  } catch (error) {
    if (error instanceof ValidationError) throw new Fault('BAD_BODY', { message: error.message })
    throw error
  }
}

async function tryMagnet(
  { examples, player, tried }: ExampleRouteParts,
  magnet: Magnet,
  signal: AbortSignal,
): Promise<readonly Example[]> {
  const { name, videos } = await player.lookInto(magnet, signal)
  if (videos.length === 0) throw new Fault('NO_WANTED_FILE')
  const title = tried.add(magnet, videos)
  return examples.of({ title, name }, { signal, isOperator: true })
}

/** `path` is where it plays for who sees the page, whatever address is handed out to others. */
function answer({ baseUrl, isWatched }: ExampleRouteParts, req: Request, list: readonly Example[]) {
  const base = baseUrl(req)
  return {
    examples: list.map((example) => ({
      ...example,
      path: example.url.slice(1),
      watch: isWatched ? example.url.slice(1).replace(/^play/, 'watch') : undefined,
      url: `${base}${example.url}`,
    })),
  }
}
