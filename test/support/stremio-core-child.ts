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
}

interface Loadable {
  readonly type: 'Loading' | 'Ready' | 'Err'
  readonly content: unknown
}

interface AddonDetails {
  readonly remoteAddon: { readonly content: Loadable } | null
}

interface MetaDetails {
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
    const deadline = setTimeout(() => reject(new Error(`${what}: no answer in 10 s`)), 10_000)
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
async function install(core: Core): Promise<unknown> {
  const { transportUrl } = order
  const load = { action: 'Load', args: { model: 'AddonDetails', args: { transportUrl } } }
  core.dispatch(load, 'addon_details', '#/addons')
  const descriptor = await until('manifest', () => {
    const { remoteAddon } = core.get_state('addon_details') as AddonDetails
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

standInForWorker()
const core = await startCore()
const descriptor = await install(core)
const streams: unknown[] = []
for (const video of order.videos) streams.push(await streamsOf(core, video))
process.stdout.write(JSON.stringify({ descriptor, streams, refused }), () => process.exit(0))
