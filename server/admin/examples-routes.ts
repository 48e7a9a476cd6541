import { type Request, Router } from 'express'
import type { Example, Examples } from '../../addon/examples/examples.ts'
import type { SearchViewer } from '../../addon/examples/search-titles.ts'
import { type Magnet, parseMagnet } from '../../common/bittorrent/magnet.ts'
import { ValidationError } from '../../common/bittorrent/validation-error.ts'
import { Fault } from '../../common/errors.ts'
import type { Player } from '../../player/player.ts'
import type { TriedTorrents } from '../../sources/providers/tried/tried-torrents.ts'
import { untilGone } from '../http/connections.ts'
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
    const base = parts.baseUrl(req)
    const text = searchIn(req)
    const isOperator = admins.refusalOf(req) === undefined
    const asker = isOperator ? undefined : limits?.visitorOf(req)
    const viewer = { signal: untilGone(res), isOperator, asker }
    const work = text === undefined ? offered(viewer) : search(text, viewer)
    const list = await unlessGone(viewer.signal, work)
    if (list) res.set('Cache-Control', 'private, no-cache').json(answer(parts, base, list))
  })

  router.use(TRY_PATH, createAdminGuard(admins))
  router.post(TRY_PATH, async (req, res) => {
    const base = parts.baseUrl(req)
    const order = TryOrder.safeParse(await readJsonBody(req, MAX_BODY.download))
    if (!order.success) throw new Fault('BAD_BODY', { message: SHAPE })
    const signal = untilGone(res)
    const work = tryMagnet(parts, magnetIn(order.data.magnet), signal)
    const list = await unlessGone(signal, work)
    if (list) res.set('Cache-Control', 'no-store').json(answer(parts, base, list))
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

/** Undefined: who asked has gone, and what was thrown for it has nobody to go to. */
async function unlessGone<Found>(
  signal: AbortSignal,
  work: Promise<Found>,
): Promise<Found | undefined> {
  try {
    return await work
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
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
  const list = await examples.of({ title, name }, { signal, isOperator: true })
  if (list.length === 0) throw new Fault('NO_WANTED_FILE')
  return list
}

/** `path` is where it plays for who sees the page, whatever address is handed out to others. */
function answer(
  { isWatched }: Pick<ExampleRouteParts, 'isWatched'>,
  base: string,
  list: readonly Example[],
) {
  return {
    examples: list.map((example) => ({
      ...example,
      path: example.url.slice(1),
      watch: isWatched ? example.url.slice(1).replace(/^play/, 'watch') : undefined,
      url: `${base}${example.url}`,
    })),
  }
}
