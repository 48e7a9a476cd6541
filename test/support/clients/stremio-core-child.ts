import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/**
 * Runs the core of the Stremio apps (Rust as wasm, made for a browser's worker) in a plain Node
 * process: `node stremio-core-child.ts '{"transportUrl","videos":[{"type","id"}]}'` prints one line
 * of JSON. Its own process, because the shim below changes globals and the core never stops its timers.
 */
interface Order {
  readonly transportUrl: string
  readonly videos: readonly { readonly type: string; readonly id: string }[]
  /** Plays the first video's stream with that address; `metaUrl`: manifest of who describes the series. */
  readonly watch?: { readonly metaUrl: string; readonly url: string }
  /** Catalogs to open, each with so many pages. */
  readonly catalogs?: readonly {
    readonly type: string
    readonly id: string
    readonly pages: number
    readonly search?: string
  }[]
  /** Titles to open for what they are. */
  readonly metas?: readonly { readonly type: string; readonly id: string }[]
}

interface Loadable {
  readonly type: 'Loading' | 'Ready' | 'Err'
  readonly content: unknown
}

interface AddonDetails {
  readonly selected: { readonly transportUrl: string } | null
  readonly remoteAddon: { readonly content: Loadable } | null
}

/** All pages so far in one. */
interface Discover {
  readonly catalog: { readonly content: Loadable } | null
}

interface MetaDetails {
  readonly metaItem: {
    readonly content: Loadable
    readonly addon: { readonly transportUrl: string }
  } | null
  readonly selected: { readonly streamPath: { readonly id: string } | null } | null
  readonly streams: readonly {
    readonly content: Loadable
    readonly addon: { readonly transportUrl: string }
  }[]
}

interface Core {
  default(options: { module_or_path: Uint8Array }): Promise<unknown>
  initialize_runtime(onEvent: (event: unknown) => void): Promise<void>
  dispatch(action: object, field: string | null, hash: string): void
  get_state(field: string): unknown
}

const order = JSON.parse(process.argv[2] ?? '{}') as Order
const refused: string[] = []
const changed = new EventTarget()

/** The wasm-bindgen glue looks for these names on a worker's global scope. */
function standInForWorker(): void {
  const stored = new Map<string, string>()
  const home = new URL(order.transportUrl).origin
  const realFetch = globalThis.fetch
  Object.assign(globalThis, {
    self: globalThis,
    document: { baseURI: 'http://127.0.0.1/' },
    WorkerGlobalScope: { [Symbol.hasInstance]: () => true },
    app_version: '5.0.0',
    shell_version: undefined,
    get_location_hash: async () => '#/',
    local_storage_get_item: async (key: string) => stored.get(key) ?? null,
    local_storage_set_item: async (key: string, value: string) => void stored.set(key, value),
    local_storage_remove_item: async (key: string) => void stored.delete(key),
    /** The built-in addons (Cinemeta and others) are answered here: nothing leaves this machine. */
    fetch: async (request: Request) => {
      if (new URL(request.url).origin === home) return realFetch(request)
      refused.push(request.url)
      return new Response('{}', { status: 404 })
    },
  })
}

async function startCore(): Promise<Core> {
  const require = createRequire(import.meta.url)
  // Through require, for the glue reads `document` while it loads.
  const core = require('@stremio/stremio-core-web') as Core
  const wasm = require.resolve('@stremio/stremio-core-web/stremio_core_web_bg.wasm')
  await core.default({ module_or_path: readFileSync(wasm) })
  await core.initialize_runtime(() => changed.dispatchEvent(new Event('state')))
  return core
}

/** Waits for the state to answer; the core tells after every change that something did. */
function until<T>(what: string, read: () => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => reject(new Error(`${what}: no answer in 30 s`)), 30_000)
    const look = () => {
      const answer = read()
      if (answer === undefined) return
      clearTimeout(deadline)
      changed.removeEventListener('state', look)
      resolve(answer)
    }
    changed.addEventListener('state', look)
    look()
  })
}

function settled(content: Loadable | undefined, what: string): unknown {
  if (!content || content.type === 'Loading') return undefined
  if (content.type === 'Ready') return content.content
  // The core says "EmptyContent" for a list in which nothing is left.
  if (JSON.stringify(content.content).includes('EmptyContent')) return []
  throw new Error(`${what}: ${JSON.stringify(content.content)}`)
}

/** As "Add addon" does: the core reads the manifest by itself, then installs what it understood. */
async function install(core: Core, transportUrl: string): Promise<unknown> {
  const load = { action: 'Load', args: { model: 'AddonDetails', args: { transportUrl } } }
  core.dispatch(load, 'addon_details', '#/addons')
  const descriptor = await until('manifest', () => {
    const { selected, remoteAddon } = core.get_state('addon_details') as AddonDetails
    if (selected?.transportUrl !== transportUrl) return undefined
    return settled(remoteAddon?.content, 'manifest')
  })
  core.dispatch(
    { action: 'Ctx', args: { action: 'InstallAddon', args: descriptor } },
    null,
    '#/addons',
  )
  return descriptor
}

async function streamsOf(core: Core, { type, id }: Order['videos'][number]): Promise<unknown> {
  const path = (resource: string, pathId: string) => ({ resource, type, id: pathId, extra: [] })
  const metaPath = path('meta', id.split(':')[0] ?? id)
  const args = { metaPath, streamPath: path('stream', id), guessStream: false }
  core.dispatch({ action: 'Load', args: { model: 'MetaDetails', args } }, 'meta_details', '#/')
  return until(`streams of ${id}`, () => {
    const { selected, streams } = core.get_state('meta_details') as MetaDetails
    if (selected?.streamPath?.id !== id) return undefined
    const ours = streams.find(({ addon }) => addon.transportUrl === order.transportUrl)
    return settled(ours?.content, `streams of ${id}`)
  })
}

interface PlayerState {
  readonly metaItem: Loadable | null
  readonly nextVideo: {
    readonly id: string
    readonly deepLinks: { readonly player: string | null }
  } | null
}

/** Plays a stream as the apps do; gives the address of what they would play after it. */
async function watch(core: Core, { metaUrl, url }: NonNullable<Order['watch']>): Promise<unknown> {
  await install(core, metaUrl)
  const [video = { type: '', id: '' }] = order.videos
  const list = (await streamsOf(core, video)) as { url: string }[]
  const stream = list.find((one) => one.url === url)
  if (!stream) throw new Error(`${url} is not listed`)
  const { type, id } = video
  const request = (base: string, resource: string, of: string) => {
    return { base, path: { resource, type, id: of, extra: [] } }
  }
  const args = {
    stream,
    streamRequest: request(order.transportUrl, 'stream', id),
    metaRequest: request(metaUrl, 'meta', id.split(':')[0] ?? id),
    subtitlesPath: null,
  }
  core.dispatch({ action: 'Load', args: { model: 'Player', args } }, 'player', '#/player')
  const next = await until('the next episode', () => {
    const { nextVideo } = core.get_state('player') as PlayerState
    return nextVideo?.deepLinks.player ? nextVideo : undefined
  })
  core.dispatch({ action: 'Unload' }, 'player', '#/')
  core.dispatch({ action: 'Unload' }, 'meta_details', '#/')
  await streamsOf(core, video)
  // The core looks for it when it has the meta, too, which may come after the list.
  const again = await until('the stream that was played last', () => {
    const { streams } = core.get_state('meta_details') as MetaDetails
    const ours = streams.find(({ addon }) => addon.transportUrl === order.transportUrl)
    const list = settled(ours?.content, 'streams again') as { lastUsed: unknown }[] | undefined
    return list?.some(({ lastUsed }) => lastUsed) ? list : undefined
  })
  return { next, again }
}

/** As the "Discover" page does; answers the items of all pages that were asked for. */
async function catalogOf(core: Core, wanted: NonNullable<Order['catalogs']>[number]) {
  const { type, id, pages, search } = wanted
  const extra = search === undefined ? [] : [['search', search]]
  const request = { base: order.transportUrl, path: { resource: 'catalog', type, id, extra } }
  const load = { action: 'Load', args: { model: 'CatalogWithFilters', args: { request } } }
  core.dispatch(load, 'discover', '#/discover')
  const next = { action: 'CatalogWithFilters', args: { action: 'LoadNextPage' } }
  let items: readonly unknown[] = []
  for (let page = 1; page <= pages; page++) {
    if (page > 1) core.dispatch(next, 'discover', '#/discover')
    items = await until(`page ${page} of ${id}`, () => {
      const { catalog } = core.get_state('discover') as Discover
      const now = settled(catalog?.content, id) as unknown[] | undefined
      return page > 1 && now?.length === items.length ? undefined : now
    })
  }
  return items
}

async function metaOf(core: Core, { type, id }: { type: string; id: string }): Promise<unknown> {
  const args = {
    metaPath: { resource: 'meta', type, id, extra: [] },
    streamPath: null,
    guessStream: false,
  }
  core.dispatch({ action: 'Load', args: { model: 'MetaDetails', args } }, 'meta_details', '#/')
  return until(`meta of ${id}`, () => {
    const { metaItem } = core.get_state('meta_details') as MetaDetails
    return metaItem?.addon.transportUrl === order.transportUrl
      ? settled(metaItem.content, `meta of ${id}`)
      : undefined
  })
}

standInForWorker()
const core = await startCore()
const descriptor = await install(core, order.transportUrl)
const streams: unknown[] = []
for (const video of order.videos) streams.push(await streamsOf(core, video))
const catalogs: unknown[] = []
for (const catalog of order.catalogs ?? []) catalogs.push(await catalogOf(core, catalog))
const metas: unknown[] = []
for (const meta of order.metas ?? []) metas.push(await metaOf(core, meta))
const watched = order.watch && (await watch(core, order.watch))
const visit = { descriptor, streams, catalogs, metas, refused, watched }
process.stdout.write(JSON.stringify(visit), () => process.exit(0))
