import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const SERVER = new URL('../../../server/', import.meta.url).pathname

/** How a route counts what it does for one address: a call that its file must make. */
const COUNTS = {
  lists: 'askProviders()',
  searches: '.search()',
  states: 'askHowFar()',
  streams: "enter('streams'",
  live: "enter('live'",
  administrators: 'createAdminGuard(admins)',
  /** Signed by another node (server/http/handed-check.ts); nobody else is answered. */
  nodes: 'ofNodes(req)',
  /** One report at a time, for all who ask meanwhile. */
  together: 'reports.join(',
} as const

/**
 * Nothing is asked of others, read from the index or kept for it: it costs its part of the address' turn
 * (server/http/fair-queue.ts) on one of its connections, and the bytes of what is always the same.
 */
const OWN_TURN = 'own turn'
/** A step that answers nothing. */
const NO_ANSWER = 'no answer'

type Limit = keyof typeof COUNTS | typeof OWN_TURN | typeof NO_ANSWER

const ROUTES: Readonly<Record<string, Readonly<Record<string, Limit>>>> = {
  'addon-routes.ts': {
    'get [...manifests, ...streams, ...subtitles, ...catalogs, ...metas]': NO_ANSWER,
    'get [...catalogs, ...metas, ...subtitles]': NO_ANSWER,
    'get manifests': OWN_TURN,
    'get streams': 'lists',
    'get subtitles': 'searches',
    'get catalogs': 'searches',
    'get metas': 'searches',
  },
  'admin/cache-api.ts': {
    "use '/api'": NO_ANSWER,
    "get '/api/cache-stats'": 'together',
    'get CACHE_CONFIG_PATH': 'together',
    'post CACHE_CONFIG_PATH': 'administrators',
  },
  'admin/doctor-api.ts': { 'post DOCTOR_PATH': 'administrators' },
  'admin/downloads-api.ts': {
    'use DOWNLOADS_PATH': NO_ANSWER,
    'get DOWNLOADS_PATH': 'administrators',
    'post DOWNLOADS_PATH': 'administrators',
  },
  'admin/examples-routes.ts': {
    "get '/api/examples'": 'lists',
    'use TRY_PATH': NO_ANSWER,
    'post TRY_PATH': 'administrators',
  },
  'admin/history-api.ts': { "get '/api/history'": OWN_TURN },
  'admin/settings-api.ts': { "get '/api/settings'": 'administrators' },
  'admin/tokens-api.ts': { "get '/api/tokens'": 'administrators' },
  'play/plays-api.ts': {
    'use PLAYS_PATH': NO_ANSWER,
    'get PLAYS_PATH': 'administrators',
    'post PLAYS_PATH': 'administrators',
  },
  'admin/health-routes.ts': {
    "get '/health'": OWN_TURN,
    "get '/ready'": OWN_TURN,
    "get '/metrics'": OWN_TURN,
  },
  'admin/live-route.ts': { "get '/api/live'": 'live' },
  'hls/hls-route.ts': { 'get [MOVIE, EPISODE]': 'streams' },
  'pages/chart-files.ts': {
    "get '/assets/uplot.js'": OWN_TURN,
    "get '/assets/uplot.css'": OWN_TURN,
  },
  'pages/configure-routes.ts': {
    "get ['/configure', '/:config/configure']": OWN_TURN,
    "get ['/configure/', '/:config/configure/']": OWN_TURN,
  },
  'pages/openapi-route.ts': { "get ['/api', '/api/openapi.json']": OWN_TURN },
  'pages/pages.ts': {
    "get '/'": OWN_TURN,
    "get '/test-source-selection'": OWN_TURN,
    "use '/assets'": OWN_TURN,
  },
  'pages/next-route.ts': { "get `/api/next${PLAY_PATTERN.slice('/play'.length)}`": 'lists' },
  'pages/site-files.ts': { "get '/robots.txt'": OWN_TURN, "get '/favicon.ico'": OWN_TURN },
  'pages/watch-routes.ts': {
    "get '/assets/hls.mjs'": OWN_TURN,
    "get `/watch${PLAY_PATTERN.slice('/play'.length)}`": OWN_TURN,
  },
  'play/clip-routes.ts': { "use '/clips'": OWN_TURN },
  'play/node-route.ts': {
    "get '/node/:infoHash/metainfo'": 'nodes',
    "get '/node/:infoHash/:fileIdx/:piece'": 'nodes',
    'get AHEAD': 'nodes',
  },
  'play/play-state-route.ts': {
    "get `/api/play-state${PLAY_PATTERN.slice('/play'.length)}`": 'states',
  },
  'play/subtitle-route.ts': { 'get LISTS': 'searches', 'get [MOVIE, EPISODE]': 'streams' },
}

/** Plays come before Express, by server/entrance.ts. */
const PLAYS = 'play/play-route.ts'

const ROUTE =
  /\b(?:router|app)\.(get|post|put|patch|delete|head|all|use|route)\(\s*(\[[^\]]*\]|`[^`]*`|'[^']*'|[A-Z]\w*|[a-z]\w*(?=,))/g

/** What `app.get` tells of Express' own settings. */
const SETTINGS = ["get 'trust proxy fn'", 'get FAIR_QUEUE']

const text = (file: string): string => readFileSync(join(SERVER, file), 'utf8')

test('every route is known, with what it may cost for one address', () => {
  const files = readdirSync(SERVER, { recursive: true, encoding: 'utf8' })
  const found = files
    .filter((file) => file.endsWith('.ts') && file !== 'app.ts')
    .flatMap((file) => {
      const called = [...text(file).matchAll(ROUTE)].map(([, verb, path]) => `${verb} ${path}`)
      const routes = called.filter((route) => !SETTINGS.includes(route))
      return routes.length === 0 ? [] : [[file, routes.sort()] as const]
    })
  const known = Object.entries(ROUTES).map(([file, routes]) => [file, Object.keys(routes).sort()])
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(known))
})

test('app.ts has no route of its own', () => {
  expect([...text('app.ts').matchAll(ROUTE)].map(([, , path]) => path)).toEqual([])
})

test.each([
  ...Object.entries(ROUTES).flatMap(([file, routes]) =>
    Object.entries(routes).map(([route, limit]) => [file, route, limit] as const),
  ),
  [PLAYS, 'get /play', 'streams'] as const,
])('%s: %s counts as %s', (file, _, limit) => {
  if (limit === OWN_TURN || limit === NO_ANSWER) return
  expect(text(file)).toContain(COUNTS[limit])
})
